"""A sub-corpus: the articles that meet some filters, under a name, with what stands in it counted.

A researcher compares sub-corpora, so each says how large it is and how many texts in it are not copies of another one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.explore.independent import Sources, sources_of
from index.filters import BANDS, FACETS, NONE, Filters, allowed_articles

if TYPE_CHECKING:
    import pandas as pd

    from index.kb import KnowledgeBase

WHOLE = "全部"
_NOTHING_OF = {"region": "未提地区", "scheme": "未提险种", "year": "未提年份", "site": "来源不明"}
_BAND_NAMES = dict(zip(BANDS, ("清洗可靠", "清洗存疑"), strict=True))


@dataclass(frozen=True, slots=True)
class Subcorpus:
    """What meets `filters` in a build, counted. `chars` are all characters of the passages, `sources` all of them."""

    build: str
    filters: Filters
    name: str
    articles: int
    passages: int
    chars: int
    sources: Sources

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "build": self.build,
            "name": self.name,
            "filters": self.filters.as_dict(),
            "articles": self.articles,
            "passages": self.passages,
            "chars": self.chars,
            "texts": self.sources.texts,
            "sites": self.sources.sites,
        }

    def to_frame(self) -> pd.DataFrame:
        """Return one row, to be put under those of other sub-corpora."""
        import pandas as pd

        return pd.DataFrame([{key: value for key, value in self.as_dict().items() if key != "filters"}])


def subcorpus(kb: KnowledgeBase, where: Filters | None = None) -> Subcorpus:
    """Return what meets the filters, the whole corpus for None."""
    where = where or Filters()
    articles = allowed_articles(kb.catalogue, where)
    passages = articles[kb.article_of]
    rows = np.flatnonzero(passages)
    return Subcorpus(
        build=kb.build,
        filters=where,
        name=name_of(where),
        articles=int(np.count_nonzero(articles)),
        passages=len(rows),
        chars=int(kb.passage_chars[rows].sum()),
        sources=sources_of(kb, rows),
    )


def name_of(filters: Filters) -> str:
    """Return the name of a sub-corpus, made of what was chosen: 湖南省 · 职工医保 · 2025."""
    parts = [_value_name(facet, value) for facet in FACETS for value in filters.chosen(facet)]
    parts += [f"{filters.since} 起"] if filters.since else []
    parts += [f"到 {filters.until}"] if filters.until else []
    return " · ".join(parts) or WHOLE


def passage_chars(kb: KnowledgeBase) -> NDArray[np.int64]:
    """Return how many characters each passage has, shape (passages,)."""
    rows = kb.records.stream('SELECT "end" - start AS chars FROM passages ORDER BY row')
    return np.fromiter((row["chars"] for row in rows), dtype=np.int64)


def _value_name(facet: str, value: str) -> str:
    if value == NONE:
        return _NOTHING_OF.get(facet, value)
    if facet == "confidence":
        return _BAND_NAMES.get(value, value)
    return value.replace("/", " ") if facet == "region" else value


@dataclass(frozen=True, slots=True)
class Extent:
    """The articles of a sub-corpus: `inside` says which, `single` which of them count where copies count once.

    `chars` has the characters of every article of the build, inside or not; all three are of shape (articles,). `size`
    are the characters of all `articles` inside, `smallest` those of the shortest.
    """

    inside: NDArray[np.bool_]
    single: NDArray[np.bool_]
    chars: NDArray[np.int64]
    size: int
    articles: int
    smallest: int


def extent(kb: KnowledgeBase, where: Filters | None = None) -> Extent:
    """Return the articles that meet the filters, all for None."""
    return extent_of(kb, allowed_articles(kb.catalogue, where or Filters()))


def extent_of(kb: KnowledgeBase, inside: NDArray[np.bool_]) -> Extent:
    """Return these articles; of near-identical ones the first counts."""
    originals = kb.article_originals
    first = np.full(len(originals), len(originals))
    np.minimum.at(first, originals[inside], np.flatnonzero(inside))
    single = np.zeros(len(inside), dtype=np.bool_)
    single[first[first < len(originals)]] = True
    within = kb.article_chars[inside]
    smallest = int(within.min(initial=within.sum()))
    return Extent(inside, single, kb.article_chars, int(within.sum()), len(within), smallest)


def article_chars(kb: KnowledgeBase) -> NDArray[np.int64]:
    """Return how many characters the passages of each article have, shape (articles,)."""
    chars = np.bincount(kb.article_of, kb.passage_chars, minlength=kb.catalogue.articles)
    return chars.astype(np.int64)


def article_originals(kb: KnowledgeBase) -> NDArray[np.int64]:
    """Return a number for each article, the same for near-identical ones, shape (articles,)."""
    numbers = np.arange(kb.catalogue.articles, dtype=np.int64)
    numbers[kb.article_of] = kb.original_of
    return numbers
