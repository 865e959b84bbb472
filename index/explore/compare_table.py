"""A comparison as a table to take home: one row a cell, its statement whole, the places of its sentences beside it."""

from __future__ import annotations

from index.explore.compare import Comparison
from index.table import Origin, Table

_COLUMNS = (
    *("state", "statement", "as_of", "title", "path", "start", "end", "confidence", "figures", "others"),
    *("passages", "texts", "articles", "sites", "articles_of_value", "is_shared", "passage_id", "other_passage_ids"),
)
# What a person reads of a cell on a page of paper, behind its values; the rest is data.
_SHOWN = ("statement", "title", "as_of", "state", "passage_id")


def comparison_table(found: Comparison, origin: Origin) -> Table:
    """Return the cells in reading order. A statement of several sentences has them in its order, a line each.

    `start` and `end` are where its first sentence begins and its last one ends in the page `path`; a cell that states
    nothing has none of this. `others` are sentences of the cell with other figures. `Comparison.to_frame` has a row for
    each sentence with its own place.
    """
    facets = (found.by, found.across) if found.across else (found.by,)
    rows = []
    for cell in found.cells:
        values = (cell.value, cell.column) if found.across else (cell.value,)
        first = cell.citations[0] if cell.citations else None
        sources = cell.sources if first else None
        rows.append(
            (
                *values,
                cell.state,
                "\n".join(citation.quote for citation in cell.citations) or None,
                first and first.as_of,
                first and first.title,
                first and first.path,
                min((citation.start for citation in cell.citations), default=None),
                max((citation.end for citation in cell.citations), default=None),
                cell.confidence,
                list(cell.figures),
                [citation.quote for citation in cell.others],
                *((sources.passages, sources.texts, sources.articles, sources.sites) if sources else (None,) * 4),
                cell.articles,
                cell.is_shared,
                first and first.passage_id,
                [citation.passage_id for citation in cell.others],
            )
        )
    columns, shown = (*facets, *_COLUMNS), (*facets, *_SHOWN)
    return Table("compare", columns, rows, origin, title=found.question, shown=shown)
