"""The article view: the cleaned article with the cited place marked, or the ledger of what was removed."""

from __future__ import annotations

import streamlit as st

from index.duplicates import compare, text_of
from index.explore.independent import sources_of_ids
from index.kb import KnowledgeBase
from index.reading import Reading
from ingest.doubtful import DOUBTFUL_BELOW
from search_app.page_parts import Piece, parts_of
from search_app.render import escape
from search_app.reproduce import shell_line
from search_app.views.address import Address
from search_app.views.article_html import article_html, byline_html, doubts_html, facts_html, traces_html
from search_app.views.cite_html import cite_html
from search_app.views.compare_html import compare_html
from search_app.views.contents_html import contents_html, parts_html
from search_app.views.export import command_line, python_line
from search_app.views.ledger_html import ledger_html, pieces_of
from search_app.views.neighbours_html import copies_html, see_also_html
from search_app.views.noise_html import legend_html, noise_html, totals_html
from search_app.views.report_html import find_mistake, picker_html
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
            command_line(
                shell_line("policykb", "duplicates", reading.id, other.id, "--kb", kb.folder, "--build", kb.build)
            )
            python_line(f"kb.article({reading.id!r})\nkb.article({other.id!r})", kb)
        return
    st.html(_switch(here, say))
    if here.ledger:
        _show_ledger(reading, here, say)
    else:
        _show_article(kb, reading, here, say)
    with st.expander(say("reproduce")):
        if here.ledger:
            python_line(f"kb.removals().query({f'path == {reading.path!r}'!r})", kb)
        else:
            python_line(f"kb.article({reading.id!r})", kb)
        command_line(shell_line("policykb", "verify", "--kb", kb.folder, "--build", kb.build))


def _show_article(kb: KnowledgeBase, reading: Reading, here: Address, say: Words) -> None:
    parts = parts_of(reading.text, [Piece(start, end) for start, end in reading.spans])
    number = parts.choose(here.part, here.start)
    article = article_html(reading, here, run=parts.runs[number - 1])
    # A title that stands in the head of a page only, or in an earlier part, is said all the same.
    title = "" if "<h1" in article else _title(reading)
    st.html(title + byline_html(reading, say))
    if traces := traces_html(reading, here, say):
        st.html(traces)
    groups = kb.duplicates(reading.id)
    sources = sources_of_ids(kb, [copy.id for group in groups for copy in group.copies])
    if group := copies_html(groups, here, say, sources=sources):
        st.html(group)
    st.html(cite_html(reading, kb.build, here, say))
    way = parts_html(parts, number, here, say, removals=False)
    contents = contents_html(reading, here, say)
    st.html(f'<div class="pk-reading">{contents}{way}{article}{way}{picker_html(here, say)}</div>')
    if beside := see_also_html(reading, here, say):
        st.html(beside)
    st.html(noise_html(reading, say) + legend_html(reading, here, say))
    if facts := facts_html(reading, here, say):
        st.html(facts)


def _show_ledger(reading: Reading, here: Address, say: Words) -> None:
    st.html(_title(reading) + byline_html(reading, say))
    st.html(noise_html(reading, say) + totals_html(reading, here, say))
    if reading.confidence >= DOUBTFUL_BELOW and (doubts := doubts_html(reading, say)):
        st.html(f'<div class="pk">{doubts}</div>')
    st.html(f'<p class="pk pk-hint" lang="{say.tag}">{escape(say("ledger_hint"))}</p>')
    parts = parts_of(reading.text, pieces_of(reading))
    number = parts.choose(here.part, here.start)
    way = parts_html(parts, number, here, say, removals=True)
    mistake = find_mistake(reading, here, say)
    ledger = ledger_html(reading, here, say, run=parts.runs[number - 1], mistake=mistake)
    st.html(f'<div class="pk-reading">{way}{ledger}{way}{picker_html(here, say)}</div>')


def _title(reading: Reading) -> str:
    return f'<div class="pk"><h1 class="pk-page-title" lang="zh-CN">{escape(reading.title)}</h1></div>'


def _no_article(article: str, kb: KnowledgeBase, say: Words) -> str:
    return (
        f'<section class="pk pk-state" lang="{say.tag}" role="status"><h1>{escape(say("no_article"))}</h1>'
        f"<p>{escape(say('no_article_more', build=kb.build, article=article))}</p></section>"
    )


def _back(here: Address, say: Words, current: str) -> str:
    back = here.way_back(current=current)
    words = escape(say("back_explore") if here.back else say("back") if here.q else say("back_home"))
    question = f'<span lang="zh-CN">{escape(here.q)}</span>' if here.q else ""
    return (
        f'<nav class="pk pk-back" lang="{say.tag}" aria-label="{escape(say("back_label"))}">'
        f'<a class="pk-go" href="{escape(back.href)}" target="_self">← {words}</a>{question}</nav>'
    )


def _switch(here: Address, say: Words) -> str:
    """Return the two ways to look at the page, as links, so that each has an address."""
    links = []
    for ledger, key in ((False, "read_article"), (True, "read_ledger")):
        current = ' aria-current="page"' if here.ledger == ledger else ""
        href = escape(here.to(ledger=ledger, part=None).href)
        links.append(f'<a class="pk-go" href="{href}" target="_self"{current}>{escape(say(key))}</a>')
    return f'<nav class="pk pk-tabs" lang="{say.tag}" aria-label="{escape(say("view_switch"))}">{"".join(links)}</nav>'
