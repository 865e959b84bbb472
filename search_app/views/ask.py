"""The start view: one box, examples, the cited answer, and the passages below it."""

from __future__ import annotations

import shlex
from pathlib import Path

import streamlit as st

from index.answer import Answer
from index.kb import KnowledgeBase
from index.model.embedder import ModelError
from index.search import MODES
from search_app.differing import place_of
from search_app.render import escape
from search_app.unfound import unfound
from search_app.views.address import KS, MAX_QUESTION_CHARS, Address, read_address
from search_app.views.answer_html import answer_html
from search_app.views.passages_html import passages_html
from search_app.views.question_html import nothing_html, suggestion_html
from search_app.words import EXAMPLES, Words

_BOX, _MODE, _K = "pk_question", "pk_mode", "pk_k"
_SEEN = "pk_seen_address"


def show(kb: KnowledgeBase, here: Address, say: Words) -> None:
    """Draw the box and, where the address has a question, its answer and passages."""
    _take_over(here)
    if not here.q:
        st.html(
            f'<section class="pk pk-hero" lang="{say.tag}"><h1>{escape(say("hero"))}</h1>'
            f"<p>{escape(say('hero_more'))}</p></section>"
        )
    else:
        st.html(f'<h1 class="pk pk-spoken" lang="zh-CN">{escape(here.q)}</h1>')
    _box(say)
    if not here.q:
        _examples(say)
        with st.expander(say("reproduce")):
            command_line(f"policykb status --kb {shlex.quote(str(kb.folder))}")
            python_line("kb.articles()", kb)
        return
    _results(kb, here, say)


def _take_over(here: Address) -> None:
    """Put what the address says into the widgets: when it has changed (a link, Back, a new tab), and into those that
    another view has dropped."""
    said = {_BOX: here.q, _MODE: here.mode, _K: here.k}
    is_new = st.session_state.get(_SEEN) != said
    for key, value in said.items():
        if is_new or key not in st.session_state:
            st.session_state[key] = value
    st.session_state[_SEEN] = said


def _go(*, question: str | None = None) -> None:
    """Write what the widgets say into the address; the run that follows reads it there."""
    if question is not None:
        st.session_state[_BOX] = question
    here = read_address(st.query_params)
    there = here.to(
        q=" ".join(st.session_state[_BOX].split()),
        mode=st.session_state.get(_MODE, here.mode),
        k=st.session_state.get(_K, here.k),
    )
    st.query_params.from_dict(there.params())


def _box(say: Words) -> None:
    with st.form("ask", border=False), st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input(
            say("question_label"),
            key=_BOX,
            placeholder=say("question_hint"),
            max_chars=MAX_QUESTION_CHARS,
            label_visibility="collapsed",
            width="stretch",
        )
        st.form_submit_button(say("ask_button"), type="primary", on_click=_go)


def _examples(say: Words) -> None:
    st.html(f'<p class="pk pk-hint" lang="{say.tag}">{escape(say("examples"))}</p>')
    with st.container(horizontal=True, gap="small", key="pk_examples"):
        for number, (question, meaning) in enumerate(EXAMPLES):
            st.button(
                question,
                key=f"pk_example_{number}",
                help=meaning if say.lang == "en" else None,
                on_click=_go,
                kwargs={"question": question},
            )
    st.html(f'<p class="pk pk-hint" lang="{say.tag}">{escape(say("marks_note"))}</p>')


def _results(kb: KnowledgeBase, here: Address, say: Words) -> None:
    answer = None
    if here.mode == "lexical" and not _has_model(kb):
        st.html(f'<p class="pk pk-warning" lang="{say.tag}">{escape(say("lexical_only"))}</p>')
        hits = kb.search(here.q, k=here.k, mode="lexical")
    else:
        answer = kb.ask(here.q)
        suggested = suggestion_html(answer.hits.suggestion, here, say)
        # A question that itself leaves nothing to find tells nothing of what the collection is about.
        is_told = answer.hits or not unfound(here.q, say)
        told = answer_html(answer, here, say, places=_places(kb, answer)) if is_told else ""
        if suggested or told:
            st.html(f"{suggested}{told}")
        # What was found for the answer is what a hybrid search finds; it is not searched for twice.
        has_found = here.mode == "hybrid" and len(answer.hits) >= here.k
        hits = answer.hits[: here.k] if has_found else kb.search(here.q, k=here.k, mode=here.mode)
    _options(say)
    if hits:
        has_answer = answer is None or bool(answer.sentences)
        is_folded = answer is not None and answer.verdict == "outside"
        st.html(passages_html(hits, kb.build, here, say, nearest=not has_answer, folded=is_folded))
    else:
        st.html(nothing_html(here, say))
    _reproduce(kb, here, say)


def _places(kb: KnowledgeBase, answer: Answer) -> dict[str, str]:
    """Return the places of the articles whose figures differ, by article."""
    numbers = {sentence.citations[0] for sentence in answer.sentences if sentence.differs_from}
    readings = [kb.article(citation.article_id) for citation in answer.citations if citation.number in numbers]
    return {reading.id: place for reading in readings if reading and (place := place_of(reading))}


def _has_model(kb: KnowledgeBase) -> bool:
    try:
        return kb.embedder is not None
    except ModelError:
        return False


def _options(say: Words) -> None:
    with st.container(horizontal=True, horizontal_alignment="right"), st.popover(say("options"), type="tertiary"):
        st.radio(say("mode_label"), MODES, format_func=lambda mode: say(f"mode_{mode}"), key=_MODE, on_change=_go)
        st.selectbox(say("k_label"), KS, key=_K, on_change=_go)
        st.caption(say("options_note"))
        st.caption(say("marks_note"))


def _reproduce(kb: KnowledgeBase, here: Address, say: Words) -> None:
    with st.expander(say("reproduce")):
        command_line(ask_command(kb.folder, here))
        python_line(f"kb.ask({here.q!r})\nkb.search({here.q!r}, k={here.k}, mode={here.mode!r}).to_frame()", kb)


def ask_command(folder: Path, here: Address) -> str:
    """Return the shell lines that give this answer and these passages."""
    base = f"--kb {shlex.quote(str(folder))}"
    question = shlex.quote(here.q)
    # A question that begins with a dash would be taken for an option.
    dashes = "-- " if here.q.startswith("-") else ""
    return (
        f"policykb ask {base} {dashes}{question}\n"
        f"policykb search {base} -k {here.k} --mode {here.mode} {dashes}{question}"
    )


def rebuild_command(folder: Path) -> str:
    """Return the shell line that makes a knowledge base from the sample pages."""
    return f"policykb rebuild corpus/pages --kb {shlex.quote(str(folder))}"


def command_line(command: str) -> None:
    """Draw a shell line that can be copied."""
    st.code(command, language="bash", wrap_lines=True)


def python_line(expression: str, kb: KnowledgeBase) -> None:
    """Draw the Python lines that open this very build and evaluate `expression`."""
    st.code(
        f"from index import open_kb\nkb = open_kb({str(kb.folder)!r}, build={kb.build!r})\n{expression}",
        language="python",
        wrap_lines=True,
    )
