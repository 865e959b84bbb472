"""Counts the grams of texts in memory: which texts hold each gram, and how often.

No keys are sorted, which took most of the time: every place of the texts is put into the stretch of its character, then
these into the stretches of the character before (least significant digit first: Knuth, The Art of Computer Programming,
volume 3, 5.2.5). index/store/postings.py counts any number of texts, portion after portion.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.ngrams import FIRST_TOKEN, PAIR_SHIFT, token_codes
from index.products import sort_columns
from index.store.packing import MOST_TIMES

_Rows = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Postings:
    """The texts that hold gram `keys[i]` are `rows[starts[i]:starts[i + 1]]`, ascending, each `times` so often.

    `keys` are ascending; more than 255 times count as 255; `lengths` counts the grams of each text.
    """

    keys: NDArray[np.uint64]
    starts: NDArray[np.int64]
    rows: _Rows
    times: NDArray[np.uint8]
    lengths: NDArray[np.int64]


def count_postings(texts: Sequence[str]) -> Postings:
    """Return the postings of `texts`; text i is row i."""
    tokens, text_starts = token_codes(texts)
    if not len(tokens):
        none = np.zeros(0, np.int64)
        return Postings(none.astype(np.uint64), np.zeros(1, np.int64), tokens, none.astype(np.uint8), none)
    before = np.zeros_like(tokens)
    before[1:] = tokens[:-1]
    width = max(int(tokens.max()), FIRST_TOKEN) + 1
    starts, rows, before = _without_parting(*sort_columns(text_starts, tokens, before, width=width))
    # The texts in the order of their characters, and of the characters that stand before those.
    pair_starts, seconds, pair_rows = _without_parting(*sort_columns(starts, before, rows, width=width))

    characters, firsts = (np.flatnonzero(np.diff(each)) for each in (starts, pair_starts))
    is_new = np.ones(len(seconds), dtype=bool)
    np.not_equal(seconds[1:], seconds[:-1], out=is_new[1:])
    is_new[pair_starts[firsts]] = True
    pairs = np.flatnonzero(is_new)
    firsts = np.repeat(firsts, np.diff(pairs.searchsorted(pair_starts[firsts]), append=len(pairs)))
    keys = np.concatenate([characters, firsts << PAIR_SHIFT | seconds[pairs]]).astype(np.uint64)
    begins, rows = np.concatenate([starts[characters], pairs + len(rows)]), np.concatenate([rows, pair_rows])
    return Postings(keys, *_collapsed(begins, rows), _lengths(tokens, text_starts))


def _without_parting(starts: _Rows, stretches: _Rows, values: _Rows) -> tuple[_Rows, _Rows, _Rows]:
    """Return sorted columns without those of what parts two words, which are the first."""
    parting = int(starts[FIRST_TOKEN])
    return np.maximum(starts - np.int32(parting), 0), stretches[parting:], values[parting:]


def _collapsed(begins: NDArray[np.int64], rows: _Rows) -> tuple[NDArray[np.int64], _Rows, NDArray[np.uint8]]:
    """Return starts, rows and times of postings out of the rows of all occurrences; a gram's begin at `begins`."""
    is_new, begins_gram = np.ones(len(rows), dtype=bool), np.zeros(len(rows), dtype=bool)
    np.not_equal(rows[1:], rows[:-1], out=is_new[1:])
    is_new[begins] = begins_gram[begins] = True
    places = np.flatnonzero(is_new)
    gaps = np.empty_like(places)
    np.subtract(places[1:], places[:-1], out=gaps[:-1])
    gaps[-1:] = len(rows) - places[-1:]
    times = np.minimum(gaps, MOST_TIMES).astype(np.uint8)
    return np.append(np.flatnonzero(begins_gram[places]), len(places)), rows[places], times


def _lengths(tokens: _Rows, starts: _Rows) -> NDArray[np.int64]:
    """Return how many characters and bigrams each text has."""
    is_character = tokens >= FIRST_TOKEN
    grams = is_character.astype(np.uint8)
    grams[1:] += is_character[1:] & is_character[:-1]
    lengths: NDArray[np.int64] = np.add.reduceat(grams, starts[:-1], dtype=np.int64)  # no text is without its end
    return lengths
