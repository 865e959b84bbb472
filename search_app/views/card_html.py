"""The desk card as HTML: five slots in rows, its sources, the buttons that copy and print it, and the text to copy.

It stands open on a wide screen when it holds more than the conclusion (static/copy.js), else behind its title. Printing
a page that has one prints nothing else (static/css/35-card.css).
"""

from __future__ import annotations

from collections.abc import Mapping

from index.answering.card import DeskCard, Line, Slot, Source
from search_app.card_groups import Again, Group, groups, places_of, told_before
from search_app.card_text import card_text
from search_app.render import escape, isolated, web_address
from search_app.views.address import Address
from search_app.views.answer_html import cite_link, date_html, unmet_html
from search_app.words import Words


def card_html(card: DeskCard, here: Address, say: Words, *, places: Mapping[str, str] | None = None) -> str:
    """Return the card; `places` names the place of an article by its id, for conclusions whose figures differ."""
    named = places or {}
    rows = "".join(_slot(card, slot, here, say, named) for slot in card.slots)
    opens = " data-pk-open-wide" if card.holds_more else ""
    notes = f'<p class="pk-card-partly">{escape(say("card_partly"))}</p>' if card.verdict == "partly" else ""
    notes += unmet_html(card.unmet_places, say)
    return (
        f'<section class="pk pk-card" id="pk-card" lang="{say.tag}" aria-labelledby="pk-card-title">{_tools(say)}'
        f'<details data-pk-card{opens}><summary><h2 id="pk-card-title">{escape(say("card"))}</h2>'
        f'<span class="pk-card-holds">{escape(_holds(card, say))}</span></summary>'
        f'<p class="pk-card-question" lang="zh-CN">{escape(card.question)}</p>{notes}<dl>{rows}'
        f"{_sources(card, here, say)}</dl>"
        f'<p class="pk-card-foot">{escape(say("card_unofficial"))} · {escape(say("card_build", build=card.build))}</p>'
        f'</details><pre hidden id="pk-card-text" class="pk-copy-text" tabindex="-1"'
        f' aria-label="{escape(say("card_text"))}">{escape(card_text(card, say, named))}</pre></section>'
    )


def _tools(say: Words) -> str:
    return (
        '<div class="pk-card-tools"><button type="button" class="pk-copy" data-pk-copy="#pk-card-text"'
        f' data-pk-done="{escape(say("copied"))}" data-pk-failed="{escape(say("copy_failed"))}"'
        f' aria-keyshortcuts="Alt+C" aria-label="{escape(say("card_copy_long"))}">{escape(say("card_copy"))}'
        f' <kbd aria-hidden="true">Alt+C</kbd></button>'
        f'<button type="button" class="pk-copy" data-pk-print aria-label="{escape(say("card_print_long"))}">'
        f"{escape(say('card_print'))}</button></div>"
    )


def _holds(card: DeskCard, say: Words) -> str:
    """Return how many lines each slot has, for a card that is folded."""
    filled = [(slot, sum(not line.is_lead for line in slot.lines) + slot.more) for slot in card.slots]
    named = [f"{say.name('slot', slot.name)} {count}" for slot, count in filled if count]
    return " · ".join(named)


def _slot(card: DeskCard, slot: Slot, here: Address, say: Words, places: Mapping[str, str]) -> str:
    name = escape(say.name("slot", slot.name))
    if not slot.lines:
        return f'<div class="pk-slot pk-unstated"><dt>{name}</dt><dd>{escape(say("card_empty"))}</dd></div>'
    differs = any(line.differs for line in slot.lines)
    note = f'<p class="pk-differs">{escape(say("differs"))}</p>' if differs else ""
    fresh, again = told_before(card, slot)
    told = "".join(_group(card, group, here, say) for group in groups(card, fresh, say, places))
    told += "".join(_again(card, one, here, say) for one in again)
    more = ""
    if slot.more_at:
        href = here.cite(card.build, slot.more_at.article_id, slot.more_at.start, slot.more_at.end).href
        words = escape(say("card_more", count=slot.more))
        more = f'<p class="pk-meta"><a class="pk-go" href="{escape(href)}" target="_self">{words}</a></p>'
    return f'<div class="pk-slot pk-slot-{slot.name}"><dt>{name}</dt><dd>{note}{told}{more}</dd></div>'


def _group(card: DeskCard, group: Group, here: Address, say: Words) -> str:
    heading = f'<p class="pk-card-under" lang="zh-CN">{escape(group.heading)}</p>' if group.heading else ""
    lines = "".join(_line(card, line, here, say) for line in group.lines)
    return f"{heading}<ul>{lines}</ul>"


def _again(card: DeskCard, again: Again, here: Address, say: Words) -> str:
    """Return that lines of another slot belong here as well, with their numbers."""
    known = {citation.number: citation for citation in card.citations}
    links = "".join(cite_link(known[number], here, say) for number in again.numbers)
    return f'<p class="pk-card-again">{escape(say("card_again", slot=say.name("slot", again.slot)))}{links}</p>'


def _line(card: DeskCard, line: Line, here: Address, say: Words) -> str:
    known = {citation.number: citation for citation in card.citations}
    links = "".join(cite_link(known[number], here, say) for number in line.citations)
    name = "pk-card-lead" if line.is_lead else "pk-card-line"
    return f'<li class="{name}"><span class="pk-lines" lang="zh-CN">{escape(line.text)}</span>{links}</li>'


def _sources(card: DeskCard, here: Address, say: Words) -> str:
    items = "".join(_source(card, source, here, say) for source in card.sources)
    return f'<div class="pk-slot pk-slot-sources"><dt>{escape(say("card_sources"))}</dt><dd><ul>{items}</ul></dd></div>'


def _source(card: DeskCard, source: Source, here: Address, say: Words) -> str:
    places = []
    for heading, cited in places_of(card, source):
        under = f'<span lang="zh-CN">{escape(heading)}</span>' if heading else escape(say("opening"))
        numbers = "".join(f"[{one.number}]" for one in cited)
        places.append(f'<span class="pk-nowrap pk-numbers">{numbers}</span> {under}')
    where = [isolated(source.site)] if source.site else []
    address = web_address(source.url)
    # Only printed: on the screen the title leads to the article, which leads on to the original page.
    where += [isolated(source.path), date_html(source.as_of, source.as_of_kind, say)]
    printed = f'<span class="pk-card-url">{isolated(address)}</span>' if address else ""
    href = here.cite(card.build, source.article_id).href
    return (
        f'<li><a class="pk-go" href="{escape(href)}" target="_self" lang="zh-CN">{escape(source.title)}</a>'
        f' <span class="pk-meta">{" · ".join(where)}</span>{printed}'
        f'<span class="pk-card-places">{" · ".join(places)}</span></li>'
    )
