"""The corpus card as a part of the exploring view: of the whole build, or of the part that the filters leave."""

from __future__ import annotations

from functools import partial

import streamlit as st

from index.explore.card_shape import CorpusCard
from index.explore.corpus_card import corpus_card
from index.explore.prepared import SMALL
from index.filters import Filters
from index.kb import KnowledgeBase
from search_app.corpus_card_file import MIMES, card_file
from search_app.corpus_card_html import sections_html
from search_app.corpus_card_sections import Naming, card_sections
from search_app.render import escape
from search_app.reproduce import shell_line
from search_app.views.address import Address
from search_app.views.explore.home import command_words, where_words
from search_app.views.export import command_line, python_line
from search_app.words import Lang, Words


def show(kb: KnowledgeBase, here: Address, say: Words) -> None:
    """Draw the card of what the filters leave, the files to take home, and the lines that give the same."""
    card = _card(kb, here.filters, str(kb.folder), kb.build, repr(here.filters))
    if not card.articles:
        st.html(f'<p class="pk pk-meta" lang="{say.tag}">{escape(say("corpus_empty"))}</p>')
        return
    sections = card_sections(card, Naming(), say)
    contents = "".join(f'<a href="#{escape(one.name)}">{escape(one.title)}</a>' for one in sections)
    _downloads(card, say)
    st.html(
        f'<div class="pk pk-cc" lang="{say.tag}"><nav class="pk-cc-contents" aria-label="{escape(say("contents"))}">'
        f"{contents}</nav>{sections_html(sections, say)}</div>"
    )
    with st.expander(say("reproduce")):
        command_line(shell_line("policykb", "card", *command_words(kb, here), "--lang", say.lang))
        where = where_words(here.filters).removeprefix(", where=")
        python_line(f"kb.card({f'where={where}' if where else ''})", kb)


@st.cache_data(max_entries=20, show_spinner=False)
def _card(_kb: KnowledgeBase, _filters: Filters, folder: str, build: str, said: str) -> CorpusCard:  # noqa: ARG001 - the key
    """Return the card, counted once for a build and its filters."""
    return corpus_card(_kb, _filters or None, most=SMALL)


def _downloads(card: CorpusCard, say: Words) -> None:
    with st.container(horizontal=True, gap="small", key="pk_card_files"):
        for kind, mime in MIMES.items():
            st.download_button(
                say(f"corpus_as_{kind}"),
                data=partial(_file, card, kind, say.lang),  # made at the click
                file_name=f"policykb-{card.build}-card.{kind}",
                mime=mime,
                key=f"pk_card_{kind}",
                on_click="ignore",
            )


def _file(card: CorpusCard, kind: str, lang: Lang) -> bytes:
    from typing import cast

    from search_app.corpus_card_file import Kind

    return card_file(card, cast(Kind, kind), Naming(), Words(lang)).encode()
