"""What stands in place of the page where there is nothing to read: what it is, what was found, what to do first.

A base that does not exist yet, that is being built, that is damaged, whose model is missing, and a build that is gone.
While the base is missing or damaged the page looks every few seconds and opens by itself as soon as it can be read.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import streamlit as st

from index.build.history import builds_shown
from index.build.leftovers import BUILDS, CURRENT
from index.build.manifest import FILE
from index.build.publish import build_folders
from index.build.underway import underway
from index.model.embedder import ModelError
from ingest.problem import Problem
from search_app.phrases import phrase
from search_app.render import escape, isolated
from search_app.shelf import NoSuchBuild
from search_app.switches import OPERATION_PAGE, is_on
from search_app.views.address import Address
from search_app.views.bases import base_folder, shelf
from search_app.views.health_html import underway_html
from search_app.views.look import look_again
from search_app.when import clock
from search_app.words import Lang, Words

# As many kept builds as a reader chooses from.
_OTHERS = 3


def show(problem: Exception, here: Address, say: Words) -> None:
    """Draw what keeps the page from being shown, and the way out."""
    folder = base_folder()
    if isinstance(problem, NoSuchBuild):
        published = (here.to(build=None, start=None, end=None), say("show_published"))
        st.html(state_html(say("no_build"), say("no_build_more", build=here.build), say, links=[published]))
    elif isinstance(problem, ModelError):
        st.html(_model_html(problem, folder, here, say))
    elif (folder / CURRENT).exists() or build_folders(folder):
        st.html(_damaged_html(problem, folder, here, say))
        _wait(here.build, _published_stamp(folder), say.lang)
    else:
        _none_yet(folder, say)
        _wait(here.build, _published_stamp(folder), say.lang)


Links = Sequence[tuple[Address, str]]


def state_html(
    title: str,
    more: str,
    say: Words,
    *,
    detail: str = "",
    steps: Sequence[tuple[str, str]] = (),
    others: Links = (),
    links: Links = (),
) -> str:
    """Return a state: its title, what it means, what was found, and the ways out of it.

    `steps` are words with a command, `others` builds that can be read meanwhile, `links` what else there is to see.
    """
    found = f'<p class="pk-detail">{isolated(phrase(detail, say.lang))}</p>' if detail else ""
    items = "".join(f"<li>{escape(words)}<pre><code>{escape(line)}</code></pre></li>" for words, line in steps)
    listed = f"<ol>{items}</ol>" if items else ""
    builds = f"<p>{escape(say('damaged_others'))} {_links(others, '')}</p>" if others else ""
    ways = f"<p>{_links(links, 'pk-button')}</p>" if links else ""
    return (
        f'<section class="pk pk-state" lang="{say.tag}" role="status"><h1>{escape(title)}</h1><p>{escape(more)}</p>'
        f"{found}{listed}{builds}{ways}</section>"
    )


def _links(links: Links, name: str) -> str:
    return " ".join(
        f'<a class="pk-go {name}" href="{escape(there.href)}" target="_self">{escape(words)}</a>'
        for there, words in links
    )


def _none_yet(folder: Path, say: Words) -> None:
    if underway(folder) is not None:
        st.html(state_html(say("building"), say("building_more"), say))
        return
    st.html(state_html(say("no_base_here"), say("no_base_here_more", folder=folder), say))
    # With a button that copies it.
    st.code(f"policykb rebuild corpus/pages --kb {shlex.quote(str(folder))}", language="bash", wrap_lines=True)
    st.html(f'<p class="pk pk-meta" lang="{say.tag}">{escape(say("own_pages"))}<br>{escape(say("waiting"))}</p>')


def _damaged_html(problem: Exception, folder: Path, here: Address, say: Words) -> str:
    base = f"--kb {shlex.quote(str(folder))}"
    kept = _others(folder, here)
    steps = [(say("damaged_back"), f"policykb rollback {base}")] if kept else []
    steps += [
        (say("damaged_anew"), f"policykb rebuild PATH {base} --full"),
        (say("damaged_all"), f"policykb status {base}"),
    ]
    links = [(here, say("try_again"))]
    if is_on(OPERATION_PAGE):
        links.append((Address(view="operation", lang=here.lang), say("look_at_operation")))
    return state_html(
        say("damaged_here"),
        say("damaged_found"),
        say,
        detail=str(problem),
        steps=steps,
        others=[(here.to(build=build), build) for build in kept],
        links=links,
    )


def _others(folder: Path, here: Address) -> list[str]:
    """Return kept builds that readers have seen, last seen first, but not the damaged one."""
    current = _published_stamp(folder)[0]
    with suppress(OSError):
        return [build for build in builds_shown(folder) if build not in (current, here.build)][:_OTHERS]
    return []


def _model_html(problem: ModelError, folder: Path, here: Address, say: Words) -> str:
    base = f"--kb {shlex.quote(str(folder))}"
    steps = [
        (say("model_moved"), f"policykb serve {base} --model NEWPLACE"),
        (say("model_bundled"), f"policykb rebuild PATH {base} --model bundled"),
    ]
    links = [(here.to(mode="lexical"), say("try_lexical"))] if here.view == "ask" else []
    return state_html(say("model_here"), say("model_here_more"), say, detail=str(problem), steps=steps, links=links)


def _published_stamp(folder: Path) -> tuple[str, int]:
    """Return what changes when another build is published, or the same one made again."""
    try:
        current = (folder / CURRENT).read_text(encoding="utf-8", errors="replace").strip()
        return current, (folder / BUILDS / current / FILE).stat().st_mtime_ns
    except (OSError, ValueError):  # of the latter, a name with a NUL
        return "", 0


def _wait(build: str | None, stamp: tuple[str, int], lang: Lang) -> None:
    """Open the page as soon as there is another build than that of `stamp`; meanwhile tell of what is under way."""
    with st.container(key="pk_waiting"):
        _look(build, stamp, lang)


@st.fragment
def _look(build: str | None, stamp: tuple[str, int], lang: Lang) -> None:
    look_again("waiting")
    say, folder = Words(lang), base_folder()
    if running := underway_html(underway(folder), clock(say, st.context.timezone), say, serving=False):
        st.html(running)
    # Only what has changed is tried: what is damaged stays so, and would be tried for ever.
    if _published_stamp(folder) != stamp:
        with suppress(NoSuchBuild, Problem, OSError):
            shelf().published() if build is None else shelf().open(build)
            st.rerun()
