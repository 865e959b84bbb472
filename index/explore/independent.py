"""How many sources stand behind a list of passages: what was copied from page to page is one text, not many.

A text is a passage; near-identical ones, as the build grouped them (`index/build/group.py`), are one text. Two passages
of one article that say a thing in different words are two texts of one article. Of two near-identical articles the
passages may differ by more than near-identical ones do (a number was edited): then these are two texts of one article,
which is why articles are told beside texts, near-identical ones once as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.catalogue import NONE

if TYPE_CHECKING:
    from index.kb import KnowledgeBase

_Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Sources:
    """What stands behind some passages: `texts` and `articles` count near-identical ones once.

    `sites` are the known ones, `siteless` how many of the passages are of a page whose site is unknown.
    """

    passages: int
    texts: int
    articles: int
    sites: int
    siteless: int

    def as_dict(self) -> dict[str, int]:
        """Return the counts by their names, for JSON."""
        return asdict(self)


NO_SOURCES = Sources(0, 0, 0, 0, 0)
# Up to so many passages are looked up in the records. More are counted in columns of the whole base, which a list of
# hits need not wait for: they are read in half a second where there are 4,000 articles, once for an opened base.
_FEW = 500
_OF_FEW = """
WITH named AS (
  SELECT id, article_id, group_id FROM passages LEFT JOIN passage_duplicates ON passage_id = id
  WHERE row IN (SELECT value FROM json_each(?1))
), said AS (
  SELECT id, article_id, group_id FROM named UNION
  SELECT id, article_id, group_id FROM passage_duplicates JOIN passages ON row = passage_row
  WHERE ?2 AND group_id IN (SELECT group_id FROM named)
)
SELECT count(*) AS passages, count(DISTINCT ifnull(said.group_id, said.id)) AS texts,
  count(DISTINCT ifnull(copied.group_id, said.article_id)) AS articles,
  count(DISTINCT nullif(site, '')) AS sites, count(*) - count(nullif(site, '')) AS siteless
FROM said JOIN pages ON pages.id = said.article_id
LEFT JOIN article_duplicates AS copied ON copied.article_id = said.article_id
"""


def sources_of(kb: KnowledgeBase, rows: Sequence[int] | NDArray[np.integer], *, copies: bool = False) -> Sources:
    """Return what stands behind the passages of these rows; one that is named twice counts once.

    `copies` counts all near-identical passages of the base with them, for lists in which those are folded into one.
    """
    if len(rows) <= _FEW:
        return Sources(**kb.records.query(_OF_FEW, (json.dumps(np.asarray(rows).tolist()), copies))[0])
    few = np.zeros(len(kb.text_of), dtype=np.bool_)
    few[np.asarray(rows, dtype=np.int64)] = True
    if copies:
        texts = np.zeros(len(few), dtype=np.bool_)
        texts[kb.text_of[few]] = True
        few = texts[kb.text_of]
    sites = kb.site_of[few]
    return Sources(
        passages=int(np.count_nonzero(few)),
        texts=_distinct(kb.text_of[few]),
        articles=_distinct(kb.original_of[few]),
        sites=_distinct(sites[sites >= 0]),
        siteless=int(np.count_nonzero(sites < 0)),
    )


def text_numbers(kb: KnowledgeBase) -> _Rows:
    """Return a number for each passage, shape (passages,): the lowest row among those it is near-identical with."""
    return _folded(
        np.arange(kb.head["counts"]["passages"], dtype=np.int64),
        kb.records.query("SELECT group_id, passage_row AS row FROM passage_duplicates ORDER BY row"),
    )


def original_numbers(kb: KnowledgeBase) -> _Rows:
    """Return a number for the article of each passage, shape (passages,): the lowest row of its near-duplicates."""
    articles = _folded(
        np.arange(kb.catalogue.articles, dtype=np.int64),
        kb.records.query(
            "SELECT group_id, row FROM article_duplicates JOIN articles ON articles.id = article_id ORDER BY row"
        ),
    )
    return articles[kb.article_of]


def site_numbers(kb: KnowledgeBase) -> _Rows:
    """Return a number for the site of each passage, shape (passages,); -1 where it is unknown."""
    column = kb.catalogue.columns["site"]
    places, articles = column.table.tocoo().coords
    sites = np.full(kb.catalogue.articles, -1, dtype=np.int64)
    known = places != column.places.get(NONE, -1)
    sites[articles[known]] = places[known]
    return sites[kb.article_of]


def _folded(numbers: _Rows, members: Sequence[dict[str, int]]) -> _Rows:
    """Give the members of each group, in the order of their rows, the number of the first."""
    first: dict[int, int] = {}
    for member in members:
        numbers[member["row"]] = first.setdefault(member["group_id"], member["row"])
    return numbers


def _distinct(numbers: _Rows) -> int:
    """Count different numbers from 0 upwards; marking them is ten times as fast as sorting a quarter of a million."""
    return int(np.count_nonzero(np.bincount(numbers))) if len(numbers) else 0


def sources_of_ids(kb: KnowledgeBase, ids: Iterable[str]) -> Sources:
    """Return what stands behind passages and articles of these ids; of an article all its passages count."""
    wanted = list(ids)
    return sources_of(kb, [*kb.records.rows_of(wanted).values(), *kb.records.rows_of_articles(wanted)])
