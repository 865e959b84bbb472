"""What the corpus card is made of on every face: titled sections of facts, bars, points, prose and lines to copy."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and values."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A named figure: how large it is, and how it is told. `is_foreign` names come from the collection."""

    name: str
    value: float
    told: str
    is_foreign: bool = False


@dataclass(frozen=True, slots=True)
class Bars:
    """Figures beside each other; `left` of them are not shown. A full bar is `whole`."""

    caption: str
    bars: tuple[Bar, ...]
    whole: float
    left: int = 0


@dataclass(frozen=True, slots=True)
class Points:
    """Sentences in a list; `is_open` ones wait for somebody to answer."""

    items: tuple[str, ...]
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph; a `is_note` one explains what stands beside it."""

    text: str
    is_note: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """Lines to be copied as they stand."""

    text: str


Block = Facts | Bars | Points | Prose | Source


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the card under its title."""

    name: str
    title: str
    blocks: tuple[Block, ...]
