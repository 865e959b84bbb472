"""How the base is, at one glance: the state in words, what is damaged or waits for a person, and the figures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from index.build.health import Health
from index.build.underway import Underway
from search_app.phrases import phrase
from search_app.render import escape, isolated
from search_app.when import Clock
from search_app.words import Words

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00")


def health_html(health: Health, clock: Clock, say: Words, *, more: Sequence[str] = ()) -> str:
    """Return the state of the base, with problems and warnings; `more` are warnings that the page itself has."""
    warnings = [*more, *(_said(warning, clock, say) for warning in health.warnings)]
    if health.leftovers:
        warnings.append(say("leftovers", count=len(health.leftovers)))
    if health.build is None and not health.builds:
        state, name = "absent", "bad"
    elif not health.is_healthy:
        state, name = "damaged", "bad"
    else:
        state, name = ("watched", "part") if warnings else ("healthy", "good")
    problems = [_said(problem, clock, say) for problem in health.problems]
    return (
        f'<section class="pk pk-op-state pk-op-{name}" lang="{say.tag}" role="status">'
        f"<h2>{escape(say(f'is_{state}'))}</h2>{_published(health, clock, say)}"
        f"{_told(say('problems'), problems)}{_told(say('warnings'), warnings)}</section>"
    )


def _said(line: str, clock: Clock, say: Words) -> str:
    """Return a line of health in the reader's language and time."""
    return _TIME.sub(lambda found: clock.at(found[0]), phrase(line, say.lang))


def _published(health: Health, clock: Clock, say: Words) -> str:
    if health.build is None:
        return ""
    parts = [f"<span>{escape(say('published_line', build=health.build))}</span>"]
    if health.published:
        at, ago = clock.at(health.published), clock.ago(health.published)
        parts.append(_time(health.published, say("published_at", at=at, ago=ago)))
    elif health.manifest:
        made = str(health.manifest["made"]["at"])
        parts.append(_time(made, say("made_at", at=clock.at(made), ago=clock.ago(made))))
    return f"<p>{' · '.join(parts)}</p>"


def _time(when: str, words: str) -> str:
    return f'<time datetime="{escape(when)}">{escape(words)}</time>'


def _told(title: str, lines: Iterable[str]) -> str:
    items = "".join(f"<li>{isolated(line)}</li>" for line in lines)
    return f"<h3>{escape(title)}</h3><ul>{items}</ul>" if items else ""


def underway_html(running: Underway | None, clock: Clock, say: Words, *, serving: bool = True) -> str:
    """Return who changes the base now and what it is at; nothing where nobody does. `serving`: readers have a build."""
    if running is None:
        return ""
    owner = running.owner
    known = owner.command in ("rebuild", "rollback", "gc")
    title = say(f"running_{owner.command}" if known else "running_other")
    since = say("running_since", at=clock.at(owner.since), ago=clock.ago(owner.since), host=owner.host, pid=owner.pid)
    meanwhile = f" {escape(say('running_readers'))}" if serving else ""
    return (
        f'<section class="pk pk-op-running" lang="{say.tag}"><p><strong>{escape(title)}</strong> '
        f"{escape(since)}.{meanwhile}</p>{_stage(running, say)}</section>"
        if say.lang == "en"
        else f'<section class="pk pk-op-running" lang="{say.tag}"><p><strong>{escape(title)}</strong>，'
        f"{escape(since)}。{meanwhile.strip()}</p>{_stage(running, say)}</section>"
    )


def _stage(running: Underway, say: Words) -> str:
    if running.stage is None:
        return ""
    name = say.name("stage", running.stage)
    if not running.total:
        return f"<p>{escape(name)}…</p>"
    words = say("running_stage", stage=name, done=f"{running.done:,}", total=f"{running.total:,}")
    return (
        f'<p class="pk-op-stage"><label>{escape(words)} '
        f'<progress value="{running.done}" max="{running.total}"></progress></label></p>'
    )


def figures_html(figures: Sequence[tuple[str, str, str | None]], say: Words) -> str:
    """Return figures as tiles: each what it says, its name, and where it leads (a href) if anywhere."""
    tiles = []
    for told, name, href in figures:
        figure = isolated(told)
        if href:
            label = escape(f"{name} {told}")
            figure = f'<a class="pk-go" href="{escape(href)}" target="_self" aria-label="{label}">{figure}</a>'
        tiles.append(f"<div><dt>{escape(name)}</dt><dd>{figure}</dd></div>")
    return f'<dl class="pk pk-op-figures" lang="{say.tag}">{"".join(tiles)}</dl>'
