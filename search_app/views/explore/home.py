"""Taking home what a part of the exploring view shows: its list and its picture as files, and the lines that give both.

What a button will call is kept by Streamlit until the next run, so nothing here holds the build: a file is made at the
click, from the build that the shelf has open then.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from index.filters import Filters
from index.kb import KnowledgeBase
from index.picture_file import png, standalone
from index.table import KINDS, Table, kinds_of, table_file
from search_app.options import filter_words
from search_app.render import escape
from search_app.shelf import Shelf
from search_app.views.address import Address
from search_app.views.bases import shelf
from search_app.views.export import command_line, python_line
from search_app.words import Words

# What the search page does not offer; the others are called as there.
_NAMES = {"md": "home_md", "html": "home_html"}


def take_home(
    kb: KnowledgeBase,
    table: Table | Callable[[KnowledgeBase], Table],
    here: Address,  # noqa: ARG001 - as every part of the view
    say: Words,
    *,
    command: str | None,
    expression: str,
    key: str,
    cites: bool = True,
) -> None:
    """Draw what unfolds to the list as files, and below it the lines for a shell and for Python.

    A long list is given as a function that makes it at the click; it must not hold the base. `cites` says then whether
    there are references. `command` is a shell line pinned to the build, None where none gives this; `expression` is
    what to evaluate with `kb`.
    """
    held = shelf()
    all_kinds = kinds_of(table) if isinstance(table, Table) else tuple(KINDS)
    data, references = ([kind for kind in all_kinds if KINDS[kind].cites is cited] for cited in (False, True))
    with st.container(key=f"pk_home_{key}"), st.expander(say("home")):
        if isinstance(table, Table) and not table.rows:
            st.html(_hint_html(say("home_none"), say))
        else:
            st.html(_hint_html(say("home_hint"), say))
            _buttons(held, kb.build, table, data, say, key)
            if references and cites:
                st.html(_hint_html(say("home_references"), say))
                _buttons(held, kb.build, table, references, say, f"{key}_cited")
    with st.expander(say("reproduce")):
        if command is not None:
            command_line(command)
        python_line(expression, kb)


def _buttons(
    held: Shelf,
    build: str,
    table: Table | Callable[[KnowledgeBase], Table],
    kinds: list[str],
    say: Words,
    key: str,
) -> None:
    name = table.name if isinstance(table, Table) else key.removesuffix("_cited")
    with st.container(horizontal=True, gap="small", key=f"pk_home_files_{key}"):
        for kind in kinds:
            st.download_button(
                say(_NAMES.get(kind, f"export_{kind}")),
                data=partial(_file, held, build, table, kind),
                file_name=f"policykb-{build}-{name}.{KINDS[kind].suffix}",
                mime=KINDS[kind].mime,
                key=f"pk_home_{key}_{kind}",
                on_click="ignore",
            )


def _file(held: Shelf, build: str, table: Table | Callable[[KnowledgeBase], Table], kind: str) -> bytes:
    kb = held.open(build)
    return table_file(kb, table if isinstance(table, Table) else table(kb), kind)


def show_picture(svg: str, *, name: str = "") -> None:
    """Draw a picture. Raises ValueError where it has a line end, where Markdown would begin anew.

    `st.html` lets no SVG through (Streamlit 1.67 asks DOMPurify for HTML alone); `st.markdown` does, and what stands in
    one block of HTML is no Markdown to it, but for the names of icons, which it looks for in the whole text.
    """
    if "\n" in svg:
        raise ValueError("found a line end in a picture, expected one line of XML")
    text = svg.replace(":material/", "&#58;material/")
    st.markdown(f'<div class="pk pk-picture {escape(name)}">{text}</div>', unsafe_allow_html=True)


def picture_home(svg: str, name: str, say: Words, *, key: str, build: str, note: str = "") -> None:
    """Draw the buttons that give a picture as SVG and as PNG; its foot says from which build it is, and `note`."""
    note = f"policykb · {build}{f' · {note}' if note else ''}"
    files: tuple[tuple[str, str, Callable[[], bytes]], ...] = (
        ("svg", "image/svg+xml", lambda: standalone(svg, note=note).encode()),
        ("png", "image/png", lambda: png(svg, note=note)),
    )
    with st.container(horizontal=True, gap="small", key=f"pk_picture_{key}"):
        for kind, mime, made in files:
            st.download_button(
                say(f"home_{kind}"),
                data=made,
                file_name=f"policykb-{build}-{name}.{kind}",
                mime=mime,
                key=f"pk_picture_{key}_{kind}",
                on_click="ignore",
            )


def where_words(filters: Filters) -> str:
    """Return `, where=Filters(…)` for a line of Python, nothing without filters."""
    return f", where={filters!r}" if filters else ""


def command_words(kb: KnowledgeBase, here: Address) -> list[str]:
    """Return the words of a shell line that name base, build and filters."""
    return ["--kb", str(kb.folder), "--build", kb.build, *filter_words(here.filters)]


def _hint_html(text: str, say: Words) -> str:
    return f'<p class="pk pk-hint" lang="{say.tag}">{escape(text)}</p>'
