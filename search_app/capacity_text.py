"""A plan of capacity to read: one size with every part, several sizes as a table, the measured lines behind both."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from search_app.amounts import bytes_told, seconds_told
from search_app.words import Words

if TYPE_CHECKING:
    from index.capacity import Plan, Reason
    from index.capacity_embedded import End
    from index.capacity_slopes import Amount, Lines

_COLUMNS = (
    *("passages", "choose", "disk", "memory", "search", "build"),
    *("nodes", "shards", "codes", "shard_search", "node_memory", "node_disk", "front", "front_memory"),
)
_MARK = " *"  # what was drawn on beyond the sizes that were measured


def plan_lines(plan: Plan, say: Words) -> Iterator[str]:
    """Yield a plan line by line: what to choose and why, then every part."""
    embedded, cluster, front, build = plan.embedded, plan.cluster, plan.front, plan.build
    yield say(
        "plan_title",
        passages=plan.passages,
        pages=plan.pages,
        model=plan.model.name,
        dim=plan.model.dim,
        memory=bytes_told(plan.node.memory),
        disk=bytes_told(plan.node.disk),
    )
    yield ""
    yield f"{say('plan_choose')}: {_store(plan, say)}"
    for reason in plan.advice.reasons:
        yield f"  {_why(reason, say)}"
    yield from _block(say("plan_head_embedded"), embedded.disk, plan, say)
    yield from _block(say("plan_head_embedded_memory"), embedded.memory, plan, say)
    yield from _block(say("plan_head_question"), embedded.question, plan, say)
    yield from _block(say("plan_head_build"), build.stages, plan, say, prefix="plan_stage")
    yield _row(say("plan_seconds", workers=build.workers), seconds_told(build.seconds), build.is_measured)
    yield _row(say("plan_prepare"), seconds_told(build.prepare.value), build.prepare.is_measured)
    for head, amounts in (("cluster", cluster.disk), ("cluster_memory", cluster.memory)):
        yield from _block(say(f"plan_head_{head}", codes=cluster.codes, nodes=cluster.nodes), amounts, plan, say)
        of_node = cluster.of_node[0 if head == "cluster_memory" else 1]
        yield _row(say("plan_of_node"), bytes_told(of_node.value), of_node.is_measured)
    yield _row(
        say("plan_shard_search", shards=cluster.shards),
        seconds_told(cluster.question.value),
        cluster.question.is_measured,
    )
    yield _row(say("plan_load"), seconds_told(cluster.load.value), cluster.load.is_measured)
    yield from _block(say("plan_head_front"), front.disk, plan, say)
    yield from _block(say("plan_head_front_memory"), front.memory, plan, say)
    yield ""
    yield say("plan_head_ends")
    for name, end in _ends(plan, say):
        if not end.is_in_sight:
            continue
        yield _row(say("plan_end", store=name, by=say(f"plan_by_{end.name}")), f"{end.passages:,}", end.is_measured)
    yield ""
    yield say("plan_why_extrapolated", measured=plan.measured)


def sizes_table(plans: Sequence[Plan], say: Words) -> str:
    """Return a Markdown table with a line for each plan."""
    rows = [[say(f"plan_column_{name}", workers=plans[0].build.workers) for name in _COLUMNS]]
    for plan in plans:
        embedded, cluster, front = plan.embedded, plan.cluster, plan.front
        cells: list[str] = [
            f"{plan.passages:,}" + _MARK * (plan.passages > plan.measured),
            say(f"plan_short_{plan.advice.store}", bases=plan.advice.bases),
            bytes_told(embedded.disk[-1].value),
            bytes_told(embedded.memory[-1].value),
            seconds_told(embedded.question[0].value),
            seconds_told(plan.build.seconds),
            f"{cluster.nodes:,}",
            f"{cluster.shards:,}",
            cluster.codes,
            seconds_told(cluster.question.value),
            *(bytes_told(of_node.value) for of_node in cluster.of_node),
            bytes_told(front.disk[-1].value),
            bytes_told(front.memory[-1].value),
        ]
        rows.append(cells)
    return _markdown(rows, left=(1, 8))


def lines_table(lines: Lines) -> str:
    """Return a Markdown table of the measured lines that plans follow from."""
    rows = [["line", "to begin with", "each passage", "off by at most", "measured at"]]
    for line in lines.values():
        sizes = ", ".join(f"{size:,}" for size in line.sizes)
        each = _each(line.each, line.unit)
        if line.name.startswith("encode."):  # drawn over the parameters of a model
            each = f"{line.each * 1e9:.3g} ns a parameter"
        rows.append([f"`{line.name}`", _told(line.fixed, line.unit), each, f"{line.off:.1%}", sizes])
    return _markdown(rows, left=(0,))


def _why(reason: Reason, say: Words) -> str:
    values = dict(reason.values)
    if "by" in values:
        values["by"] = say(f"plan_by_{values['by']}")
    if "disk" in values:
        values["disk"] = bytes_told(float(values["disk"]))
    for name in ("here", "there"):
        if name in values:
            values[name] = seconds_told(float(values[name]))
    return say(f"plan_why_{reason.name}", **values)


def _store(plan: Plan, say: Words) -> str:
    cluster = plan.cluster
    return say(
        f"plan_store_{plan.advice.store}",
        nodes=cluster.nodes,
        shards=cluster.shards,
        replicas=cluster.replicas,
        bases=plan.advice.bases,
    )


def _ends(plan: Plan, say: Words) -> Iterator[tuple[str, End]]:
    yield from ((say("plan_short_embedded"), end) for end in plan.embedded.ends)
    for cluster in (plan.cluster, plan.other):
        yield say("plan_single", codes=cluster.codes), cluster.single_end
    yield from ((say("plan_front"), end) for end in plan.front.ends)
    yield say("plan_rebuild"), plan.build.end


def _block(head: str, amounts: Iterable[Amount], plan: Plan, say: Words, prefix: str = "plan") -> Iterator[str]:
    yield ""
    yield head
    for one in amounts:
        each = _each(one.value / plan.passages, one.unit)
        name = say("plan_part_of", part=say(f"{prefix}_{one.name}"), each=each)
        yield _row(name, _told(one.value, one.unit), one.is_measured)


def _told(value: float, unit: str) -> str:
    if not value:
        return "0"
    return bytes_told(value) if unit == "B" else seconds_told(value) if unit == "s" else f"{value:.3g}"


def _each(value: float, unit: str) -> str:
    """Return what one passage takes: bytes, milliseconds, or a share."""
    if unit == "B":
        return f"{value:,.0f} B" if value >= 10 else f"{value:.2g} B"
    return f"{value * 1000:.3g} ms" if unit == "s" else f"{value:.3g}"


def _row(name: str, value: str, is_measured: bool) -> str:
    width = 60 - sum(unicodedata.east_asian_width(char) in "WF" for char in name)
    return f"  {name:<{width}}{value:>16}{'' if is_measured else _MARK}"


def _markdown(rows: Sequence[Sequence[str]], *, left: Sequence[int]) -> str:
    rule = ["---" if column in left else "--:" for column in range(len(rows[0]))]
    return "\n".join("| " + " | ".join(row) + " |" for row in (rows[0], rule, *rows[1:])) + "\n"
