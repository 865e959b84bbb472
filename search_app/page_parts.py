"""A very long page is shown in parts, so that a browser can hold it; nothing is left out, every part has an address.

A part ends where a piece of the page (a kept span, a removal) ends, or at a line break within a very long one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# A part of this size opens in about a second on two slow cores and scrolls without a stutter (measured in Chromium on
# a page of 2 MB); the longest of our sample pages is a tenth of it.
MAX_CHARS = 30_000
MAX_PIECES = 300


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch `[start, end)` of the page that was kept, or belongs to a removal."""

    start: int
    end: int
    removal: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a page, each a run of pieces in page order; there is always one."""

    runs: tuple[tuple[Piece, ...], ...]

    def __len__(self) -> int:
        return len(self.runs)

    def number_of(self, start: int) -> int:
        """Return the number, from 1, of the part that holds the character `start`; beyond the page the last one."""
        return max(1, bisect_right([run[0].start for run in self.runs if run], start))

    def choose(self, said: str | None, start: int | None) -> int:
        """Return the number of the part an address means: `said` if it is a number, else the one that holds `start`."""
        if said is not None and said.isdigit():
            return min(max(1, int(said)), len(self))
        return 1 if start is None else self.number_of(start)


def parts_of(text: str, pieces: Sequence[Piece], *, max_chars: int = MAX_CHARS, max_pieces: int = MAX_PIECES) -> Parts:
    """Return the pieces in parts of at most `max_chars` characters and `max_pieces` pieces, in page order."""
    runs: list[tuple[Piece, ...]] = []
    run: list[Piece] = []
    room = max_chars
    for piece in sorted(pieces, key=lambda piece: (piece.start, piece.end)):
        start = piece.start
        while piece.end - start > room or len(run) == max_pieces:
            # A piece that fits a part of its own is not torn; a longer one fills the room that is left.
            if room and len(run) < max_pieces and piece.end - start > max_chars:
                cut = _line_end(text, start, start + room)
                run.append(Piece(start, cut, piece.removal))
                start = cut
            runs.append(tuple(run))
            run, room = [], max_chars
        run.append(Piece(start, piece.end, piece.removal))
        room -= piece.end - start
    if run or not runs:
        runs.append(tuple(run))
    return Parts(tuple(runs))


def _line_end(text: str, start: int, limit: int) -> int:
    """Return where the last line that ends before `limit` ends; in the midst of a line where none does."""
    return text.rfind("\n", start, limit) + 1 or limit
