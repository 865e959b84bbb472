"""What a point's payload says of its article, and the conditions that filters become (`index/filters.py`).

Facets are stored as the catalogue has them: places as paths with those around them, so that a place stands for all in
it; NONE where an article names none. A date is a number that sorts as the text does: 2025-04 is 20250400, and as an
upper end, which holds all of April, 20250499.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from index.catalogue import FACETS
from index.store.qdrant.points import AnyOf, Where, Within

if TYPE_CHECKING:
    from index.catalogue import Catalogue
    from index.filters import Filters

ARTICLE, DAY, ID = "article", "day", "id"
_DIGITS = 8  # of a date as a number


def article_payloads(catalogue: Catalogue) -> list[dict[str, Any]]:
    """Return what is known of each article, as points carry it; articles without a date have no DAY."""
    payloads: list[dict[str, Any]] = [{} for _ in range(catalogue.articles)]
    for facet in FACETS:
        column = catalogue.columns[facet]
        values, table = list(column.places), column.table.tocsc()
        for article, payload in enumerate(payloads):
            places = table.indices[table.indptr[article] : table.indptr[article + 1]]
            payload[facet] = [values[place] for place in np.sort(places).tolist()]
    days = [_number(day, "0") for day in catalogue.days]
    for payload, date in zip(payloads, catalogue.dates.tolist(), strict=True):
        if date >= 0:
            payload[DAY] = days[date]
    return payloads


def conditions(filters: Filters | None) -> Where:
    """Return what must hold of a point where `filters` do; nothing where there are none."""
    if not filters:
        return ()
    found: list[AnyOf | Within] = [AnyOf(facet, values) for facet in FACETS if (values := filters.chosen(facet))]
    if filters.since or filters.until:
        low = _number(filters.since, "0") if filters.since else None
        found.append(Within(DAY, low, _number(filters.until, "9") if filters.until else None))
    return tuple(found)


def _number(day: str, fill: str) -> int:
    return int(day.replace("-", "").ljust(_DIGITS, fill))
