"""Notes the questions that got a "no", once a session, and says on the start page that it does.

What stands in the way of noting never disturbs the reader: it is told on the operation page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from index.answering.verdict import VerdictName
from index.filters import Filters
from index.hits import Hit
from index.kb import KnowledgeBase
from index.unanswered import note, why_no
from search_app.render import escape
from search_app.switches import QUESTION_LOG, is_on
from search_app.views.address import Address
from search_app.words import Words

_NOTED = "pk_noted"
# Of one reader; with more questions the first may be noted a second time.
_KEPT = 100


@dataclass(slots=True)
class Noting:
    """Whether the log could be written last time: `failure` says why not. Shared by all readers of a base."""

    failure: str | None = None


def note_unanswered(
    kb: KnowledgeBase,
    question: str,
    verdict: VerdictName | None,
    hits: Sequence[Hit],
    *,
    filters: Filters | None = None,
) -> None:
    """Note a question that got a "no", unless this reader's session noted it before or the switch is off.

    `verdict` is that of the answer, None where only words were looked for.
    """
    no = why_no(verdict, hits)
    if no is None or not is_on(QUESTION_LOG):
        return
    noted: dict[tuple[str, str, str], None] = st.session_state.setdefault(_NOTED, {})
    key = (kb.build, question, repr(filters))
    if key in noted:
        return
    noted[key] = None
    for oldest in list(noted)[:-_KEPT]:
        del noted[oldest]
    state = noting(kb.folder)
    try:
        nearest = hits[0].title if hits else None
        note(kb.folder, kb.build, question, no, nearest=nearest, filters=filters.as_dict() if filters else None)
        state.failure = None
    except OSError as error:
        state.failure = str(error)


def noting(folder: Path) -> Noting:
    """Return how noting goes for the base in `folder`."""
    return _noting(str(folder))


@st.cache_resource(max_entries=1, show_spinner=False)
def _noting(folder: str) -> Noting:  # noqa: ARG001 - the key of the cache
    return Noting()


def noting_html(here: Address, say: Words) -> str:  # noqa: ARG001 - every part of a page is called so
    """Return that questions without an answer are noted on this machine; nothing where they are not."""
    if not is_on(QUESTION_LOG):
        return ""
    return f'<p class="pk pk-hint pk-noting" lang="{say.tag}">{escape(say("noting"))}</p>'
