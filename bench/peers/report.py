"""Writes what was measured as Markdown: the tables, who wins what, and whether the promised ratios hold.

Every sentence follows from the figures; nothing here is written by hand for a store. What wins is told by `verdicts`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from peers.exchange import Corpus
from peers.store import PARTS
from peers.verdicts import OURS, median, promises, wins

BEGIN, END = "<!-- peers: begin -->", "<!-- peers: end -->"
_MEGABYTE = 1e6
Kept = Mapping[str, Any]


def describe_run(passages: int, corpus: Corpus) -> dict[str, Any]:
    """Return when and on what it was measured: no name of a machine, only what it is."""
    cpu = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text("utf-8"))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "at": datetime.now(UTC).date().isoformat(),
        "machine": f"{len(os.sched_getaffinity(0))} cores ({cpu[1] if cpu else 'unknown'}), {memory / 1e9:.0f} GB",
        "passages": passages,
        "questions": len(corpus.questions),
        "dim": int(corpus.vectors.shape[1]),
        "version": version("policykb"),
    }


def write_between(file: Path, text: str) -> None:
    """Put `text` between the markers of a Markdown file; one without them gets them at its end."""
    old = file.read_text("utf-8") if file.is_file() else "# Figures against others\n"
    if BEGIN not in old:
        old = f"{old.rstrip()}\n\n{BEGIN}\n{END}\n"
    before, rest = old.split(BEGIN, 1)
    _, after = rest.split(END, 1)
    file.write_text(f"{before}{BEGIN}\n\n{text.strip()}\n\n{END}{after}", "utf-8")


def tables(kept: Kept) -> str:
    """Return the whole report."""
    about = kept["about"]
    parts = [
        f"Measured on {about['at']} on {about['machine']}, policykb {about['version']}: {about['passages']:,} "
        f"passages, {about['questions']} questions, vectors of {about['dim']} numbers from the bundled model, the same "
        "for all. Times are wall times; × is a store's figure over policykb's at the same number of passages, above 1 "
        "where policykb is better. The stores are asked in turn, ten questions at a time, ten hits a question, each "
        "with its text. Reproduce: `python bench/peers/run.py`.",
        "## Who wins what",
        *(f"- {line}" for line in (*promises(kept), *wins(kept))),
        "## Building\n\nFrom passages and vectors to a store that can be opened. 'Other' is what lies in one file "
        "(vectors with texts), logs and the rest. policykb's row are its index stages; " + _rebuild_line(kept),
        _table(
            BUILD, ("wall s", "×", "CPU s", "peak MB", *(f"{part} MB" for part in PARTS), "disk MB", "×"), _build(kept)
        ),
        "## Asking\n\nHybrid: by words and meaning; `-` where a store ranks by vectors alone. Recall: of the ten "
        "nearest by exact cosine, the share that the dense search finds. CPU counts all threads.",
        _table(
            ASK,
            ("hybrid p50 ms", "×", "p95", "CPU", "dense p50 ms", "×", "p95", "recall", "answered", "peak MB"),
            _asked(kept),
        ),
        "## Filtered\n\nHybrid with a filter (vectors alone where there is no hybrid search). Hits: how many came of "
        "those that exist, ten a question at most; 'outside' are hits that the filter excludes.",
        _table(
            ("store", "passages", "filter"), ("passages kept", "p50 ms", "×", "p95", "hits", "outside"), _filtered(kept)
        ),
        "## First answer\n\nThe whole process, median: Python starts, imports, opens the store, embeds the question, "
        "answers. The peers load the bundled model through sentence-transformers, as a script does; 'store alone' "
        "leaves that out and reads the question's vector from a file.",
        _table(("store", "passages"), ("seconds", "×", "store alone"), _first(kept)),
        *_quality(kept),
        "## Versions and configuration",
        _table(("store",), ("packages", "configuration", "why"), _configurations(kept)),
    ]
    return "\n\n".join(_joined(parts))


BUILD = ASK = ("store", "passages")


def _joined(parts: Sequence[str]) -> Iterator[str]:
    """Yield the parts with the lines of one list together."""
    lines: list[str] = []
    for part in parts:
        if part.startswith("- "):
            lines.append(part)
            continue
        if lines:
            yield "\n".join(lines)
            lines = []
        yield part


def _table(names: Sequence[str], figures: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    head = f"| {' | '.join((*names, *figures))} |"
    are_words = figures[0] == "packages"
    rule = "|---" * len(names) + ("|---" if are_words else "|--:") * len(figures) + "|"
    return "\n".join((head, rule, *(f"| {' | '.join(row)} |" for row in rows)))


def seats_of(kept: Kept, part: str) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Yield store, passages and row of a part, the most passages first and policykb first among them."""
    found = [(*key.rsplit("-", 1), row) for key, row in kept.get(part, {}).items()]
    for store, size, row in sorted(found, key=lambda each: (-int(each[1]), not each[0].startswith("policykb"))):
        yield store, int(size), row


def ratio(value: float | None, ours: float | None) -> str:
    """Return a figure over policykb's."""
    return "-" if value is None or not ours else f"{value / ours:.2g}" if value / ours < 10 else f"{value / ours:.0f}"


def _ours(kept: Kept, part: str, size: int, read: Callable[[dict[str, Any]], float]) -> float | None:
    row = kept.get(part, {}).get(f"{OURS}-{size}", {})
    return read(row) if row and "failed" not in row else None


def _name(kept: Kept, store: str) -> str:
    return str(kept["stores"][store]["name"])


def _failed(kept: Kept, store: str, size: int, row: dict[str, Any], columns: int) -> Sequence[str]:
    return (_name(kept, store), f"{size:,}", f"failed: {row['failed']}", *("-" for _ in range(columns - 1)))


def _build(kept: Kept) -> Iterator[Sequence[str]]:
    for store, size, row in seats_of(kept, "builds"):
        if "failed" in row:
            yield _failed(kept, store, size, row, 6 + len(PARTS))
            continue
        disk = sum(row["disk"].values())
        yield (
            _name(kept, store),
            f"{size:,}",
            f"{row['wall']:.1f}",
            ratio(row["wall"], _ours(kept, "builds", size, lambda ours: float(ours["wall"]))),
            f"{row['cpu']:.1f}",
            f"{row['memory'] / _MEGABYTE:,.0f}",
            *(f"{row['disk'][part] / _MEGABYTE:,.1f}" for part in PARTS),
            f"{disk / _MEGABYTE:,.1f}",
            ratio(disk, _ours(kept, "builds", size, lambda ours: float(sum(ours["disk"].values())))),
        )


def _rebuild_line(kept: Kept) -> str:
    whole = kept.get("rebuild")
    if not whole:
        return "a whole rebuild from pages was not measured."
    stages = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in whole["stages"].items())
    return (
        f"a whole rebuild, which no peer does (cleaning with its ledger, splitting, grouping copies, embedding), took "
        f"{whole['wall']:.1f} s ({whole['cpu']:.1f} s of CPU) from {whole['made_of']:,} pages to {whole['passages']:,} "
        f"passages; in seconds by stage: {stages}."
    )


def _asked(kept: Kept) -> Iterator[Sequence[str]]:
    for store, size, row in seats_of(kept, "asked"):
        if "failed" in row:
            yield _failed(kept, store, size, row, 10)
            continue
        hybrid, dense = row["hybrid"], row["dense"]
        has_words = kept["stores"][store]["has_words"]
        of_hybrid = (
            f"{hybrid['p50']:.1f}",
            ratio(hybrid["p50"], _ours(kept, "asked", size, lambda ours: float(ours["hybrid"]["p50"]))),
            f"{hybrid['p95']:.1f}",
            f"{hybrid['cpu']:.1f}",
        )
        yield (
            _name(kept, store),
            f"{size:,}",
            *(of_hybrid if has_words else "----"),
            f"{dense['p50']:.1f}",
            ratio(dense["p50"], _ours(kept, "asked", size, lambda ours: float(ours["dense"]["p50"]))),
            f"{dense['p95']:.1f}",
            f"{dense['recall']:.3f}",
            str(min(hybrid["answered"], dense["answered"])),
            f"{row['memory'] / _MEGABYTE:,.0f}",
        )


def _filtered(kept: Kept) -> Iterator[Sequence[str]]:
    for store, size, row in seats_of(kept, "asked"):
        if "failed" in row:
            continue
        for where, its in ((name, its) for name, its in row.items() if isinstance(its, dict) and "exist" in its):
            ours = _ours(kept, "asked", size, lambda row, where=where: float(row[where]["p50"]))  # type: ignore[misc]
            yield (
                _name(kept, store),
                f"{size:,}",
                where,
                f"{its['allowed']:,}",
                f"{its['p50']:.1f}",
                ratio(its["p50"], ours),
                f"{its['p95']:.1f}",
                f"{its['came']:,} of {its['exist']:,}",
                f"{its['outside']:,}",
            )


def _first(kept: Kept) -> Iterator[Sequence[str]]:
    done = {name: median(values) for name, values in kept.get("first", {}).items()}
    for store, size, _ in seats_of(kept, "builds"):
        mine = done.get(f"{store}-{size} first")
        if mine is None:
            continue
        given = done.get(f"{store}-{size} given")
        ours = done.get(f"{OURS}-{size} first")
        yield _name(kept, store), f"{size:,}", f"{mine:.2f}", ratio(mine, ours), f"{given:.2f}" if given else "the same"
    reference = done.get("import sentence_transformers")
    if reference is not None:
        yield "importing sentence_transformers, nothing else", "-", f"{reference:.2f}", "-", "-"


def _quality(kept: Kept) -> Iterator[str]:
    if "quality" not in kept:
        return
    yield (
        "## What is found\n\nnDCG@10 and Recall@100 on collections with judgements (`POLICYKB_SHARED`), by the code of "
        "`policykb evaluate`. Words are those of the passages alone; policykb also uses title and article where a "
        "collection has them."
    )
    names = sorted(kept["quality"])
    methods = list(next(iter(kept["quality"].values())))
    best = {
        (name, figure): max(rows[figure] for rows in kept["quality"][name].values())
        for name in names
        for figure in ("ndcg@10", "recall@100")
    }

    def cell(name: str, method: str, figure: str) -> str:
        value = kept["quality"][name][method][figure]
        return f"**{value:.3f}**" if value == best[name, figure] else f"{value:.3f}"

    columns = [f"{name} {figure}" for name in names for figure in ("nDCG@10", "R@100")]
    rows = (
        (method, *(cell(name, method, figure) for name in names for figure in ("ndcg@10", "recall@100")))
        for method in methods
    )
    yield _table(("method",), columns, rows)


def _configurations(kept: Kept) -> Iterator[Sequence[str]]:
    for about in kept["stores"].values():
        yield about["name"], about["versions"], about["configuration"], about["why"]
