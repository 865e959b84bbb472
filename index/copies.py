"""Names the near-identical passages behind hits, and tells the words in which two of them differ.

Groups are made when a build is made (`index/build/group.py`); `index/duplicates.py` reads whole groups and compares
articles sentence by sentence. Here are the few copies of the hits of one page, read together, and a comparison fine
enough for one paragraph: its words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import TYPE_CHECKING, Literal

from index.ngrams import fold

if TYPE_CHECKING:
    from index.hits import Hit
    from index.store.records import Records

Sign = Literal["=", "-", "+"]
# A clause with the mark that ends it. Clauses are aligned first: there are few, so moved and added ones cost nothing.
_CLAUSE = re.compile(r"[^，,。！？!?；;：:\n]*(?:[，,。！？!?；;：:\n]\s*|$)")
# A figure or a Latin word is one word, any other character is one; white space belongs to the word before it.
_WORD = re.compile(r"(?:\d+(?:[.,．]\d+)*[%％‰]?|[A-Za-z]+|\S)\s*|^\s+")
# Clauses that stand in each other's place are compared word by word up to this length (0.2 ms), for the time grows with
# its square; longer ones are told as a whole.
MAX_COMPARED_WORDS = 80
# Less alike, two clauses are not the same one in other words; their differing characters would be noise.
_ALIKE = 0.5
# Equal words between two changes that are read as part of one change, so that 3个月 -> 半年 is no patchwork.
_ISLAND_WORDS = 1


@dataclass(frozen=True, slots=True)
class Twin:
    """A passage that says nearly the same as a hit, with its place; `text` is whole."""

    passage_id: str
    article_id: str
    title: str
    path: str
    site: str | None
    as_of: str | None
    as_of_kind: str | None
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """Words of both texts (`=`, as the first has them), of the first alone (`-`), or of the second alone (`+`)."""

    sign: Sign
    text: str


def copies_of(records: Records, hits: Iterable[Hit], most: int) -> dict[str, tuple[Twin, ...]]:
    """Return for each hit that has any the first `most` of its near-identical passages, the preferred first."""
    wanted = {hit.passage_id: hit.duplicates[:most] for hit in hits if hit.duplicates}
    rows = records.with_texts(
        'SELECT passages.id, article_id, title, path, site, as_of, as_of_kind, start, passages."end"'
        " FROM passages JOIN articles ON articles.id = article_id JOIN pages ON pages.id = article_id"
        " WHERE passages.row IN (SELECT value FROM json_each(?))",
        (json.dumps([*records.rows_of(copy for copies in wanted.values() for copy in copies).values()]),),
    )
    known = {row["id"]: Twin(*row.values()) for row in rows}
    return {hit: tuple(known[copy] for copy in copies if copy in known) for hit, copies in wanted.items()}


def differences(shown: str, other: str) -> tuple[Change, ...]:
    """Return the words of two texts in reading order; empty where they differ in width, case, script or blanks only.

    What is `=` and what is `-` give `shown`, character for character; `=` and `+` give the words of `other`.
    """
    codes: list[_Code] = []
    ours, theirs = _CLAUSE.findall(shown), _CLAUSE.findall(other)
    for is_same, left, right in _aligned(ours, theirs):
        codes += [("=", left, "")] if is_same else _word_codes(left, right)
    told = tuple(_merged(codes))
    return told if any(change.sign != "=" for change in told) else ()


# A stretch that is equal (`=`, as the first text has it) or not (`~`), in both texts.
_Code = tuple[str, str, str]


def _aligned(left: Sequence[str], right: Sequence[str]) -> Iterator[tuple[bool, str, str]]:
    """Yield stretches of two texts given in pieces, in reading order: are they equal, and what has each text there."""
    matcher = SequenceMatcher(None, [_form(one) for one in left], [_form(one) for one in right], autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        yield tag == "equal", "".join(left[a:b]), "".join(right[c:d])


def _form(piece: str) -> str:
    """Return what of a piece must be equal: width, case, script and blanks make no difference."""
    return "".join(fold(piece).split())


def _word_codes(left: str, right: str) -> list[_Code]:
    """Return the words in which two stretches differ; the stretches as a whole where they have little in common."""
    ours, theirs = _WORD.findall(left), _WORD.findall(right)
    if not ours or not theirs or max(len(ours), len(theirs)) > MAX_COMPARED_WORDS:
        return [("~", left, right)]
    codes = [("=" if is_same else "~", a, b) for is_same, a, b in _aligned(ours, theirs)]
    equal = sum(len(_form(a)) for sign, a, _ in codes if sign == "=")
    if 2 * equal < _ALIKE * (len(_form(left)) + len(_form(right))):
        return [("~", left, right)]
    last = len(codes) - 1
    return [
        ("~", a, b) if sign == "=" and 0 < at < last and len(_form(a)) <= _ISLAND_WORDS else (sign, a, b)
        for at, (sign, a, b) in enumerate(codes)
    ]


def _merged(codes: Iterable[_Code]) -> Iterator[Change]:
    for sign, members in groupby(codes, key=lambda code: code[0]):
        run = list(members)
        ours, theirs = "".join(a for _, a, _ in run), "".join(b for _, _, b in run)
        told: tuple[tuple[Sign, str], ...] = (("=", ours),) if sign == "=" else (("-", ours), ("+", theirs))
        yield from (Change(one, text) for one, text in told if text)
