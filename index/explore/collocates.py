"""Collocates: the words that stand near a word more often than chance would have them.

Nothing is segmented, so the window is counted in characters: a collocate lies left or right of the word in the same
passage, whole and not overlapping it, with fewer than `window` characters between them; ten characters are some five
words of running Chinese. Surface co-occurrence as by Evert (2008): each pair of a place of the word and a place of the
collocate counts, and the table of four cells is that of the characters inside and outside all windows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from index.explore.keyness import log_likelihood
from index.explore.places import Places, places_of
from index.explore.subcorpus import extent, name_of
from index.explore.word_places import word_places
from index.filters import Filters

if TYPE_CHECKING:
    import pandas as pd

    from index.kb import KnowledgeBase

Order = Literal["g2", "dice", "mi", "count"]
ORDERS: tuple[Order, ...] = get_args(Order)
WINDOW = 10
MAX_WINDOW = 50
# A pair that stands fewer times beside each other says nothing (Evert 2008 asks for 3 to 5).
MIN_COUNT = 3
# Chance alone gives one pair of words in twenty a greater G2; those below are left out.
MIN_G2 = 3.84
# Of a word with more places as many are read, evenly spaced: 20,000 take half a second, and the order moves no more.
MOST_PLACES = 20_000
_Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Collocate:
    """A word near the one asked for: `count` pairs, `left` and `right` of it; `frequency` places in the sub-corpus.

    `expected` pairs by chance; `g2` log-likelihood (Dunning 1993);
    `dice` is logDice = 14 + log2(2 f(x,y) / (f(x) + f(y))), at most 14 (Rychlý 2008); `mi` = log2(count / expected).
    `texts` are the articles with a pair, near-identical ones counted once.
    """

    word: str
    count: int
    left: int
    right: int
    frequency: int
    expected: float
    g2: float
    dice: float
    mi: float
    texts: int


@dataclass(frozen=True, slots=True)
class Collocates(Sequence[Collocate]):
    """The collocates of `word`, by log-likelihood. Of its `places`, `read` were looked at; counts are of those."""

    build: str
    where: Filters
    word: str
    window: int
    places: int
    read: int
    rows: tuple[Collocate, ...]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: Any) -> Any:
        return self.rows[index]

    def ordered(self, order: Order) -> tuple[Collocate, ...]:
        """Return the collocates by one of their measures, the greatest first."""
        return tuple(sorted(self.rows, key=lambda row: (-getattr(row, order), row.word)))

    def to_frame(self) -> pd.DataFrame:
        """Return one row a collocate, with build, sub-corpus and word in every row."""
        import pandas as pd

        of = {"build": self.build, "subcorpus": name_of(self.where), "node": self.word, "window": self.window}
        return pd.DataFrame([{**of, **asdict(row)} for row in self.rows])


def collocates(
    kb: KnowledgeBase,
    word: str,
    *,
    window: int = WINDOW,
    where: Filters | None = None,
    min_count: int = MIN_COUNT,
    min_g2: float = MIN_G2,
    most_places: int | None = MOST_PLACES,
) -> Collocates:
    """Return the words with fewer than `window` characters between them and `word`, more often than by chance.

    Each has `min_count` pairs and a G2 of `min_g2` at least. Of a word with more than `most_places` places as many are
    read, evenly spaced; None reads all.
    """
    if not 0 < window <= MAX_WINDOW:
        raise ValueError(f"window is {window}, expected 1 to {MAX_WINDOW} characters")
    where = where or Filters()
    of = extent(kb, where)
    found = places_of(kb, word, of)
    read = _spaced(found, most_places)
    counts = kb.words
    totals = counts.articles.totals(of.inside) if where else counts.totals
    sides = [_beside(kb, read, len(found.phrase), window, side) for side in (-1, 1)]
    left, right = (np.bincount(words, minlength=len(totals)) for words, _, _ in sides)
    slots = sum(slots for _, _, slots in sides)
    texts = _texts(kb, [(words, read.articles[of_]) for words, of_, _ in sides], len(totals))
    pairs = left + right
    # Places are a sample where the word is frequent; its collocates are then compared with that share of the text.
    share = len(read.at) / max(1, len(found.at))
    size = of.size * share
    frequency = totals * share
    expected = frequency * slots / max(1.0, size)
    rest = np.maximum(0.0, frequency - pairs)
    g2 = log_likelihood(pairs, rest, slots, max(0.0, size - slots)) if slots and size > slots else np.zeros(len(pairs))
    rows = []
    for row in np.flatnonzero((pairs >= min_count) & (pairs > expected) & (g2 >= min_g2)).tolist():
        pair, chance = int(pairs[row]), float(expected[row])
        rows.append(
            Collocate(
                counts.words[row],
                pair,
                int(left[row]),
                int(right[row]),
                int(totals[row]),
                chance,
                float(g2[row]),
                14 + float(np.log2(2 * pair / (len(read.at) + frequency[row]))),
                float(np.log2(pair / chance)),
                int(texts[row]),
            )
        )
    rows.sort(key=lambda row: (-row.g2, row.word))
    return Collocates(kb.build, where, found.phrase, window, len(found.at), len(read.at), tuple(rows))


def _spaced(found: Places, most: int | None) -> Places:
    if most is None or len(found.at) <= most:
        return found
    kept = np.linspace(0, len(found.at) - 1, most).astype(np.int64)
    return Places(found.phrase, *(array[kept] for array in (found.at, found.passages, found.articles, found.inside)))


def _beside(kb: KnowledgeBase, found: Places, size: int, window: int, side: int) -> tuple[_Ints, _Ints, int]:
    """Return the words left (-1) or right (1) of each place: which word, which place, and the size of all windows.

    The size is in characters; windows are shorter at the ends of passages.
    """
    starts, codes, words = kb.corpus_text.starts, kb.letters.codes, kb.words.words
    longest = max(map(len, words), default=1)
    reach = np.arange(window + longest - 1)
    # From the word outwards on the right; on the left in reading order as well, so the last column is the nearest.
    if side > 0:
        columns = found.at[:, None] + size + reach
        inside = columns < starts[found.passages + 1][:, None] - 1
    else:
        columns = found.at[:, None] - len(reach) + reach
        inside = columns >= starts[found.passages][:, None]
    near = reach < window if side > 0 else reach >= longest - 1
    context = np.zeros((len(found.at), len(reach) + 1), dtype=np.uint16)  # a 0 parts two places: it is in no word
    context[:, :-1] = np.where(inside, codes[np.clip(columns, 0, len(codes) - 1)], 0)
    of_word, of_place = [], []
    lengths = np.array([len(word) for word in words])
    for rows, offsets in word_places(context.reshape(-1), words):
        place, column = np.divmod(offsets, len(reach) + 1)
        nearest = column if side > 0 else column + lengths[rows] - 1
        kept = near[nearest]
        of_word.append(rows[kept])
        of_place.append(place[kept])
    empty = np.empty(0, dtype=np.int64)
    return (
        np.concatenate([*of_word, empty]),
        np.concatenate([*of_place, empty]),
        int(np.count_nonzero(inside & near)),
    )


def _texts(kb: KnowledgeBase, pairs: Sequence[tuple[_Ints, _Ints]], words: int) -> _Ints:
    """Return in how many articles, near-identical ones counted once, each word is a collocate."""
    keys = np.concatenate([(of_word << 32) | kb.article_originals[articles] for of_word, articles in pairs])
    return np.bincount(np.unique(keys) >> 32, minlength=words)
