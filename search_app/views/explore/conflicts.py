"""The part of exploring that lays statements with different numbers for one matter side by side."""

from __future__ import annotations

from functools import partial

import streamlit as st

from index.conflicts.conflicts import Conflicts
from index.conflicts.groups import DIFFERENCES
from index.conflicts.matters import KINDS
from index.filters import Filters
from index.kb import KnowledgeBase
from index.table import Origin, Table, table_of_frame
from search_app.reproduce import shell_line
from search_app.views.address import Address
from search_app.views.explore.box import box
from search_app.views.explore.conflicts_html import (
    PAGE,
    group_html,
    line_svg,
    none_html,
    paging_html,
    shown_page,
    table_html,
    ways_html,
)
from search_app.views.explore.home import command_words, show_picture, take_home, where_words
from search_app.words import Words


def show(kb: KnowledgeBase, here: Address, say: Words) -> None:
    """Draw the groups that the address asks for, a page of them."""
    kind = here.by if here.by in KINDS else None
    difference = here.order if here.order in DIFFERENCES else None
    box("conflicts", here, say, submit="conflicts_find")
    found = _conflicts(str(kb.folder), kb.build, here.filters, here.q, kind, difference, kb).read_from(kb)
    st.html(ways_html(kind, difference, found, here, say))
    if not len(found):
        st.html(none_html(here, say))
        return
    at, groups = shown_page(found, here.at)
    for number, group in enumerate(groups, start=(at - 1) * PAGE + 1):
        st.html(group_html(number, group, kb.build, here, say))
        show_picture(line_svg(group, say), name="pk-conflicts-line")
        st.html(table_html(group, say))
    st.html(paging_html(found, at, here, say))
    _home(kb, here, kind, difference, say)


@st.cache_resource(max_entries=16, show_spinner=False)
def _conflicts(
    folder: str,  # noqa: ARG001 - the key
    build: str,  # noqa: ARG001 - the key
    where: Filters,
    matter: str,
    kind: str | None,
    difference: str | None,
    _kb: KnowledgeBase,
) -> Conflicts:
    # Kept without the base: what the cache holds would keep an old build open.
    return _kb.conflicts(where, matter or None, kind=kind, difference=difference).read_from(None)


def _home(kb: KnowledgeBase, here: Address, kind: str | None, difference: str | None, say: Words) -> None:
    options = [*(["--kind", kind] if kind else []), *(["--difference", difference] if difference else [])]
    words = ["--", here.q] if here.q else []
    command = shell_line("policykb", "conflicts", *command_words(kb, here), *options, *words)
    said = [*([f"matter={here.q!r}"] if here.q else []), *([f"kind={kind!r}"] if kind else [])]
    said += [f"difference={difference!r}"] if difference else []
    said += [where_words(here.filters).removeprefix(", ")] if here.filters else []
    expression = f"kb.conflicts({', '.join(said)}).to_frame()"
    made = partial(
        _table, matter=here.q, kind=kind, difference=difference, origin=Origin(kb.build, command, here.filters)
    )
    take_home(kb, made, here, say, command=command, expression=expression, key="conflicts")


def _table(kb: KnowledgeBase, *, matter: str, kind: str | None, difference: str | None, origin: Origin) -> Table:
    found = kb.conflicts(origin.filters, matter or None, kind=kind, difference=difference)
    return table_of_frame(found.to_frame(), "conflicts", origin, matter)
