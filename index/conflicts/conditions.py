"""For whom and when a number holds: the words of the condition as they stand, and what of it can be compared.

Two statements whose conditions cannot both be met (三级医院 and 一级医院, 断缴3个月以内 and 超过3个月) do not
contradict each other. What is compared is what this field parts its rules by: fields of insurance, places of
treatment, levels of hospitals, groups of people, and the numbers in the condition.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from index.conflicts.figures import Figure
from index.conflicts.matters import FAMILY

# The values of each facet with the words that name them; an earlier value wins where its words lie in a later one.
_FACETS: Mapping[str, Sequence[tuple[str, str]]] = {
    "field": (
        ("职工养老", "(?:企业)?职工(?:基本)?养老|企业职工退休"),
        ("居民养老", "居民(?:基本)?养老|城居保|新农保"),
        ("个人养老金", "个人养老金"),
        ("养老", "养老(?!机构|院)|退休金"),
        ("失业", "失业(?!人员)"),
        ("工伤", "工伤|停工留薪|工亡"),
        ("生育", "生育|产假|产检|分娩|流产|妊娠"),
        ("长护", "长护险|长期护理|失能"),
        ("大病", "大病"),
        ("商保", "惠民保|商业(?:健康)?(?:医疗)?保险|补充医疗|意外险|免赔"),
        ("公积金", "公积金"),
        ("救助", "医疗救助|低保|特困|救助"),
        ("灵活医保", "灵活就业[^,。;]{0,12}医保|个体[^,。;]{0,6}医保"),
        ("职工医保", "职工(?:基本)?医疗?保?险?(?=医|保)|职工医保|职工基本医疗保险"),
        ("居民医保", "居民(?:基本)?医(?:保|疗)|城乡居民|新农合|居民(?!身份|养老)"),
        ("医保", "医保|基本医疗保险|医疗保险"),
    ),
    "setting": (
        ("慢特病", "慢特病|慢性病|特殊病|门慢|门特|两病|高血压|糖尿病"),
        ("门诊", "门诊|门急诊"),
        ("住院", "住院|入院|出院"),
        ("药店", "药店|购药"),
        ("居家", "居家|上门"),
        ("机构", "养老机构|护理机构"),
    ),
    "away": (("异地", "异地|跨省|转诊|转外|外省|市外|省外|临时外出|未备案|没备案"), ("本地", "本地|市内|统筹区内")),
    "level": (
        ("社区", "社区|基层|乡镇|卫生院|一级及以下"),
        ("一级", "一级"),
        ("二级", "二级"),
        ("三级", "三级|三甲"),
    ),
    "sex": (("男", "(?<![A-Za-z])男"), ("女", "女(?!儿|婿)")),
    "tier": tuple((f"{n}档", f"{n}档|第{n}档") for n in "一二三四五"),
    "class": (("甲类", "甲类"), ("乙类", "乙类"), ("谈判", "谈判药|双通道"), ("材料", "耗材|材料费")),
    "who": (
        ("退休", "退休(?!年龄|金|手续|时|前|后|以后)"),
        ("在职", "在职"),
        ("学生儿童", "学生|儿童|少儿|未成年|大学生"),
        ("新生儿", "新生儿|出生"),
        ("成年", "成年居民|成人"),
        ("老年", "老年|老人|高龄"),
        ("困难", "低保|特困|困难|返贫|残疾|边缘"),
        ("灵活", "灵活就业|个体"),
        ("农民工", "农民(?:合同制)?工"),
        ("退役", "退役|军人|刑满"),
    ),
    "payer": (
        ("单位", "单位|企业|用人单位"),
        ("个人", "个人(?!所得税|账户|养老金|信息)|本人|自己"),
        ("财政", "财政|政府"),
    ),
    "begin": (("首次", "首次|初次|新参保|第一次"), ("断缴", "中断|断缴|断保|停保|停缴|断档|续保|重新参保|未按时")),
    "season": (
        ("错过", "未在[^,。]{0,10}集中|没在[^,。]{0,10}集中|错过|逾期|集中[^,。]{0,4}期[^,。]{0,2}(?:外|过)|没赶上"),
        ("按时", "按时|集中缴费期内"),
    ),
    "size": (("中小", "中小|小微"), ("大型", "大型")),
    "care": (("重度", "重度"), ("中度", "中度"), ("轻度", "轻度")),
    "birth": (("顺产", "顺产"), ("剖宫产", "剖宫产|剖腹产"), ("难产", "难产"), ("多胞胎", "多胞胎"), ("流产", "流产")),
    "days": (
        ("原来", "原来|原先|原为|由原|此前|过去|以前是|改革前"),
        ("以后", "改革后|调整为|提高到|降为|降至|提高至"),
    ),
}
FACETS = tuple(_FACETS)
_WORDS = {facet: tuple((value, re.compile(words)) for value, words in values) for facet, values in _FACETS.items()}
_ANY = {facet: re.compile("|".join(words for _, words in values)) for facet, values in _FACETS.items()}
# Facets that the headings and the title above a statement may say for it; the others hold where they stand.
_FROM_ABOVE = ("field", "setting", "away")
# A value that holds another: a rule for 医保 may be one for 职工医保.
_WIDER = {"医保": ("职工医保", "居民医保", "灵活医保"), "养老": ("职工养老", "居民养老"), "职工医保": ("灵活医保",)}

# What announces a condition, and what ends one.
_IS_CONDITION = re.compile(
    r"^(?:对|对于|如果?|若|凡|因|当|除|未|没|不(?!是|会)|超过|逾|满|中断|断缴|断保|连续|首次|距|属于|符合|其他|更)"
    r"|(?<![我你您他她们城])的$|者$|(?:时|后|情况下|人员|患者|对象|医院|机构|以上|以下|以内|之内|去世|伤情严重)$"
)
# Groups of people, places and cases that stand alone before a number; not what begins the name of an insurance.
_GROUP = re.compile(
    r"(?:(?:在)?(?:[一二三]级|三甲)(?:及以[上下])?(?:医院|医疗机构)?|社区(?:医院)?|基层(?:医疗机构)?|乡镇卫生院"
    r"|(?:在职|退休(?!年龄|金|手续|前|为|待遇)|灵活就业|困难|成年|特困|低保|失业(?!保险|金|前))(?:职工|人员|居民|群众|对象|家庭)?|(?:男|女)(?:职工|性|干部|工人)?"
    r"|学生(?:儿童)?|儿童|新生儿|(?:重度|中度|轻度)(?:失能)?|[一二三四五]档(?:参保)?|顺产|剖宫产|难产|多胞胎|流产"
    r"|普通门诊|门诊|住院|首次参保|断缴续保|原来|原先|转诊|(?:市|省)外(?:就医)?|异地[^,。;\d]{0,6}|父亲|母亲|慢病"
    r"|大型企业|中小微企业|(?<![^,。;:、\s(])(?:职工|居民|单位|个人|大病)(?![^,。;:、\s\d]{3})"
    r"|[^,。;:、\s的\d]{2,12}(?:人员|对象|患者|家庭|职工|居民(?!医保|养老|基本)|企业))"
)
_MORE = re.compile(r"以上|以下|以内|退休|(?:以?内)?的?部分|[^,。;\d]{0,4}的")
_CUT = re.compile(r"[。;!?\n]")
_PART = re.compile(r"[,:、]|(?<=的)(?=[^,:]{3,})|(?<=[时后])(?=[^,:]{3,})")


def condition_of(folded: str, first: int, figure: Figure, others: Sequence[Figure] = ()) -> tuple[int, int] | None:
    """Return `[start, end)` of the condition of a figure in its sentence, which begins at `first`, or None.

    That is the group that stands last before the number in its own clause (三级医院85%); where there is none, the parts
    right before that clause which announce a condition, as far back as no other number of the same kind (`others`)
    stands among them.
    """
    parts = _parts(folded, first, figure.start)
    own = parts.pop() if parts else (first, figure.start)
    if groups := list(_GROUP.finditer(folded, own[0], own[1])):
        return groups[-1].span()
    for other in others:  # 5万元以上报70%, 15年就是15%
        if own[0] <= other.start and other.end < figure.start and FAMILY[other.unit] != FAMILY[figure.unit]:
            words = _MORE.match(folded, other.end, figure.start)
            return own[0], words.end() if words else other.end
    told: list[tuple[int, int]] = []
    for start, end in reversed(parts):
        is_case = any(start <= other.start < end and FAMILY[other.unit] == FAMILY[figure.unit] for other in others)
        if is_case and (told or not _IS_CONDITION.search(folded[start:end])):
            break
        if _CUT.search(folded, start, end) or not _IS_CONDITION.search(folded[start:end]):
            break
        told.append((start, end))
    if told:
        return told[-1][0], told[0][1]
    for start, end in reversed(parts[-2:]):
        if groups := list(_GROUP.finditer(folded, start, end)):
            return groups[-1].span()
    return None


def _parts(folded: str, first: int, end: int) -> list[tuple[int, int]]:
    cuts = [first, *(match.end() for match in _PART.finditer(folded, first, end)), end]
    found = []
    for left, right in pairwise(cuts):
        while left < right and folded[left] in ' \t,:、("“•·-':
            left += 1
        while right > left and folded[right - 1] in " \t,:、":
            right -= 1
        if left < right or right == end:
            found.append((left, right))
    return found


def facets_of(words: str, above: Sequence[str]) -> dict[str, frozenset[str]]:
    """Return what a statement is for, by facet; `words` are its own, `above` the headings, the nearest first."""
    found: dict[str, frozenset[str]] = {}
    for facet in FACETS:
        values = _values(facet, words)
        if facet in _FROM_ABOVE:
            for heading in above:
                if values:
                    break
                values = _values(facet, heading)
        if values:
            found[facet] = values
    return found


def _values(facet: str, text: str) -> frozenset[str]:
    if not _ANY[facet].search(text):
        return frozenset()
    found, rest = set(), text
    for value, pattern in _WORDS[facet]:
        if pattern.search(rest):
            found.add(value)
            rest = pattern.sub("#", rest)
    for wide in ("医保", "养老"):  # 职工医保 … 享受医保待遇 speaks of the one
        if found & set(_WIDER[wide]):
            found.discard(wide)
    return frozenset(found)


def rule_out(left: frozenset[str], right: frozenset[str]) -> bool:
    """Say whether two values of one facet cannot both hold; an empty one holds with all."""
    if not left or not right:
        return False
    return not (_widened(left) & _widened(right))


def _widened(values: Iterable[str]) -> set[str]:
    return {one for value in values for one in (value, *_WIDER.get(value, ()))}


Span = tuple[str, float, float]
_DAYS = {"日": 1.0, "工作日": 1.4, "周": 7.0, "月": 30.4, "年": 365.0, "小时": 1 / 24}


def spans_of(figures: Iterable[Figure]) -> tuple[Span, ...]:
    """Return the numbers of a condition as `(family, least, most)`; what takes time in days, dates as they are."""
    found = []
    for figure in figures:
        if figure.unit in ("calendar_year", "百分点"):
            continue
        if figure.unit == "date":
            found.append(("date", figure.value, figure.value_to or figure.value))
            continue
        factor = _DAYS.get(figure.unit, 1.0)
        low, high = figure.value * factor, (figure.value_to or figure.value) * factor
        if figure.bound in ("at_least", "more_than"):
            high = float("inf")
        elif figure.bound in ("at_most", "less_than"):
            low = 0.0
        if figure.bound == "more_than":
            low += 1e-6
        elif figure.bound == "less_than":
            high -= 1e-6
        found.append((FAMILY[figure.unit], low, high))
    return tuple(sorted(found))
