"""The frame around every view: style, language, the build, and the states in which there is nothing to show.

It catches what a reader or the maintainer can mend (`Problem`) and shows its words; anything else is a bug and raised.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import streamlit as st

from index.kb import KnowledgeBase
from index.model.embedder import ModelError
from ingest.problem import Problem
from search_app.render import escape
from search_app.sharing import SharingError
from search_app.shelf import NoSuchBuild
from search_app.views import article, ask
from search_app.views.address import Address, read_address
from search_app.views.bases import base_folder, shelf
from search_app.views.login import log_out_button, may_read
from search_app.views.newer import bar_html, switched_html, watch
from search_app.words import Lang, Words

_STATIC = Path(__file__).resolve().parent.parent / "static"


def show() -> None:
    """Draw the page that the address bar asks for."""
    here = read_address(st.query_params)
    say = Words(here.lang or _browser_lang(st.context.locale))
    st.set_page_config(page_title=say("brand"), page_icon=str(_STATIC / "icon.svg"), layout="centered")
    st.html(f"<style>{_joined('css/*.css')}</style>")
    st.html(_head(here, say))
    try:
        if may_read(say):
            _show_view(here, say)
    except SharingError as problem:
        # What is wrong with the settings is for whoever wrote them, not for everybody who can reach the page.
        print(problem, file=sys.stderr)
        _state(say("door_broken"), say("door_broken_more"), say)
    except NoSuchBuild:
        _state(say("no_build"), say("no_build_more", build=here.build), say)
        published = here.to(build=None, start=None, end=None)
        st.html(f'<p class="pk">{_link(published, say("show_published"), "pk-button")}</p>')
    except ModelError as problem:
        _state(say("model_mismatch"), say("model_mismatch_more"), say, detail=str(problem))
        if here.view == "ask":
            st.html(f'<p class="pk">{_link(here.to(mode="lexical"), say("try_lexical"), "pk-button")}</p>')
    except (Problem, OSError) as problem:
        folder = base_folder()
        if (folder / "CURRENT").exists():
            _state(say("damaged"), say("damaged_more"), say, detail=str(problem))
        else:
            _state(say("no_base"), say("no_base_more", folder=folder), say)
            ask.command_line(ask.rebuild_command(folder))
        st.html(f'<p class="pk">{_link(here, say("try_again"), "pk-button")}</p>')
    st.html(f"<script>{_joined('*.js')}</script>", unsafe_allow_javascript=True)


@cache
def _joined(pattern: str) -> str:
    """Return the files of the page that fit `pattern`, one after the other in the order of their names."""
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted(_STATIC.glob(pattern)))


def _show_view(here: Address, say: Words) -> None:
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
    return (
        f'<header class="pk pk-head" lang="{say.tag}" data-pk-lang="{say.tag}">'
        f'<a class="pk-go pk-brand" href="{escape(home.href)}" target="_self">policykb'
        f"<span>{escape(say('brand'))}</span></a>"
        f'<a class="pk-go pk-switch" href="{escape(switch.href)}" target="_self" lang="{tag}"'
        f' aria-label="{escape(say("other_language_hint"))}">{escape(say("other_language"))}</a></header>'
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
