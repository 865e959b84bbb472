"""The article view: the cleaned article with the cited place marked, or the ledger of what was removed."""

from __future__ import annotations

import shlex

import streamlit as st

from index.duplicates import compare, text_of
from index.kb import KnowledgeBase
from search_app.cleaned import DOUBTFUL_BELOW
from search_app.render import escape
from search_app.views.address import Address
from search_app.views.article_html import article_html, byline_html, doubts_html, facts_html, traces_html
from search_app.views.ask import command_line, python_line
from search_app.views.compare_html import compare_html
from search_app.views.ledger_html import ledger_html, noise_html, totals_html
from search_app.views.neighbours_html import copies_html, see_also_html
from search_app.words import Words


def show(kb: KnowledgeBase, here: Address, say: Words, *, current: str) -> None:
    """Draw the article that the address names; `current` is the published build."""
    st.html(_back(here, say, current))
    reading = kb.article(here.article or "")
    if reading is None:
        st.html(_no_article(here.article or "", kb, say))
        return
    if here.other:
        other = kb.article(here.other)
        if other is None:
            st.html(_no_article(here.other, kb, say))
            return
        parts = compare(text_of(kb.records, reading.id) or "", text_of(kb.records, other.id) or "")
        st.html(compare_html(reading, other, parts, here, say))
        with st.expander(say("reproduce")):
            command_line(f"policykb duplicates {reading.id} {other.id} --kb {shlex.quote(str(kb.folder))}")
        return
    st.html(_switch(here, say))
    if here.ledger:
        st.html(f'<div class="pk"><h1 class="pk-page-title" lang="zh-CN">{escape(reading.title)}</h1></div>')
        st.html(byline_html(reading, say))
        st.html(noise_html(reading, say, with_rules=False) + totals_html(reading, say))
        if reading.confidence >= DOUBTFUL_BELOW and (doubts := doubts_html(reading, say)):
            st.html(f'<div class="pk">{doubts}</div>')
        st.html(f'<p class="pk pk-hint" lang="{say.tag}">{escape(say("ledger_hint"))}</p>')
        st.html(ledger_html(reading, here, say))
    else:
        st.html(byline_html(reading, say))
        if traces := traces_html(reading, here, say):
            st.html(traces)
        if group := copies_html(kb.duplicates(reading.id), here, say):
            st.html(group)
        st.html(article_html(reading, here))
        if beside := see_also_html(reading, here, say):
            st.html(beside)
        st.html(noise_html(reading, say))
        if facts := facts_html(reading, here, say):
            st.html(facts)
    with st.expander(say("reproduce")):
        if here.ledger:
            python_line(f"kb.removals().query({f'path == {reading.path!r}'!r})", kb)
        else:
            python_line(f"kb.passages().query({f'article_id == {reading.id!r}'!r})", kb)
        command_line(f"policykb verify --kb {shlex.quote(str(kb.folder))}")


def _no_article(article: str, kb: KnowledgeBase, say: Words) -> str:
    return (
        f'<section class="pk pk-state" lang="{say.tag}" role="status"><h1>{escape(say("no_article"))}</h1>'
        f"<p>{escape(say('no_article_more', build=kb.build, article=article))}</p></section>"
    )


def _back(here: Address, say: Words, current: str) -> str:
    back = here.ask(current=current)
    words = escape(say("back") if here.q else say("back_home"))
    question = f'<span lang="zh-CN">{escape(here.q)}</span>' if here.q else ""
    return (
        f'<nav class="pk pk-back" lang="{say.tag}"><a class="pk-go" href="{escape(back.href)}" target="_self">'
        f"← {words}</a>{question}</nav>"
    )


def _switch(here: Address, say: Words) -> str:
    """Return the two ways to look at the page, as links, so that each has an address."""
    links = []
    for ledger, key in ((False, "read_article"), (True, "read_ledger")):
        current = ' aria-current="page"' if here.ledger == ledger else ""
        href = escape(here.to(ledger=ledger).href)
        links.append(f'<a class="pk-go" href="{href}" target="_self"{current}>{escape(say(key))}</a>')
    return f'<nav class="pk pk-tabs" lang="{say.tag}" aria-label="{escape(say("view_switch"))}">{"".join(links)}</nav>'
