"""A reader's word against the cleaning: the lines for overrules.tsv that keep or remove what stands at a place.

How the lines are written and read is the business of `ingest.overrules`; nothing is written here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from index.reading import Reading
from ingest.overrules import RULE, overrule_place, undo


@dataclass(frozen=True, slots=True)
class Mistake:
    """What to write to `keep` the removal or to `remove` the lines of text that stand at `[start, end)`.

    `lines` are ready for overrules.tsv; empty where its format cannot say it, and where a person removed the place:
    there `undo` says what takes it back.
    """

    action: Literal["keep", "remove"]
    start: int
    end: int
    lines: tuple[str, ...]
    undo: str | None = None


def mistake_at(reading: Reading, start: int, end: int, *, kept_why: str, removed_why: str) -> Mistake | None:
    """Return what a reader can report at `[start, end)`, or None beyond the page.

    Where the place begins decides: in a removal the removal as a whole is meant, else the kept text up to the next one.
    `kept_why` stands in the line that keeps, `removed_why` in the line that removes.
    """
    if not 0 <= start < end <= len(reading.text):
        return None
    for removal in reading.removals:
        if removal["start"] <= start < removal["end"]:
            place = (removal["start"], removal["end"])
            way_back = undo(removal["evidence"]) if removal["rule"] == RULE else None
            found = () if way_back else overrule_place(reading.text, reading.path, *place, "keep", kept_why)
            return Mistake("keep", *place, found, way_back)
    stop = min([end, *(removal["start"] for removal in reading.removals if removal["start"] > start)])
    found = overrule_place(reading.text, reading.path, start, stop, "remove", removed_why)
    return Mistake("remove", start, stop, found)
