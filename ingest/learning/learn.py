"""The first pass over a collection: what repeats on its sites, and how its articles begin.

Each page is cut once by what it shows itself; what is learned here then serves the cleaning that counts. Nothing
of a page is kept but hashes, so a hundred thousand pages need little more memory than a thousand, and the order of the
pages does not matter. What one page teaches depends on nothing but the page, so it can be kept from build to build.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ingest.clean import cut
from ingest.ladder import Shown
from ingest.learning.learned import Learned
from ingest.learning.repeats import Lines, RepeatLearner, lines_of
from ingest.learning.teasers import Opening, OpeningLearner, opening_of
from ingest.page import Page


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """What one page teaches: what stands on it, and how its article begins, None where it holds none."""

    lines: Lines
    opening: Opening | None


def lesson_of(page: Page, shown: Shown | None = None) -> Lesson:
    """Return what `page` teaches; `shown` is what it shows by itself, where that is known."""
    parted = cut(page, shown=shown)
    return Lesson(lines_of(page), opening_of(page, parted.head.title, parted.body))


def learn(pages: Iterable[Page]) -> Learned:
    """Return what `pages` teach, the same in any order. Pages are read one at a time and none is kept."""
    return learn_lessons(map(lesson_of, pages))


def learn_lessons(lessons: Iterable[Lesson]) -> Learned:
    """Return what the lessons of all pages say together, the same in any order."""
    repeats, openings = RepeatLearner(), OpeningLearner()
    for lesson in lessons:
        repeats.add(lesson.lines)
        if lesson.opening is not None:
            openings.add(lesson.opening)
    return Learned(repeats.finish(), openings.finish())
