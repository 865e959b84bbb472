"""Where repeated lines of a page stand together, and how sure it is that they are furniture.

The reasons add up: how many stand together, whether nothing that stays parts them from the page's edge, what the tree
says. Prose and numbered items count against. The line above prose or above a statement that stays is its heading.
Which lines repeat is learned in `repeats`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ingest.headings import is_item
from ingest.learning.statements import is_prose
from ingest.page import Page

# Nearly every page of the site has it.
STANDING = 0.8
# Never certain: that a line repeats does not say what it is.
_MAX_CONFIDENCE = 0.9
# So long a line is text although no full stop ends it; titles on the pages seen have up to 40 characters.
_LONG_CHARS = 45


@dataclass(frozen=True)  # without slots: what is seen of the whole page is computed once
class Sight:
    """A page with what repeats on it and is not known to stay: how its stretches are found and weighed.

    `gone` was removed by other rules; `stated` stays whatever repeats; `linked` says whether a block and the next one
    stand together on other pages too; `placed` whether a block is always at this place of the tree.
    """

    page: Page
    lines: Sequence[str]
    repeated: Mapping[int, int]
    gone: frozenset[int]
    stated: frozenset[int]
    linked: Sequence[bool]
    placed: Sequence[bool]

    def stretches(self) -> Iterator[range]:
        """Yield the longest runs of repeated lines that stand together on other pages too, lone lines as well."""
        first = None
        for index in range(len(self.lines) + 1):
            holds = index in self.repeated
            if first is not None and not (holds and self.linked[index - 1]):
                yield range(first, index)
                first = None
            if holds and first is None:
                first = index

    def weigh(self, stretch: range, pages: int) -> Iterator[tuple[int, float]]:
        """Yield each block of a stretch with how sure it is that it is furniture, but for headings of what stays."""
        lines = [self.lines[index] for index in stretch]
        prose = sum(map(is_prose, lines)) / len(lines)
        at_edge = self._is_at_edge(stretch)
        reasons = {
            "stands in a stretch of three": (0.4, len(lines) >= 3),
            "stands in a stretch of two": (0.3, len(lines) == 2),
            "repeats": (0.2, len(lines) == 1),
            "at the edge": (0.2, at_edge),
            "five lines": (0.1, len(lines) >= 5),
            "beside furniture": (0.05, stretch[0] - 1 in self.gone or stretch[-1] + 1 in self.gone),
            "numbered": (-0.3, any(map(is_item, lines))),
            "mostly prose": (-0.4, prose > 0.5),
        }
        shared = sum(weight for weight, holds in reasons.values() if holds)
        fills = at_edge and self._fills_its_box(stretch)
        for index in stretch:
            is_link = self.page.blocks[index].link_share >= 0.5
            if not is_link and self._heads_what_stays(index):
                continue
            own = {
                "on nearly every page": (0.1, self.repeated[index] >= STANDING * pages),
                "a link": (0.2, is_link),
                "always at this place": (0.05, self.placed[index]),
                "its box holds nothing else": (0.1, fills),
                "prose": (-0.3, prose <= 0.5 and is_prose(self.lines[index])),
            }
            confidence = shared + sum(weight for weight, holds in own.values() if holds)
            yield index, round(max(0.0, min(_MAX_CONFIDENCE, confidence)), 2)

    def say_where(self, stretch: range) -> str:
        """Return where the stretch stands, in words."""
        together = f", in a row of {len(stretch)} such lines" if len(stretch) > 1 else ""
        edge = ", where the page begins or ends" if self._is_at_edge(stretch) else ""
        return together + edge

    def _is_at_edge(self, stretch: range) -> bool:
        """Say whether everything between the stretch and an end of the page goes too."""
        first, last = self._kept_ends
        return stretch[0] < first or stretch[-1] > last

    def _heads_what_stays(self, index: int) -> bool:
        below = next((number for number in range(index + 1, len(self.lines)) if number not in self.gone), None)
        if below is None or below in self.repeated:
            return False
        return below in self.stated or is_prose(self.lines[below]) or len(self.lines[below]) >= _LONG_CHARS

    @cached_property
    def _kept_ends(self) -> tuple[int, int]:
        """The first and the last block that stay."""
        kept = [index for index in range(len(self.lines)) if index not in self.repeated and index not in self.gone]
        return (kept[0], kept[-1]) if kept else (len(self.lines), -1)

    def _fills_its_box(self, stretch: range) -> bool:
        """Say whether the elements that hold the stretch hold nothing but repeated lines on this page."""
        if self.page.kind != "html":
            return False
        return self._mixed_boxes.isdisjoint(_box(self.page.blocks[index].path) for index in stretch)

    @cached_property
    def _mixed_boxes(self) -> frozenset[str]:
        return frozenset(
            _box(block.path)
            for index, block in enumerate(self.page.blocks)
            if index not in self.repeated and index not in self.gone
        )


def _box(path: str) -> str:
    return path.rpartition(">")[0]
