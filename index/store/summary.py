"""Keeps what every search needs to know of all articles, so that opening a build need not ask its records.

That is how many passages each article has, which says to which article a passage belongs, and the words that titles
and headings share (index/question/vocabulary.py says what for).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from index.store import StoreError
from index.store.vocabulary import DAMAGED

PASSAGES_FILE, WORDS_FILE = "passages.npy", "words.json"
_REBUILD = "run `policykb rebuild --full`"


def write_summary(folder: Path, passages: ArrayLike, words: Mapping[str, int]) -> None:
    """Write how many `passages` each article has (articles,), and `words` with the number of their places."""
    np.save(folder / PASSAGES_FILE, np.asarray(passages, dtype=np.int32), allow_pickle=False)
    (folder / WORDS_FILE).write_text(json.dumps(words, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


def read_article_of(folder: Path, passages: int) -> NDArray[np.int64]:
    """Return the article row of each of so many passages, which stand in the order of articles. Raises StoreError."""
    file = folder / PASSAGES_FILE
    try:
        counts = np.load(file, allow_pickle=False)
        article_of = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    except DAMAGED as error:
        raise StoreError(f"{file}: cannot be read ({error}); {_REBUILD}") from error
    if len(article_of) != passages:
        raise StoreError(f"{file}: counts {len(article_of)} passages, expected {passages}; {_REBUILD}")
    return article_of


def read_words(folder: Path) -> dict[str, int]:
    """Return the words that titles share with the number of their places. Raises StoreError."""
    file = folder / WORDS_FILE
    try:
        words = json.loads(file.read_text(encoding="utf-8"))
        if not (isinstance(words, dict) and all(type(places) is int for places in words.values())):
            raise ValueError("found no words with numbers")
    except (OSError, ValueError, RecursionError) as error:
        raise StoreError(f"{file}: cannot be read ({error}); {_REBUILD}") from error
    return words
