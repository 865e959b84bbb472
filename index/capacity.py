"""Capacity on paper: what a base of so many passages takes, embedded and on Qdrant, and which of the two to choose.

Every figure follows from the lines of `capacity.tsv` (`capacity_slopes`), for one machine in `capacity_embedded`, for a
cluster in `capacity_qdrant`. What lies beyond the sizes that were measured is marked, not left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import ceil
from pathlib import Path
from typing import Literal

from index.build.manifest import read_manifest
from index.build.publish import build_folder, read_current
from index.capacity_embedded import SLOWEST_QUESTION_S, USED, Build, Embedded, Node, plan_build, plan_embedded
from index.capacity_model import Model, read_model
from index.capacity_qdrant import Cluster, Front, plan_cluster, plan_front
from index.capacity_slopes import Lines, amount, of_base, of_length, read_lines

__all__ = ["GB", "NODE", "SIZES", "Model", "Node", "Plan", "lines_for", "plan_capacity", "read_model"]

GB = 1e9
# What docs/scale.md shows, and a plan without a number.
SIZES = tuple(10**power for power in range(5, 10))
# Machines that can be had anywhere: eight cores, 64 GB of memory, a terabyte of disk.
NODE = Node(64 * GB, 1000 * GB)
WORKERS = 8
# One copy may be lost, or be restarted, without a pause.
REPLICAS = 2

Store = Literal["embedded", "qdrant", "several"]


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason of an advice: what speaks for it, and the values its sentence names."""

    name: str
    values: Mapping[str, float | str]


@dataclass(frozen=True, slots=True)
class Advice:
    """`store` is what to choose: one machine, a cluster, or several bases because no machine holds the records."""

    store: Store
    bases: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a base of `passages` takes, by `lines`; the largest base that was measured has `measured` passages.

    `cluster` is the one to choose of the two with float32 and with codes, `other` the other.
    """

    passages: int
    pages: int
    model: Model
    node: Node
    measured: int
    advice: Advice
    embedded: Embedded
    cluster: Cluster
    other: Cluster
    front: Front
    build: Build
    lines: Lines

    def as_dict(self) -> dict[str, object]:
        """Return the plan in plain values: each amount names the lines that it adds up, and `lines` holds them."""
        return asdict(self)


def lines_for(kb: Path | None = None) -> tuple[Lines, Model]:
    """Return the lines of the table, or with the bytes of the base `kb`, and the model they are for."""
    lines, bundled = read_lines(), read_model()
    if kb is None:
        return lines, bundled
    build = read_current(kb)
    built = read_manifest(build_folder(kb, build))["model"]
    is_bundled = built["name"] == bundled.name
    return of_base(lines, kb, build, dim=bundled.dim), bundled if is_bundled else Model(built["name"], built["dim"])


def plan_capacity(
    passages: int,
    *,
    model: Model | None = None,
    lines: Lines | None = None,
    node: Node = NODE,
    replicas: int = REPLICAS,
    workers: int = WORKERS,
    passages_per_second: float | None = None,
) -> Plan:
    """Return what `passages` take with `model` (the bundled one) on machines like `node`, and what to choose.

    `workers` processes share what can be shared of a rebuild, on one machine or, with Ray, on many;
    `passages_per_second` is what GPUs embed, all together. Raises ValueError unless all are positive.
    """
    if min(passages, replicas, workers, node.memory, node.disk, passages_per_second or 1) <= 0:
        raise ValueError("expected passages, replicas, workers, memory, disk and passages a second above 0")
    bundled = read_model()
    model = model or bundled
    lines = of_length(read_lines() if lines is None else lines, model.dim, was=bundled.dim)
    embedded = plan_embedded(passages, lines, model, node)
    plain, coded = (
        plan_cluster(passages, lines, node, replicas=replicas, codes=codes) for codes in ("float32", "int8")
    )
    cluster, other = (coded, plain) if coded.nodes < plain.nodes else (plain, coded)
    front = plan_front(passages, lines, node)
    build = plan_build(passages, lines, model, workers=workers, passages_per_second=passages_per_second)
    return Plan(
        passages,
        round(amount("pages", lines, ("count.pages",), passages).value),
        model,
        node,
        max(lines["query.search"].sizes),
        _advice(passages, node, embedded, cluster, other, front, build),
        embedded,
        cluster,
        other,
        front,
        build,
        lines,
    )


def _advice(
    passages: int, node: Node, embedded: Embedded, cluster: Cluster, other: Cluster, front: Front, build: Build
) -> Advice:
    """Say what to choose: one machine as long as it suffices, then a cluster, then several bases.

    A question that takes long is no reason for a cluster where it would take longer.
    """
    store: Store = "embedded"
    bases = 1
    here, there = embedded.question[0].value, cluster.question.value
    ends = [end for end in embedded.ends if end.name != "question" or there < here]
    first = min(ends, key=lambda end: end.passages)
    if passages <= first.passages:
        reasons = [Reason("embedded", {"end": first.passages, "by": first.name})]
    else:
        reasons = [Reason("beyond", {"end": first.passages, "by": first.name})]
        store = "qdrant"
        if passages > front.end.passages:
            store, bases = "several", ceil(passages / max(1, front.end.passages))
            reasons.append(Reason("front", {"end": front.end.passages, "by": front.end.name, "bases": bases}))
        shape = {"nodes": cluster.nodes, "shards": cluster.shards, "replicas": cluster.replicas}
        reasons += [Reason("cluster", shape), Reason(cluster.codes, {"nodes": cluster.nodes, "other": other.nodes})]
    if (here if store == "embedded" else there) > SLOWEST_QUESTION_S:
        reasons.append(Reason("slow", {"here": here, "there": there}))
    disk = embedded.disk[-1].value
    if store != "embedded" and disk > USED * node.disk:
        reasons.append(Reason("rebuild_disk", {"disk": disk}))
    if not build.is_embedding_known:
        reasons.append(Reason("embedding", {}))
    if passages > build.end.passages:
        reasons.append(Reason("night", {"end": build.end.passages, "workers": build.workers}))
    return Advice(store, bases, tuple(reasons))
