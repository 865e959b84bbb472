"""Numbers with a unit as they are written (两年半, 八成五, 1.5万元至2万元, 11月30日) and what each of them is worth.

One pattern finds them all and a reader for each kind says value and unit, or that the number tells nothing: what is
vague, an ordinal or 一 as an article. Numerals are read by `index.question.numbers`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from index.question.numbers import value_of

_HAN_DIGIT = "零〇一二三四五六七八九"
_ARABIC = r"(?:\d{1,3}(?:[, ]\d{3})+(?!\d)|\d+)(?:\.\d+)?"
_HAN = rf"[零〇一二两三四五六七八九十百千万亿]+(?:点[{_HAN_DIGIT}]+)?"
_N = rf"(?:{_ARABIC}(?:[万千百]\d(?!\d)|\s?[万千百亿]{{1,2}})?|{_HAN})"
_TO = r"\s?(?:-{1,2}|~|—{1,2}|–|―|至|到|\.{2})\s?"
# Longer names first. What follows and makes another word of a unit stands behind it.
_UNIT = (
    r"个?自然月|个月|个?工作日|个?自然日|个?日历[日天]|天(?!津|然|打鱼|两头)|日(?![元报常益期游历本])|个?(?:星期|礼拜)(?![一二三四五六日天])"
    r"|周岁|周年|周(?![边围岁末转期])|个?年度|年(?![级代轻纪龄份检限薪终货])|岁(?![月末])|%|‰|个?百分点"
    r"|万元|亿元|元(?![旦月素件宵])|块钱?|倍|次(?![性月日年序要品])"
    r"|个?人(?![民员士才口类次均社工力事体身数群生大选账])|名(?![单称额义字下])|个?小时|个?钟头"
)
_NOT_INSIDE = r"(?<!\d,)(?<![\d.a-z零〇一二两三四五六七八九十百千万亿几数第])"
_MONTH_DAY = r"(?:(?:1[0-2]|0?[1-9])\s?月|(?:十[一二]?|[一二三四五六七八九])月)"
_DAY = r"(?:\s?(?:3[01]|[12]\d|0?[1-9])\s?[日号]|(?:三十一?|二?十[一二三四五六七八九]?|[一二三四五六七八九])[日号])"
_YEAR = rf"(?:(?:19|20)\d\d|[一二][零〇九][{_HAN_DIGIT}]{{2}})\s?年"
_DATE = (
    rf"(?:(?:19|20)\d\d[-/.](?:1[0-2]|0?[1-9])[-/.](?:3[01]|[12]\d|0?[1-9])(?!\d)"
    rf"|{_YEAR}\s?{_MONTH_DAY}(?:{_DAY}|[底末初份])?|{_YEAR}[底末初]|{_MONTH_DAY}(?:{_DAY}|[底末初份])?)"
)
_SHARE = rf"[百千万]分之(?:{_HAN}|{_ARABIC})"
_FIGURE = re.compile(
    rf"{_NOT_INSIDE}(?:"
    rf"(?P<date>{_DATE}(?:{_TO}(?:次年|当年|翌年|第二年)?{_DATE})?)"
    rf"|(?P<calendar>{_YEAR}(?![级代期])(?:{_TO}{_YEAR})?度?)"
    rf"|(?P<share>{_SHARE}(?:{_TO}(?:{_SHARE}|{_HAN}))?(?!之))"
    r"|(?P<tenths>[一二两三四五六七八九\d]成(?:半|[一二三四五六七八九])?(?![不年本功为立都交员果绩分人长熟品就药]))"
    rf"|(?P<aged>{_N}\s?周?岁\s?(?:零|又)?\s?{_N}\s?个月)"
    rf"|(?P<months>{_N}\s?年(?:零|又)?\s?{_N}\s?个月)"
    rf"|(?P<half>(?<![上下前后大多])半年|半个月|{_N}年半|{_N}个半月)(?P<half_to>{_TO}{_N}\s?(?:{_UNIT}))?"
    rf"|¥\s?(?P<yen>{_ARABIC}(?:万|千)?)(?:元)?"
    rf"|(?P<first>{_N})\s?(?P<own>{_UNIT})?{_TO}(?P<last>{_N}|半)\s?(?P<unit>{_UNIT})"
    rf"|(?P<one>{_N})\s?(?P<one_unit>{_UNIT})"
    rf"|(?P<much>(?:{_ARABIC}\s?万|[一二两三四五六七八九十百]+万[一二三四五六七八九]?)(?!\s?(?:[人名个户家件例张份次多余几套辆亩平公美亿元一]|\d)))"
    r")"
)
# Where a number may begin; it never begins inside such a run.
_RUN = re.compile("[0-9零〇一二两三四五六七八九十百千万亿半¥]+")
_BARE_DAY = re.compile(r"(?:每|次|当|下|上|本|同)(?:个)?月(?:的)?\s?$")
# 去年8月断的 tells a story; a month of this or that year counts where something begins or ends with it.
_OF_A_STORY = re.compile(r"(?:去年|今年|上年|前年|同年)\s?$")
_BEGINS_OR_ENDS = re.compile(r"\s?(?:起|开始|底|之?前|以前|以后|至|到|止)")

# 一 that counts nothing: 每一次, 同一年度; 一次 counts where it is a limit; 一年 where it is not "a year long".
_ONE_OF = re.compile(r"[每同另这那某任哪再头唯新上下前后]\s?$")
_ONCE = re.compile(r"(?:限|只|最多|至少|每[年月日天周]|[年月日天周]内?)[^,。;]{0,3}$")
_IN_A_YEAR = re.compile(r"\s?(?:下来|里|合计|共|就|最|要|才|能|可|一[次个]|到头|[\d一二两三四五六七八九十]|多少|半载)")
_COUNTS = re.compile(r"(?:满|超过|不足|至少|最长|最多|缴|交|断|补)$")

# start and end in the text, value, end of a range, unit of `figures.UNITS`
Amount = tuple[int, int, float, float | None, str]
_Read = Amount | None


def amounts_in(folded: str) -> Iterator[Amount]:
    """Yield the numbers of a text in search form that tell something; none reaches over a line end."""
    reached = 0
    for run in _RUN.finditer(folded):  # eight times as fast as to look for the whole pattern everywhere
        match = _FIGURE.match(folded, run.start()) if run.start() >= reached else None
        if match is None:
            continue
        reached = match.end()
        kind = next(name for name in _READERS if match[name] is not None)
        found = _READERS[kind](match, folded)
        if found is not None and "\n" not in match[0]:
            yield found


def _date(match: re.Match[str], folded: str) -> _Read:
    parts = [_day(part) for part in re.findall(_DATE, match[0])]
    start, end = match.span()
    before, after = folded[max(0, start - 4) : start], folded[end : end + 3]
    if parts[0] < 10_000 and parts[0] % 100 == 0 and len(parts) == 1:  # a month alone
        if re.match(r"\s?(?:以?内|之内|以上|以下|龄)", after) and not match[0].endswith("份"):
            value = value_of(match[0].rstrip("月底末初份 ").strip())
            return None if value is None else (start, end, value, None, "月")
        if _OF_A_STORY.search(before) and not _BEGINS_OR_ENDS.match(after):
            return None
    if len(parts) > 1 and parts[0] > 10_000 > parts[1]:  # the year is that of the first
        later = "次年" in match[0] or "翌年" in match[0] or "第二年" in match[0]
        parts[1] += (parts[0] // 10_000 + later) * 10_000
    return start, end, parts[0], parts[1] if len(parts) > 1 else None, "date"


def _day(said_: str) -> float:
    iso = re.fullmatch(r"(\d{4})[-/.](\d+)[-/.](\d+)", said_)
    if iso:
        return int(iso[1]) * 10_000 + int(iso[2]) * 100 + int(iso[3])
    year, month, day = (re.search(rf"([\d{_HAN_DIGIT}十]+)\s?[{unit}]", said_) for unit in ("年", "月", "日号"))
    number = 0.0
    if year:
        number += _digits(year[1]) * 10_000 + (1200 if re.search("年[底末]", said_) else 0)
    for place, part in ((100, month), (1, day)):
        number += place * (value_of(part[1]) or 0) if part else 0
    return number


def _digits(numeral: str) -> int:
    return int("".join(c if c.isdigit() and c.isascii() else str(max(_HAN_DIGIT.index(c) - 1, 0)) for c in numeral))


def _calendar(match: re.Match[str], _: str) -> _Read:
    years = [_digits(year) for year in re.findall(rf"([\d{_HAN_DIGIT}]{{4}})\s?年", match[0])]
    return *match.span(), years[0], years[1] if len(years) > 1 else None, "calendar_year"


def _share(match: re.Match[str], _: str) -> _Read:
    parts = re.findall(rf"(?:([百千万])分之)?({_HAN}|{_ARABIC})", match[0].replace("分之", "分之 ").replace(" ", ""))
    values = [value_of(numeral) for _, numeral in parts]
    if None in values:
        return None
    sign = match[0][0]
    factor = 0.1 if sign == "万" else 1.0
    first, second = values[0] * factor, values[1] * factor if len(values) > 1 else None  # type: ignore[operator]
    return *match.span(), _round(first), second and _round(second), "%" if sign == "百" else "‰"


def _tenths(match: re.Match[str], folded: str) -> _Read:
    whole, rest = match[0][0], match[0][2:]
    if folded[match.end() : match.end() + 2] == "不变":
        return None
    value = (value_of(whole) or 0) * 10 + (5 if rest == "半" else value_of(rest) or 0 if rest else 0)
    return *match.span(), value, None, "%"


def _aged(match: re.Match[str], _: str) -> _Read:
    found = re.fullmatch(rf"({_N})\s?周?岁\s?[零又]?\s?({_N})\s?个月", match[0])
    years, months = (value_of(found[place]) for place in (1, 2)) if found else (None, None)
    if years is None or months is None:
        return None
    return *match.span(), round(years + months / 12, 4), None, "岁"


def _months(match: re.Match[str], _: str) -> _Read:
    found = re.fullmatch(rf"({_N})\s?年[零又]?\s?({_N})\s?个月", match[0])
    years, months = (value_of(found[place]) for place in (1, 2)) if found else (None, None)
    if years is None or months is None or years > 100:
        return None
    return *match.span(), years * 12 + months, None, "月"


def _half(match: re.Match[str], _: str) -> _Read:
    word = match["half"]
    if word == "半年":
        value: float = 6
    elif word == "半个月":
        value = 0.5
    else:
        count = value_of(word.rstrip("月半年个"))
        if count is None or count > 50:
            return None
        value = count * 12 + 6 if word.endswith("年半") else count + 0.5
    value_to = None
    if match["half_to"]:
        found = re.fullmatch(rf"{_TO}({_N})\s?({_UNIT})", match["half_to"])
        count = value_of(found[1]) if found else None
        if found is None or count is None or _unit(found[2])[0] not in ("月", "年"):
            return None
        value_to = count * (12 if _unit(found[2])[0] == "年" else 1)
    return *match.span(), value, value_to, "月"


def _yen(match: re.Match[str], _: str) -> _Read:
    value = value_of(match["yen"])
    return None if value is None else (*match.span(), value, None, "元")


def _much(match: re.Match[str], _: str) -> _Read:
    value = value_of(match["much"].replace(" ", ""))
    return None if value is None else (*match.span(), value, None, "元")


def _ranged(match: re.Match[str], _: str) -> _Read:
    unit, factor = _unit(match["unit"])
    own_unit, own_factor = _unit(match["own"]) if match["own"] else (unit, factor)
    first, last = _number(match["first"]), 0.5 if match["last"] == "半" else _number(match["last"])
    if first is None or last is None:
        return None
    if own_unit != unit:  # 6个月至1年; other mixtures are no range
        return (*match.span(), first, last * 12, "月") if (own_unit, unit) == ("月", "年") else None
    first, last = first * own_factor, last * factor
    if not match["own"] and "万" in match["last"] and "万" not in match["first"]:
        first *= 10_000  # 1至2万元
    return (*match.span(), _round(first), _round(last), unit) if first < last else None


def _single(match: re.Match[str], folded: str) -> _Read:
    numeral, name = match["one"], match["one_unit"]
    value = _number(numeral)
    if value is None or _says_nothing(match, folded, numeral, name):
        return None
    unit, factor = _unit(name)
    return *match.span(), _round(value * factor), None, unit


def _number(numeral: str) -> float | None:
    """Return the value of a numeral; none where it begins with a unit (百 of 百元) or is 0."""
    if numeral[0] in "百千万亿零〇" and len(numeral) < 3 and numeral[0] != "0":
        return None
    return value_of(numeral.replace(" ", ""))


def _round(value: float) -> float:
    return round(value, 6)


def _unit(name: str) -> tuple[str, float]:
    """Return the unit of a name (万元 is 元) and what its number is multiplied with."""
    plain = name.strip().removeprefix("个")
    if plain in ("周岁", "岁"):
        return "岁", 1
    if plain in ("月", "自然月"):
        return "月", 1
    if plain in ("年", "周年", "年度"):
        return "年", 1
    if plain == "工作日":
        return "工作日", 1
    if plain in ("星期", "礼拜", "周"):
        return "周", 1
    if plain in ("天", "日", "自然日", "日历日", "日历天"):
        return "日", 1
    if plain in ("小时", "钟头"):
        return "小时", 1
    if plain in ("人", "名"):
        return "人", 1
    if plain in ("万元", "亿元"):
        return "元", 10_000 if plain[0] == "万" else 100_000_000
    return ("元", 1) if plain in ("块", "块钱") else (plain, 1)


def _says_nothing(match: re.Match[str], folded: str, numeral: str, name: str) -> bool:
    """Say whether a number with a unit tells nothing: 每月15日, 一年下来, 同一年度, 一次补足, 一人."""
    before, after = folded[max(0, match.start() - 6) : match.start()], folded[match.end() : match.end() + 4]
    if name == "日" and _BARE_DAY.search(before):
        return True
    if name.endswith("年度") and numeral == "一":
        return True
    if numeral != "一":
        return False
    unit = _unit(name)[0]
    if _ONE_OF.search(before) or unit == "人":
        return True
    if unit == "次":
        return not _ONCE.search(before)
    return unit in ("年", "月", "日", "周") and bool(_IN_A_YEAR.match(after)) and not _COUNTS.search(before)


_READERS: dict[str, Callable[[re.Match[str], str], _Read]] = {
    "date": _date,
    "calendar": _calendar,
    "share": _share,
    "tenths": _tenths,
    "aged": _aged,
    "months": _months,
    "half": _half,
    "yen": _yen,
    "first": _ranged,
    "one": _single,
    "much": _much,
}
