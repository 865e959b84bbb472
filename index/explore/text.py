"""The text of all passages in one string, to be read from end to end: what concordance and word counts stand on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.explore.prepared import Part, Progress, made
from index.ngrams import fold

if TYPE_CHECKING:
    from index.kb import KnowledgeBase

# Parts two passages. It stands inside passages too, so a match that crosses one is to be looked at.
SEPARATOR = "\n"
# A character of four bytes (an emoji, a rare name) would double the memory of all others; it finds nothing here.
_RARE = re.compile("[\U00010000-\U0010ffff]")
_TEXT, _STARTS = "text.utf16", "starts.npy"


@dataclass(frozen=True, slots=True)
class CorpusText:
    """All passages of a build in search form (`ngrams.fold`), in row order with SEPARATOR between them.

    Passage `row` is `text[starts[row] : starts[row + 1] - 1]` and has the length of its source, so an offset in it is
    an offset in the passage. `starts` has shape (passages + 1,). Characters outside the basic plane are U+FFFD.
    """

    text: str
    starts: NDArray[np.int64]

    def rows_of(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the passage row in which each place of the text lies."""
        return np.searchsorted(self.starts, places, side="right") - 1

    def passage(self, row: int) -> str:
        """Return a passage in search form."""
        return self.text[self.starts[row] : self.starts[row + 1] - 1]


def corpus_text(kb: KnowledgeBase) -> CorpusText:
    """Return the text of a build. Raises NotPrepared."""
    folder = made(kb, PART)
    text = (folder / _TEXT).read_bytes().decode("utf-16-le", "surrogatepass")
    return CorpusText(text, np.load(folder / _STARTS))


def _make(kb: KnowledgeBase, folder: Path, progress: Progress) -> None:
    texts = list(kb.records.texts())
    lengths = np.array([len(text) + len(SEPARATOR) for text in texts], dtype=np.int64)
    np.save(folder / _STARTS, np.concatenate([[0], np.cumsum(lengths)]))
    folded = _RARE.sub("\ufffd", fold(SEPARATOR.join([*texts, ""])))
    (folder / _TEXT).write_bytes(folded.encode("utf-16-le", "surrogatepass"))
    progress("text", len(texts), len(texts))


PART = Part("text", ("index/explore/text.py", "index/ngrams.py"), _make, packages=("opencc",))
