"""The saved questions as a part of the exploring view: what changed, taking it home, and how to add a question."""

from __future__ import annotations

import json

import streamlit as st

from index.explore.answer_changes import COLUMNS, SavedAnswers, row_of, saved_answers
from index.explore.prepared import SMALL
from index.kb import KnowledgeBase
from index.saved import FILE, SearchesError, page_roots, search_files
from index.table import Origin, Table
from search_app.render import escape
from search_app.reproduce import shell_line
from search_app.views import states
from search_app.views.address import Address
from search_app.views.explore.box import box
from search_app.views.explore.home import take_home
from search_app.views.explore.saved_html import add_html, saved_html
from search_app.when import clock
from search_app.words import Words


def show(kb: KnowledgeBase, here: Address, say: Words) -> None:
    """Draw the questions of corpus and base as this build answers them, compared with the build `by`."""
    try:
        found = saved_answers(kb, since=here.by, most=SMALL)
    except SearchesError as problem:
        st.html(states.state_html(say("saved_broken"), str(problem), say))
        return
    if found.items:
        st.html(saved_html(found, here, clock(say, st.context.timezone), say))
        _home(kb, found, here, say)
    else:
        st.html(f'<p class="pk pk-meta" lang="{say.tag}">{escape(say("saved_empty"))}</p>')
    with st.expander(say("saved_add"), expanded=bool(here.q) or not found.items):
        st.html(add_html(_files(kb), say))
        box("saved", here, say, submit="saved_line")
        line = {"query": here.q or say("saved_example_query"), "filters": here.filters.as_dict()}
        st.code(json.dumps({key: value for key, value in line.items() if value}, ensure_ascii=False), language="json")


def _home(kb: KnowledgeBase, found: SavedAnswers, here: Address, say: Words) -> None:
    before = found.before.build if found.before else None
    command = None  # no command prints answers without comparing them
    if before:
        command = shell_line("policykb", "diff", before, kb.build, "--no-gold", "--all", "--kb", kb.folder)
    rows = [row_of(item) for item in found.items]
    since = f"since={before!r}" if here.by and before else ""
    expression = f"kb.saved_answers({since}).to_frame()"
    table = Table("saved", COLUMNS, rows, Origin(kb.build, command or expression), title=say("explore_saved"))
    take_home(kb, table, here, say, command=command, expression=expression, key="saved")


def _files(kb: KnowledgeBase) -> list[tuple[str, str, bool]]:
    """Return where questions are read from: the file beside the corpus, there or to be made, and that of the base."""
    roots = page_roots(kb.manifest)
    own = kb.folder.absolute() / FILE
    beside = [file for file in search_files(kb.folder, roots) if file != own]
    beside = beside or [root.parent / FILE for root in roots[:1] if root.is_dir()]
    return [
        *(("saved_file_beside", str(file), file.is_file()) for file in beside),
        ("saved_file_base", str(own), own.is_file()),
    ]
