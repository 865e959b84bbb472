"""The frame around every view: style, language, the build, and the states in which there is nothing to show.

It catches what a reader or the maintainer can mend (`Problem`) and shows its words; anything else is a bug and raised.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from index.kb import KnowledgeBase
from index.model.embedder import ModelError
from ingest.problem import Problem
from search_app.render import escape
from search_app.views import article, ask
from search_app.views.address import Address, read_address
from search_app.views.bases import NoSuchBuild, base_folder, current_build, open_build
from search_app.words import Lang, Words

_STATIC = Path(__file__).resolve().parent.parent / "static"


def show() -> None:
    """Draw the page that the address bar asks for."""
    here = read_address(st.query_params)
    say = Words(here.lang or _browser_lang(st.context.locale))
    st.set_page_config(page_title=say("brand"), page_icon=str(_STATIC / "icon.svg"), layout="centered")
    st.html(_STATIC / "page.css")
    st.html(_head(here, say))
    try:
        _show_view(here, say)
    except NoSuchBuild:
        _state(say("no_build"), say("no_build_more", build=here.build), say)
        published = here.to(build=None, start=None, end=None)
        st.html(f'<p class="pk">{_link(published, say("show_published"), "pk-button")}</p>')
    except ModelError as problem:
        _state(say("model_mismatch"), say("model_mismatch_more"), say, detail=str(problem))
        if here.view == "ask":
            st.html(f'<p class="pk">{_link(here.to(mode="lexical"), say("try_lexical"), "pk-button")}</p>')
    except Problem as problem:
        folder = base_folder()
        if (folder / "CURRENT").exists():
            _state(say("damaged"), say("damaged_more"), say, detail=str(problem))
        else:
            _state(say("no_base"), say("no_base_more", folder=folder), say)
            ask.command_line(ask.rebuild_command(folder))
        st.html(f'<p class="pk">{_link(here, say("try_again"), "pk-button")}</p>')
    st.html(f"<script>{(_STATIC / 'follow.js').read_text(encoding='utf-8')}</script>", unsafe_allow_javascript=True)


def _show_view(here: Address, say: Words) -> None:
    folder = base_folder()
    # A link to a build opens that build even where none is published (any more).
    current = current_build(folder) if here.build is None else _current_or_none(folder)
    kb = open_build(folder, here.build or current or "")
    if here.build and current and here.build != current:
        _older_build(here, kb, current, say)
    if here.view == "article":
        article.show(kb, here, say, current=current or kb.build)
    else:
        ask.show(kb, here, say)
    _foot(kb, here, say)


def _current_or_none(folder: Path) -> str | None:
    try:
        return current_build(folder)
    except Problem:
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
    return (
        f'<header class="pk pk-head" lang="{say.tag}" data-pk-lang="{say.tag}">'
        f'<a class="pk-go pk-brand" href="{escape(home.href)}" target="_self">policykb'
        f"<span>{escape(say('brand'))}</span></a>"
        f'<a class="pk-go pk-switch" href="{escape(switch.href)}" target="_self" lang="{tag}"'
        f' aria-label="{escape(say("other_language_hint"))}">{escape(say("other_language"))}</a></header>'
    )


def _older_build(here: Address, kb: KnowledgeBase, current: str, say: Words) -> None:
    published = here.to(build=None, start=None, end=None)
    st.html(
        f'<p class="pk pk-warning" lang="{say.tag}">{escape(say("older_build", build=kb.build, current=current))} '
        f"{_link(published, say('show_published'))}</p>"
    )


def _foot(kb: KnowledgeBase, here: Address, say: Words) -> None:
    counts = kb.manifest["counts"]
    line = say("build_line", articles=counts["articles"], passages=counts["passages"], build=kb.build)
    pin = _link(here.to(build=kb.build), say("pin")) if here.build is None else ""
    st.html(
        f'<footer class="pk pk-foot" lang="{say.tag}"><p>{escape(say("unofficial"))}</p>'
        f"<p>{escape(line)}{' · ' if pin else ''}{pin}</p></footer>"
    )


def _state(title: str, more: str, say: Words, *, detail: str = "") -> None:
    """Draw a state in which there is nothing else to show: what it is, and what to do."""
    what = f'<p class="pk-detail" lang="en"><code>{escape(detail)}</code></p>' if detail else ""
    st.html(
        f'<section class="pk pk-state" lang="{say.tag}" role="status"><h1>{escape(title)}</h1>'
        f"<p>{escape(more)}</p>{what}</section>"
    )
