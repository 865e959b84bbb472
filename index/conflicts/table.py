"""The statements of all passages of a build in columns: read once, in the order in which they stand."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from index.conflicts.bounds import BOUNDS
from index.conflicts.conditions import Span
from index.conflicts.figures import UNITS
from index.conflicts.statements import Statement, read_statements
from index.conflicts.wording import wording_of
from index.ngrams import fold
from index.places import places_for
from ingest.facts.named import read_regions

if TYPE_CHECKING:
    import pandas as pd

    from index.kb import KnowledgeBase

_STEP = 2_000
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?=\s?年)")


@dataclass(frozen=True, slots=True)
class _Above:
    """What stands over the passages of an article: its title, folded, its places and where its text names them."""

    title: str
    places: tuple[str, ...]
    named: tuple[tuple[int, int, str], ...]
    years: tuple[str, ...]


def read_table(kb: KnowledgeBase, progress: Callable[[int, int], None] = lambda done, total: None) -> pd.DataFrame:
    """Return one row a statement, in the order of passages and offsets; all offsets are into the passage.

    Columns: row (of the passage), start and end of the quote, figure_start, figure_end, value, value_to (NaN), unit,
    bound, per, matter, by_cases, is_rule, condition_start and condition_end (-1), facets, spans and wording (what
    statements are compared by), place and year ("" where none is said).
    """
    import pandas as pd

    corpus, articles = kb.corpus_text, list(_articles(kb))
    total = kb.head["counts"]["passages"]
    columns: dict[str, list[Any]] = {name: [] for name in _COLUMNS}
    passages = kb.records.stream("SELECT row, start, heading_path FROM passages ORDER BY row")
    for row, first, path in passages:
        above = articles[int(kb.article_of[row])]
        headings = [fold(heading) for heading in reversed(json.loads(path))]
        text = corpus.passage(row)
        for statement in read_statements(text, (*headings, above.title)):
            _add(columns, row, statement, text, _place(above, first, statement), _year(above, text, statement))
        if row % _STEP == 0:
            progress(row, total)
    frame = pd.DataFrame(columns)
    for name in ("unit", "bound"):
        frame[name] = pd.Categorical(frame[name], categories=UNITS if name == "unit" else BOUNDS)
    for name in ("per", "matter", "facets", "spans", "wording", "place", "year"):
        frame[name] = pd.Categorical(frame[name], categories=sorted(set(frame[name])))
    return frame.astype(dict.fromkeys(_NUMBERS, "int32"))


_NUMBERS = ("row", "start", "end", "figure_start", "figure_end", "condition_start", "condition_end")
_COLUMNS = (
    *("row", "start", "end", "figure_start", "figure_end", "value", "value_to", "unit", "bound", "per", "matter"),
    *(
        "is_known",
        "by_cases",
        "is_rule",
        "condition_start",
        "condition_end",
        "facets",
        "spans",
        "wording",
        "place",
        "year",
    ),
)


def _add(columns: Mapping[str, list[Any]], row: int, statement: Statement, text: str, place: str, year: str) -> None:
    figure = statement.figure
    condition = statement.condition or (-1, -1)
    values = (
        *(row, statement.start, statement.end, figure.start, figure.end, figure.value),
        *(float("nan") if figure.value_to is None else figure.value_to, figure.unit, figure.bound, figure.per or ""),
        *(statement.matter, statement.is_known, statement.by_cases, statement.is_rule, *condition),
        *(write_facets(statement.facets), write_spans(statement.spans), wording_of(text, statement), place, year),
    )
    for name, value in zip(_COLUMNS, values, strict=True):
        columns[name].append(value)


def write_facets(facets: Mapping[str, frozenset[str]]) -> str:
    """Return facets as one text: `field=医保;who=退休|在职`."""
    return ";".join(f"{facet}={'|'.join(sorted(values))}" for facet, values in sorted(facets.items()))


def read_facets(text: str) -> dict[str, frozenset[str]]:
    """Return what `write_facets` wrote."""
    pairs = (part.split("=") for part in text.split(";") if part)
    return {facet: frozenset(values.split("|")) for facet, values in pairs}


def write_spans(spans: Sequence[Span]) -> str:
    """Return the numbers of a condition as one text."""
    return ";".join(f"{family}:{low:.12g}:{high:.12g}" for family, low, high in spans)


def read_spans(text: str) -> tuple[Span, ...]:
    """Return what `write_spans` wrote."""
    parts = (part.split(":") for part in text.split(";") if part)
    return tuple((family, float(low), float(high)) for family, low, high in parts)


def _articles(kb: KnowledgeBase) -> Iterator[_Above]:
    """Yield what is known of each article in the order of their rows."""
    facts: dict[str, list[tuple[str, str, int, int]]] = {}
    for article, kind, value, start, end in kb.records.stream(
        "SELECT article_id, kind, value, start, end FROM facts WHERE kind IN ('region', 'region_hint', 'year')"
        " ORDER BY article_id, start"
    ):
        facts.setdefault(article, []).append((kind, value, start, end))
    for article, title in kb.records.stream("SELECT id, title FROM articles ORDER BY row"):
        known = facts.get(article, [])
        regions = list(dict.fromkeys(value for kind, value, *_ in known if kind == "region"))
        titled = {path for path, _, _ in read_regions(title)}
        places = places_for(title, regions) if titled or len(regions) == 1 else ()
        named = tuple((start, end, value) for kind, value, start, end in known if kind == "region" and start >= 0)
        folded = fold(title)
        yield _Above(folded, places, named, tuple(dict.fromkeys(_YEAR.findall(folded))))


def _place(above: _Above, first: int, statement: Statement) -> str:
    """Return the place that a statement is for: one that its sentence names, else that of its article."""
    start, end = first + statement.start, first + statement.end
    said = [value for left, right, value in above.named if start <= left and right <= end]
    paths = [path.replace("/", "") for path in said if not any(other.startswith(f"{path}/") for other in said)]
    return "、".join(dict.fromkeys(paths or above.places))


def _year(above: _Above, text: str, statement: Statement) -> str:
    """Return the years that the sentence of a statement names, else those of the title."""
    said = _YEAR.findall(text[statement.start : statement.end])
    return "、".join(sorted(set(said or above.years)))
