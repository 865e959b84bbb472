"""Reads facts off an article: capture and publication date, years, schemes and provinces, each with its evidence.

Facts come from kept text only, for a recommendation block names places and years that the article does not. The one
exception is the capture date: the date that all snippets of a block share is the day the page was scraped, and it is
labelled so, never as the day of publication.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Fact:
    """Something a page states. `kind` is `captured`, `published`, `year`, `scheme` or `region`.

    `quote` is the evidence, `[start, end)` its characters in the page's text; -1 where it stands in the metadata only.
    """

    kind: str
    value: str
    start: int
    end: int
    quote: str


_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?=\s*年|[-/.]\d{1,2}[-/.]\d{1,2})")
_FULL_DATE = re.compile(r"((?:19|20)\d{2})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})")

# Longer names first, so that 城乡居民养老保险 is not read as another scheme.
_SCHEMES: tuple[tuple[str, str], ...] = (
    ("居民养老保险", r"(?:城乡)?居民(?:基本|社会)?养老保险"),
    ("职工养老保险", r"(?:城镇|企业)?职工(?:基本)?养老保险"),
    ("养老保险", r"养老保险"),
    ("居民医保", r"城乡(?:居民)?(?:基本)?医(?:疗保险|疗|保)|居民(?:基本)?医(?:疗保险|保)"),
    ("新农合", r"新型?农村?合(?:作医疗)?|农村(?:合作)?医(?:疗保险|疗|保)"),
    ("职工医保", r"职工(?:基本)?医(?:疗保险|疗|保)"),
    ("大病保险", r"大病(?:医疗)?保险"),
    ("医疗救助", r"医疗救助"),
    ("生育保险", r"生育(?:保险|津贴)"),
    ("失业保险", r"失业保险"),
    ("工伤保险", r"工伤保险"),
    ("长期护理保险", r"长期护理保险|长护险"),
    ("灵活就业参保", r"灵活就业"),
    ("异地就医", r"异地就医"),
)
_SCHEME = re.compile("|".join(f"(?P<s{number}>{pattern})" for number, (_, pattern) in enumerate(_SCHEMES)))

_PROVINCES = [
    "北京",
    "天津",
    "上海",
    "重庆",
    "河北",
    "山西",
    "辽宁",
    "吉林",
    "黑龙江",
    "江苏",
    "浙江",
    "安徽",
    "福建",
    "江西",
    "山东",
    "河南",
    "湖北",
    "湖南",
    "广东",
    "海南",
    "四川",
    "贵州",
    "云南",
    "陕西",
    "甘肃",
    "青海",
    "台湾",
    "内蒙古",
    "广西",
    "西藏",
    "宁夏",
    "新疆",
    "香港",
    "澳门",
]
_REGION = re.compile("|".join(_PROVINCES))


def read_schemes(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield `(scheme, start, end)` for every mention of a scheme in `text`."""
    for match in _SCHEME.finditer(text):
        number = int((match.lastgroup or "s0")[1:])
        yield _SCHEMES[number][0], match.start(), match.end()


def read_regions(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield `(province, start, end)` for every mention of a province in `text`."""
    for match in _REGION.finditer(text):
        yield match.group(), match.start(), match.end()


def read_years(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield `(year, start, end)` for every year in `text`."""
    for match in _YEAR.finditer(text):
        yield match[1], match.start(1), match.end(1)


def article_facts(text: str, spans: Sequence[tuple[int, int]]) -> tuple[Fact, ...]:
    """Return years, schemes and regions in the kept `spans` of a page, each value once, at its first mention."""
    found: dict[tuple[str, str], Fact] = {}
    for start, end in spans:
        kept = text[start:end]
        readers: Iterable[tuple[str, Iterator[tuple[str, int, int]]]] = (
            ("year", read_years(kept)),
            ("scheme", read_schemes(kept)),
            ("region", read_regions(kept)),
        )
        for kind, mentions in readers:
            for value, left, right in mentions:
                fact = Fact(kind, value, start + left, start + right, kept[left:right])
                found.setdefault((kind, value), fact)
    return tuple(sorted(found.values(), key=lambda fact: (fact.kind, fact.start, fact.value)))


def capture_date(text: str, snippets: Sequence[tuple[str, int, int]]) -> Fact | None:
    """Return the date that at least four in five snippets `(date, start, end)` share, or None.

    A single snippet proves nothing: its date may be its own.
    """
    dates = Counter(date for date, _, _ in snippets if _FULL_DATE.fullmatch(date))
    if len(snippets) < 2 or not dates:
        return None
    shared, count = dates.most_common(1)[0]
    if count < 2 or count < 0.8 * len(snippets):
        return None
    for said, start, end in snippets:
        if said == shared:
            for match in _FULL_DATE.finditer(text, start, end):
                if iso_date(match.group()) == shared:
                    return Fact("captured", shared, match.start(), match.end(), match.group())
    return None


def iso_date(text: str) -> str | None:
    """Return the first full date in `text` as `YYYY-MM-DD`, or None."""
    match = _FULL_DATE.search(text)
    if not match:
        return None
    try:
        return date(*(int(part) for part in match.groups())).isoformat()
    except ValueError:  # no such day
        return None
