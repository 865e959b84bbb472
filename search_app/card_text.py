"""The desk card as plain text, to paste into a message or a file.

Question, the five slots with their lines word for word and the numbers of their sources, the sources with headings and
dates, the build, and that it is not official. In English the labels are English; what is quoted stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from index.answering.card import DeskCard, Slot, Source
from search_app.card_groups import groups, numbers, places_of, told_before
from search_app.dated import date_words
from search_app.render import web_address
from search_app.words import Words


def card_text(card: DeskCard, say: Words, places: Mapping[str, str] | None = None) -> str:
    """Return the card as text without a line end behind it; every line of the card is in it as it stands.

    A long line that stands in two slots is written once; the second names the first.

    `places` names the place of an article by its id, for conclusions whose figures differ.
    """
    colon = "：" if say.lang == "zh" else ": "
    lines = [f"{say('card_question')}{colon}{card.question}"]
    if card.verdict == "partly":
        lines.append(say("card_partly"))
    if card.unmet_places:
        lines.append(say("unmet_places", places="、".join(card.unmet_places)))
    for slot in card.slots:
        lines += ["", f"【{say.name('slot', slot.name)}】", *_slot(card, slot, say, places or {})]
    lines += ["", f"【{say('card_sources')}】"]
    for source in card.sources:
        lines += _source(card, source, say)
    return "\n".join([*lines, "", say("card_build", build=card.build), say("card_unofficial")])


def _slot(card: DeskCard, slot: Slot, say: Words, places: Mapping[str, str]) -> Iterator[str]:
    if not slot.lines:
        yield say("card_empty")
    if any(line.differs for line in slot.lines):
        yield f"（{say('differs')}）" if say.lang == "zh" else f"({say('differs')})"
    fresh, again = told_before(card, slot)
    for group in groups(card, fresh, say, places):
        if group.heading:
            yield f"〔{group.heading}〕"
        yield from (f"{line.text} {numbers(line)}" for line in group.lines)
    for one in again:
        place = f"【{say.name('slot', one.slot)}】"
        yield say("card_again", slot=place) + "".join(f"[{number}]" for number in one.numbers)
    if slot.more:
        yield say("card_more", count=slot.more)


def _source(card: DeskCard, source: Source, say: Words) -> Iterator[str]:
    where = [
        source.site or "",
        web_address(source.url) or source.path,
        date_words(source.as_of, source.as_of_kind, say),
    ]
    yield f"{source.title} · {' · '.join(filter(None, where))}"
    for heading, cited in places_of(card, source):
        yield f"  {''.join(f'[{one.number}]' for one in cited)} {heading or say('opening')}"
