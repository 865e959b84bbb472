"""Says in words who wins what, and whether the ratios that were promised hold, from the figures alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from peers.store import PARTS

OURS = "policykb_store"
RANKING = "policykb_ranking"
Kept = Mapping[str, Any]
# What is promised: hybrid search, first answer and building are so many times faster than the peer named there.
HYBRID, FIRST, BUILD = 3.0, 8.0, 3.0
_MEGABYTE = 1e6


def _rows(kept: Kept, part: str) -> dict[tuple[str, int], dict[str, Any]]:
    found = ((key.rsplit("-", 1), row) for key, row in kept.get(part, {}).items() if "failed" not in row)
    return {(store, int(size)): row for (store, size), row in found}


def median(values: Sequence[float]) -> float:
    """Return the middle one, the lower of two."""
    return sorted(values)[(len(values) - 1) // 2]


def _peers(kept: Kept) -> dict[str, str]:
    """Return the names of the peers by store."""
    return {store: about["name"] for store, about in kept["stores"].items() if not store.startswith("policykb")}


def _yes(holds: bool) -> str:
    return "holds" if holds else "**does not hold**"


def promises(kept: Kept) -> Iterator[str]:
    """Yield a line for each promise: what was promised, what was measured, whether it holds."""
    names = _peers(kept)
    asked, builds = _rows(kept, "asked"), _rows(kept, "builds")
    with_words = {store for store in names if kept["stores"][store]["has_words"]}
    others = with_words - {"qdrant_edge_store"}
    fastest = _fastest(asked, others, lambda row: row["hybrid"]["p50"])
    if fastest:
        times, (store, size) = fastest
        alone = asked.get((RANKING, size))
        beside = (
            f"; its ranking alone, {asked[store, size]['hybrid']['p50'] / alone['hybrid']['p50']:.1f}" if alone else ""
        )
        yield (
            f"Promised: hybrid search {HYBRID:.0f} times as fast as the fastest peer with hybrid search other than "
            f"Qdrant ({names[store]}, {size:,} passages). Measured: {times:.1f} times{beside}; {_yes(times >= HYBRID)}."
        )
    first = {name: median(values) for name, values in kept.get("first", {}).items()}
    for (store, size), _ in builds.items():
        ours, theirs = first.get(f"{OURS}-{size} first"), first.get(f"{store}-{size} first")
        if store == "faiss_script" and ours and theirs:
            yield (
                f"Promised: first answer {FIRST:.0f} times as fast as a sentence-transformers script. Measured: "
                f"{theirs / ours:.1f} times ({ours:.2f} s and {theirs:.2f} s); {_yes(theirs / ours >= FIRST)}."
            )
    fastest = _fastest(builds, with_words, lambda row: row["wall"])
    if fastest:
        times, (store, size) = fastest
        yield (
            f"Promised: built {BUILD:.0f} times as fast as the fastest peer that builds both legs ({names[store]}, "
            f"{size:,} passages). Measured, index stages: {times:.2g} times; {_yes(times >= BUILD)}."
        )
    yield from _disk(builds, names)
    yield from _complete(asked, kept)


def _fastest(
    rows: Mapping[tuple[str, int], dict[str, Any]], stores: set[str], read: Any
) -> tuple[float, tuple[str, int]] | None:
    """Return by how much policykb is faster than the peer that comes nearest to it, and that peer."""
    found = [
        (read(row) / read(rows[OURS, size]), (store, size))
        for (store, size), row in rows.items()
        if store in stores and (OURS, size) in rows
    ]
    return min(found, default=None)


def _disk(builds: Mapping[tuple[str, int], dict[str, Any]], names: Mapping[str, str]) -> Iterator[str]:
    for size in sorted({size for store, size in builds if store == OURS}, reverse=True):
        ours = sum(builds[OURS, size]["disk"].values())
        found = [
            (sum(row["disk"].values()), names[s]) for (s, its), row in builds.items() if its == size and s in names
        ]
        if found:
            least, name = min(found)
            parts = ", ".join(f"{part} {builds[OURS, size]['disk'][part] / _MEGABYTE:.0f}" for part in PARTS)
            yield (
                f"Promised: no more disk than the smallest peer. Measured at {size:,} passages: "
                f"{ours / _MEGABYTE:.0f} MB ({parts}), the smallest is {name} with {least / _MEGABYTE:.0f} MB; "
                f"{_yes(ours <= least)}."
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


def _measures(kept: Kept) -> Iterator[tuple[str, dict[tuple[str, int], float]]]:
    """Yield what is compared, less being better, by store and size."""
    builds, asked = _rows(kept, "builds"), _rows(kept, "asked")
    words = {store for store, about in kept["stores"].items() if about["has_words"]}
    yield "time to build", {seat: row["wall"] for seat, row in builds.items()}
    yield "CPU to build", {seat: row["cpu"] for seat, row in builds.items()}
    yield "memory while building", {seat: row["memory"] for seat, row in builds.items()}
    yield "disk", {seat: sum(row["disk"].values()) for seat, row in builds.items()}
    for part in PARTS[:-1]:  # not what is left over
        told = {seat: row["disk"][part] for seat, row in builds.items() if row["disk"][part]}
        yield f"disk for {part}", told
    yield "memory while asking", {seat: row["memory"] for seat, row in asked.items()}
    for percentile in ("p50", "p95"):
        of_words = {seat: row["hybrid"][percentile] for seat, row in asked.items() if seat[0] in words}
        yield f"hybrid search, {percentile}", of_words
        yield f"dense search, {percentile}", {seat: row["dense"][percentile] for seat, row in asked.items()}
    wheres = dict.fromkeys(
        where for row in asked.values() for where, its in row.items() if isinstance(its, dict) and "exist" in its
    )
    for where in wheres:
        yield f"filtered search ({where}), p50", {seat: row[where]["p50"] for seat, row in asked.items()}
    yield "what the dense search misses", {seat: 1 - row["dense"]["recall"] for seat, row in asked.items()}
    first = {}
    for name, values in kept.get("first", {}).items():
        if name.endswith(" first"):
            store, size = name.removesuffix(" first").rsplit("-", 1)
            first[store, int(size)] = median(values)
    yield "time to the first answer", first


def wins(kept: Kept) -> Iterator[str]:
    """Yield a line for each measure in which a peer beats policykb at the same size, the best of them first."""
    names = _peers(kept)
    for measure, values in _measures(kept):
        for size in sorted({size for _, size in values}, reverse=True):
            ours = values.get((OURS, size))
            if ours is None:
                continue
            better = sorted(
                (value / ours if ours else 0.0, names[store] + _only(kept, store, measure))
                for (store, its), value in values.items()
                if its == size and store in names and value < ours
            )
            if better:
                told = ", ".join(f"{name} ({share:.2g} of policykb's)" for share, name in better)
                yield f"**A peer wins** in {measure} at {size:,} passages: {told}."
    for name, rows in sorted(kept.get("quality", {}).items()):
        best = max((value["ndcg@10"], method) for method, value in rows.items())
        ours = rows.get("policykb, hybrid", {}).get("ndcg@10")
        if ours is not None and best[0] > ours and not best[1].startswith("policykb"):
            yield f"**A peer wins** in nDCG@10 on {name}: {best[1]} ({best[0]:.3f}, policykb {ours:.3f})."


def _only(kept: Kept, store: str, measure: str) -> str:
    """Say of a store that ranks by vectors alone that it does, where that is part of why it is ahead."""
    if kept["stores"][store]["has_words"] or measure.startswith(("dense", "what", "disk for")):
        return ""
    return ", vectors alone"
