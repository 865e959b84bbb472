"""How often a word is used over time: by the date of the articles, or by the years they speak of.

Every point says how many articles stand behind it, with intervals of 95 %: of the relative frequency by Poisson
(Garwood 1936), of the share of articles by Wilson (1927). The first takes places for independent, which those of one
article are not, so it is rather too narrow; the second counts articles.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from index.catalogue import NONE
from index.explore.keyness import MILLION
from index.explore.places import places_of
from index.explore.subcorpus import Extent, extent, name_of
from index.filters import Filters

if TYPE_CHECKING:
    import pandas as pd

    from index.kb import KnowledgeBase

By = Literal["captured", "year"]
BYS: tuple[By, ...] = get_args(By)
# With fewer articles a single one moves the figure by a tenth or more.
SMALL = 10
_Z = 1.959963984540054  # of the normal distribution, for 95 %


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """A period with `articles`, of which `with_word` have the word and `texts` do where near-identical ones count once.

    `per_million` characters with its interval, `share` of the articles with its own. `is_small`: fewer than SMALL.
    """

    period: str
    articles: int
    with_word: int
    texts: int
    count: int
    chars: int
    per_million: float
    low: float
    high: float
    share: float
    share_low: float
    share_high: float
    is_small: bool


@dataclass(frozen=True, slots=True)
class Trend:
    """The periods in which there are articles, the earliest first; `undated` articles are in none.

    By `year` an article counts in every year that it names, by `captured` once: in the month of its date, or the year
    where the months have fewer than SMALL articles on average.
    """

    build: str
    where: Filters
    word: str
    by: By
    points: tuple[TrendPoint, ...]
    undated: int

    @property
    def is_small(self) -> bool:
        """Whether some period has too few articles to be compared."""
        return any(point.is_small for point in self.points)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a period, with build, sub-corpus and word in every row."""
        import pandas as pd

        of = {"build": self.build, "subcorpus": name_of(self.where), "word": self.word, "by": self.by}
        rows = [{**of, **asdict(point)} for point in self.points]
        return pd.DataFrame(rows, columns=[*of, *TrendPoint.__slots__])


def trend(kb: KnowledgeBase, word: str, by: By = "captured", where: Filters | None = None) -> Trend:
    """Return how often a word or phrase stands in the articles of each period; see `Trend`."""
    if by not in BYS:
        raise ValueError(f"by is {by!r}, expected {' or '.join(BYS)}")
    where = where or Filters()
    of = extent(kb, where)
    found = places_of(kb, word, of)
    counts = np.bincount(found.articles, minlength=len(of.inside))
    periods, articles, owner = _captured(kb, of) if by == "captured" else _named(kb, of)
    number = np.bincount(owner, minlength=len(periods))
    have = np.bincount(owner, counts[articles] > 0, len(periods)).astype(np.int64)
    texts = _texts(kb, articles[counts[articles] > 0], owner[counts[articles] > 0], len(periods))
    places = np.bincount(owner, counts[articles], len(periods)).astype(np.int64)
    chars = np.bincount(owner, of.chars[articles], len(periods)).astype(np.int64)
    points = []
    for row, period in enumerate(periods):
        if not number[row]:
            continue
        low, high = poisson_interval(int(places[row]))
        scale = MILLION / max(1, int(chars[row]))
        share_low, share_high = wilson_interval(int(have[row]), int(number[row]))
        points.append(
            TrendPoint(
                period,
                int(number[row]),
                int(have[row]),
                int(texts[row]),
                int(places[row]),
                int(chars[row]),
                float(places[row] * scale),
                low * scale,
                high * scale,
                float(have[row] / number[row]),
                share_low,
                share_high,
                bool(number[row] < SMALL),
            )
        )
    undated = of.articles - len(np.unique(articles))
    return Trend(kb.build, where, found.phrase, by, tuple(points), undated)


def poisson_interval(count: int) -> tuple[float, float]:
    """Return the exact interval of 95 % of a Poisson rate of which `count` were seen (Garwood 1936)."""
    from scipy.special import gammaincinv

    return (float(gammaincinv(count, 0.025)) if count else 0.0), float(gammaincinv(count + 1, 0.975))


def wilson_interval(count: int, number: int) -> tuple[float, float]:
    """Return the interval of 95 % of a share of which `count` of `number` were seen (Wilson 1927)."""
    share = count / number
    centre = share + _Z * _Z / (2 * number)
    spread = _Z * np.sqrt(share * (1 - share) / number + _Z * _Z / (4 * number * number))
    scale = 1 + _Z * _Z / number
    low = float((centre - spread) / scale) if count else 0.0  # rounding must not take the share out of its interval
    high = float((centre + spread) / scale) if count < number else 1.0
    return low, high


_Ints = NDArray[np.int64]


def _captured(kb: KnowledgeBase, of: Extent) -> tuple[list[str], _Ints, _Ints]:
    """Return the months of the dates, years where a month has few articles, and pairs of article and period."""
    dates = kb.catalogue.dates
    articles = np.flatnonzero(of.inside & (dates >= 0))
    days = kb.catalogue.days
    months = {days[day][:7] for day in np.unique(dates[articles]).tolist()}
    size = len("2025-04") if len(articles) >= SMALL * len(months) else len("2025")
    periods = sorted({day[:size] for day in days})
    of_day = np.array([periods.index(day[:size]) for day in days], dtype=np.int64)
    return periods, articles, of_day[dates[articles]] if len(days) else articles


def _named(kb: KnowledgeBase, of: Extent) -> tuple[list[str], _Ints, _Ints]:
    """Return the years that articles name, and pairs of article and year."""
    column = kb.catalogue.columns["year"]
    periods = sorted(year for year in column.places if year != NONE)
    articles, owners = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for owner, year in enumerate(periods):
        named = np.flatnonzero(column.having([year]) & of.inside)
        articles.append(named)
        owners.append(np.full(len(named), owner))
    return periods, np.concatenate(articles), np.concatenate(owners)


def _texts(kb: KnowledgeBase, articles: _Ints, owner: _Ints, periods: int) -> _Ints:
    keys = np.unique((owner << 32) | kb.article_originals[articles])
    return np.bincount(keys >> 32, minlength=periods)
