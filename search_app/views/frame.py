"""The frame around every view: style, language, the build, and the states in which there is nothing to show.

It catches what a reader or the maintainer can mend (`Problem`) and shows its words; anything else is a bug and raised.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import streamlit as st

from index.kb import KnowledgeBase
from ingest.problem import Problem
from search_app.render import Ready, escape
from search_app.sharing import SharingError
from search_app.shelf import NoSuchBuild
from search_app.views import article, ask, operation, states
from search_app.views.address import Address, read_address
from search_app.views.bases import shelf
from search_app.views.explore import frame as explore
from search_app.views.login import log_out_button, may_read
from search_app.views.newer import bar_html, switched_html, watch
from search_app.words import Lang, Words

_STATIC = Path(__file__).resolve().parent.parent / "static"


def show() -> None:
    """Draw the page that the address bar asks for."""
    here = read_address(st.query_params)
    say = Words(here.lang or _browser_lang(st.context.locale))
    st.set_page_config(page_title=say("brand"), page_icon=str(_STATIC / "icon.svg"), layout="centered")
    st.html(Ready(f"<style>{_joined('css/*.css')}</style>"))
    st.html(_head(here, say))
    try:
        if may_read(say):
            _show_view(here, say)
    except SharingError as problem:
        # What is wrong with the settings is for whoever wrote them, not for everybody who can reach the page.
        print(problem, file=sys.stderr)
        st.html(states.state_html(say("door_broken"), say("door_broken_more"), say))
    except (NoSuchBuild, Problem, OSError) as problem:
        states.show(problem, here, say)
    except Exception:
        # A bug: it goes on to the server's log, and the reader is told in her language instead of Streamlit's box.
        st.html(states.state_html(say("fault"), say("fault_more"), say, links=[(here, say("try_again"))]))
        raise
    st.html(Ready(f"<script>{_joined('*.js')}</script>"), unsafe_allow_javascript=True)


@cache
def _joined(pattern: str) -> str:
    """Return the files of the page that fit `pattern`, one after the other in the order of their names."""
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted(_STATIC.glob(pattern)))


def _show_view(here: Address, say: Words) -> None:
    if here.view == "operation":
        operation.show(here, say)
        log_out_button(say)
        return
    if here.build is None:
        current = kb = shelf().published()
    else:
        # A link to a build opens that build even where none is published (any more).
        published = _published_or_none()
        kb = published if published and published.build == here.build else shelf().open(here.build)
        current = published or kb
    if kb is not current:
        st.html(bar_html(kb, current, here, say))
    elif here.build is None and (switched := switched_html(kb, here, say)):
        st.html(switched)
    if here.view == "article":
        article.show(kb, here, say, current=current.build)
    elif here.view == "explore":
        explore.show(kb, here, say)
    else:
        ask.show(kb, here, say)
    _foot(kb, here, say)
    log_out_button(say)
    watch(kb, current.build, here, say)


def _published_or_none() -> KnowledgeBase | None:
    try:
        return shelf().published()
    except (Problem, OSError):
        return None


def _browser_lang(locale: str | None) -> Lang:
    """Return Chinese for a Chinese or an unknown browser, else English."""
    return "zh" if not locale or locale.lower().startswith("zh") else "en"


def _link(address: Address, words: str, name: str = "") -> str:
    classes = f"pk-go {name}".strip()
    return f'<a class="{classes}" href="{escape(address.href)}" target="_self">{escape(words)}</a>'


def _head(here: Address, say: Words) -> str:
    other: Lang = "en" if say.lang == "zh" else "zh"
    home = Address(lang=here.lang)
    switch = here.to(lang=other)
    tag = "en" if other == "en" else "zh-CN"
    explore_link = _link(Address(view="explore", lang=here.lang), say("explore"))
    return (
        f'<header class="pk pk-head" lang="{say.tag}" data-pk-lang="{say.tag}">'
        f'<a class="pk-skip" href="#pk-content">{escape(say("skip"))}</a>'
        f'<a class="pk-go pk-brand" href="{escape(home.href)}" target="_self">policykb'
        f"<span>{escape(say('brand'))}</span></a>"
        f'<nav class="pk-ways" aria-label="{escape(say("ways"))}">{explore_link}'
        f"{operation.operation_link_html(here, say)}"
        f'<a class="pk-go pk-switch" href="{escape(switch.href)}" target="_self" lang="{tag}"'
        f' aria-label="{escape(say("other_language_hint"))}">{escape(say("other_language"))}</a></nav></header>'
        '<span id="pk-content" tabindex="-1"></span>'
    )


def _foot(kb: KnowledgeBase, here: Address, say: Words) -> None:
    counts = kb.head["counts"]
    line = say("build_line", articles=counts["articles"], passages=counts["passages"], build=kb.build)
    pin = _link(here.to(build=kb.build), say("pin")) if here.build is None else ""
    st.html(
        f'<footer class="pk pk-foot" lang="{say.tag}"><p>{escape(say("unofficial"))}</p>'
        f"<p>{escape(line)}{' · ' if pin else ''}{pin}</p></footer>"
    )
