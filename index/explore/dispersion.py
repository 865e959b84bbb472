"""How evenly a word stands in the articles: a word of one article and one of all may be equally frequent.

Gries' deviation of proportions (2008, normalised as by Lijffijt and Gries 2012): half the sum, over all articles, of
how far the share of the word's places in it lies from its share of the text. 0 is perfectly even, towards 1 it stands
in one small article. Range is the share of articles that have the word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from index.explore.keyness import MILLION
from index.explore.places import places_of
from index.explore.subcorpus import Extent, extent, name_of
from index.filters import Filters

if TYPE_CHECKING:
    import pandas as pd

    from index.kb import KnowledgeBase

Order = Literal["frequency", "even", "texts"]
ORDERS: tuple[Order, ...] = get_args(Order)


@dataclass(frozen=True, slots=True)
class WordFrequency:
    """How often a word stands in a sub-corpus, per million characters too, and how evenly.

    `articles` have it, `texts` counts near-identical ones once; `range` is the share of all articles, `dp` Gries'
    deviation of proportions and `dp_norm` the normalised one, nan where the word does not stand.
    """

    word: str
    count: int
    per_million: float
    articles: int
    texts: int
    range: float
    dp: float
    dp_norm: float


@dataclass(frozen=True, slots=True)
class Frequencies(Sequence[WordFrequency]):
    """The words of a sub-corpus, the most frequent first; `words` stand in it, of which some may be left out here."""

    build: str
    where: Filters
    chars: int
    articles: int
    words: int
    rows: tuple[WordFrequency, ...]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: Any) -> Any:
        return self.rows[index]

    def ordered(self, order: Order) -> tuple[WordFrequency, ...]:
        """Return the words by frequency, from the most even to the least, or by the number of articles."""
        return tuple(sorted(self.rows, key=lambda row: (*_ORDER[order](row), row.word)))

    def to_frame(self) -> pd.DataFrame:
        """Return one row a word, with the build and the name of the sub-corpus in every row."""
        import pandas as pd

        of = {"build": self.build, "subcorpus": name_of(self.where)}
        rows = [{**of, **asdict(row)} for row in self.rows]
        return pd.DataFrame(rows, columns=[*of, *WordFrequency.__slots__])


_ORDER: dict[str, Any] = {
    "frequency": lambda row: (-row.count,),
    "even": lambda row: (row.dp_norm, -row.count),
    "texts": lambda row: (-row.texts, -row.count),
}


@dataclass(frozen=True, slots=True)
class InArticle:
    """How often a word stands in one article of `chars` characters."""

    article_id: str
    title: str
    count: int
    chars: int


@dataclass(frozen=True, slots=True)
class Dispersion:
    """Where one word or phrase stands in a sub-corpus.

    `at` are its places as shares of the text, articles one after the other in the order of the build, from 0 to 1;
    `most` the articles with the most places.
    """

    build: str
    where: Filters
    frequency: WordFrequency
    chars: int
    articles: int
    at: tuple[float, ...]
    most: tuple[InArticle, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return one row."""
        import pandas as pd

        of = {"build": self.build, "subcorpus": name_of(self.where)}
        return pd.DataFrame([{**of, **asdict(self.frequency)}])


def frequencies(kb: KnowledgeBase, where: Filters | None = None, *, most: int | None = None) -> Frequencies:
    """Return the words of a sub-corpus by frequency, then code point; at most `most` of them."""
    where = where or Filters()
    of = extent(kb, where)
    counts = kb.words.articles
    total = counts.totals(of.inside) if where else kb.words.totals
    present = np.flatnonzero(total)
    order = present[np.lexsort((present, -total[present]))][:most]
    size = of.size
    rows = []
    for row in order.tolist():
        places, data = counts.of(row)
        kept = of.inside[places]
        rows.append(_frequency(kb.words.words[row], places[kept], data[kept], of, size))
    return Frequencies(kb.build, where, size, of.articles, len(present), tuple(rows))


def dispersion(kb: KnowledgeBase, word: str, where: Filters | None = None, *, most: int = 10) -> Dispersion:
    """Return where a word or phrase stands; `most` is how many articles with the most places are named."""
    where = where or Filters()
    of = extent(kb, where)
    found = places_of(kb, word, of)
    articles, counts = np.unique(found.articles, return_counts=True)
    inside = np.flatnonzero(of.inside)
    begins = np.zeros(len(of.inside), dtype=np.int64)
    begins[inside] = np.cumsum(of.chars[inside]) - of.chars[inside]
    size = of.size
    at = (begins[found.articles] + found.inside) / max(1, size)
    order = np.lexsort((articles, -counts))[:most]
    top = _named(kb, articles[order].tolist(), counts[order].tolist())
    frequency = _frequency(found.phrase, articles, counts, of, size)
    return Dispersion(kb.build, where, frequency, size, of.articles, tuple(at.tolist()), top)


def _named(kb: KnowledgeBase, articles: Sequence[int], counts: Sequence[int]) -> tuple[InArticle, ...]:
    marks = ",".join("?" * len(articles))
    found = kb.records.query(f"SELECT row, id, title FROM articles WHERE row IN ({marks})", articles)
    known = {row["row"]: row for row in found}
    return tuple(
        InArticle(known[row]["id"], known[row]["title"], count, int(kb.article_chars[row]))
        for row, count in zip(articles, counts, strict=True)
    )


def deviation(counts: NDArray[np.integer], sizes: NDArray[np.integer], size: int) -> float:
    """Return Gries' DP of a word that stands `counts` times in articles of `sizes` characters, and in no other.

    `size` is that of the whole sub-corpus; the articles without the word are the rest of it.
    """
    expected = sizes / size
    return float((np.abs(counts / counts.sum() - expected).sum() + 1 - expected.sum()) / 2)


def _frequency(
    word: str, articles: NDArray[np.integer], counts: NDArray[np.integer], of: Extent, size: int
) -> WordFrequency:
    """Return the figures of a word that stands `counts` times in `articles` of a sub-corpus."""
    count = int(counts.sum())
    dp = dp_norm = float("nan")
    if count:
        dp = deviation(counts, of.chars[articles], size)
        smallest = of.smallest / size
        dp_norm = dp / (1 - smallest) if smallest < 1 else 0.0
    return WordFrequency(
        word,
        count,
        count * MILLION / size if size else 0.0,
        len(articles),
        int(np.count_nonzero(of.single[articles])),
        len(articles) / max(1, of.articles),
        dp,
        dp_norm,
    )
