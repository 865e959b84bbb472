"""Collocates: the words that stand near a word more often than chance would have them.

Nothing is segmented, so the window is counted in characters: a collocate lies left or right of the word in the same
passage, whole and not overlapping it, with fewer than `window` characters between them; ten characters are some five
words of running Chinese. Surface co-occurrence as by Evert (2008): each place of the collocate counts once, however
many places of the word are near, and the table of four cells is that of all places where a word of its length can
stand: in some window or in none, with the collocate or without.
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
# A word that stands fewer times beside another one says nothing (Evert 2008 asks for 3 to 5).
MIN_COUNT = 3
# Chance alone gives one pair of words in twenty a greater G2; those below are left out.
MIN_G2 = 3.84
# Of a word with more places about as many are read, in evenly spaced passages: 20,000 take half a second, and the order
# moves no more.
MOST_PLACES = 20_000
_SIDES = (-1, 1)  # left, right
_Ints = NDArray[np.int64]
# Which word beside which place of the word asked for, where it starts, how many characters are between: (pairs,) each.
_Near = tuple[_Ints, _Ints, _Ints, _Ints]


@dataclass(frozen=True, slots=True)
class Collocate:
    """A word near the one asked for: `count` of its `frequency` places in the sub-corpus, `left` and `right` of it.

    A place between two places of the word is right or left of the nearer one, left where both are equally near.
    `expected` places by chance; `g2` log-likelihood (Dunning 1993); `mi` = log2(count / expected);
    `dice` is logDice = 14 + log2(2 f(x,y) / (f(x) + f(y))) (Rychlý 2008), where f(x,y) is the smaller one of `count`
    and the places of the word with the collocate near, so it is 14 at most. `texts` are the articles with such a place,
    near-identical ones counted once.
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
    """The collocates of `word`, by log-likelihood. Of its `places`, `read` were looked at; counts are of those.

    `frequency` of a collocate is that of the whole sub-corpus all the same.
    """

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
        rows = [{**of, **asdict(row)} for row in self.rows]
        return pd.DataFrame(rows, columns=[*of, *Collocate.__slots__])


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

    Each has `min_count` places there and a G2 of `min_g2` at least. Of a word with more than `most_places` places about
    as many are read: those in every so manieth passage, and all else is counted in these passages too. None reads all.
    """
    if not 0 < window <= MAX_WINDOW:
        raise ValueError(f"window is {window}, expected 1 to {MAX_WINDOW} characters")
    where = where or Filters()
    of = extent(kb, where)
    found = places_of(kb, word, of)
    counts = kb.words
    totals = counts.articles.totals(of.inside) if where else counts.totals
    among = of.inside[kb.article_of]
    read, frequency = found, totals
    if most_places is not None and len(found.at) > most_places:
        among = _spaced(among, most_places / len(found.at))
        read, frequency = _in(found, among), counts.passages.totals(among)
    near = [_beside(kb, read, len(found.phrase), window, side) for side in _SIDES]
    nodes = _distinct([words for words, _, _, _ in near], [of_place for _, of_place, _, _ in near], len(totals))
    rows_, starts, sides = _once(near, len(kb.letters.codes))
    left, right = (np.bincount(rows_[sides == side], minlength=len(totals)) for side in _SIDES)
    originals = kb.article_originals[kb.article_of[kb.corpus_text.rows_of(starts)]]
    texts = _distinct([rows_], [originals], len(totals))
    count = left + right
    chosen = np.flatnonzero(count >= max(1, min_count))
    lengths = np.array([len(counts.words[row]) for row in chosen.tolist()], dtype=np.int64)
    slots, room = _room(kb, read, window, lengths, kb.passage_chars[among])
    expected = frequency[chosen] * slots / room
    more = count[chosen] > expected
    chosen, slots, room, expected = chosen[more], slots[more], room[more], expected[more]
    g2 = log_likelihood(count[chosen], frequency[chosen] - count[chosen], slots, room - slots)
    both = np.minimum(count, nodes)[chosen]
    dice = 14 + np.log2(2 * both / (len(read.at) + frequency[chosen]))
    mi = np.log2(count[chosen] / expected)
    rows = [
        Collocate(
            counts.words[row],
            int(count[row]),
            int(left[row]),
            int(right[row]),
            int(totals[row]),
            float(expected[at]),
            float(g2[at]),
            float(dice[at]),
            float(mi[at]),
            int(texts[row]),
        )
        for at, row in enumerate(chosen.tolist())
        if g2[at] >= min_g2
    ]
    rows.sort(key=lambda row: (-row.g2, row.word))
    return Collocates(kb.build, where, found.phrase, window, len(found.at), len(read.at), tuple(rows))


def _spaced(among: NDArray[np.bool_], share: float) -> NDArray[np.bool_]:
    """Return a `share` of the passages `among`, evenly spaced."""
    steps = np.floor(np.cumsum(among) * share)
    chosen: NDArray[np.bool_] = among & (np.diff(steps, prepend=0) > 0)
    return chosen


def _in(found: Places, among: NDArray[np.bool_]) -> Places:
    kept = among[found.passages]
    return Places(found.phrase, *(array[kept] for array in (found.at, found.passages, found.articles, found.inside)))


def _once(near: Sequence[_Near], chars: int) -> tuple[_Ints, _Ints, _Ints]:
    """Return each place of a collocate once, with the nearest place of the word: which word, its start, which side."""
    keys = []
    for side, (words, _, starts, distances) in zip(_SIDES, near, strict=True):
        keys.append(((words * chars + starts) * MAX_WINDOW + distances) * 2 + (side > 0))
    key = np.sort(np.concatenate(keys))
    place = key // (2 * MAX_WINDOW)
    first = np.flatnonzero(np.diff(place, prepend=-1))
    words, starts = np.divmod(place[first], max(1, chars))
    return words, starts, np.where(key[first] % 2, *reversed(_SIDES))


def _room(
    kb: KnowledgeBase, read: Places, window: int, lengths: _Ints, chars: NDArray[np.integer]
) -> tuple[_Ints, _Ints]:
    """Return at how many places a word of each length can stand: inside some window, and in the passages at all.

    `chars` are the lengths of the passages that are read.
    """
    firsts = kb.corpus_text.starts[read.passages]
    lasts = kb.corpus_text.starts[read.passages + 1] - 1
    slots, room = np.zeros(len(lengths), dtype=np.int64), np.zeros(len(lengths), dtype=np.int64)
    for length in np.unique(lengths).tolist():
        ends = read.at + len(read.phrase)
        begins = np.concatenate([ends, np.maximum(firsts, read.at - length - window + 1)])
        stops = np.concatenate([np.minimum(ends + window, lasts - length + 1), read.at - length + 1])
        order = np.argsort(begins, kind="stable")
        begins, stops = begins[order], stops[order]
        covered = np.concatenate([[0], np.maximum.accumulate(stops)[:-1]])  # windows overlap: each place once
        slots[lengths == length] = np.maximum(0, stops - np.maximum(begins, covered)).sum()
        room[lengths == length] = np.maximum(0, chars - length + 1).sum()
    return slots, room


def _beside(kb: KnowledgeBase, found: Places, size: int, window: int, side: int) -> _Near:
    """Return the words left (-1) or right (1) of each place of `size` characters."""
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
    empty = np.empty(0, dtype=np.int64)
    parts = [(empty, empty, empty, empty)]
    lengths = np.array([len(word) for word in words])
    for rows, offsets in word_places(context.reshape(-1), words):
        place, column = np.divmod(offsets, len(reach) + 1)
        nearest = column if side > 0 else column + lengths[rows] - 1
        kept = near[nearest]
        rows, place, column, nearest = rows[kept], place[kept], column[kept], nearest[kept]
        distances = nearest if side > 0 else len(reach) - 1 - nearest
        parts.append((rows, place, columns[place, column], distances))
    words_, places, begins, distances = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return words_, places, begins, distances


def _distinct(of_word: Sequence[_Ints], owners: Sequence[_Ints], words: int) -> _Ints:
    """Return how many different owners each word has, shape (words,)."""
    keys = np.sort((np.concatenate(of_word) << 32) | np.concatenate(owners))  # np.unique takes ten times as long
    return np.bincount(keys[np.diff(keys, prepend=-1) > 0] >> 32, minlength=words)
