"""The part of exploring that shows every place of a phrase or a pattern with what stands around it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from index.explore.concordance import ORDERS, WIDTH, Concordance, Order
from index.explore.occurrences import PatternTooSlow
from index.explore.pattern import PatternError
from index.filters import Filters
from index.kb import KnowledgeBase
from index.table import Origin, Table, table_of_frame
from search_app.render import escape
from search_app.reproduce import shell_line
from search_app.views.address import Address
from search_app.views.explore.box import box
from search_app.views.explore.concordance_html import (
    PAGE,
    WIDTHS,
    concordance_html,
    help_html,
    none_html,
    slow_html,
    start_html,
    ways_html,
    wrong_html,
)
from search_app.views.explore.home import command_words, take_home, where_words
from search_app.words import Words

# Lines of a file that a button gives: more than anybody reads.
MOST = 10_000


def show(kb: KnowledgeBase, here: Address, say: Words) -> None:
    """Draw the concordance of what the address asks for, or examples where it asks for nothing."""
    sort: Order = next((order for order in ORDERS if order == here.order), ORDERS[0])
    width = next((chars for chars in WIDTHS if str(chars) == here.by), WIDTH)
    box("kwic", here, say, submit="kwic_find")
    st.html(ways_html(sort, width, here, say))
    if not here.q:
        st.html(start_html(here, say))
        return
    if here.regex:
        st.html(help_html(here, say))
    try:
        found = _concordance(str(kb.folder), kb.build, here.filters, here.q, here.regex, sort, width, here.at, kb)
    except PatternError as problem:
        st.html(wrong_html(problem, here, say))
        return
    except PatternTooSlow:
        st.html(slow_html(say))
        return
    if not found.matches:
        st.html(none_html(found, here, say))
        return
    at = (found[0].number - 1) // PAGE + 1
    st.html(concordance_html(found, at, width, here, say))
    _home(kb, found, width, here, say)


@st.cache_resource(max_entries=32, show_spinner=False)
def _concordance(
    folder: str,  # noqa: ARG001 - the key
    build: str,  # noqa: ARG001 - the key
    where: Filters,
    q: str,
    regex: bool,
    sort: Order,
    width: int,
    at: int,
    _kb: KnowledgeBase,
) -> Concordance:
    """Return a page of the concordance, the last one where there are not as many."""
    found = _kb.kwic(q, regex=regex, sort=sort, width=width, where=where, limit=PAGE, offset=(at - 1) * PAGE)
    if found.matches and not found.lines:
        last = (found.matches - 1) // PAGE * PAGE
        found = _kb.kwic(q, regex=regex, sort=sort, width=width, where=where, limit=PAGE, offset=last)
    return found


def _home(kb: KnowledgeBase, found: Concordance, width: int, here: Address, say: Words) -> None:
    options = [*(["--regex"] if found.regex else []), "--sort", found.sort, "--width", str(width)]
    command = shell_line("policykb", "kwic", *command_words(kb, here), *options, "-n", str(MOST), "--", found.pattern)
    said = f"{', regex=True' if found.regex else ''}, sort={found.sort!r}, width={width}{where_words(here.filters)}"
    expression = f"kb.kwic({found.pattern!r}{said}, limit={MOST}).to_frame()"
    made = partial(
        _table,
        pattern=found.pattern,
        regex=found.regex,
        sort=found.sort,
        width=width,
        origin=Origin(kb.build, command, here.filters),
    )
    if found.matches > MOST:
        st.html(f'<p class="pk pk-hint" lang="{say.tag}">{escape(say("kwic_take", most=f"{MOST:,}"))}</p>')
    take_home(kb, made, here, say, command=command, expression=expression, key="kwic")


def _table(kb: KnowledgeBase, *, pattern: str, regex: bool, sort: Order, width: int, origin: Origin) -> Table:
    found = kb.kwic(pattern, regex=regex, sort=sort, width=width, where=origin.filters, limit=MOST)
    return table_of_frame(found.to_frame(), "kwic", origin, pattern)
