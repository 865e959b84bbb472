"""The page for the maintainer: is the base healthy, what happened to it, what it covers, and what waits for a person.

It opens what it can by itself and works where the base is missing or damaged: then it says so. What depends on a build
alone is read once a build; the rest is read anew each time.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from index.audit import DoubtfulPage, count_doubtful, worst_pages
from index.build.builds import Build, kept_builds
from index.build.health import Health, Known, know, look_at
from index.build.history import History, read_history
from index.build.journal import LOG
from index.build.leftovers import CURRENT
from index.build.manifest import FILE
from index.build.neighbours import Step, steps
from index.build.publish import build_folders
from index.build.underway import underway
from index.covered import Covered, covered
from index.kb import KnowledgeBase
from index.model.embedder import ModelError
from index.unanswered import Unanswered, read_unanswered
from ingest.problem import Problem
from search_app.render import escape
from search_app.switches import OPERATION_PAGE, QUESTION_LOG, is_on
from search_app.views.address import Address
from search_app.views.bases import base_folder, shelf
from search_app.views.builds_html import builds_html
from search_app.views.covered_html import covered_html
from search_app.views.findings_html import doubtful_html, questions_html, rules_html, skipped_html
from search_app.views.health_html import figures_html, health_html, underway_html
from search_app.views.history_html import gate_html, log_html, size_told, stages_html
from search_app.views.look import look_again
from search_app.views.unanswered import noting
from search_app.when import Clock, clock
from search_app.words import Lang, Words

PARTS = ("overview", "questions", "coverage", "cleaning", "builds")
# As much of each list as a person reads; the command beside it has the rest.
_EVENTS, _QUESTIONS, _PAGES, _SKIPPED = 30, 100, 20, 50


def operation_link_html(here: Address, say: Words) -> str:
    """Return the link to this page, or nothing where the server does not show it."""
    if not is_on(OPERATION_PAGE):
        return ""
    there = Address(view="operation", lang=here.lang)
    return f'<a class="pk-go" href="{escape(there.href)}" target="_self">{escape(say("operation"))}</a>'


def show(here: Address, say: Words) -> None:
    """Draw the part of the operation page that the address names, the overview where it names none."""
    if not is_on(OPERATION_PAGE):
        _closed(here, say)
        return
    folder = base_folder()
    part = here.part if here.part in PARTS else "overview"
    st.html(_head(part, here, say))
    kb = _published()
    drawn = {"questions": _questions, "coverage": _coverage, "cleaning": _cleaning, "builds": _builds}
    if part == "overview":
        _overview(folder, kb, here, say)
    else:
        drawn[part](folder, kb, here, say)
    _foot(here, say)


def _overview(folder: Path, kb: KnowledgeBase | None, here: Address, say: Words) -> None:
    now = clock(say, st.context.timezone)
    health = look_at(folder, quick=True, known=_known(kb))
    history = _history(folder)
    model = _model_problem(kb)
    more = [f"{say('model_problem')}: {model}"] if model else []
    st.html(health_html(health, now, say, more=more))
    _running(health.is_healthy, health.running is not None, say.lang)
    st.html(figures_html(_figures(folder, health, kb, here, say), say))
    status = f"policykb status --kb {shlex.quote(str(folder))}"
    _section(say("last_rebuild"), stages_html(history, now, say), status, say)
    kept = tuple(build.name for build in build_folders(folder))
    logged = f"tail -n {_EVENTS} {shlex.quote(str(folder / LOG))}"
    _section(say("log"), log_html(history, kept, here, now, say), logged, say)


@st.fragment
def _running(serving: bool, was: bool, lang: Lang) -> None:
    """Draw what changes the base now, and the whole page anew when that has begun or ended."""
    look_again("running")
    say = Words(lang)
    found = underway(base_folder())
    if (found is not None) != was:
        st.rerun()
    if told := underway_html(found, clock(say, st.context.timezone), say, serving=serving):
        st.html(told)


def _figures(
    folder: Path, health: Health, kb: KnowledgeBase | None, here: Address, say: Words
) -> list[tuple[str, str, str | None]]:
    """Return the figures of the published build, and of what waits for a person, with the way there."""
    parts = {part: Address(view="operation", part=part, lang=here.lang).href for part in PARTS}
    found: list[tuple[str, str, str | None]] = []
    if health.manifest is not None:
        manifest = health.manifest
        counts, vectors = manifest["counts"], manifest["vectors"]
        for name in ("pages", "articles", "passages"):
            found.append((f"{counts[name]:,}", say(f"fig_{name}"), None))
        found.append((f"{sum(manifest['removals'].values()):,}", say("fig_removals"), parts["cleaning"]))
        found.append((f"{len(manifest['skipped']):,}", say("fig_skipped"), parts["cleaning"]))
        if recall := vectors.get("recall"):
            found.append((f"{recall['found']:.3f}", say("fig_recall", at=recall["at"]), None))
        found.append((manifest["model"]["name"], say("fig_model"), None))
    if kb is not None and (doubtful := _count_doubtful(kb)) is not None:
        found.append((f"{doubtful:,}", say("fig_doubtful"), parts["cleaning"]))
    if kb is not None and (cover := _covered(kb)):
        found.append((f"{len(cover.gaps)}", say("fig_gaps"), parts["coverage"]))
    questions, _ = _asked(folder)
    found.append((f"{len(questions):,}", say("fig_unanswered"), parts["questions"]))
    found.append((f"{len(health.builds)}", say("fig_builds"), parts["builds"]))
    found.append((size_told(health.size), say("fig_size"), None))
    found.append((size_told(health.free), say("fig_free"), None))
    return found


def _questions(folder: Path, kb: KnowledgeBase | None, here: Address, say: Words) -> None:  # noqa: ARG001 - as all parts
    questions, unread = _asked(folder)
    warnings = [say("questions_unread", why=unread)] if unread else []
    if not is_on(QUESTION_LOG):
        warnings.append(say("questions_off"))
    elif failure := noting(folder).failure:
        warnings.append(say("questions_failed", why=failure))
    told = "".join(f'<p class="pk-warning">{escape(warning)}</p>' for warning in warnings)
    listed = questions_html(questions, here, clock(say, st.context.timezone), say, most=_QUESTIONS)
    command = f"policykb unanswered --kb {shlex.quote(str(folder))}"
    _section(say("part_questions"), told + listed, command, say)
    if questions:
        st.html(
            f'<p class="pk pk-command" lang="{say.tag}">{escape(say("questions_clear"))} '
            f"<code>{escape(command)} --clear</code></p>"
        )


def _coverage(folder: Path, kb: KnowledgeBase | None, here: Address, say: Words) -> None:
    found = _covered(kb) if kb is not None else None
    if found is None:
        st.html(f'<p class="pk pk-meta" lang="{say.tag}">{escape(say("is_absent"))}</p>')
        return
    command = f"policykb coverage --kb {shlex.quote(str(folder))}"
    _section(say("part_coverage"), covered_html(found, here, say), command, say)


def _cleaning(folder: Path, kb: KnowledgeBase | None, here: Address, say: Words) -> None:
    if kb is None:
        st.html(f'<p class="pk pk-meta" lang="{say.tag}">{escape(say("is_absent"))}</p>')
        return
    base = f"--kb {shlex.quote(str(folder))}"
    pages = doubtful_html(_doubtful(kb), kb.build, here, say)
    _section(say("doubtful_pages"), pages, f"policykb audit {base} -n {_PAGES}", say)
    _section(say("removals_by_rule"), rules_html(kb.head["removals"], say), f"policykb audit {base}", say)
    skipped = skipped_html(kb.head["skipped"], say, most=_SKIPPED)
    _section(say("skipped_pages"), skipped, f"policykb status {base} --json", say)


def _builds(folder: Path, kb: KnowledgeBase | None, here: Address, say: Words) -> None:  # noqa: ARG001 - as all parts
    now = clock(say, st.context.timezone)
    base = f"--kb {shlex.quote(str(folder))}"
    kept = tuple(build.name for build in build_folders(folder))
    history = _history(folder)
    pair = f"{history.judged['gate']['published']} {history.judged['build']} " if history.judged else ""
    _section(say("gate"), gate_html(history, kept, here, now, say), f"policykb diff {pair}{base}", say)
    place = st.empty()
    place.html(f'<p class="pk pk-meta" lang="{say.tag}" role="status">{escape(say("builds_reading"))}</p>')
    with place.container():
        _kept_section(folder, here, now, say)


def _kept_section(folder: Path, here: Address, now: Clock, say: Words) -> None:
    try:
        builds, changes = _kept(str(folder), _stamp(folder))
    except (Problem, OSError) as problem:
        st.html(f'<p class="pk pk-warning">{escape(problem)}</p>')
        return
    listed = builds_html(folder, builds, changes, here, now, say)
    _section(say("builds"), listed, f"policykb builds --kb {shlex.quote(str(folder))}", say)


def _head(part: str, here: Address, say: Words) -> str:
    links = []
    for name in PARTS:
        there = Address(view="operation", part=None if name == "overview" else name, lang=here.lang)
        current = ' aria-current="page"' if name == part else ""
        words = escape(say(f"part_{name}"))
        links.append(f'<a class="pk-go" href="{escape(there.href)}" target="_self"{current}>{words}</a>')
    return (
        f'<div class="pk pk-operation" lang="{say.tag}"><h1>{escape(say("operation"))}</h1>'
        f'<nav class="pk-tabs" aria-label="{escape(say("operation_parts"))}">{"".join(links)}</nav></div>'
    )


def _section(title: str, inner: str, command: str, say: Words) -> None:
    """Draw a part with its title and, below it, the command that gives the same."""
    st.html(
        f'<section class="pk pk-op" lang="{say.tag}"><h2>{escape(title)}</h2>{inner}'
        f'<p class="pk-command">{escape(say("same_command"))} <code>{escape(command)}</code></p></section>'
    )


def _foot(here: Address, say: Words) -> None:
    home = Address(lang=here.lang)
    st.html(
        f'<footer class="pk pk-foot" lang="{say.tag}"><p><a class="pk-go" href="{escape(home.href)}" target="_self">'
        f"{escape(say('start_page'))}</a></p></footer>"
    )


def _closed(here: Address, say: Words) -> None:
    st.html(
        f'<section class="pk pk-state" lang="{say.tag}" role="status"><h1>{escape(say("no_operation"))}</h1>'
        f"<p>{escape(say('no_operation_more'))}</p></section>"
    )
    _foot(here, say)


def _published() -> KnowledgeBase | None:
    """Return the build that readers see, None where there is none to see."""
    try:
        return shelf().published()
    except (Problem, OSError):
        return None


def _model_problem(kb: KnowledgeBase | None) -> str | None:
    """Return why the model of a build cannot be used; None where it can."""
    try:
        if kb is not None:
            kb.embedder  # noqa: B018 - loading it is the test
    except ModelError as problem:
        return str(problem)
    return None


def _asked(folder: Path) -> tuple[Sequence[Unanswered], str | None]:
    """Return the questions without an answer, and why they cannot be read, if so."""
    try:
        return read_unanswered(folder), None
    except OSError as error:
        return (), str(error)


def _history(folder: Path) -> History:
    try:
        return read_history(folder, limit=_EVENTS)
    except OSError:  # health says so
        return History((), 0, None, None)


def _known(kb: KnowledgeBase | None) -> Known | None:
    """Return the manifest of a build as it was read and checked before; None where it is gone."""
    if kb is None:
        return None
    try:
        return _knowing(str(kb.folder), kb.build, (kb.path / FILE).stat().st_mtime_ns, kb)
    except (Problem, OSError):
        return None


@st.cache_resource(max_entries=1, show_spinner=False)
def _knowing(folder: str, build: str, changed: int, _kb: KnowledgeBase) -> Known:  # noqa: ARG001 - part of the key
    return know(Path(folder), build, _kb.manifest)


def _covered(kb: KnowledgeBase) -> Covered | None:
    try:
        return _covering(str(kb.folder), kb.build, kb)
    except Problem:
        return None


@st.cache_resource(max_entries=2, show_spinner=False)
def _covering(folder: str, build: str, _kb: KnowledgeBase) -> Covered:  # noqa: ARG001 - part of the key
    return covered(build, _kb.catalogue)


def _count_doubtful(kb: KnowledgeBase) -> int | None:
    try:
        return count_doubtful(kb.records)
    except Problem:  # health says so
        return None


def _doubtful(kb: KnowledgeBase) -> tuple[DoubtfulPage, ...]:
    skipped = {item["path"]: item["reason"] for item in kb.head["skipped"]}
    return worst_pages(kb.records, skipped=skipped, count=_PAGES)


def _stamp(folder: Path) -> tuple[Any, ...]:
    """Return what changes whenever a build comes, goes, is published or made again."""
    files = [folder / CURRENT, folder / LOG, *(build / FILE for build in build_folders(folder))]
    return tuple((file.parent.name, file.stat().st_mtime_ns) for file in files if file.is_file())


@st.cache_resource(max_entries=1, show_spinner=False)
def _kept(folder: str, stamp: tuple[Any, ...]) -> tuple[tuple[Build, ...], tuple[Step | None, ...]]:  # noqa: ARG001 - part of the key
    builds = kept_builds(Path(folder))
    return builds, steps(Path(folder), builds)
