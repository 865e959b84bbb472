"""One group of statements that contradict each other, read from the records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from index.conflicts.figures import said
from index.conflicts.matters import kind_of
from index.explore.independent import Sources, sources_of

if TYPE_CHECKING:
    import pandas as pd

    from index.kb import KnowledgeBase

Difference = Literal["open", "place", "year"]
DIFFERENCES: tuple[Difference, ...] = ("open", "place", "year")
COLUMNS = (
    *("group", "matter", "value", "unit", "condition", "quote", "article_id", "start", "end", "value_to", "bound"),
    *("per", "place", "year", "as_of", "difference", "kind", "title", "site", "path", "url", "passage_id"),
    *("number_start", "number_end", "texts", "told"),
)
# SQLite bounds the variables of a statement.
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Said:
    """One statement: `quote` is the slice `[start, end)` of the page, its number `[number_start, number_end)`.

    `condition` is a slice too, or None. `copies` more statements of the group say it in the same words.
    """

    quote: str
    condition: str | None
    row: int
    passage_id: str
    article_id: str
    title: str
    path: str
    url: str | None
    site: str | None
    as_of: str | None
    place: str
    year: str
    start: int
    end: int
    number_start: int
    number_end: int
    copies: int = 0


@dataclass(frozen=True, slots=True)
class Case:
    """One value of a group and who says it, each text once. `contradicts` are places of other cases in the group."""

    value: float
    value_to: float | None
    unit: str
    bound: str
    per: str | None
    statements: tuple[Said, ...]
    texts: int
    sources: Sources
    contradicts: tuple[int, ...]

    @property
    def told(self) -> str:
        """The value as it is listed: 90, 11-30, 5–10."""
        first = said(self.value, self.unit)
        return first if self.value_to is None else f"{first}–{said(self.value_to, self.unit)}"


@dataclass(frozen=True, slots=True)
class Group:
    """Statements on one matter of which some contradict each other, the cases by their size.

    `difference` is `open`, or what tells the sides apart: their `place` or their `year`. `score` is from 0 to 1.
    """

    id: str
    matter: str
    kind: str
    difference: Difference
    score: float
    cases: tuple[Case, ...]
    texts: int
    sources: Sources


def read_said(kb: KnowledgeBase, table: pd.DataFrame) -> list[Said]:
    """Return the statements of a table (see `table.read_table`), in its order, verbatim."""
    passages: dict[int, Mapping[str, Any]] = {}
    rows = sorted(set(table["row"].tolist()))
    for first in range(0, len(rows), _BATCH):
        part = rows[first : first + _BATCH]
        for row in kb.records.with_texts(
            'SELECT passages.row, passages.id, article_id, start, "end", title, as_of, path, url, site FROM passages'
            " JOIN articles ON articles.id = article_id JOIN pages ON pages.id = article_id"
            f" WHERE passages.row IN ({','.join('?' * len(part))}) ORDER BY passages.row",
            part,
        ):
            passages[row["row"]] = row
    columns = [table[name].tolist() for name in _PLACES]
    found = []
    for row, start, end, left, right, since, until, place, year in zip(*columns, strict=True):
        passage = passages[row]
        text, first = passage["text"], passage["start"]
        found.append(
            Said(
                quote=text[start:end],
                condition=text[since:until] if since >= 0 else None,
                row=row,
                passage_id=passage["id"],
                article_id=passage["article_id"],
                title=passage["title"],
                path=passage["path"],
                url=passage["url"],
                site=passage["site"],
                as_of=passage["as_of"],
                place=place,
                year=year,
                start=first + start,
                end=first + end,
                number_start=first + left,
                number_end=first + right,
            )
        )
    return found


_PLACES = (*("row", "start", "end", "figure_start", "figure_end", "condition_start", "condition_end", "place", "year"),)


def read_group(
    kb: KnowledgeBase,
    table: pd.DataFrame,
    statements: Sequence[Said],
    contradictions: Mapping[int, set[int]],
    difference: Difference,
    score: float,
) -> Group:
    """Return a group of the rows `table`, as `statements`; `contradictions` are the cells that a cell is against."""
    columns = zip(
        *(table[name].tolist() for name in ("value", "value_to", "unit", "bound", "per", "cell")), strict=True
    )
    members: dict[tuple[Any, ...], list[int]] = {}
    cells: dict[tuple[Any, ...], set[int]] = {}
    for place, (value, to, unit, bound, per, cell) in enumerate(columns):
        key = (value, None if np.isnan(to) else to, unit, bound, per)
        members.setdefault(key, []).append(place)
        cells.setdefault(key, set()).add(cell)
    order = sorted(members, key=lambda key: min(cells[key]))
    rows = table["row"].to_numpy()
    cases = tuple(
        Case(
            key[0],
            key[1],
            key[2],
            key[3],
            key[4] or None,
            _folded([statements[place] for place in members[key]]),
            _texts(kb, [statements[place] for place in members[key]]),
            sources_of(kb, rows[members[key]]),
            tuple(at for at, other in enumerate(order) if _against(cells[key], cells[other], contradictions)),
        )
        for key in order
    )
    matter, unit = str(table["matter"].iloc[0]), str(table["unit"].iloc[0])
    first = min(statements, key=lambda one: (one.path, one.number_start))
    name = sha256(f"{matter} {first.path} {first.number_start}".encode()).hexdigest()[:10]
    return Group(
        name, matter, kind_of(matter, unit), difference, score, cases, _texts(kb, statements), sources_of(kb, rows)
    )


def _against(one: set[int], other: set[int], contradictions: Mapping[int, set[int]]) -> bool:
    return any(contradictions.get(cell, set()) & other for cell in one)


def _folded(statements: Sequence[Said]) -> tuple[Said, ...]:
    """Return statements, those in the same words once, those that most say first."""
    from dataclasses import replace

    same: dict[str, list[Said]] = {}
    for one in statements:
        same.setdefault("".join(one.quote.split()), []).append(one)
    ordered = sorted(same.values(), key=lambda ones: (-len(ones), ones[0].path, ones[0].start))
    return tuple(replace(ones[0], copies=len(ones) - 1) for ones in ordered)


def _texts(kb: KnowledgeBase, statements: Sequence[Said]) -> int:
    """Return how many independent texts say something: neither near-identical passages nor the same sentence twice."""
    passages = {int(kb.text_of[one.row]) for one in statements}
    return min(len(passages), len({"".join(one.quote.split()) for one in statements}))


def rows_of(number: int, group: Group) -> Iterator[tuple[Any, ...]]:
    """Yield one row a statement of a group in the order of COLUMNS."""
    for case in group.cases:
        for one in case.statements:
            yield (
                *(number, group.matter, case.value, case.unit, one.condition),
                *(one.quote, one.article_id, one.start, one.end, case.value_to, case.bound, case.per),
                *(one.place or None, one.year or None, one.as_of, group.difference, group.kind, one.title, one.site),
                *(one.path, one.url, one.passage_id, one.number_start, one.number_end, case.texts, case.told),
            )
