"""The exploring view: its parts as tabs, the sub-corpus they all speak of, and the part that the address names."""

from __future__ import annotations

from importlib import import_module

import streamlit as st

from index.explore.prepared import NotPrepared
from index.kb import KnowledgeBase
from search_app.render import escape
from search_app.reproduce import shell_line
from search_app.views import states
from search_app.views.address import Address
from search_app.views.export import command_line
from search_app.words import Words

# The parts in the order of the tabs, and the module beside this file that draws each, imported when it is wanted.
PARTS = {
    "words": "words",
    "kwic": "concordance",
    "compare": "comparison",
    "conflicts": "conflicts",
    "map": "passage_map",
    "saved": "saved",
    "card": "card",
}
# Whose list or picture is of the whole build, whatever the filters say.
_WHOLE = ("saved",)


def show(kb: KnowledgeBase, here: Address, say: Words) -> None:
    """Draw the part that the address names, the words where it names none."""
    part = here.part if here.part in PARTS else "words"
    st.html(_tabs_html(part, here, say))
    if part not in _WHOLE:
        import_module("search_app.views.explore.subcorpus_html").show(kb, here, say)
    try:
        import_module(f"search_app.views.explore.{PARTS[part]}").show(kb, here.to(part=part), say)
    except NotPrepared as problem:
        st.html(states.state_html(say("explore_unprepared"), str(problem), say))
        command_line(shell_line("policykb", "prepare", "--kb", kb.folder, "--build", kb.build))


def _tabs_html(part: str, here: Address, say: Words) -> str:
    current = ' aria-current="page"'
    links = "".join(
        f'<a class="pk-go" href="{escape(here.explore(name).href)}" target="_self"'
        f"{current if name == part else ''}>{escape(say(f'explore_{name}'))}</a>"
        for name in PARTS
    )
    return (
        f'<section class="pk pk-explore" lang="{say.tag}"><h1>{escape(say(f"explore_{part}"))}</h1>'
        f'<p class="pk-lead">{escape(say(f"explore_{part}_lead"))}</p>'
        f'<nav class="pk-tabs" aria-label="{escape(say("explore_parts"))}">{links}</nav></section>'
    )
