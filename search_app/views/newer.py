"""What a reader is told of builds other than hers: a bar over an older one, a notice while a new one is published.

Nothing that she reads is changed: the notice stands at the foot of the screen and offers the way to the new build.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from index.between import changed_pages, same_words
from index.kb import KnowledgeBase
from ingest.problem import Problem
from search_app.render import escape
from search_app.shelf import NoSuchBuild
from search_app.views.address import Address
from search_app.views.bases import shelf
from search_app.views.look import look_again
from search_app.words import Lang, Words

_READING, _TOLD = "pk_reading", "pk_told"


def bar_html(kb: KnowledgeBase, current: KnowledgeBase, here: Address, say: Words) -> str:
    """Return which build is read and which one is published, with the same place there."""
    key = "older_build" if _is_newer(current, kb) else "later_build"
    words = say(key, build=kb.build, date=_made(kb), current=current.build, newer=_made(current))
    note, link = _way(kb, current, here, say)
    return f'<p class="pk pk-warning pk-older" lang="{say.tag}">{escape(_told(words, note, say))}{link}</p>'


def switched_html(kb: KnowledgeBase, here: Address, say: Words) -> str:
    """Return that this reader's questions go to another build since now, with the way back; nothing on her first one.

    To be called where no build is pinned.
    """
    before = st.session_state.get(_READING)
    st.session_state[_READING] = kb.build
    if before in (None, kb.build):
        return ""
    with suppress(NoSuchBuild, Problem, OSError):
        left = shelf().open(before)
        words = say("switched", date=_made(kb), changed=_changed(left, kb, say))
        link = _link(here.to(build=before), say("show_before"))
        return f'<p class="pk pk-warning" lang="{say.tag}">{escape(words)} {link}</p>'
    return ""


def watch(kb: KnowledgeBase, told: str, here: Address, say: Words) -> None:
    """Look for a build other than `told`, the published one when the page was drawn, as long as the page stays open."""
    with st.container(key="pk_notice"):
        _look(kb.build, told, here, say.lang)


@st.fragment
def _look(reading: str, told: str, here: Address, lang: Lang) -> None:
    look_again("newer")
    # Ids and no builds: Streamlit keeps the arguments, and with them a build would stay open.
    with suppress(NoSuchBuild, Problem, OSError):
        current = shelf().published(patience_s=0)
        if current.build not in (told, reading):
            st.html(_notice(reading, current, here, Words(lang)))


def _notice(reading: str, current: KnowledgeBase, here: Address, say: Words) -> str:
    """Return the notice; made once for a build and place, however often the page looks."""
    key = (reading, current.build, here, say.lang)
    known = st.session_state.get(_TOLD)
    if known and known[0] == key:
        return str(known[1])
    kb = shelf().open(reading)
    event = "new_build" if _is_newer(current, kb) else "former_build"
    words = say(event, date=_made(current), changed=_changed(kb, current, say))
    note, link = _way(kb, current, here, say)
    html = (
        f'<p class="pk pk-notice" lang="{say.tag}" role="status"><span>{escape(_told(words, note, say))}</span>'
        f"{link}</p>"
    )
    st.session_state[_TOLD] = (key, html)
    return html


def _way(kb: KnowledgeBase, current: KnowledgeBase, here: Address, say: Words) -> tuple[str, str]:
    """Return what became of the place `here` in the current build, and the link to it there."""
    asked = here.to(build=None, view="ask", article=None, other=None, start=None, end=None, ledger=False)
    if here.view == "ask":
        return "", _link(asked, say("ask_current") if here.q else say("show_current"))
    reading, there = (build.article(here.article or "") for build in (kb, current))
    if there is None:
        return say("article_gone"), _link(asked, say("ask_current") if here.q else say("show_current"))
    place = here.to(build=current.build, start=None, end=None)
    if here.other and current.article(here.other) is None:
        place = place.to(other=None)
    if reading is None or here.start is None or here.end is None:
        return say("article_same") if reading == there else "", _link(place, say("article_current"))
    words = same_words(reading, here.start, here.end, there)
    if words is None:
        return say("place_changed"), _link(place, say("article_current"))
    return say("place_same"), _link(place.to(start=words[0], end=words[1]), say("place_current"))


def _told(words: str, note: str, say: Words) -> str:
    """Return two sentences as one text; Chinese puts no space between them."""
    return f"{words}{note}" if say.lang == "zh" else f"{words} {note}".strip()


def _link(address: Address, words: str) -> str:
    return f'<a class="pk-go" href="{escape(address.href)}" target="_self">{escape(words)}</a>'


def _changed(left: KnowledgeBase, right: KnowledgeBase, say: Words) -> str:
    count = changed_pages(left.manifest, right.manifest)
    return say("changed_none") if count == 0 else say("changed_one") if count == 1 else say("changed", count=count)


def _is_newer(one: KnowledgeBase, other: KnowledgeBase) -> bool:
    return str(one.head["made"]["at"]) >= str(other.manifest["made"]["at"])


def _made(kb: KnowledgeBase) -> str:
    """Return when a build was made, in the reader's own time where her browser tells it."""
    made = datetime.fromisoformat(str(kb.head["made"]["at"]))
    try:
        return made.astimezone(ZoneInfo(st.context.timezone or "")).strftime("%Y-%m-%d %H:%M")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return made.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
