"""Measures what tells on an HTML page: how much prose each block holds, and how much it counts where it stands.

Prose is text outside links with the marks of sentences. It counts less where an element says that it is a side column,
a foot, comments; in cards; above the title; and behind many links. Which box follows from that is left to `layout`.
After Readability (commas and length, summed up the tree) and jusText (link share and length of a block).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import accumulate

from ingest.block import Block
from ingest.html.places import Place
from ingest.html.tree import Box
from ingest.snippets.find import Run

_STOPS = re.compile(r"[，。！？；：、…]|[,.;:!?](?=\s|$|[\"'”’)])")
_SENTENCE_END = re.compile(r"[。！？…!?.；;：:][\"'”’）)」』】]*$")
# A paragraph of fewer characters is prose only if it ends like a sentence. Lengths are in characters of Chinese.
_PARAGRAPH_CHARS = 20
_MIN_CHARS = 8
_CUT_TITLE_CHARS = 80
# Latin letters say about a third of what a Chinese character says.
_LATIN = 0.33
_SCRIPT_SAMPLE = 20_000
_STOPS_SAMPLE, _ENDING = 4_000, 10  # a block may have 18 million characters
# What text without the marks of sentences counts: something, because poems, code and lists are articles too.
_BARE, _CODE = 0.15, 0.5
_TITLE_LIKE = 0.35
# Weights; on the dev halves of the bench, factors of two either way change little.
_SURE_PLACE, _LIKELY_PLACE, _ABOVE_TITLE, _NEXT_ARTICLE = 0.15, 0.25, 0.3, 0.1
CARD_WEIGHT = 0.1
_LIKELY_CARD = 0.5
# After this many blocks of links, what follows counts half, at last a third.
_FADE_BLOCKS, _FADED = 20, 0.3
# A place that holds more than this of all prose, or the title, is no side column whatever it is called.
_MAIN_SHARE = 0.8


class Sums:
    """Running sums over the blocks, so that the figure of any box costs one subtraction."""

    def __init__(self, values: Sequence[float]) -> None:
        self._sums = list(accumulate(values, initial=0.0))

    def of(self, box: Box) -> float:
        """Return the sum over the blocks of `box`."""
        return self._sums[box.last] - self._sums[box.first]

    def between(self, first: int, last: int) -> float:
        """Return the sum over the blocks `[first, last)`."""
        return self._sums[last] - self._sums[first]


@dataclass(frozen=True, slots=True)
class Measures:
    """Figures by block, in characters of Chinese: all, outside links, prose, prose as it counts where it stands.

    `paragraphs` holds the prose of blocks with the marks of sentences, 0 for others. `weights` are those of the places
    and cards alone. `places` are the places by box that are no misnomers.
    """

    chars: Sums
    told: Sums
    prose: Sums
    weighed: Sums
    paragraphs: Sequence[float]
    weights: Sequence[float]
    places: Sequence[Place | None]

    def link_share(self, first: int, last: int) -> float:
        """Return the share of the characters of the blocks `[first, last)` that are links, 1 where there are none."""
        chars = self.chars.between(first, last)
        return 1 - self.told.between(first, last) / chars if chars else 1.0


def measure(
    text: str,
    blocks: Sequence[Block],
    boxes: Sequence[Box],
    holders: Sequence[int],
    *,
    places: Sequence[Place | None],
    cards: Sequence[Run],
    title: int | None,
    taken: Collection[int],
) -> Measures:
    """Return the figures of the page; blocks in `taken` count nothing, `holders` name the innermost box of each."""
    sample = text[:_SCRIPT_SAMPLE]
    unit = 1.0 if 4 * len(re.findall(r"[\u2e80-\uffef]", sample)) > len(sample) else _LATIN
    chars, told, prose, paragraphs = [], [], [], []
    for index, block in enumerate(blocks):
        size = 0.0 if index in taken else (block.end - block.start) * unit
        tells = size * (1 - block.link_share)
        value, is_paragraph = 0.0, False
        if tells >= _MIN_CHARS and block.link_share < 0.5:
            value, is_paragraph = _prose(text[block.start : block.end], tells, block.kind)
        chars.append(size)
        told.append(tells)
        prose.append(value)
        paragraphs.append(value if is_paragraph else 0.0)
    kept = _without_misnomers(boxes, places, Sums(prose), title)
    weights = _place_weights(boxes, holders, kept)
    for run in cards:
        if run.confidence >= _LIKELY_CARD:
            for item in run.snippets:
                weights[item.first : item.last + 1] = [CARD_WEIGHT] * (item.last + 1 - item.first)
    fades = _fades(blocks, title)
    weighed = [value * weight * fade for value, weight, fade in zip(prose, weights, fades, strict=True)]
    return Measures(Sums(chars), Sums(told), Sums(prose), Sums(weighed), paragraphs, weights, kept)


def _prose(line: str, tells: float, kind: str) -> tuple[float, bool]:
    """Return how much prose a block holds and whether it is a paragraph."""
    stops = len(_STOPS.findall(line[:_STOPS_SAMPLE])) * max(1.0, len(line) / _STOPS_SAMPLE)
    ends = _SENTENCE_END.search(line[-_ENDING:]) is not None
    if not stops or not (tells >= _PARAGRAPH_CHARS or ends):
        return tells * (_CODE if kind == "pre" else _BARE), kind == "pre"
    if stops < tells / 60:  # words in a row: keywords, names
        return tells / 2, True
    if tells < _CUT_TITLE_CHARS and not ends:
        return tells * _TITLE_LIKE, True
    return tells, True


def _without_misnomers(
    boxes: Sequence[Box], places: Sequence[Place | None], prose: Sums, title: int | None
) -> list[Place | None]:
    most = _MAIN_SHARE * prose.of(boxes[0])
    at = -1 if title is None else title
    return [
        None if place is None or box.first <= at < box.last or prose.of(box) > most else place
        for box, place in zip(boxes, places, strict=True)
    ]


def _place_weights(boxes: Sequence[Box], holders: Sequence[int], places: Sequence[Place | None]) -> list[float]:
    weights = [1.0] * len(boxes)
    for number, (box, place) in enumerate(zip(boxes, places, strict=True)):
        own = 1.0 if place is None else _SURE_PLACE if place.is_sure else _LIKELY_PLACE
        weights[number] = min(own, weights[box.parent]) if box.parent >= 0 else own
    return [weights[holder] for holder in holders]


def _fades(blocks: Sequence[Block], title: int | None) -> list[float]:
    """Return what text counts by the way from the title: above it, behind many links, below another title like it."""
    fades = []
    fade = 1.0
    step = 0.5 ** (1 / _FADE_BLOCKS)
    heading = None if title is None or blocks[title].kind != "h1" else blocks[title].path.rpartition(">")[2]
    for index, block in enumerate(blocks):
        if title is not None and index < title:
            fades.append(_ABOVE_TITLE)
            continue
        if block.link_share > 0.5:
            fade = max(min(fade, _FADED), fade * step)
        elif heading and index != title and block.kind == "h1" and block.path.rpartition(">")[2] == heading:
            fade = _NEXT_ARTICLE
        fades.append(fade)
    return fades
