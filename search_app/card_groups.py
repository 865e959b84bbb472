"""The lines of a desk card under the headings they stand under, for the page and for the text that is copied.

Only shows: which lines there are is decided in `index.answering.card`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import groupby

from index.answer import Citation
from index.answering.card import DeskCard, Line, Slot, Source
from index.answering.slots import SlotName
from search_app.dated import date_words
from search_app.words import Words

# Longer than two lines of the card on a phone: said once, then named by its number. A choice.
LONG_CHARS = 30


@dataclass(frozen=True, slots=True)
class Group:
    """Lines that stand side by side under one heading. `heading` is empty where it says nothing."""

    heading: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Again:
    """Lines of a slot that an earlier one, `slot`, holds as well: their numbers, in order."""

    slot: SlotName
    numbers: tuple[int, ...]


def told_before(card: DeskCard, slot: Slot) -> tuple[Slot, tuple[Again, ...]]:
    """Return the slot with the lines that stand nowhere before it, and where the others stand.

    Only long ones are left out: 带身份证到窗口办理。 is read sooner than a number is looked up. Steps and conclusion
    are what one goes by and stay whole, and so does what stands behind a lead-in.
    """
    if slot.name in ("conclusion", "steps"):
        return slot, ()
    first: dict[tuple[int, ...], SlotName] = {}
    for earlier in card.slots[: card.slots.index(slot)]:
        for line in earlier.lines:
            first.setdefault(line.citations, earlier.name)
    kept: list[Line] = []
    led: tuple[str, ...] | None = None
    again: dict[SlotName, list[int]] = {}
    for line in slot.lines:
        name = first.get(line.citations)
        led = line.path if line.is_lead else led
        if name and line.path != led and len(line.text) > LONG_CHARS:
            again.setdefault(name, []).extend(line.citations)
        else:
            kept.append(line)
    found = tuple(Again(name, tuple(numbers)) for name, numbers in again.items())
    return replace(slot, lines=tuple(kept)), found


def groups(card: DeskCard, slot: Slot, say: Words, places: Mapping[str, str]) -> tuple[Group, ...]:
    """Return the lines of a slot in order.

    Lines of the conclusion whose figures differ stand alone, each under place and date of its source (`places` names
    the place of an article by its id); the others of it need no heading. Elsewhere the heading path is what the line
    belongs to, and on a card of several articles the title comes first.
    """
    several = len(card.sources) > 1
    titles = {source.article_id: source.title for source in card.sources}

    def heading(line: Line) -> str:
        if slot.name == "conclusion":
            return _about(card, line, say, places) if line.differs else ""
        path = line.path[:-1] if line.path and line.path[-1] == line.text else line.path
        return " › ".join((titles[line.article_id], *path) if several else path)

    keyed = [(heading(line), number if line.differs else -1, line) for number, line in enumerate(slot.lines)]
    found = groupby(keyed, key=lambda one: one[:2])
    return tuple(Group(key[0], tuple(line for _, _, line in members)) for key, members in found)


def _about(card: DeskCard, line: Line, say: Words, places: Mapping[str, str]) -> str:
    source = next(source for source in card.sources if source.article_id == line.article_id)
    return f"{places.get(line.article_id) or say('no_place')} · {date_words(source.as_of, source.as_of_kind, say)}"


def numbers(line: Line) -> str:
    """Return the numbers of a line as they stand behind it: [1][2]."""
    return "".join(f"[{number}]" for number in line.citations)


def places_of(card: DeskCard, source: Source) -> tuple[tuple[str, tuple[Citation, ...]], ...]:
    """Return the headings of a source that are cited, each with its citations, in order of number."""
    cited = [citation for citation in card.citations if citation.article_id == source.article_id]
    found = groupby(cited, key=lambda citation: citation.heading_path)
    return tuple((" › ".join(path), tuple(members)) for path, members in found)
