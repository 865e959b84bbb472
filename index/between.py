"""What lies between two builds for somebody who reads in one of them: changed pages, and where her place has gone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from index.reading import Reading


def changed_pages(left: Mapping[str, Any], right: Mapping[str, Any]) -> int:
    """Return how many pages were added, changed or removed between two builds, by their manifests."""
    ours, theirs = ({page["path"]: page for page in manifest["inputs"]["pages"]} for manifest in (left, right))
    return sum(ours.get(path) != theirs.get(path) for path in ours.keys() | theirs.keys())


def same_words(reading: Reading, start: int, end: int, other: Reading) -> tuple[int, int] | None:
    """Return where the words `[start, end)` of `reading` stand in the same article of another build.

    Of several places the nearest to the old one; None where they are gone, or where cleaning now decides otherwise.
    """
    words = reading.text[start:end]
    if not words:
        return None
    is_kept = reading.keeps(start, end)
    places = []
    found = other.text.find(words)
    while found >= 0:
        if other.keeps(found, found + len(words)) == is_kept:
            places.append(found)
        found = other.text.find(words, found + 1)
    if not places:
        return None
    nearest = min(places, key=lambda place: abs(place - start))
    return nearest, nearest + len(words)
