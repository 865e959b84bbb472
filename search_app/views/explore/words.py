"""The part of exploring that counts words: the keywords of a sub-corpus, its most frequent words, or one word."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from index.explore import collocates as beside
from index.explore import dispersion as evenness
from index.explore import keyness as against
from index.explore.collocates import Collocates
from index.explore.dispersion import Dispersion, Frequencies
from index.explore.keyness import Keyness
from index.explore.trends import BYS, Trend
from index.filters import Filters
from index.kb import KnowledgeBase
from index.table import Origin, Table, table_of_frame
from search_app.reproduce import shell_line
from search_app.views import states
from search_app.views.address import Address
from search_app.views.explore.box import box
from search_app.views.explore.home import command_words, picture_home, show_picture, take_home, where_words
from search_app.views.explore.words_html import frequencies_html, keyness_html, keyness_picture
from search_app.views.explore.words_one_html import (
    collocates_html,
    dispersion_html,
    dispersion_picture,
    trend_head_html,
    trend_html,
    trend_picture,
    word_html,
)
from search_app.words import Words

# What of the most frequent words is looked at for the list without a filter; further ones are exported.
LISTED = 500
WINDOWS = (5, 10, 20)


def show(kb: KnowledgeBase, here: Address, say: Words) -> None:
    """Draw the words of the sub-corpus, or the word that the address names."""
    box("words", here, say, submit="words_look")
    if here.q:
        _word(kb, here, say)
        return
    found = _keyness(str(kb.folder), kb.build, here.filters, kb) if here.filters else None
    if found is not None and not found.articles:
        return  # the sub-corpus says so
    if found is None or not found.rest_articles:
        _frequent(kb, here, say)
        return
    order = here.order if here.order in against.ORDERS else against.ORDERS[0]
    st.html(keyness_html(found, order, here, say))
    if found.rows:
        with st.expander(say("words_picture")):
            _picture(keyness_picture(found, order, say), "keyness", kb, say)
    command = shell_line("policykb", "words", *command_words(kb, here))
    expression = f"kb.keyness({where_words(here.filters)[2:]}).to_frame()"
    _home(kb, found, "keyness", here, say, command, expression)


def _frequent(kb: KnowledgeBase, here: Address, say: Words) -> None:
    found = _frequencies(str(kb.folder), kb.build, here.filters, kb)
    order = here.order if here.order in evenness.ORDERS else evenness.ORDERS[0]
    st.html(frequencies_html(found, order, here, say))
    command = shell_line("policykb", "words", *command_words(kb, here), "--frequent")
    expression = (
        f"kb.frequencies({where_words(here.filters)[2:]}{', ' if here.filters else ''}most={LISTED}).to_frame()"
    )
    _home(kb, found, "frequencies", here, say, command, expression)


def _word(kb: KnowledgeBase, here: Address, say: Words) -> None:
    of = str(kb.folder), kb.build, here.filters, here.q
    found = _dispersion(*of, kb)
    if not found.frequency.count:
        if found.articles:
            back = [(here.to(q="", by=None, order=None), say("words_all"))]
            title = say("words_nowhere", word=found.frequency.word)
            st.html(states.state_html(title, say("words_nowhere_more"), say, links=back))
        return
    st.html(word_html(found, here, say))
    _picture(dispersion_picture(found, say), "dispersion", kb, say)
    st.html(dispersion_html(found, kb.build, here, say))
    for by in BYS:
        trend = _trend(*of, by, kb)
        st.html(trend_head_html(trend, say))
        if picture := trend_picture(trend, say):
            _picture(picture, f"trend-{by}", kb, say)
        st.html(trend_html(trend, say))
    window = next((size for size in WINDOWS if str(size) == here.by), beside.WINDOW)
    near = _collocates(*of, window, kb)
    order = here.order if here.order in beside.ORDERS else beside.ORDERS[0]
    st.html(collocates_html(near, order, WINDOWS, here, say))
    command = shell_line("policykb", "words", *command_words(kb, here), "--window", str(window), "--", here.q)
    expression = f"kb.collocates({here.q!r}, window={window}{where_words(here.filters)}).to_frame()"
    _home(kb, near, "collocates", here, say, command, expression)


def _home(kb: KnowledgeBase, found: Any, name: str, here: Address, say: Words, command: str, expression: str) -> None:
    made = partial(_table, found=found, name=name, origin=Origin(kb.build, command, here.filters))
    take_home(kb, made, here, say, command=command, expression=expression, key=name, cites=False)


def _table(kb: KnowledgeBase, *, found: Any, name: str, origin: Origin) -> Table:  # noqa: ARG001 - as home calls it
    return table_of_frame(found.to_frame(), name, origin)


def _picture(svg: str, name: str, kb: KnowledgeBase, say: Words) -> None:
    show_picture(svg, name=f"pk-words-{name}")
    picture_home(svg, name, say, key=f"words_{name.replace('-', '_')}", build=kb.build)


@st.cache_resource(max_entries=64, show_spinner=False)
def _keyness(folder: str, build: str, where: Filters, _kb: KnowledgeBase) -> Keyness:  # noqa: ARG001 - the key
    return _kb.keyness(where)


@st.cache_resource(max_entries=16, show_spinner=False)
def _frequencies(folder: str, build: str, where: Filters, _kb: KnowledgeBase) -> Frequencies:  # noqa: ARG001 - the key
    return _kb.frequencies(where, most=LISTED)


@st.cache_resource(max_entries=16, show_spinner=False)
def _dispersion(folder: str, build: str, where: Filters, word: str, _kb: KnowledgeBase) -> Dispersion:  # noqa: ARG001 - the key
    return _kb.dispersion(word, where)


@st.cache_resource(max_entries=64, show_spinner=False)
def _trend(folder: str, build: str, where: Filters, word: str, by: Any, _kb: KnowledgeBase) -> Trend:  # noqa: ARG001 - the key
    return _kb.trend(word, by, where)


@st.cache_resource(max_entries=64, show_spinner=False)
def _collocates(folder: str, build: str, where: Filters, word: str, window: int, _kb: KnowledgeBase) -> Collocates:  # noqa: ARG001 - the key
    return _kb.collocates(word, window=window, where=where)
