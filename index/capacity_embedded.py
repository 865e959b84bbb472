"""What one machine needs to hold, serve and rebuild a base with the embedded store, and where each of these ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from index.capacity_model import Model
from index.capacity_slopes import Amount, Lines, amount, total
from index.store.plan import plan_vectors

# What of a machine's memory and disk is planned with: beyond 80 % of memory resident, Qdrant's guide sees a problem.
USED = 0.8
# A question may take a core so long: then four readers a second keep it busy.
SLOWEST_QUESTION_S = 0.25
# A rebuild from nothing is done when the next one is due, which a timer starts every night.
LONGEST_REBUILD_S = 24 * 3600.0
# Rows are numbered in 32 bits with a sign.
MOST_ROWS = 2**31 - 1
# The published build, and the one that a rebuild makes or a rollback leads to.
BUILDS = 2
# Stages whose pages many processes share, on one machine or on many; the others run on the machine with the base.
SPREAD = ("learn", "clean")
_STAGES = ("read", "learn", "clean", "group", "embed", "index", "check")
_WORDS = ("disk.terms.passages", "disk.terms.context", "disk.terms.articles")
_PREPARED = tuple(f"disk.prepared.{part}" for part in ("text", "words", "map", "statements", "card"))
_FAR = 2**48  # where the search for an end gives up


@dataclass(frozen=True, slots=True)
class Node:
    """A machine: bytes of memory and of disk."""

    memory: float
    disk: float


@dataclass(frozen=True, slots=True)
class End:
    """Of `name` there is enough up to `passages`; `is_measured` says that so many were measured."""

    name: str
    passages: int
    is_measured: bool

    @property
    def is_in_sight(self) -> bool:
        """Whether it ends anywhere: a line that is level does not."""
        return self.passages < _FAR - 1


@dataclass(frozen=True, slots=True)
class Embedded:
    """One machine that builds and serves; the last amount of `disk` and of `memory` is what it needs in all."""

    disk: tuple[Amount, ...]
    memory: tuple[Amount, ...]
    question: tuple[Amount, ...]
    ends: tuple[End, ...]

    @property
    def end(self) -> End:
        """The end that is reached first."""
        return min(self.ends, key=lambda end: end.passages)


@dataclass(frozen=True, slots=True)
class Build:
    """Processor seconds of each stage of a rebuild from nothing, and the `seconds` until it is published.

    `workers` share the stages in SPREAD. Where it is not known how long the model takes, there is no stage `embed`, and
    `seconds` are those of the others. `prepare` is what exploring is prepared in when readers are served already. At
    `end` a rebuild takes LONGEST_REBUILD_S.
    """

    stages: tuple[Amount, ...]
    prepare: Amount
    workers: int
    seconds: float
    end: End

    @property
    def is_measured(self) -> bool:
        """Whether so many passages were measured."""
        return all(stage.is_measured for stage in self.stages)

    @property
    def is_embedding_known(self) -> bool:
        """Whether it is known how long the model takes."""
        return any(stage.name == "embed" for stage in self.stages)


def plan_embedded(passages: int, lines: Lines, model: Model, node: Node) -> Embedded:
    """Return what the embedded store takes for so many passages, and how many machines like `node` bear."""
    ends = (
        end(
            "memory",
            lines["memory.serving"].is_measured,
            lambda n: _memory(n, lines, model)[-1].value,
            USED * node.memory,
        ),
        end("disk", lines["disk.records"].is_measured, lambda n: _disk(n, lines, model)[-1].value, USED * node.disk),
        end("question", lines["query.search"].is_measured, lines["query.search"].at, SLOWEST_QUESTION_S),
        end("rows", lines["query.search"].is_measured, float, MOST_ROWS),
    )
    question = tuple(amount(name, lines, (f"query.{name}",), passages) for name in ("search", "ask"))
    return Embedded(_disk(passages, lines, model), _memory(passages, lines, model), question, ends)


def _disk(passages: float, lines: Lines, model: Model) -> tuple[Amount, ...]:
    build = (
        amount("records", lines, ("disk.records",), passages),
        amount("words", lines, _WORDS, passages),
        amount("vectors", lines, ("disk.vectors",), passages, more=_near(passages, model)),
        amount("manifest", lines, ("disk.manifest",), passages),
        amount("prepared", lines, _PREPARED, passages),
    )
    whole = total("build", build)
    raw = amount("raw", lines, ("disk.raw",), passages)
    caches = amount("caches", lines, ("disk.cache.pages", "disk.cache.vectors"), passages)
    return *build, whole, raw, caches, total("disk", (*[whole] * BUILDS, raw, caches))


def _memory(passages: float, lines: Lines, model: Model) -> tuple[Amount, ...]:
    near = _near(passages, model)
    parts = (
        amount("process", lines, ("memory.serving",), passages),
        # Mapped files that every question reads; without room for them a question waits for the disk.
        amount("words", lines, _WORDS, passages),
        amount("vectors", lines, ("disk.vectors",), passages, times=0 if near else 1, more=near),
        amount("rebuild_memory", lines, ("memory.rebuild",), passages),
    )
    return *parts, total("memory", parts)


def _near(passages: float, model: Model) -> float:
    """Return the bytes of the lists of codes, which the size decides (index/store/plan.py)."""
    plan = plan_vectors(int(passages), model.dim)
    return plan.megabytes * 1e6 if plan.kind == "ivf" else 0.0


def plan_build(
    passages: int, lines: Lines, model: Model, *, workers: int, passages_per_second: float | None = None
) -> Build:
    """Return what a rebuild from nothing takes with `workers` processes.

    `passages_per_second` is what GPUs embed, all together; without it the workers do.
    """
    stages = _stages(passages, lines, model, passages_per_second)

    def seconds(count: float) -> float:
        return sum(
            stage.value / (workers if stage.name in SPREAD or (stage.name == "embed" and model.parameters) else 1)
            for stage in _stages(count, lines, model, passages_per_second)
        )

    prepare = amount("prepare", lines, ("cpu.prepare",), passages)
    day = end("night", lines["cpu.clean"].is_measured, seconds, LONGEST_REBUILD_S)
    return Build(stages, prepare, workers, seconds(passages), day)


def _stages(passages: float, lines: Lines, model: Model, rate: float | None) -> tuple[Amount, ...]:
    stages = {stage: amount(stage, lines, (f"cpu.{stage}",), passages) for stage in _STAGES}
    if rate is not None:
        stages["embed"] = Amount("embed", passages / rate, "s", (), True)
    elif model.parameters is None:
        del stages["embed"]
    elif model.parameters:
        line = lines["encode.transformer"]
        spent = passages * line.at(model.parameters)
        stages["embed"] = Amount("embed", spent, "s", (line.name,), line.is_measured(model.parameters))
    return tuple(stages.values())


def end(name: str, is_measured: Callable[[float], bool], need: Callable[[int], float], limit: float) -> End:
    """Return the most passages whose `need`, which grows with them, is not over `limit`."""
    low, high = 0, _FAR
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if need(middle) <= limit else (low, middle)
    return End(name, low, is_measured(low))
