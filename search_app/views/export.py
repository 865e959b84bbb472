"""Taking results home: files to download, references to copy, and the lines that give the same again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import partial

import streamlit as st

from index.export import FORMATS, Origin, Row, file_of, rows_of
from index.hits import Hit
from index.kb import KnowledgeBase
from index.references import numbered_lines
from search_app.render import escape, isolated
from search_app.reproduce import Asked, python_lines
from search_app.words import Words

# Of the question; with build and ending the name stays under the 255 bytes that file systems take.
_NAMED_CHARS = 40
_NO_NAME = re.compile(r"\W+")


def export_part(kb: KnowledgeBase, hits: Sequence[Hit], asked: Asked, say: Words) -> None:
    """Draw what unfolds to the hits as files of every kind, and as references to copy."""
    origin = Origin(asked.build, asked.query, asked.mode, asked.sort, asked.filters)
    # The rows and not the base: Streamlit keeps what a button will call, and with it a build would stay open.
    rows = tuple(rows_of(kb, hits))
    with st.container(key="pk_export"), st.expander(say("export")):
        hint = say("export_hint_one") if len(rows) == 1 else say("export_hint", count=len(rows))
        st.html(f'<p class="pk pk-hint" lang="{say.tag}">{escape(hint)}</p>')
        with st.container(horizontal=True, gap="small", key="pk_export_files"):
            for kind, format_ in FORMATS.items():
                st.download_button(
                    say(f"export_{kind}"),
                    data=partial(file_of, rows, origin, kind),  # made at the click, kept until the next run
                    file_name=file_name(asked, format_.suffix),
                    mime=format_.mime,
                    key=f"pk_export_{kind}",
                    on_click="ignore",
                )
        note = f'<p class="pk pk-hint" lang="{say.tag}">{escape(say("export_note"))}</p>'
        st.html(note + references_html(rows, say))


def file_name(asked: Asked, suffix: str) -> str:
    """Return the name of a file of results: build and question, without signs that mean something in a path."""
    question = _NO_NAME.sub("-", asked.query[:_NAMED_CHARS]).strip("-")
    return "-".join(filter(None, ("policykb", asked.build, question))) + f".{suffix}"


def references_html(rows: Iterable[Row], say: Words) -> str:
    """Return the references by GB/T 7714, one line an article, with a button that copies them as text."""
    lines = "&#10;".join(isolated(line) for line in numbered_lines(row.reference for row in rows))
    done, failed = escape(say("references_copied")), escape(say("references_not_copied"))
    return (
        f'<section class="pk pk-references" lang="{say.tag}"><h3 id="pk-references-name">'
        f'{escape(say("references"))}</h3><pre id="pk-references" role="group" aria-labelledby="pk-references-name"'
        f' lang="zh-CN" tabindex="0">{lines}</pre>'
        f'<button type="button" class="pk-copy" data-pk-copy="#pk-references" data-pk-done="{done}"'
        f' data-pk-failed="{failed}">{escape(say("references_copy"))}</button>'
        f'<p class="pk-hint">{escape(say("references_note"))}</p></section>'
    )


def reproduce_part(kb: KnowledgeBase, asked: Asked, say: Words, *, with_answer: bool) -> None:
    """Draw the lines for a shell and for Python that give the answer, where there is one, and the passages again."""
    with st.expander(say("reproduce")):
        answer = [asked.ask_line("--card")] if with_answer else []
        command_line("\n".join((*answer, asked.search_line(), asked.export_line("csv"))))
        answer = [asked.ask_expression(), asked.ask_expression("desk_card")] if with_answer else []
        python_line("\n".join((*answer, asked.search_expression())), kb)


def command_line(command: str) -> None:
    """Draw a shell line that can be copied."""
    st.code(command, language="bash", wrap_lines=True)


def python_line(expression: str, kb: KnowledgeBase) -> None:
    """Draw the Python lines that open this very build and evaluate `expression`."""
    st.code(python_lines(kb.folder, kb.build, expression), language="python", wrap_lines=True)
