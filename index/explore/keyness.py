"""Keywords: the words that a sub-corpus uses more, or less, than the rest of the corpus.

Log-likelihood G2 of the table of four cells (Dunning 1993; Rayson and Garside 2000) says how sure a difference is, two
measures of effect size how large: the log ratio (Hardie 2014) and %DIFF (Gabrielatos and Marchi 2011). Characters are
the unit of size, as nothing is segmented. G2 takes words for independent, which words of one article are not (Lijffijt
et al. 2016), so its p is too small where few articles stand behind a word: how many do is told with each word, and one
that stands in fewer than MIN_TEXTS of them is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from index.explore.subcorpus import extent, extent_of, name_of
from index.filters import Filters
from ingest.problem import Problem

if TYPE_CHECKING:
    import pandas as pd

    from index.kb import KnowledgeBase

Order = Literal["keyness", "effect", "frequency", "texts"]
ORDERS: tuple[Order, ...] = get_args(Order)
# In fewer articles that are no copies of each other, a keyword would be the wording of one author.
MIN_TEXTS = 3
# What is left after the correction for the number of words.
MAX_P = 0.05
# Stands for a frequency of 0 in both effect sizes, as Hardie does; neither is infinite then.
ZERO = 0.5
MILLION = 1_000_000

_Floats = NDArray[np.float64]


class KeynessError(Problem):
    """There is nothing to compare."""


@dataclass(frozen=True, slots=True)
class Keyword:
    """A word that is more frequent in the sub-corpus (`log_ratio` above 0) or in the rest (below 0).

    `count` and `rest_count` are places, `per_million` and `rest_per_million` of them per million characters; `articles`
    are those of the sub-corpus with the word, `texts` and `rest_texts` count near-identical ones once. `p` is corrected
    (Bonferroni).
    """

    word: str
    count: int
    rest_count: int
    per_million: float
    rest_per_million: float
    g2: float
    p: float
    log_ratio: float
    diff_percent: float
    articles: int
    texts: int
    rest_texts: int


@dataclass(frozen=True, slots=True)
class Keyness(Sequence[Keyword]):
    """The keywords of a sub-corpus, positive and negative ones, the surest first; `tested` words were looked at."""

    build: str
    where: Filters
    chars: int
    rest_chars: int
    articles: int
    rest_articles: int
    tested: int
    rows: tuple[Keyword, ...]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: Any) -> Any:
        return self.rows[index]

    @property
    def positive(self) -> tuple[Keyword, ...]:
        """What the sub-corpus uses more than the rest."""
        return tuple(word for word in self.rows if word.log_ratio > 0)

    @property
    def negative(self) -> tuple[Keyword, ...]:
        """What the sub-corpus uses less than the rest."""
        return tuple(word for word in self.rows if word.log_ratio < 0)

    def ordered(self, order: Order) -> tuple[Keyword, ...]:
        """Return the keywords by sureness, size of the effect, frequency where it is higher, or articles there."""
        return tuple(sorted(self.rows, key=lambda word: (*_ORDER[order](word), word.word)))

    def to_frame(self) -> pd.DataFrame:
        """Return one row a keyword, with the build and the name of the sub-corpus in every row."""
        import pandas as pd

        of = {"build": self.build, "subcorpus": name_of(self.where)}
        rows = [{**of, **asdict(word)} for word in self.rows]
        return pd.DataFrame(rows, columns=[*of, *Keyword.__slots__])


_ORDER: dict[str, Any] = {
    "keyness": lambda word: (-word.g2,),
    "effect": lambda word: (-abs(word.log_ratio), -word.g2),
    "frequency": lambda word: (-max(word.per_million, word.rest_per_million),),
    "texts": lambda word: (-(word.texts if word.log_ratio > 0 else word.rest_texts), -word.g2),
}


def keyness(
    kb: KnowledgeBase, where: Filters | None = None, *, min_texts: int = MIN_TEXTS, max_p: float = MAX_P
) -> Keyness:
    """Return the keywords of the articles that meet `where` against all others.

    A word must stand in `min_texts` articles of the side that uses it more, near-identical ones counted once, and its
    corrected p must be at most `max_p`. Raises KeynessError without filters: then there is no rest.
    """
    if not where:
        raise KeynessError("keyness compares a sub-corpus with the rest, found no filter; expected a region, a year …")
    inside = extent(kb, where)
    rest = extent_of(kb, ~inside.inside)
    counts = kb.words.articles
    count = counts.totals(inside.inside)
    rest_count = kb.words.totals - count
    texts, rest_texts = counts.spread(inside.single), counts.spread(rest.single)
    chars, rest_chars = inside.size, rest.size
    keywords: list[Keyword] = []
    tested = np.empty(0, np.int64)
    if chars and rest_chars:
        g2 = log_likelihood(count, rest_count, chars, rest_chars)
        ratio = log_ratio(count, rest_count, chars, rest_chars)
        percent = percent_difference(count, rest_count, chars, rest_chars)
        tested = np.flatnonzero(np.where(ratio > 0, texts, rest_texts) >= min_texts)
        p = np.minimum(1.0, p_value(g2) * max(1, len(tested)))
        chosen = tested[(p[tested] <= max_p) & (ratio[tested] != 0)]
        articles = counts.spread(inside.inside)
        keywords = [
            Keyword(
                kb.words.words[row],
                int(count[row]),
                int(rest_count[row]),
                float(count[row] * MILLION / chars),
                float(rest_count[row] * MILLION / rest_chars),
                float(g2[row]),
                float(p[row]),
                float(ratio[row]),
                float(percent[row]),
                int(articles[row]),
                int(texts[row]),
                int(rest_texts[row]),
            )
            for row in chosen.tolist()
        ]
    keywords.sort(key=lambda word: (-word.g2, word.word))
    return Keyness(kb.build, where, chars, rest_chars, inside.articles, rest.articles, len(tested), tuple(keywords))


def log_likelihood(
    count: object, rest_count: object, size: float | NDArray[np.integer], rest_size: float | NDArray[np.integer]
) -> _Floats:
    """Return G2 = 2 * sum of O ln(O / E) over the four cells: the word and all else, here and in the rest.

    0 ln 0 is 0. Two corpora without the word give 0.
    """
    from scipy.special import xlogy

    a, b = np.asarray(count, dtype=np.float64), np.asarray(rest_count, dtype=np.float64)
    total = size + rest_size
    found = np.zeros(np.broadcast(a, b).shape)
    for here, there, of in ((a, b, size), (b, a, rest_size)):
        expected = np.where(here + there, (here + there) * of / total, 1.0)
        others = np.where(total - here - there, (total - here - there) * of / total, 1.0)
        found += xlogy(here, here / expected) + xlogy(of - here, (of - here) / others)
    return np.maximum(0.0, 2 * found)  # rounding may go below


def p_value(g2: object) -> _Floats:
    """Return the probability of so large a G2 by chance: chi-squared with one degree of freedom."""
    from scipy.special import erfc

    found: _Floats = erfc(np.sqrt(np.asarray(g2, dtype=np.float64) / 2))
    return found


def log_ratio(count: object, rest_count: object, size: float, rest_size: float) -> _Floats:
    """Return log2 of the ratio of the relative frequencies: 1 is twice as frequent here. 0 places count as ZERO."""
    here, there = _relative(count, size), _relative(rest_count, rest_size)
    found: _Floats = np.log2(here / there)
    return found


def percent_difference(count: object, rest_count: object, size: float, rest_size: float) -> _Floats:
    """Return by how many per cent the relative frequency here is above that of the rest. 0 places count as ZERO."""
    here, there = _relative(count, size), _relative(rest_count, rest_size)
    found: _Floats = (here - there) / there * 100
    return found


def _relative(count: object, size: float) -> _Floats:
    found: _Floats = np.where(np.asarray(count) == 0, ZERO, np.asarray(count, dtype=np.float64)) / size
    return found
