"""Reads the numbers of a question and says how else they are written: 三个月 is 3个月, 半年 is 6个月.

A number counts only with a unit behind it or with 百分之 before it, so 一般, 统一 and 一次性 hold none; 三四个月 and
十几年 are not exact and stay alone. Amounts are said in figures with and without 万, years of the calendar digit by
digit. Own code: cn2an (MIT) takes half a second to import, turns numerals that were cut out or whole sentences (统一
becomes 统1), and knows neither places nor units nor 半年; finding numbers and their units, most of this file, would
remain.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from index.lexicon.lexicon import Expansion
from index.ngrams import fold

_DIGITS = "零一二三四五六七八九"
_HAN = {character: value for value, character in enumerate(_DIGITS)} | {"〇": 0, "两": 2}
_TENS = {"十": 10, "百": 100, "千": 1000}
_NUMERAL = "[零〇一二两三四五六七八九十百千万亿]+"
_NUMERIC = frozenset("零〇一二两三四五六七八九十百千万亿半")  # beside figures; every reader needs one of them
_FIGURE = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_UNITS = "个(?:自然)?月|个工作日|工作日|周岁|年度|年|月|日|天|周|岁|次|个|人|级|档|孩|倍|小时|条|万元|万块|元|块|万|号"
# What follows and makes another word of it: 一次性, 一年级, 一日游; 一个人 and 一个月 are read by their longer unit.
_NO_UNIT = {"次": "性", "年": "级", "级": "别", "人": "民员", "条": "龙", "日": "游"}
# Units of rank and age, where two is 二 and never 两.
_RANKED = ("级", "档", "号", "日", "岁", "周岁", "年度")
_MONEY = ("万元", "万块", "元", "块", "万")
_TOO_MUCH = 10**12  # no figure of this field; longer rows of figures are numbers of cards and letters
_MAX_WORDINGS = 4  # as many as a number has in use; each further one would take weight from the others

# Compiled by `re` at the first number, and kept there: most questions have none.
_CALENDAR = (
    r"(?<!\d)((?:19|20)\d\d)(?=年)"
    r"|(?<![零〇一二三四五六七八九十百千万])([一二][零〇九][零〇一二三四五六七八九]{2})(?=年)"
)
_PERCENT = (
    rf"百分之({_NUMERAL}(?:点[零〇一二三四五六七八九]+)?|{_FIGURE})|(?<![\d.])({_FIGURE})%"
    r"|([二两三四五六七八九])成(?![年本功为立都交员果])"
)
_HALF = rf"(?:(?<![零〇一二两三四五六七八九十百千万\d上下前后大])半年)|(?:({_NUMERAL}|\d+)年半)"
_COUNTED = (
    r"(?<![\d.]|[零〇一二两三四五六七八九十百千万几数多第])"
    rf"(第?)({_FIGURE}[万千百]\d?|{_FIGURE}|{_NUMERAL})({_UNITS})?"
)
_INEXACT = re.compile(r"[几多余来半]")


def other_numbers(text: str) -> tuple[Expansion, ...]:
    """Return what the numbers of `text` are also written as, in the order they stand; none overlaps another."""
    folded = fold(text)
    if not any(character in _NUMERIC or character.isdecimal() for character in folded):
        return ()
    taken: list[tuple[int, int]] = []
    found: list[Expansion] = []
    for pattern, reads in _READERS:
        for match in re.finditer(pattern, folded):
            start, end = match.span()
            if any(start < right and left < end for left, right in taken):
                continue
            read = reads(match, folded)
            if read is None:
                continue
            end, wordings = read
            word = folded[start:end]
            taken.append((start, end))
            terms = tuple(dict.fromkeys(wording for wording in wordings if wording != word))[:_MAX_WORDINGS]
            if terms:
                found.append(Expansion(word, start, end, terms))
    return tuple(sorted(found, key=lambda expansion: expansion.start))


# A reader returns where the number ends and its wordings, or None where there is no number after all.
_Read = tuple[int, list[str]] | None


def _calendar(match: re.Match[str], _: str) -> _Read:
    figures = match[1] or "".join(str(_HAN[character]) for character in match[2])
    said = "".join(_DIGITS[int(figure)] for figure in figures)
    return match.end() + 1, [f"{figures}年", f"{said.replace('零', '〇')}年", f"{said}年"]


def _percent(match: re.Match[str], folded: str) -> _Read:
    if match[3]:
        if folded[match.end() : match.end() + 1] in _HAN:
            return None  # 三成五
        share: float | None = _HAN[match[3]] * 10
    else:
        share = value_of(match[1] or match[2])
    if share is None:
        return None
    return match.end(), [f"{_plain(share)}%", f"百分之{_said(share)}"]


def _half(match: re.Match[str], _: str) -> _Read:
    years = value_of(match[1]) if match[1] else 0
    if years is None or years > 10:
        return None
    months = int(years * 12 + 6)
    if not years:
        return match.end(), ["6个月", "六个月", "半年"]
    return match.end(), [f"{months}个月", f"{_said(months)}个月", f"{_plain(years)}年半", f"{_said(years)}年半"]


def _counted(match: re.Match[str], folded: str) -> _Read:
    ordinal, numeral, unit = match.groups()
    unit = unit or ""
    after = folded[match.end() : match.end() + 1]
    value = value_of(numeral)
    if (
        value is None
        or (after and after in _NO_UNIT.get(unit, ""))
        or numeral[0] in "百千万亿"
        or _INEXACT.match(after)
    ):
        return None
    if unit in _MONEY or (not unit and re.search("[万千]", numeral[1:])):
        if ordinal:
            return None
        return match.end(), _amounts(value * (10_000 if unit.startswith("万") else 1))
    if not unit or (unit == "个" and value < 2):  # 一个 says nothing
        return None
    return match.end(), [ordinal + wording for wording in _with_unit(value, unit)]


_READERS: tuple[tuple[str, Callable[[re.Match[str], str], _Read]], ...] = (
    (_CALENDAR, _calendar),
    (_PERCENT, _percent),
    (_HALF, _half),
    (_COUNTED, _counted),
)


def _with_unit(value: float, unit: str) -> Iterator[str]:
    yield f"{_plain(value)}{unit}"
    yield f"{_said(value)}{unit}"
    if value == 2 and unit not in _RANKED:
        yield f"{'二' if unit == '月' else '两'}{unit}"
    if unit == "个月" and value == 6:
        yield "半年"
    if unit == "个月" and value in (12, 24, 36):
        yield f"{int(value) // 12}年"
        yield f"{'一两三'[int(value) // 12 - 1]}年"
    if unit == "年" and value in (1, 2, 3):
        yield f"{int(value) * 12}个月"
    if unit == "岁":
        yield f"{_plain(value)}周岁"
    if unit == "周岁":
        yield f"{_plain(value)}岁"


def _amounts(value: float) -> list[str]:
    """Return an amount of money in the ways it is written: 12000元, 1.2万元, 一万二."""
    wordings = [f"{_plain(value)}元"]
    if value >= 10_000 and value % 100 == 0:
        wordings.append(f"{_plain(value / 10_000)}万元")
    return [*wordings, f"{_said(value)}元", _short(value)]


def _short(value: float) -> str:
    """Return an amount as it is spoken, the last unit left out: 一万二, 三千五."""
    said = _said(value)
    return (
        said[:-1]
        if re.search("万[二三四五六七八九一]千$|千[一二三四五六七八九]百$|百[一二三四五六七八九]十$", said)
        else f"{said}元"
    )


def _plain(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")


def value_of(numeral: str) -> float | None:
    """Return what a numeral counts, in figures or characters or both (3万, 1万2), or None where it counts nothing."""
    value = _count(numeral)
    return value if value is not None and value < _TOO_MUCH else None


def _count(numeral: str) -> float | None:
    if re.fullmatch(_FIGURE, numeral):
        return float(numeral.replace(",", ""))
    mixed = re.fullmatch(rf"({_FIGURE})([万千百])(\d?)", numeral)
    if mixed:
        unit = {"万": 10_000, "千": 1000, "百": 100}[mixed[2]]
        return float(mixed[1].replace(",", "")) * unit + int(mixed[3] or 0) * unit / 10
    whole, point, rest = numeral.partition("点")
    value = _counts(whole)
    if value is None or not point:
        return value
    return value + sum(_HAN[character] * 0.1 ** (place + 1) for place, character in enumerate(rest))


def _counts(numeral: str) -> int | None:
    """Return the value of a numeral of characters; a bare last digit is a tenth of the unit before it.

    None for digits side by side (三四 is about three) and for units that do not fall (一万一万).
    """
    total = section = 0
    digit: int | None = None
    last, last_great = 0, 10**12  # the unit before, 0 for none, and the one of four places
    for character in numeral:
        if character in "零〇":
            if digit is not None:
                return None
            last = 0  # 一万零二 is 10002
        elif character in _HAN:
            if digit is not None:
                return None
            digit = _HAN[character]
        elif character in _TENS:
            unit = _TENS[character]
            if last and unit >= last:
                return None
            section += unit * (1 if digit is None else digit)
            digit, last = None, unit
        else:
            great = 10_000 if character == "万" else 100_000_000
            section += digit or 0
            if great >= last_great or not (section or total):
                return None
            total = (total + section) * great if great > 10_000 else total + section * great
            section, digit, last, last_great = 0, None, great, great
    if digit is not None and last >= 100:
        digit = digit * last // 10
    return total + section + (digit or 0)


def _said(value: float) -> str:
    """Return `value` in characters: 12000 as 一万二千, 85.5 as 八十五点五."""
    if value != int(value):
        whole, _, rest = _plain(value).partition(".")
        return f"{_said(int(whole))}点{''.join(_DIGITS[int(figure)] for figure in rest)}"
    said = _said_whole(int(value))
    return said.removeprefix("一") if said.startswith("一十") else said


def _said_whole(number: int) -> str:
    for unit, name in ((100_000_000, "亿"), (10_000, "万"), (1000, "千"), (100, "百"), (10, "十")):
        if number >= unit:
            high, low = divmod(number, unit)
            gap = "零" if low and low * 10 < unit else ""
            return (
                f"{_said(high)}{name}{gap}{_said_whole(low) if low else ''}"
                if unit > 10
                else (f"{_DIGITS[high]}十{_DIGITS[low] if low else ''}")
            )
    return _DIGITS[number]
