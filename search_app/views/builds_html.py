"""The builds that are kept, each with the way into it and what changed since the one before."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from index.build.builds import Build
from index.build.neighbours import Step
from search_app.phrases import phrase
from search_app.render import escape, isolated
from search_app.rules import rule_name
from search_app.views.address import Address
from search_app.views.history_html import size_told
from search_app.when import Clock
from search_app.words import Words

# The rules whose counts changed most are named.
_RULES = 4


def builds_html(
    folder: Path, builds: Sequence[Build], steps: Sequence[Step | None], here: Address, clock: Clock, say: Words
) -> str:
    """Return the kept builds as a list, newest first; `steps` says of each what changed."""
    items = [_build(folder, build, step, here, clock, say) for build, step in zip(builds, steps, strict=True)]
    return f'<p class="pk-meta">{escape(say("builds_note"))}</p><ol class="pk-builds">{"".join(items)}</ol>'


def _build(folder: Path, build: Build, step: Step | None, here: Address, clock: Clock, say: Words) -> str:
    name = f"<code>{escape(build.id)}</code>"
    if build.problem is None:
        there = Address(lang=here.lang, build=build.id)
        words = escape(say("build_open", build=build.id))
        name = f'<a class="pk-go" href="{escape(there.href)}" target="_self" aria-label="{words}">{name}</a>'
    marks = [
        (build.is_current, "build_current", "good"),
        (build.is_refused, "build_refused", "bad"),
        (build.is_unjudged, "build_unjudged", "part"),
        (build.problem is not None, "build_broken", "bad"),
    ]
    badges = "".join(
        f' <span class="pk-event pk-event-{tone}">{escape(say(key))}</span>' for is_so, key, tone in marks if is_so
    )
    when = (
        say("published_at", at=clock.at(build.published), ago=clock.ago(build.published))
        if build.published
        else say("made_at", at=clock.at(build.made), ago=clock.ago(build.made))
    )
    facts = [when]
    if build.counts:
        counts = {key: f"{build.counts.get(key, 0):,}" for key in ("articles", "passages")}
        facts.append(say("build_counts", **counts))
    facts += [str(build.model["name"])] if build.model.get("name") else []
    facts.append(size_told(build.size))
    lines = [f'<p class="pk-meta">{" · ".join(isolated(fact) for fact in facts)}</p>']
    if build.problem:
        lines.append(f'<p class="pk-meta">{isolated(phrase(build.problem, say.lang))}</p>')
    if step:
        command = f"policykb diff {step.other} {build.id} --kb {shlex.quote(str(folder))}"
        told = f"{say('build_against', other=step.other)}{_changed(step, say)}"
        lines.append(f'<p class="pk-meta">{isolated(told)}</p><p class="pk-command"><code>{escape(command)}</code></p>')
    return f"<li><p>{name}{badges}</p>{''.join(lines)}</li>"


def _changed(step: Step, say: Words) -> str:
    parts = [say("build_changed", count=f"{step.pages:,}") if step.pages else say("build_changed_none")]
    parts += [say("build_model")] if step.is_other_model else []
    parts += [say("build_code")] if step.is_other_code else []
    most = sorted(step.removals.items(), key=lambda item: -abs(item[1]))[:_RULES]
    parts += [say("build_rule", rule=rule_name(rule, say), change=f"{change:+,}") for rule, change in most]
    return ("，" if say.lang == "zh" else ", ").join(parts)
