"""How large a Qdrant cluster is that serves a base, what the machine before it keeps, and where each of them ends.

Passages and articles are points there, with their words as sparse vectors and passages with their dense ones; what
they take was measured on one shard of the real engine (bench/slopes.py). Records, the keys of the words and the
manifest stay with the process that asks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil
from typing import Literal

from index.capacity_embedded import USED, End, Node, end
from index.capacity_slopes import Amount, Lines, amount, total

Codes = Literal["float32", "int8"]

# The collection that serves, and the one that is filled before the alias moves to it.
COLLECTIONS = 2
# A shard of this size reaches a new node in a quarter of an hour over a gigabit a second, at 80 % of it.
SHARD_BYTES = 90e9
# Fewer members cannot agree on anything when one of them is lost (Raft).
LEAST_CLUSTER = 3
_STORED = ("vectors", "graph", "words", "index", "payload", "fields", "ids")
# What every question reads; the sparse vectors as stored and the payload are read for some hundred points.
_READ = {
    "float32": ("vectors", "graph", "index", "fields", "ids"),
    "int8": ("codes", "graph", "index", "fields", "ids"),
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """Shards, each on `replicas` of the `nodes`; `memory` and `disk` are of all copies and both collections.

    `of_node` are memory and disk of one node. `question` is the processor time of a search where every shard looks at
    its own share, `load` that of loading and indexing all points once. Where one node of this size without a replica
    ends, says `single_end`.
    """

    codes: Codes
    shards: int
    replicas: int
    nodes: int
    memory: tuple[Amount, ...]
    disk: tuple[Amount, ...]
    of_node: tuple[Amount, Amount]
    question: Amount
    load: Amount
    single_end: End


@dataclass(frozen=True, slots=True)
class Front:
    """The machine that serves pages and asks the cluster: what it keeps, and where it ends."""

    memory: tuple[Amount, ...]
    disk: tuple[Amount, ...]
    ends: tuple[End, ...]

    @property
    def end(self) -> End:
        """The end that is reached first."""
        return min(self.ends, key=lambda end: end.passages)


def plan_cluster(passages: int, lines: Lines, node: Node, *, replicas: int, codes: Codes) -> Cluster:
    """Return the cluster for so many passages whose vectors are searched as `codes`."""
    copies = replicas * COLLECTIONS
    memory, disk = _memory(passages, lines, codes, copies), _disk(passages, lines, codes, copies)
    nodes = max(
        1 if replicas == 1 else max(LEAST_CLUSTER, replicas),
        ceil(memory[-1].value / (USED * node.memory)),
        ceil(disk[-1].value / (USED * node.disk)),
    )
    shards = nodes * max(1, ceil(disk[-1].value / copies / SHARD_BYTES / nodes))
    of_node = tuple(replace(whole, value=whole.value / nodes) for whole in (memory[-1], disk[-1]))
    is_measured = lines["qdrant.disk.index"].is_measured
    ends = (
        end("memory", is_measured, lambda n: _memory(n, lines, codes, COLLECTIONS)[-1].value, USED * node.memory),
        end("disk", is_measured, lambda n: _disk(n, lines, codes, COLLECTIONS)[-1].value, USED * node.disk),
    )
    question = amount("search", lines, ("query.qdrant",), passages / shards)
    load = amount("load", lines, ("qdrant.cpu.load",), passages)
    single = min(ends, key=lambda one: one.passages)
    return Cluster(codes, shards, replicas, nodes, memory, disk, (of_node[0], of_node[1]), question, load, single)


def _memory(passages: float, lines: Lines, codes: Codes, copies: int) -> tuple[Amount, ...]:
    parts = [amount(part, lines, (f"qdrant.disk.{part}",), passages, times=copies) for part in _READ[codes]]
    return *parts, total("in_all", parts)


def _disk(passages: float, lines: Lines, codes: Codes, copies: int) -> tuple[Amount, ...]:
    names = (*_STORED, "codes") if codes == "int8" else _STORED
    parts = [amount(part, lines, (f"qdrant.disk.{part}",), passages, times=copies) for part in names]
    return *parts, total("in_all", parts)


def plan_front(passages: int, lines: Lines, node: Node) -> Front:
    """Return what stays on the machine that asks the cluster."""

    def kept(count: float, names: tuple[str, ...]) -> tuple[Amount, ...]:
        parts = [amount(name.rpartition(".")[2], lines, (name,), count) for name in names]
        return *parts, total("in_all", parts)

    memory, disk = ("memory.serving",), ("disk.records", "disk.manifest", "disk.keys")
    ends = (
        end("memory", lines[memory[0]].is_measured, lambda n: kept(n, memory)[-1].value, USED * node.memory),
        end("disk", lines[disk[0]].is_measured, lambda n: COLLECTIONS * kept(n, disk)[-1].value, USED * node.disk),
    )
    return Front(kept(passages, memory), kept(passages, disk), ends)
