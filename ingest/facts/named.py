"""Reads which schemes and places a text names: a question as well as the passages of an article.

Years are read by `years`, which place a name means is decided by `region_mentions`. A search needs no more than this of
how facts are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.facts.region_mentions import find_regions
from ingest.facts.regions import load_divisions

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
# A search for the alternatives themselves tries all of them at every character and takes ten times as long.
_SCHEME_START = re.compile(r"[城居企职养新农医大生失工长灵异](?=[镇乡民业工老型村农疗病育伤期护活地])")
_SCHEME = re.compile("|".join(f"(?P<s{number}>{pattern})" for number, (_, pattern) in enumerate(_SCHEMES)))


def read_schemes(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield `(scheme, start, end)` for every mention of a scheme in `text`."""
    end = 0
    for start in _SCHEME_START.finditer(text):
        match = _SCHEME.match(text, start.start()) if start.start() >= end else None
        if match:
            end = match.end()
            number = int((match.lastgroup or "s0")[1:])
            yield _SCHEMES[number][0], match.start(), end


def read_regions(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield `(path, start, end)` for every mention of a place in `text` that means one division."""
    divisions = load_divisions()
    for mention in find_regions(text, [(0, len(text))]):
        if len(mention.codes) == 1 and not mention.is_hint:
            yield divisions.path(mention.codes[0]), mention.start, mention.end
