"""What stands between answer and passages as HTML: how they are sorted and found, and the reader's own searches.

Her searches are kept by static/recent.js in her browser and never sent; what is drawn here are the places for them,
with their words. A place is empty until the script fills it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from index.search import MODES, SORTS
from search_app.render import escape
from search_app.views.address import KS, Address
from search_app.views.facets_html import chips
from search_app.words import Words

Choice = TypeVar("Choice")


def tools_html(here: Address, say: Words) -> str:
    """Return the row of tools: sort, options, this reader's searches, and the button that keeps this one."""
    return (
        f'<section class="pk pk-tools" lang="{say.tag}">{_sort(here, say)}{_options(here, say)}'
        f'<details class="pk-menu pk-own"><summary>{escape(say("shelf"))}</summary><div>{_places(say)}'
        f'<p class="pk-hint" data-pk-none>{escape(say("shelf_empty"))}</p></div></details>'
        f'<button type="button" class="pk-keep" data-pk-keep aria-pressed="false">{escape(say("save"))}</button>'
        f"{_asked(here, say)}</section>"
    )


def own_html(say: Words) -> str:
    """Return the places for this reader's searches on the empty page; they take no room while there are none."""
    return f'<section class="pk pk-own" lang="{say.tag}">{_places(say)}</section>'


def _sort(here: Address, say: Words) -> str:
    links = _choices(SORTS, here.sort, lambda sort: say(f"sort_{sort}"), lambda sort: here.to(sort=sort))
    return f'<p class="pk-sort"><span>{escape(say("sort_label"))}</span> {links}</p>'


def _options(here: Address, say: Words) -> str:
    modes = _choices(MODES, here.mode, lambda mode: say(f"mode_{mode}"), lambda mode: here.to(mode=mode))
    counts = _choices(KS, here.k, str, lambda k: here.to(k=k))
    return (
        f'<details class="pk-menu" data-pk-fold="options"><summary>{escape(say("options"))}</summary><div>'
        f'<p class="pk-choice"><span>{escape(say("mode_label"))}</span> {modes}</p>'
        f'<p class="pk-choice"><span>{escape(say("k_label"))}</span> {counts}</p>'
        f'<p class="pk-hint">{escape(say("options_note"))}</p><p class="pk-hint">{escape(say("marks_note"))}</p>'
        f'<p class="pk-hint">{escape(say("box_key_note"))}</p></div></details>'
    )


def _choices(
    known: Iterable[Choice], now: Choice, words: Callable[[Choice], str], to: Callable[[Choice], Address]
) -> str:
    """Return the choices as links; the one that is taken says so."""
    current = ' aria-current="true"'
    return " ".join(
        f'<a class="pk-go" href="{escape(to(choice).href)}" target="_self" data-pk-key="{escape(choice)}"'
        f"{current if choice == now else ''}>{escape(words(choice))}</a>"
        for choice in known
    )


def _places(say: Words) -> str:
    """Return the two lists that static/recent.js fills, with the words that it needs."""
    words = {"remove": "remove", "removed": "saved_removed", "cleared": "recent_cleared"}
    said = _said(words, say)
    clear = f' <button type="button" class="pk-quiet" data-pk-clear>{escape(say("recent_clear"))}</button>'
    return "".join(
        f'<div hidden data-pk-list="{name}"{said}><h2>{escape(say(name))}{clear if name == "recent" else ""}</h2>'
        f'<ul></ul><p class="pk-hint">{escape(say(f"{name}_note"))}</p></div>'
        for name in ("saved", "recent")
    )


def _asked(here: Address, say: Words) -> str:
    """Return what was asked, for static/recent.js: what it keeps of it is this text and this address."""
    kept = here.to(lang=None, build=None, part=None)
    label = " · ".join((here.q, *(words for words, _ in chips(here.filters, say))))
    words = {"done": "saved_done", "saved": "is_saved", "save": "save", "gone": "saved_removed", "no": "saved_refused"}
    said = _said(words, say)
    return f'<span hidden data-pk-asked="{escape(label)}" data-pk-to="{escape(kept.href)}"{said}></span>'


def _said(words: Mapping[str, str], say: Words) -> str:
    """Return words as data attributes, for a script that itself says nothing."""
    return "".join(f' data-pk-{name}="{escape(say(key))}"' for name, key in words.items())
