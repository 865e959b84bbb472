"""The first pass over a collection: what repeats on its sites, and how its articles begin.

Each page is cut once by what it shows itself; what is learned here then serves the cleaning that counts. Nothing
of a page is kept but hashes, so a hundred thousand pages need little more memory than a thousand, and the order of the
pages does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable

from ingest.clean import cut
from ingest.learning.learned import Learned
from ingest.learning.repeats import RepeatLearner
from ingest.learning.teasers import OpeningLearner
from ingest.page import Page


def learn(pages: Iterable[Page]) -> Learned:
    """Return what `pages` teach, the same in any order. Pages are read one at a time and none is kept."""
    repeats, openings = RepeatLearner(), OpeningLearner()
    for page in pages:
        repeats.add(page)
        parted = cut(page)
        openings.add(page, parted.head.title, parted.body)
    return Learned(repeats.finish(), openings.finish())
