"""Reads the groups of near-duplicates of a build and says how two of their members differ.

Groups are made when a build is made (`index/build/group.py`). A difference is told in sentences, because a sentence is
what is cited: what stands in both is a slice of both, and what one says and the other does not is shown as it stands.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Literal

from index.ngrams import fold
from ingest.learning.wording import bare
from ingest.sentences import sentence_spans

if TYPE_CHECKING:
    from index.store.records import Records

Kind = Literal["article", "passage"]
Side = Literal["both", "left", "right"]
# Copies of one sentence named beside its citation; a standing sentence is on hundreds of pages.
MAX_ELSEWHERE = 20


@dataclass(frozen=True, slots=True)
class Copy:
    """A member of a group: `similarity` is its Jaccard index with the representative, which comes first with 1.0."""

    id: str
    article_id: str
    title: str
    path: str
    as_of: str | None
    similarity: float


@dataclass(frozen=True, slots=True)
class CopyGroup:
    """Near-duplicates of one kind, the representative first. `id` is that of the representative."""

    kind: Kind
    id: str
    copies: tuple[Copy, ...]

    def as_dict(self) -> dict[str, object]:
        """Return plain values for JSON."""
        members = [{name: getattr(copy, name) for name in copy.__slots__} for copy in self.copies]
        return {"kind": self.kind, "id": self.id, "members": members}


@dataclass(frozen=True, slots=True)
class Part:
    """A sentence that `both` members have, or only the `left` or the `right` one, as it stands there."""

    side: Side
    text: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The same sentence in another passage; `start` and `end` are offsets into the text of the page `path`."""

    passage_id: str
    article_id: str
    title: str
    path: str
    start: int
    end: int
    quote: str


def read_groups(records: Records, kind: Kind = "article") -> tuple[CopyGroup, ...]:
    """Return the groups of a build, the largest first, then by the path of the representative."""
    rows = records.query(_MEMBERS[kind] + " ORDER BY group_id, place")
    groups: dict[str, list[Copy]] = {}
    for row in rows:
        copy = Copy(row["id"], row["article_id"], row["title"], row["path"], row["as_of"], row["similarity"])
        groups.setdefault(row["group_id"], []).append(copy)
    found = [CopyGroup(kind, group, tuple(copies)) for group, copies in groups.items()]
    return tuple(sorted(found, key=lambda group: (-len(group.copies), group.copies[0].path, group.id)))


def group_of(records: Records, kind: Kind, member: str) -> CopyGroup | None:
    """Return the group that an article or a passage is in, None where it is alone or does not exist."""
    rows = records.query(
        f"{_MEMBERS[kind]} WHERE group_id ="
        f" (SELECT group_id FROM {kind}_duplicates WHERE {kind}_id = ?) ORDER BY place",
        (member,),
    )
    copies = [Copy(r["id"], r["article_id"], r["title"], r["path"], r["as_of"], r["similarity"]) for r in rows]
    return CopyGroup(kind, rows[0]["group_id"], tuple(copies)) if rows else None


def text_of(records: Records, member: str) -> str | None:
    """Return the text of a passage, or the passages of an article one after the other; None for an unknown id."""
    rows = records.with_texts(
        'SELECT article_id, start, "end" FROM passages WHERE row IN (SELECT value FROM json_each(?)) ORDER BY row',
        (json.dumps([*records.rows_of([member]).values(), *records.rows_of_articles([member])]),),
    )
    return "\n".join(row["text"] for row in rows) if rows else None


def compare(left: str, right: str) -> tuple[Part, ...]:
    """Return the sentences of both texts in reading order, those that differ in width or blanks only as of both."""
    lefts, rights = _sentences(left), _sentences(right)
    matcher = SequenceMatcher(None, _forms(lefts), _forms(rights), autojunk=False)
    parts: list[Part] = []
    for _, left_start, left_end, right_start, right_end in matcher.get_opcodes():
        if _forms(lefts[left_start:left_end]) == _forms(rights[right_start:right_end]):
            parts += [Part("both", text) for text in lefts[left_start:left_end]]
        else:
            parts += [Part("left", text) for text in lefts[left_start:left_end]]
            parts += [Part("right", text) for text in rights[right_start:right_end]]
    return tuple(parts)


def find_elsewhere(records: Records, passage_id: str, quote: str) -> tuple[Elsewhere, ...]:
    """Return where the other passages of the group of `passage_id` say `quote` in the same words, the preferred first.

    So a sentence that two articles share can be cited from both, each in its own script. At most
    `MAX_ELSEWHERE` are named.
    """
    wanted = _form(fold(quote))
    found: list[Elsewhere] = []
    rows = records.with_texts(
        'SELECT passages.id, article_id, start, passages."end", articles.title, path FROM passage_duplicates'
        " JOIN passages ON passages.row = passage_row"
        " JOIN articles ON articles.id = article_id JOIN pages ON pages.id = article_id WHERE group_id ="
        " (SELECT group_id FROM passage_duplicates WHERE passage_id = ?) AND passage_id <> ? ORDER BY place",
        (passage_id, passage_id),
    )
    for row in rows:
        for start, end in sentence_spans(row["text"]):
            text = row["text"][start:end]
            if _form(fold(text)) == wanted:
                first = row["start"] + start
                found.append(
                    Elsewhere(row["id"], row["article_id"], row["title"], row["path"], first, first + len(text), text)
                )
                break
        if len(found) == MAX_ELSEWHERE:
            break
    return tuple(found)


_MEMBERS = {
    "article": (
        "SELECT group_id, place, similarity, article_id AS id, article_id, title, path, as_of FROM article_duplicates"
        " JOIN articles ON articles.id = article_id JOIN pages ON pages.id = article_id"
    ),
    "passage": (
        "SELECT group_id, place, similarity, passage_id AS id, article_id, title, path, as_of FROM passage_duplicates"
        " JOIN passages ON passages.row = passage_row JOIN articles ON articles.id = article_id"
        " JOIN pages ON pages.id = article_id"
    ),
}


def _sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


def _forms(sentences: Sequence[str]) -> list[str]:
    return [_form(sentence) for sentence in sentences]


def _form(sentence: str) -> str:
    """Return what of a sentence must be equal: its words; where it has none, itself. 1.5 is not 15."""
    return "|".join(filter(None, map(bare, sentence.replace("．", ".").split(".")))) or sentence
