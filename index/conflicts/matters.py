"""What a number is of: the matters of this field, found by the words that stand around the number.

A matter is told by cues before or behind the number in its sentence, the nearest first, then by the headings and the
title above it. `by_cases` says that the matter alone is enough to lay two statements side by side (等待期); of the
others, such as 报销比例 or 办理时限, there are many in one page, and only nearly the same words are compared.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

FAMILY = {
    **dict.fromkeys(("日", "工作日", "周", "月", "年", "小时"), "time"),
    **dict.fromkeys(("%", "‰", "百分点"), "share"),
    **{unit: unit for unit in ("元", "岁", "倍", "次", "人", "date", "calendar_year")},
}
KINDS = ("waiting", "term", "share", "money", "age", "years", "other")


@dataclass(frozen=True, slots=True)
class Matter:
    """A matter of figures of one family; `before` and `behind` are its cues, `is_condition` says who is meant."""

    name: str
    family: str
    before: re.Pattern[str] | None
    behind: re.Pattern[str] | None
    words: re.Pattern[str] | None
    by_cases: bool = False
    is_condition: bool = False

    @property
    def is_asked(self) -> bool:
        """Whether its number, though it stands in a condition, is what a rule asks for: 缴满15年的, 年满60周岁的."""
        return self.name in ("缴费年限", "实际缴费年限", "退休年龄", "领取年龄")


def _matter(
    name: str, family: str, before: str = "", behind: str = "", *, by_cases: bool = False, is_condition: bool = False
) -> Matter:
    words = before.partition("[^")[0] if before.endswith("$") and "$|" not in before else ""
    first, second, third = (re.compile(cue) if cue else None for cue in (before, behind, words))
    return Matter(name, family, first, second, third, by_cases=by_cases, is_condition=is_condition)


_T, _S, _M, _D = "time", "share", "元", "date"
# In the order in which they win where two are equally near.
MATTERS: tuple[Matter, ...] = (
    _matter("变动等待期", _T, "变动(?:待遇)?等待期", "变动(?:待遇)?等待期", by_cases=True),
    _matter(
        "待遇等待期",
        _T,
        "等待期|(?:再|需|要|须|得|后)等(?:待|上|够|满)?(?!级|于|人|额|地|方|情)|中间空出|观察期",
        r"(?:[^,。;]{0,8}等待期(?!间))|的?(?:之|以)?后(?:才|方|即|再|次日|开始|起|可|能|按规定|正常|重新|恢复|的)*(?:享受|恢复|启用|启动|开通)"
        "[^,。;]{0,8}(?:待遇|医保|报销)|(?:重新)?(?:享受|恢复)(?:医保|基本医疗|统筹)?[^,。;]{0,4}待遇",
        by_cases=True,
    ),
    _matter("待遇恢复时限", _T, "补齐欠费|恢复", "(?:之|以)?后恢复"),
    _matter(
        "断缴时长",
        _T,
        "(?:中断(?:缴费|参保)|中断|断缴|断保|停保|停缴|断档|断交|断了|欠缴|欠费|少缴了?|未缴|漏缴|中途停|暂停)[^,。;]{0,12}$",
        "(?:的|以?内|以上)*(?:断缴|断保|中断)",
        is_condition=True,
    ),
    _matter(
        "补缴时限",
        _T,
        "(?:补缴|补齐|补足|补办缴|(?<!连)续缴|宽限|缓冲)[^,。;]{0,6}(?:时限|期限|期|限)?[^,。;]{0,4}$",
        "(?:之|以)?内[^,。;]{0,14}(?:补缴|补齐|补足|续缴|接续|补清)|的?(?:缓冲|宽限)期",
    ),
    _matter("缓缴期限", _T, "缓缴[^,。;]{0,8}$"),
    _matter(
        "补缴年限",
        _T,
        "(?:补缴|往前补|再补|补交|补)(?:了|超过|最多|最长)?[^,。;]{0,4}$",
        "的?(?:费用|养老保险)?[^,。;]{0,2}补缴",
    ),
    _matter(
        "失业金领取期限",
        _T,
        "(?:失业(?:保险)?金|失业待遇)[^。;]{0,16}$|(?:领取|领|发放)期限[^,。;]{0,6}$",
        "(?:的)?(?:失业(?:保险)?金)",
    ),
    _matter("停工留薪期", _T, "停工留薪期?[^。;]{0,24}$"),
    _matter("医疗期", _T, "医疗期[^,。;]{0,6}$", "的?医疗期"),
    _matter("陪产假天数", _T, "(?:陪产|护理|陪护)假[^,。;]{0,8}$", "的?(?:陪产|护理|陪护)假"),
    _matter("育儿假天数", _T, "育儿假[^,。;]{0,8}$", "的?育儿假"),
    _matter("奖励假天数", _T, "(?:奖励假|延长(?:生育|产)假)[^,。;]{0,8}$", "的?(?:奖励假|延长产假|生育奖励假)"),
    _matter("产假天数", _T, "(?<!陪)产假[^,。;]{0,8}$", "的?(?:基础)?产假"),
    _matter("生育津贴天数", _T, "津贴[^,。;]{0,10}$", "(?:的)?(?:生育)?津贴"),
    _matter("孕期", _T, "(?:妊娠|怀孕|孕)满?[^,。;]{0,3}$", is_condition=True),
    _matter("公示期", _T, "公示[^,。;]{0,8}$", "的?公示"),
    _matter("计发月数", _T, "计发月数[^。;]{0,20}$|岁退休[^,。;]{0,4}$", "的?计发月数"),
    _matter("处方用量", _T, "(?:处方|带药|开药|药量|配药|开)[^,。;]{0,12}$", "的?(?:量|药|用药量|用量|处方)"),
    _matter("弹性提前时长", _T, "(?:弹性|提前退休)(?:提前)?(?:退休)?[^,。;]{0,8}$"),
    _matter(
        "告知时限",
        _T,
        "(?:书面告知|告知单位|通知单位)[^,。;]{0,6}$|选定时间前",
        "(?:之|以)?[前内][^,。;]{0,10}(?:告知|通知)",
    ),
    _matter("延迟时长", _T, "延迟[^,。;]{0,6}$", ""),
    _matter(
        "异地备案有效期",
        _T,
        "(?:备案)[^,。;]{0,6}(?:有效|失效)[^。;]{0,10}$|备案(?:后)?(?:未满|有效)",
        "(?:内)?有效[^,。;]{0,8}备案",
    ),
    _matter("有效期", _T, "有效期?[^,。;]{0,8}$", "(?:以?内)?有效"),
    _matter("工伤申请时限", _T, "工伤(?:认定)?[^。;]{0,12}$", "(?:以?内)[^。;]{0,14}工伤认定"),
    _matter("备案时限", _T, "备案[^,。;]{0,6}$", "(?:以?内|之前|前)[^,。;]{0,16}备案"),
    _matter(
        "参保时限",
        _T,
        "(?:新生儿|出生|离校|退役|刑满释放)[^,。;]{0,8}$",
        "(?:以?内|之前|前)[^,。;]{0,10}(?:参保|参加|办理参保|办好)",
    ),
    _matter(
        "报销时限", _T, "报销[^,。;]{0,8}(?:时限|期限)|出院[^。;]{0,14}$", "(?:以?内)[^,。;]{0,14}(?:报销|交单|申报)"
    ),
    _matter("登记时限", _T, "登记[^,。;]{0,4}$", "(?:以?内)[^。;]{0,14}登记"),
    _matter("复核时限", _T, "复[核审][^,。;]{0,6}$", "(?:以?内)[^,。;]{0,8}复[核审]"),
    _matter("评估时限", _T, "评估结?论?[^,。;]{0,4}$", "(?:以?内)[^,。;]{0,8}评估"),
    _matter("申请时限", _T, "申请[^,。;]{0,6}$", "(?:以?内|前)[^,。;]{0,12}(?:申请|提出|申报|提交|登记)"),
    _matter(
        "办理时限",
        _T,
        "(?:办结|办理时[限间]|审核|受理|审批|到账|支付|拨付|完成|转移|缩短|时限|承诺|答复)[^,。;]{0,10}$",
        "(?:以?内)[^,。;]{0,14}(?:办结|办理|审核|完成|支付|到账|拨付|答复|送达|退回|作出|出结论|转出)|出结论|到账|办结",
    ),
    _matter("实际缴费年限", _T, "(?:实际缴|实缴|本地缴|本市缴)[^,。;]{0,10}$", "的?实际缴费"),
    _matter(
        "连续参保年限",
        _T,
        "连续(?:\\d+年)?(?:参保|缴费|参加|缴纳|缴存|投保)[^,。;]{0,14}$",
        "的?连续(?:参保|缴费)",
    ),
    _matter(
        "缴费年限",
        _T,
        "(?:缴费年限|累计缴费|缴费(?!之[日月]|后|次|到账)|缴纳(?!之[日月])|交费|累计缴|缴满|缴了|参保满|投保)[^,。;]{0,10}$",
        "(?:的)?(?:缴费|年限)|就不用再缴",
    ),
    _matter("缴费年限", _T, "[男女](?:性|职工)?满?$"),
    _matter("补贴期限", _T, "(?:补贴|补助|救助|抚恤金|资助)[^,。;]{0,12}$", "的?(?:补贴|补助)"),
    _matter("过渡期", _T, "过渡期?[^,。;]{0,8}$|时间逐步", "的?过渡期?|时间逐步"),
    _matter("工作年限", _T, "(?:工作|工龄|任职|从事)(?:年限)?[^,。;]{0,6}$", is_condition=True),
    _matter("剩余年限", _T, "距[^,。;]{0,10}$", is_condition=True),
    _matter("服务时长", _T, "(?:服务|护理|上门)[^,。;]{0,8}$"),
    _matter("间隔", _T, "(?:每|间隔)$", "(?:一次|1次|两次|复诊)"),
    # shares
    _matter("滞纳金", _S, "滞纳金[^。;,]{0,14}$", "的?滞纳金"),
    _matter("先行自付比例", _S, "(?:先行?(?:由个人)?(?:自付|负担|承担)|先付|先自付)[^,。;]{0,10}$", "的?先行?自付"),
    _matter(
        "自付比例",
        _S,
        "(?:自付|自负|个人(?:负担|承担|支付|只?出))[^,。;]{0,8}$",
        "(?:由)?(?:个人|自己|本人)(?:负担|承担|自付)",
    ),
    _matter(
        "缴费比例",
        _S,
        "(?:费率|缴费比例|缴纳比例|缴存比例|按|缴|交)[^,。;]{0,8}$",
        "(?:的比例)?(?:缴纳|缴费|缴存|缴|交)",
    ),
    _matter("划入比例", _S, "(?:划入|划转|划拨|计入|记入)[^,。;]{0,10}$", "[^,。;]{0,4}(?:划入|划进|计入|记入|划转)"),
    _matter("缴费基数", _S, "(?:基数|工资)[^,。;]{0,14}$", "[^,。;]{0,6}(?:基数)"),
    _matter("失业保险金", _S, "失业保险金[^,。;]{0,16}$", "[^,。;]{0,8}失业保险金"),
    _matter("稳岗返还比例", _S, "(?:返还|稳岗)[^。;]{0,20}$", "的?返还"),
    _matter("贷款利率", _S, "利率[^。;]{0,14}$", "的?利率"),
    _matter("利率", _S, "利息[^,。;]{0,6}$", "的?利息"),
    _matter("首付比例", _S, "首付[^,。;]{0,8}$", "的?首付"),
    _matter("养老金计发比例", _S, "(?:计发|发给?)[^,。;]{0,6}$", "的?计发"),
    _matter("参保率", _S, "参保率[^。;]{0,8}$", "的?参保率"),
    _matter("裁员率", _S, "裁员率[^,。;]{0,8}$"),
    _matter(
        "报销比例",
        _S,
        "(?:报销|支付比例|报|支付|补偿|给付|赔付|补助|救助|结算|比例)[^,。;]{0,12}$",
        "(?:的)?(?:比例)?(?:报销|支付|补偿|给付|赔付|救助)",
    ),
    # money
    _matter(
        "罚款", _M, "(?:处以?|罚款)[^,。;]{0,14}$", "(?:以[上下]|的)*[^,。;]{0,12}罚款", is_condition=True
    ),  # of an offence that stands elsewhere
    _matter("免赔额", _M, "免赔额?[^,。;]{0,10}$", "的?免赔"),
    _matter("起付线", _M, "起付(?:线|标准)?[^。;]{0,12}$", "[^,。;]{0,2}的?起付"),
    _matter(
        "封顶线",
        _M,
        "(?:封顶|限额|限报|(?:最高|最多)(?:能|可)?(?:支付|报|补)|上限)[^,。;]{0,10}$",
        "[^,。;]{0,4}(?:封顶|的?限额)",
    ),
    _matter(
        "费用分段", _M, "", "(?:以上|以下|以内)?(?:\\(含\\))?(?:至|到|的)?(?:部分|费用|报|支付)", is_condition=True
    ),
    _matter("缴费基数下限", _M, "(?:基数|工资)[^,。;]{0,6}(?:下限|最低)[^,。;]{0,4}$"),
    _matter("缴费基数上限", _M, "(?:基数|工资)[^。;]{0,20}(?:上限|最高)[^,。;]{0,4}$"),
    _matter("缴费基数", _M, "(?:基数|缴费工资)[^。;]{0,14}$", "的?(?:缴费)?基数"),
    _matter("财政补助", _M, "财政(?:人均)?(?:补助|补贴)[^,。;]{0,14}$", "的?财政补助"),
    _matter("筹资标准", _M, "筹资(?:标准|总额)?[^,。;]{0,14}$|两项合计|合计不低于", "的?筹资"),
    _matter("缴费档次", _M, "档次?[^,。;]{0,6}$", "[^。;]{0,16}(?:缴费)?档次"),
    _matter(
        "个人缴费",
        _M,
        "(?:个人(?:缴费|缴纳|部分|每|养老)?|缴费标准|自己交|缴费|保费|缴|交)[^,。;]{0,14}$",
        "[^,。;]{0,2}的?(?:个人缴费|保费)",
    ),
    _matter("失业保险金", _M, "失业保险?金[^。;]{0,26}$", "的?失业保险?金"),
    _matter("定额补助", _M, "定额(?:补助|补贴|支付)?[^,。;]{0,12}$"),
    _matter("高龄津贴", _M, "(?:高龄津贴|老人)[^,。;]{0,10}$"),
    _matter("护理补贴", _M, "(?:护理补贴|失能)[^,。;]{0,10}$"),
    _matter("丧葬补助金", _M, "丧葬(?:补助|费)?[^,。;]{0,12}$"),
    _matter("抚恤金", _M, "抚恤金?[^,。;]{0,12}$"),
    _matter("划入额度", _M, "(?:划入|计入|划拨|定额)[^,。;]{0,12}$", "[^,。;]{0,4}(?:划入|计入)"),
    _matter("基础养老金", _M, "基础养老金[^。;]{0,20}$", "的?基础养老金"),
    _matter("救助标准", _M, "(?:救助|低保)(?:标准|金)?[^,。;]{0,12}$"),
    _matter("参保资助", _M, "(?:资助|代缴)[^,。;]{0,12}$"),
    _matter("补缴金额", _M, "补[缴交][^,。;]{0,14}$"),
    _matter("补贴标准", _M, "(?:补贴|补助|津贴|奖励|加发|增发|报销)[^,。;]{0,14}$", "的?(?:补贴|补助|津贴|奖励)"),
    _matter("工资标准", _M, "工资[^,。;]{0,14}$", "的?工资"),
    # ages
    _matter("退休年龄", "岁", "(?:退休|特殊工种)[^。;]{0,22}$", "(?:[^,。;]{0,8}退休)"),
    _matter("领取年龄", "岁", "(?:领取)[^,。;]{0,12}$", "(?:[^。;]{0,14}(?:领取|领养老))"),
    _matter("年龄", "岁", "年满|满|年龄|不足|未满", "(?:以上|以下)", is_condition=True),
    # factors
    _matter("罚款", "倍", "(?:处|罚)[^,。;]{0,16}$", "[^。;]{0,8}罚款", is_condition=True),
    _matter("缴费基数上限", "倍", "(?:最高|超过)[^,。;]{0,14}$", "封顶"),
    _matter("缴费基数下限", "倍", "最低[^,。;]{0,14}$", "保底"),
    _matter("工亡补助金", "倍", "工亡补助金?[^,。;]{0,26}$"),
    _matter("生活补助", "倍", "生活补助[^,。;]{0,14}$"),
    # days of the calendar
    _matter("缴费期", _D, "(?:缴费|缴纳|缴|参保|征缴|集中)[^。;]{0,14}$", "[^。;]{0,12}(?:缴费|缴清|缴|参保|断保)"),
    _matter("执行日期", _D, "(?:自|从)[^,。;]{0,4}$", "起?[^。;]{0,6}(?:执行|施行|实施|起)"),
    _matter("申报期", _D, "(?:申报|申请|提交|材料)[^。;]{0,10}$", "[^。;]{0,10}(?:申报|申请|提交)"),
    _matter("发布日期", _D, "发布(?:日期|时间)?[^,。;]{0,4}$"),
    _matter("发放时间", _D, "发放[^,。;]{0,4}$", "发放"),
    _matter("出生年月", _D, "", "(?:以?[前后])?出生", is_condition=True),
    # counts
    _matter("报销次数", "次", "报[^,。;]{0,6}$"),
    _matter("领取次数", "次", "领[^,。;]{0,6}$"),
    _matter("体检次数", "次", "体检[^,。;]{0,8}$"),
    _matter("产检次数", "次", "产检[^,。;]{0,6}$"),
    _matter("提取次数", "次", "提[取]?[^,。;]{0,6}$"),
    _matter("变更次数", "次", "变更[^,。;]{0,8}$", "[^,。;]{0,3}变更"),
    _matter("共济人数", "人", "(?:共济|绑定)[^,。;]{0,8}$"),
    _matter("领取人数", "人", "", "领"),
    _matter("年度", "calendar_year", "", ""),
)
_OF_FAMILY = {family: tuple(m for m in MATTERS if m.family == family) for family in set(FAMILY.values())}
BY_NAME = {(m.family, m.name): m for m in MATTERS}
# How far a cue is: characters between, and this for each clause between; a cue behind the number counts a little more.
_CLAUSE, _BEHIND = 10, 2
_BREAK = re.compile("[,、]")
# From when a term runs says nothing of what it is: 自补缴到账之日起3个月后享受待遇.
_SINCE = re.compile(r"(?:自|从|在)?[^,。;]{1,14}之[日月]起[^,。;]{0,2}$")
# What a number of these families is of where no cue stands by.
_ELSE = {"岁": "年龄", "calendar_year": "年度"}


def find_matter(unit: str, before: str, behind: str) -> Matter | None:
    """Return the matter of a figure by the cues of its sentence, None where there is none.

    `before` and `behind` are its sentence up to and from the number.
    """
    since = _SINCE.search(before)
    if since and (told := find_matter(unit, before[: since.start()] + "#", behind)):
        return told
    best, nearest = None, 10**6
    family = FAMILY[unit]
    for matter in _OF_FAMILY[family]:
        far = _distance(matter, before, behind)
        if far is not None and far < nearest:
            best, nearest = matter, far
    return best


def matter_above(unit: str, above: Sequence[str]) -> Matter | None:
    """Return the matter that the headings over a figure tell, the nearest first, else what its unit alone says."""
    family = FAMILY[unit]
    told = (matter for heading in above for matter in _OF_FAMILY[family] if _is_told(matter, heading))
    return next(told, None) or BY_NAME.get((family, _ELSE.get(family, "")))


# What a heading may tell of the numbers under it.
_IN_HEADINGS = (
    *(
        "待遇等待期",
        "报销比例",
        "起付线",
        "封顶线",
        "个人缴费",
        "财政补助",
        "缴费年限",
        "办理时限",
        "缴费比例",
        "退休年龄",
        "产假天数",
    ),
    *("公示期", "有效期", "报销时限", "失业金领取期限", "补缴时限", "免赔额", "滞纳金"),
)


def _is_told(matter: Matter, heading: str) -> bool:
    return matter.name in _IN_HEADINGS and matter.before is not None and matter.before.search(heading) is not None


def _distance(matter: Matter, before: str, behind: str) -> int | None:
    far: int | None = None
    if matter.before is not None and before:
        last = None
        for last in matter.before.finditer(before):  # noqa: B007 - the last one counts
            pass
        if last is not None:
            # A cue that reaches up to the number by its pattern is as far as its own words end.
            words = matter.words and matter.words.match(before, last.start())
            rest = before[words.end() if words else last.end() :]
            far = len(rest) + _CLAUSE * len(_BREAK.findall(rest))
    if matter.behind is not None and (found := matter.behind.match(behind.lstrip())):
        near = _BEHIND + found.end() // 2
        far = near if far is None else min(far, near)
    return far


def kind_of(matter: str, unit: str) -> str:
    """Return one of KINDS: what a list of conflicts is filtered by."""
    if "等待期" in matter:
        return "waiting"
    family = FAMILY[unit]
    if family in ("share", "倍"):
        return "share"
    if family == "元":
        return "money"
    if family == "岁":
        return "age"
    if unit == "年" and "年限" in matter:
        return "years"
    return "term" if family in ("time", "date", "calendar_year") else "other"
