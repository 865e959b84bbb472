"""The start view: one box; below it the cited answer, how to narrow what is found, and the passages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import streamlit as st

from index.answer import Answer
from index.answering.card import desk_card
from index.beside import Beside
from index.examples import examples
from index.hits import Hits
from index.kb import KnowledgeBase
from index.model.embedder import ModelError
from search_app.differing import places_of
from search_app.render import Ready, escape
from search_app.reproduce import Asked, shell_line
from search_app.unfound import unfound
from search_app.views.address import MAX_QUESTION_CHARS, Address, read_address
from search_app.views.answer_html import answer_html
from search_app.views.card_html import card_html
from search_app.views.explore.similar_html import NEAR, similar_part
from search_app.views.export import command_line, export_part, python_line, reproduce_part
from search_app.views.facets_html import chips_html, dropped_html, facets_html
from search_app.views.passages_html import passages_html
from search_app.views.question_html import (
    examples_html,
    hero_html,
    nothing_html,
    official_html,
    pending_html,
    suggestion_html,
    too_long_html,
)
from search_app.views.tools_html import own_html, tools_html
from search_app.views.unanswered import note_unanswered, noting_html
from search_app.words import EXAMPLES, Words

_BOX, _SEEN = "pk_question", "pk_seen_question"
# What of a pasted text goes into the address: enough to say how much of it was not used, short enough for a browser.
_MAX_TYPED_CHARS = 4000


def show(kb: KnowledgeBase, here: Address, say: Words) -> None:
    """Draw the box and, where the address has a question, its answer and passages."""
    _take_over(here)
    if here.q:
        st.html(f'<h1 class="pk pk-spoken" lang="zh-CN">{escape(here.q)}</h1>')
    else:
        st.html(hero_html(say))
    _box(say)
    if here.q:
        # A container of its own: the filters stand beside it on a wide screen, and what is of the last question fades.
        with st.container(key="pk_results"):
            _results(kb, here, say)
        return
    known = {question: meaning for question, meaning, _ in EXAMPLES}
    questions = _examples(str(kb.folder), kb.build, kb)
    st.html(examples_html([(question, known.get(question, "")) for question in questions], here, say))
    st.html(f"{own_html(say)}{noting_html(here, say)}")
    with st.expander(say("reproduce")):
        command_line(shell_line("policykb", "status", "--kb", kb.folder))
        python_line("kb.articles()", kb)


def _take_over(here: Address) -> None:
    """Put the question of the address into the box: when it has changed (a link, Back, a new tab), and where another
    view has dropped it."""
    if st.session_state.get(_SEEN) != here.q or _BOX not in st.session_state:
        st.session_state[_BOX] = here.q
    st.session_state[_SEEN] = here.q


def _go() -> None:
    """Write what stands in the box into the address; the run that follows reads it there.

    A text that is too long goes there whole, so that the page can say so.
    """
    here = read_address(st.query_params)
    typed = " ".join(st.session_state[_BOX].split())[:_MAX_TYPED_CHARS]
    st.query_params.from_dict(here.to(q=typed, part=None).params())


def _box(say: Words) -> None:
    with st.form("ask", border=False), st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        # No `max_chars`: Streamlit drops a longer paste without a word.
        st.text_input(
            say("question_label"),
            key=_BOX,
            placeholder=say("question_hint"),
            label_visibility="collapsed",
            width="stretch",
        )
        st.form_submit_button(say("ask_button"), type="primary", on_click=_go)
    typed = len(" ".join(st.query_params.get("q", "").split()))
    if typed > MAX_QUESTION_CHARS:
        st.html(too_long_html(typed, MAX_QUESTION_CHARS, say))


@st.cache_data(max_entries=4, show_spinner=False)
def _examples(folder: str, build: str, _kb: KnowledgeBase) -> tuple[str, ...]:  # noqa: ARG001 - the key of the cache
    return examples(_kb, {question: page for question, _, page in EXAMPLES})


def _results(kb: KnowledgeBase, here: Address, say: Words) -> None:
    pending = st.empty()
    pending.html(pending_html(say))
    answer = None
    if here.mode == "lexical" and not _has_model(kb):
        st.html(f'<p class="pk pk-warning" lang="{say.tag}">{escape(say("lexical_only"))}</p>')
    else:
        answer = kb.ask(here.q, filters=here.filters)
    hits = _hits(kb, here, answer)
    if answer:
        _tell(kb, answer, here, say)
    pending.empty()
    note_unanswered(kb, here.q, answer.verdict if answer else None, hits, filters=here.filters)
    _narrow(kb, hits, here, say)
    _passages(kb, hits, answer, here, say)
    asked = Asked(kb.folder, kb.build, here.q, here.k, here.mode, here.sort, here.filters)
    if hits:
        export_part(kb, hits, asked, say)
    reproduce_part(kb, asked, say, with_answer=answer is not None)


def _narrow(kb: KnowledgeBase, hits: Hits, here: Address, say: Words) -> None:
    """Draw the filters that are chosen, the tools, and the filters that may be chosen."""
    facets = kb.facets(here.filters, hits)
    if hits:
        chosen = chips_html(facets, here, say)
    else:
        chosen = dropped_html(lambda filters: kb.facets(filters).articles, here, say) if here.filters else ""
    st.html(f"{chosen}{tools_html(here, say)}")
    if filters := facets_html(facets, here, say):
        st.html(Ready(filters))


def _passages(kb: KnowledgeBase, hits: Hits, answer: Answer | None, here: Address, say: Words) -> None:
    """Draw the passages, or why there are none; that filters leave nothing is said where the filters stand."""
    if hits:
        html = passages_html(
            hits,
            kb.build,
            here,
            say,
            nearest=answer is not None and not answer.sentences,
            folded=answer is not None and answer.verdict == "outside",
            beside=_beside(kb, hits, here),
            today=date.today(),
        )
        st.html(Ready(html))
    elif not here.filters:
        st.html(nothing_html(here, say))


def _beside(kb: KnowledgeBase, hits: Hits, here: Address) -> Beside:
    """Return what stands beside the hits, with the passages near to the one whose link was followed."""
    beside = kb.beside(here.q, hits)
    asked = [hit for hit in hits if here.part == similar_part(hit.passage_id)]
    return replace(beside, similar={hit.passage_id: kb.similar(hit, k=NEAR) for hit in asked})


def _hits(kb: KnowledgeBase, here: Address, answer: Answer | None) -> Hits:
    """Return the passages. What was found for the answer is what a hybrid search finds, and is not sought twice."""
    is_alike = here.mode == "hybrid" and here.sort == "relevance"
    if answer is not None and is_alike and len(answer.hits) >= here.k:
        return replace(answer.hits, hits=answer.hits[: here.k])
    return kb.search(here.q, k=here.k, mode=here.mode, sort=here.sort, filters=here.filters)


def _tell(kb: KnowledgeBase, answer: Answer, here: Address, say: Words) -> None:
    """Draw what was probably meant, the answer and the desk card."""
    suggested = suggestion_html(answer.hits.suggestion, here, say)
    official = official_html(kb.official_wordings(here.q), here, say) if not suggested else ""
    # A question that itself leaves nothing to find, or filters that nothing meets, tell nothing of the collection.
    is_told = bool(answer.hits) or not (here.filters or unfound(here.q, say))
    places = places_of(kb, answer)
    told = answer_html(answer, here, say, places=places) if is_told else ""
    if card := desk_card(kb, answer):
        told += card_html(card, here, say, places=places)
    html = f"{suggested}{official}{told}"
    if html:
        st.html(html)


def _has_model(kb: KnowledgeBase) -> bool:
    try:
        return kb.embedder is not None
    except ModelError:
        return False
