"""What one page cannot know and its neighbours tell: what repeats on its site, and how all other articles begin.

`learn` makes it in a first pass; `ladder` asks it. It holds hashes only and none of their text.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingest.learning.repeats import SiteRepeats
from ingest.learning.teasers import Openings


@dataclass(frozen=True, slots=True)
class Learned:
    """The repeats of all sites and the openings of all articles of a collection."""

    repeats: SiteRepeats
    openings: Openings
