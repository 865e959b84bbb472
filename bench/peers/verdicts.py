"""Says in words who wins what, and whether the ratios that were promised hold, from the figures alone.

Ratios are of CPU seconds, which count all threads of a process, so that what else the machine does falls out of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from peers.store import PARTS

OURS = "policykb_store"
RANKING = "policykb_ranking"
QDRANT = "qdrant_edge_store"
SCRIPT = "faiss_script"
Kept = Mapping[str, Any]
# What is promised: hybrid search, first answer and building are so many times faster than the peer named there.
HYBRID, FIRST, BUILD = 3.0, 8.0, 3.0
# A file takes whole blocks and has a head, which are no vectors.
_MORE = 1.01
_MEGABYTE = 1e6


def _rows(kept: Kept, part: str) -> dict[tuple[str, int], dict[str, Any]]:
    found = ((key.rsplit("-", 1), row) for key, row in kept.get(part, {}).items() if "failed" not in row)
    return {(store, int(size)): row for (store, size), row in found}


def median(runs: Sequence[Mapping[str, float]], figure: str) -> float:
    """Return the median of a figure of the runs."""
    return float(np.median([run[figure] for run in runs]))


def firsts(kept: Kept, figure: str, how: str = "first") -> dict[tuple[str, int], float]:
    """Return the median seconds (`cpu` or `wall`) of the first answers by store and size."""
    found = {}
    for name, runs in kept.get("first", {}).items():
        key, _, which = name.rpartition(" ")
        if which == how:
            store, size = key.rsplit("-", 1)
            found[store, int(size)] = median(runs, figure)
    return found


def _peers(kept: Kept) -> dict[str, str]:
    """Return the names of the peers by store."""
    return {store: about["name"] for store, about in kept["stores"].items() if not store.startswith("policykb")}


def _yes(holds: bool) -> str:
    return "holds" if holds else "**does not hold**"


def promises(kept: Kept) -> Iterator[str]:
    """Yield a line for each promise and size: what was promised, what was measured, whether it holds."""
    yield from _hybrid(kept)
    yield from _first(kept)
    yield from _built(kept)
    yield from _disk(kept)
    yield from _complete(_rows(kept, "asked"), kept)


def _hybrid(kept: Kept) -> Iterator[str]:
    names, asked = _peers(kept), _rows(kept, "asked")
    others = {store for store in names if kept["stores"][store]["has_words"]} - {QDRANT}
    for size, store in _nearest({seat: row["hybrid"]["cpu"] for seat, row in asked.items()}, others):
        theirs = asked[store, size]["hybrid"]
        yield (
            f"Promised: hybrid search {HYBRID:.0f} times as fast as the fastest peer with hybrid search other than "
            f"Qdrant ({names[store]} at {size:,} passages). Measured: "
            + "; ".join(
                f"{what} {_beside(theirs, asked[own, size]['hybrid'], HYBRID, 'p50')}"
                for own, what in (
                    (RANKING, "ranking alone, given the question's vector as the peer is,"),
                    (OURS, "the whole search"),
                )
                if (own, size) in asked
            )
            + "."
        )


def _first(kept: Kept) -> Iterator[str]:
    cpu, wall = firsts(kept, "cpu"), firsts(kept, "wall")
    for size, store in _nearest(cpu, {SCRIPT}):
        theirs, ours = ({"cpu": cpu[seat, size], "wall": wall[seat, size]} for seat in (store, OURS))
        yield (
            f"Promised: first answer {FIRST:.0f} times as fast as a sentence-transformers script. Measured at {size:,} "
            f"passages: {_beside(theirs, ours, FIRST)} ({ours['wall']:.2f} s and {theirs['wall']:.2f} s)."
        )


def _built(kept: Kept) -> Iterator[str]:
    names, builds = _peers(kept), _rows(kept, "builds")
    with_words = {store for store in names if kept["stores"][store]["has_words"]}
    for size, store in _nearest({seat: row["cpu"] for seat, row in builds.items()}, with_words):
        yield (
            f"Promised: built {BUILD:.0f} times as fast as the fastest peer that builds both legs ({names[store]} at "
            f"{size:,} passages). Measured, index stages: {_beside(builds[store, size], builds[OURS, size], BUILD)}."
        )


def _beside(theirs: Mapping[str, float], ours: Mapping[str, float], least: float, wall: str = "wall") -> str:
    """Say by how much the CPU time of `theirs` exceeds `ours`, and their wall time, and of which `least` holds."""
    by_cpu, by_wall = theirs["cpu"] / ours["cpu"], theirs[wall] / ours[wall]
    holds = _yes(by_cpu >= least)
    if by_wall >= least > by_cpu:
        holds = "holds by wall time, **not by CPU**"
    elif by_cpu >= least > by_wall:
        holds = "holds by CPU, **not by wall time**"
    return f"{by_cpu:.2g} times by CPU, {by_wall:.2g} by wall time; {holds}"


def _nearest(values: Mapping[tuple[str, int], float], stores: set[str]) -> Iterator[tuple[int, str]]:
    """Yield for each size at which policykb was measured the store of `stores` with the least value."""
    for size in sorted({size for store, size in values if store == OURS}, reverse=True):
        found = [(value, store) for (store, its), value in values.items() if its == size and store in stores]
        if found:
            yield size, min(found)[1]


def _disk(kept: Kept) -> Iterator[str]:
    names, builds = _peers(kept), _rows(kept, "builds")
    for size in sorted({size for store, size in builds if store == OURS}, reverse=True):
        disks = {
            store: row["disk"]
            for (store, its), row in builds.items()
            if its == size and store in names and kept["stores"][store]["has_words"]
        }
        if not disks:
            continue
        told = []
        for part in PARTS[:-1]:
            ours = builds[OURS, size]["disk"][part]
            least, name = min((disk[part], names[store]) for store, disk in disks.items() if disk[part])
            holds = _yes(ours <= _MORE * least)
            told.append(f"{part} {ours / _MEGABYTE:.1f} MB, least {least / _MEGABYTE:.1f} ({name}): {holds}")
        whole, name = min((sum(disk.values()), names[store]) for store, disk in disks.items())
        ours = sum(builds[OURS, size]["disk"].values())
        yield (
            f"Promised: no more disk than the smallest peer that builds both legs, by part. Measured at {size:,} "
            f"passages: {'; '.join(told)}; with everything else {ours / _MEGABYTE:.1f} MB, least "
            f"{whole / _MEGABYTE:.1f} ({name}): {_yes(ours <= whole)}."
        )


def _complete(asked: Mapping[tuple[str, int], dict[str, Any]], kept: Kept) -> Iterator[str]:
    lost: dict[str, list[str]] = {}
    for (store, size), row in asked.items():
        for where, its in row.items():
            if isinstance(its, dict) and "exist" in its and (its["came"] < its["exist"] or its["outside"]):
                outside = f" and {its['outside']} hits that the filter excludes" if its["outside"] else ""
                told = f"{its['came']} of {its['exist']} hits{outside} with the filter '{where}' at {size:,} passages"
                lost.setdefault(store, []).append(told)
    ours = [told for store in (OURS, RANKING) for told in lost.get(store, ())]
    yield (
        "Promised: filtered questions never return fewer hits than exist. Measured: "
        + (
            f"policykb returned {'; '.join(ours)}; **does not hold**."
            if ours
            else "policykb returned every one; holds."
        )
    )
    for store in sorted(lost.keys() - {OURS, RANKING}):
        yield f"{kept['stores'][store]['name']} returned {'; '.join(lost[store])}."


def measures(kept: Kept) -> Iterator[tuple[str, dict[tuple[str, int], float]]]:
    """Yield what is compared, less being better, by store and size."""
    builds, asked = _rows(kept, "builds"), _rows(kept, "asked")
    words = {store for store, about in kept["stores"].items() if about["has_words"]}
    for figure, unit in (("cpu", "CPU"), ("wall", "wall")):
        yield f"building, {unit}", {seat: row[figure] for seat, row in builds.items()}
    yield "building, memory", {seat: row["memory"] for seat, row in builds.items()}
    yield "disk", {seat: sum(row["disk"].values()) for seat, row in builds.items()}
    for part in PARTS[:-1]:  # not what is left over
        yield f"disk for {part}", {seat: row["disk"][part] for seat, row in builds.items() if row["disk"][part]}
    yield "asking, memory", {seat: row["memory"] for seat, row in asked.items()}
    wheres = dict.fromkeys(
        name for row in asked.values() for name, its in row.items() if isinstance(its, dict) and "exist" in its
    )
    for figure, unit in (("cpu", "CPU"), ("p50", "p50"), ("p95", "p95")):
        yield (
            f"hybrid search, {unit}",
            {seat: row["hybrid"][figure] for seat, row in asked.items() if seat[0] in words},
        )
        yield f"dense search, {unit}", {seat: row["dense"][figure] for seat, row in asked.items()}
        for where in wheres:
            yield f"filtered search ({where}), {unit}", {seat: row[where][figure] for seat, row in asked.items()}
    yield "what the dense search misses", {seat: 1 - row["dense"]["recall"] for seat, row in asked.items()}
    for figure, unit in (("cpu", "CPU"), ("wall", "wall")):
        yield f"first answer, {unit}", firsts(kept, figure)


def best_of(kept: Kept) -> dict[tuple[str, int], float]:
    """Return the least of each measure at each size."""
    best: dict[tuple[str, int], float] = {}
    for measure, values in measures(kept):
        for (_, size), value in values.items():
            best[measure, size] = min(value, best.get((measure, size), value))
    return best


def wins(kept: Kept) -> Iterator[str]:
    """Yield a line for each topic and size in which a peer beats policykb, the one furthest ahead first."""
    won: dict[tuple[str, int], dict[str, list[tuple[float, str]]]] = {}
    names = _peers(kept)
    for measure, values in measures(kept):
        topic, _, figure = measure.partition(", ")
        for (store, size), value in values.items():
            ours = values.get((OURS, size))
            if store not in names or ours is None or value * _MORE >= ours:
                continue
            ranking = values.get((RANKING, size)) if topic.startswith(("hybrid", "filtered")) else None
            told = f"{figure} {value / ours:.2g}" + (f" (of ranking alone {value / ranking:.2g})" if ranking else "")
            name = names[store] + _only(kept, store, topic)
            won.setdefault((topic, size), {}).setdefault(name, []).append((value / ours, told.strip()))
    for (topic, size), peers in sorted(won.items(), key=lambda each: -each[0][1]):
        ahead = sorted(peers.items(), key=lambda peer: min(peer[1]))
        told = "; ".join(f"{name}: {', '.join(share for _, share in shares)}" for name, shares in ahead)
        yield f"**A peer wins** in {topic} at {size:,} passages. {told}."
    for name, rows in sorted(kept.get("quality", {}).items()):
        score, method = max((value["ndcg@10"], method) for method, value in rows.items())
        mine = rows.get("policykb, hybrid", {}).get("ndcg@10")
        if mine is not None and score > mine and not method.startswith("policykb"):
            yield f"**A peer wins** in nDCG@10 on {name}: {method} ({score:.3f}, policykb {mine:.3f})."


def _only(kept: Kept, store: str, measure: str) -> str:
    """Say of a store that ranks by vectors alone that it does, where that is part of why it is ahead."""
    if kept["stores"][store]["has_words"] or measure.startswith(("dense", "what", "disk for")):
        return ""
    return ", vectors alone"
