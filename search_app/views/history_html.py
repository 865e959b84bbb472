"""What happened to the base: how long the last rebuild took, the log, what the quality gate found, the kept builds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from index.build.history import Event, History, seconds_of
from search_app.phrases import phrase
from search_app.render import escape, isolated
from search_app.views.address import Address
from search_app.views.bars_html import Bar, bars_html
from search_app.when import Clock
from search_app.words import Words

# Questions that got worse and reasons are shown so many of; the command tells all.
_WORSE = 20


def lasted(seconds: float, say: Words) -> str:
    """Return a duration: 3.3 s, 41 s, 40 min 12 s."""
    if seconds < 60:
        return say("seconds", count=f"{seconds:.1f}" if seconds < 10 else round(seconds))
    return say("minutes", minutes=int(seconds // 60), seconds=int(seconds % 60))


def size_told(size: float) -> str:
    """Return a number of bytes in the largest unit of which there is one."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1000
    raise AssertionError  # the last unit returns


def stages_html(history: History, clock: Clock, say: Words) -> str:
    """Return the seconds of each stage of the last rebuild as bars."""
    event = history.stages
    if event is None:
        return f'<p class="pk-meta">{escape(say("no_rebuild"))}</p>'
    stages = seconds_of(event)
    total = event.get("seconds")
    whole = lasted(total if isinstance(total, int | float) else sum(stages.values()), say)
    bars = [Bar(say.name("stage", name), taken, lasted(taken, say)) for name, taken in stages.items()]
    line = say("last_rebuild_line", at=clock.at(event["at"]), seconds=whole)
    return f'<p class="pk-meta">{escape(line)}</p>{bars_html(say("last_rebuild"), bars, say)}'


def log_html(history: History, kept: Sequence[str], here: Address, clock: Clock, say: Words) -> str:
    """Return the events of the log as a table, newest first; builds that are `kept` are links."""
    if not history.events:
        return f'<p class="pk-meta">{escape(say("log_empty"))}</p>'
    shown = len(history.events)
    note = say("log_note") if shown == history.count else say("log_shown", count=shown, total=history.count)
    head = "".join(f'<th scope="col">{escape(say(f"log_{name}"))}</th>' for name in ("when", "what", "build", "more"))
    rows = "".join(_event_row(event, kept, here, clock, say) for event in history.events)
    return (
        f'<p class="pk-meta">{escape(note)}</p><table class="pk-log"><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _event_row(event: Event, kept: Sequence[str], here: Address, clock: Clock, say: Words) -> str:
    what = f'<span class="pk-event pk-event-{_tone(event)}">{escape(say.name("event", event["event"]))}</span>'
    build = event.get("build")
    place = _build(build, kept, here) if isinstance(build, str) else ""
    return (
        f'<tr><td><time datetime="{escape(event["at"])}">{escape(clock.at(event["at"]))}</time></td><td>{what}</td>'
        f"<td>{place}</td><td>{isolated(_details(event, say))}</td></tr>"
    )


def _build(build: str, kept: Sequence[str], here: Address) -> str:
    name = f"<code>{escape(build)}</code>"
    if build not in kept:
        return name
    there = Address(lang=here.lang, build=build)
    return f'<a class="pk-go" href="{escape(there.href)}" target="_self">{name}</a>'


def _tone(event: Event) -> str:
    return {"refused": "bad", "failed": "bad", "rolled_back": "part", "published": "good"}.get(event["event"], "plain")


def _details(event: Event, say: Words) -> str:
    """Return what an event says, in words; events and fields of another version are passed over."""
    kind, gate = event["event"], event.get("gate")
    parts: list[str] = []
    if kind == "rebuilt" and all(isinstance(event.get(name), int) for name in ("pages", "cleaned", "embedded")):
        took = event.get("seconds")
        seconds = lasted(took, say) if isinstance(took, int | float) else ""
        counts = {name: f"{event[name]:,}" for name in ("pages", "cleaned", "embedded")}
        parts.append(say("told_rebuilt", **counts, seconds=seconds))
    if kind == "published":
        previous = event.get("previous")
        parts.append(say("told_followed", previous=previous) if previous else say("told_first"))
        parts += [say("told_forced")] if event.get("forced") else []
    if kind == "rolled_back":
        parts.append(say("told_back", previous=event.get("previous") or "?"))
    if kind == "cleared":
        builds, freed = event.get("builds"), event.get("freed")
        count = len(builds) if isinstance(builds, list) else 0
        parts.append(say("told_cleared", count=count, freed=size_told(freed if isinstance(freed, int) else 0)))
    if isinstance(gate, dict) and isinstance(gate.get("reason"), str):
        parts.append(phrase(gate["reason"], say.lang))
    if isinstance(event.get("reason"), str):
        parts.append(phrase(event["reason"], say.lang))
    return ("；" if say.lang == "zh" else "; ").join(parts)


def gate_html(history: History, kept: Sequence[str], here: Address, clock: Clock, say: Words) -> str:
    """Return what the gate found last: verdict, measures before and after, and the questions that got worse."""
    event = history.judged
    if event is None:
        return f'<p class="pk-meta">{escape(say("gate_none"))}</p>'
    gate: Mapping[str, Any] = event["gate"]
    passed = bool(gate.get("passed"))
    builds = str(gate.get("published")), str(gate.get("build"))
    line = say(
        "gate_line", build=builds[1], published=builds[0], questions=gate.get("questions"), at=clock.at(event["at"])
    )
    verdict = say("gate_passed" if passed else "gate_refused")
    reason = phrase(str(gate.get("reason", "")), say.lang)
    return (
        f'<p><span class="pk-event pk-event-{"good" if passed else "bad"}">{escape(verdict)}</span> '
        f"{isolated(reason)}</p>"
        f'<p class="pk-meta">{escape(line)}</p>{_measures(gate, say)}{_worse(gate, builds, kept, here, say)}'
    )


def _measures(gate: Mapping[str, Any], say: Words) -> str:
    rows = []
    for name, d in gate["differences"].items():
        fell = name in gate.get("fell", ())
        mark = f' <span class="pk-event pk-event-bad">{escape(say("gate_fell"))}</span>' if fell else ""
        cells = (
            f"{d['other']:.3f}",
            f"{d['this']:.3f}",
            f"{d['difference']:+.3f}",
            f"{d['low']:+.3f} … {d['high']:+.3f}",
        )
        rows.append(
            f'<tr><th scope="row">{escape(say.name("measure", name))}{mark}</th>'
            f"{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
        )
    head = "".join(
        f'<th scope="col">{escape(say(f"gate_{name}"))}</th>'
        for name in ("measure", "before", "now", "difference", "interval")
    )
    return (
        f'<div class="pk-wide" tabindex="0" role="region" aria-label="{escape(say("gate_caption"))}">'
        f'<table class="pk-numbers"><caption>{escape(say("gate_caption"))}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _worse(gate: Mapping[str, Any], builds: tuple[str, str], kept: Sequence[str], here: Address, say: Words) -> str:
    worse = gate.get("worse") or []
    left_out = gate.get("left_out") or {}
    out = f'<p class="pk-meta">{escape(say("gate_left_out", count=len(left_out)))}</p>' if left_out else ""
    if not worse:
        return f'<p class="pk-meta">{escape(say("gate_no_worse"))}</p>{out}'
    items = []
    for change in worse[:_WORSE]:
        text = str(change.get("text", ""))
        links = []
        for build, key in zip(builds, ("ask_before", "ask_now"), strict=True):
            if build in kept:
                there = Address(q=text, lang=here.lang, build=build)
                links.append(
                    f'<a class="pk-go" href="{escape(there.href)}" target="_self">{escape(say(key, build=build))}</a>'
                )
        items.append(
            f'<li><p lang="zh-CN">{isolated(text)}</p><p class="pk-meta">'
            f"{isolated(phrase(str(change.get('happened', '')), say.lang))}</p>"
            f'<p class="pk-meta">{" · ".join(links)}</p></li>'
        )
    more = len(worse) - len(items)
    tail = f'<p class="pk-meta">{escape(say("more", count=more))}</p>' if more else ""
    head = escape(say("gate_worse", count=len(worse)))
    return f'<details class="pk-op-worse"><summary>{head}</summary><ol>{"".join(items)}</ol>{tail}</details>{out}'
