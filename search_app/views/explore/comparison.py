"""The part of exploring that asks one question of each place, year, scheme or site."""

from __future__ import annotations

import streamlit as st

from index.examples import examples
from index.explore.compare import BY, Comparison, compare
from index.explore.compare_table import comparison_table
from index.filters import Filters
from index.kb import KnowledgeBase
from index.table import Origin
from search_app.render import Ready
from search_app.reproduce import shell_line
from search_app.views.address import Address
from search_app.views.explore.box import box
from search_app.views.explore.comparison_html import comparison_html, examples_html, nothing_html, ways_html
from search_app.views.explore.home import command_words, take_home, where_words
from search_app.words import EXAMPLES, Words


def show(kb: KnowledgeBase, here: Address, say: Words) -> None:
    """Draw the box, what to compare by, and the matrix of what the address asks."""
    by = here.by if here.by in BY else BY[0]
    across = here.order if here.order in BY and here.order != by else None
    box("compare", here, say, submit="compare_button")
    st.html(ways_html(by, across, here, say))
    if not here.q:
        st.html(examples_html(_examples(str(kb.folder), kb.build, kb), here, say))
        return
    found = _compared(str(kb.folder), kb.build, here.q, by, across, here.filters, kb)
    if not found.cells:
        st.html(nothing_html(say))
        return
    st.html(Ready(comparison_html(found, here, say)))
    words = ["--by", by, *(["--across", across] if across else [])]
    question = ["--", here.q] if here.q.startswith("-") else [here.q]
    line = shell_line("policykb", "compare", *command_words(kb, here), *words, *question)
    second = f", across={across!r}" if across else ""
    expression = f"kb.compare({here.q!r}, by={by!r}{second}{where_words(here.filters)}).to_frame()"
    table = comparison_table(found, Origin(kb.build, line, here.filters))
    take_home(kb, table, here, say, command=line, expression=expression, key="compare")


@st.cache_resource(max_entries=16, show_spinner=False)
def _compared(
    folder: str,  # noqa: ARG001 - part of the key, as are the next ones
    build: str,  # noqa: ARG001
    question: str,
    by: str,
    across: str | None,
    filters: Filters,
    _kb: KnowledgeBase,
) -> Comparison:
    return compare(_kb, question, by, where=filters, across=across)


@st.cache_data(max_entries=4, show_spinner=False)
def _examples(folder: str, build: str, _kb: KnowledgeBase) -> tuple[str, ...]:  # noqa: ARG001 - the key of the cache
    return examples(_kb, {question: page for question, _, page in EXAMPLES})
