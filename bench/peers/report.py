"""Writes what was measured as Markdown: the tables, who wins what, and whether the promised ratios hold.

Every sentence follows from the figures; nothing here is written by hand for a store. What wins is told by `verdicts`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from peers.cells import Cells, seats_of
from peers.exchange import Corpus
from peers.store import PARTS
from peers.verdicts import RANKING, firsts, median, promises, wins

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
        "for all. The stores are asked in turn, ten questions at a time, ten hits a question, each with its text. CPU "
        "counts all threads of a process, and × is a store's CPU over policykb's at the same number of passages: above "
        "1 where policykb is better, and little moved by what else the machine does. p50 and p95 are wall times. The "
        "best figure at each number of passages is bold. Reproduce: `python bench/peers/run.py`.",
        "## Promises",
        *(f"- {line}" for line in promises(kept)),
        "## Where a peer wins\n\nBy more than a hundredth, as a share of what policykb takes; 'ranking alone' is what "
        "the peers do, with the question's vector given.",
        *([f"- {line}" for line in wins(kept)] or ["Nowhere."]),
        "## Building\n\nFrom passages and vectors to a store that can be opened. policykb's are its index stages; "
        + _rebuild_line(kept),
        _table(("store", "passages"), ("CPU s", "×", "wall s", "peak MB"), _build(kept)),
        *_stages(kept),
        "## Disk\n\nIn MB. LanceDB has vectors and texts in one file, of which the plain vectors are told apart. "
        "'Other' is what is in one file, logs and what only that store has: of policykb the words of whole articles "
        "and what ties its records together.",
        _table(("store", "passages"), (*PARTS, "together", "×"), _disk(kept)),
        "## Hybrid search\n\nBy words and meaning, in stores that have both.",
        _table(("store", "passages"), ASKED, _asked(kept, "hybrid")),
        "## Dense search\n\nBy vectors alone. Recall: of the ten nearest by exact cosine, the share that is found.",
        _table(("store", "passages"), (*ASKED, "recall", "peak MB of all"), _asked(kept, "dense")),
        "## Filtered search\n\nHybrid with a filter (vectors alone where there is no hybrid search). Hits: how many "
        "came of those that exist, ten a question at most; 'outside' are hits that the filter excludes.",
        *_filtered(kept),
        "## First answer\n\nThe whole process, median: Python starts, imports, opens the store, embeds the question, "
        "answers. The peers load the bundled model through sentence-transformers, as a script does; 'store alone' "
        "leaves that out and reads the question's vector from a file.",
        _table(("store", "passages"), ("CPU s", "×", "wall s", "store alone: CPU s", "wall s"), _first(kept)),
        *_quality(kept),
        "## Versions and configuration",
        _table(("store", "packages", "configuration", "why"), (), _configurations(kept)),
    ]
    return "\n\n".join(_joined(parts))


ASKED = ("CPU ms", "×", "p50 ms", "p95 ms", "answered")


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


def _table(names: Sequence[str], figures: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = f"| {' | '.join((*names, *figures))} |"
    rule = "|---" * len(names) + "|--:" * len(figures) + "|"
    return "\n".join((head, rule, *(f"| {' | '.join(row)} |" for row in rows)))


def _name(kept: Kept, store: str) -> str:
    return str(kept["stores"][store]["name"])


def _rows(kept: Kept, part: str, columns: int) -> Iterator[tuple[str, int, dict[str, Any], list[str]]]:
    """Yield store, size, row and the first cells; a row that failed comes with all its cells, and as an empty one."""
    for store, size, row in seats_of(kept, part):
        head = [_name(kept, store), f"{size:,}"]
        if "failed" in row:
            yield store, size, {}, [*head, f"failed: {row['failed'].replace('|', '/')}", *"-" * (columns - 1)]
        else:
            yield store, size, row, head


def _build(kept: Kept) -> Iterator[Sequence[str]]:
    cells = Cells(kept)
    for store, size, row, head in _rows(kept, "builds", 4):
        yield (
            head
            if not row
            else (
                *head,
                cells.cell("building, CPU", store, size),
                cells.ratio("building, CPU", store, size),
                cells.cell("building, wall", store, size),
                cells.cell("building, memory", store, size, "{:,.0f}", _MEGABYTE),
            )
        )


def _stages(kept: Kept) -> Iterator[str]:
    for _, size, row in seats_of(kept, "builds"):
        if row.get("stages"):
            told = ", ".join(f"{stage} {seconds:.2f}" for stage, seconds in row["stages"].items())
            yield f"policykb by stage at {size:,} passages, in seconds of CPU: {told}."


def _disk(kept: Kept) -> Iterator[Sequence[str]]:
    cells = Cells(kept)
    for store, size, row, head in _rows(kept, "builds", len(PARTS) + 2):
        yield (
            head
            if not row
            else (
                *head,
                *(cells.cell(f"disk for {part}", store, size, "{:,.1f}", _MEGABYTE) for part in PARTS[:-1]),
                f"{row['disk'][PARTS[-1]] / _MEGABYTE:,.1f}",
                cells.cell("disk", store, size, "{:,.1f}", _MEGABYTE),
                cells.ratio("disk", store, size),
            )
        )


def _rebuild_line(kept: Kept) -> str:
    whole = kept.get("rebuild")
    if not whole:
        return "a whole rebuild from pages was not measured."
    stages = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in whole["stages"].items())
    return (
        f"a whole rebuild, which no peer does (cleaning with its ledger, splitting, grouping copies, embedding), took "
        f"{whole['cpu']:.1f} s of CPU ({whole['wall']:.1f} s) from {whole['made_of']:,} pages to {whole['passages']:,} "
        f"passages; in seconds of wall time by stage: {stages}."
    )


def _asked(kept: Kept, kind: str) -> Iterator[Sequence[str]]:
    cells = Cells(kept)
    is_dense = kind == "dense"
    for store, size, row, head in _rows(kept, "asked", len(ASKED) + 2 * is_dense):
        if not row:
            yield head
        elif is_dense and store == RANKING:
            continue  # its dense leg is policykb's
        elif is_dense or kept["stores"][store]["has_words"]:
            its = row[kind]
            yield (
                *head,
                cells.cell(f"{kind} search, CPU", store, size, "{:.2f}"),
                cells.ratio(f"{kind} search, CPU", store, size),
                *(cells.cell(f"{kind} search, {figure}", store, size, "{:.2f}") for figure in ("p50", "p95")),
                str(its["answered"]),
                *((f"{its['recall']:.3f}", f"{row['memory'] / _MEGABYTE:,.0f}") if is_dense else ()),
            )


def _filtered(kept: Kept) -> Iterator[str]:
    """Yield a table for each filter."""
    cells = Cells(kept)
    done = [(store, size, row) for store, size, row in seats_of(kept, "asked") if "failed" not in row]
    wheres = dict.fromkeys(name for *_, row in done for name, its in row.items() if _is_filter(its))
    for where in wheres:
        kept_of = {size: row[where]["allowed"] for _, size, row in done}
        told = " and ".join(f"{allowed:,} of {size:,}" for size, allowed in kept_of.items())
        rows = (
            (
                _name(kept, store),
                f"{size:,}",
                cells.cell(f"filtered search ({where}), CPU", store, size, "{:.2f}"),
                cells.ratio(f"filtered search ({where}), CPU", store, size),
                *(cells.cell(f"filtered search ({where}), {p}", store, size, "{:.2f}") for p in ("p50", "p95")),
                f"{row[where]['came']:,} of {row[where]['exist']:,}",
                f"{row[where]['outside']:,}",
            )
            for store, size, row in done
        )
        yield f"The filter keeps {where} ({told} passages):"
        yield _table(("store", "passages"), (*ASKED[:-1], "hits", "outside"), rows)


def _is_filter(its: object) -> bool:
    return isinstance(its, dict) and "exist" in its


def _first(kept: Kept) -> Iterator[Sequence[str]]:
    cells = Cells(kept)
    alone = {figure: firsts(kept, figure, "given") for figure in ("cpu", "wall")}
    for store, size, row in seats_of(kept, "builds"):
        if "failed" in row or (store, size) not in firsts(kept, "cpu"):
            continue
        yield (
            _name(kept, store),
            f"{size:,}",
            cells.cell("first answer, CPU", store, size, "{:.2f}"),
            cells.ratio("first answer, CPU", store, size),
            cells.cell("first answer, wall", store, size, "{:.2f}"),
            *(f"{its[store, size]:.2f}" if (store, size) in its else "the same" for its in alone.values()),
        )
    imported = kept.get("first", {}).get("import sentence_transformers")
    if imported:
        cpu, wall = (f"{median(imported, figure):.2f}" for figure in ("cpu", "wall"))
        yield "importing sentence_transformers, nothing else", "-", cpu, "-", wall, "-", "-"


def _quality(kept: Kept) -> Iterator[str]:
    if "quality" not in kept:
        return
    yield (
        "## What is found\n\nnDCG@10 and Recall@100 on collections with judgements (`POLICYKB_SHARED`), by the code of "
        "`policykb evaluate`. Words are those of the passages alone; policykb also uses title and article where a "
        "collection has them."
    )
    names = sorted(kept["quality"])
    methods = list(dict.fromkeys(method for rows in kept["quality"].values() for method in rows))
    best = {
        (name, figure): max(rows[figure] for rows in kept["quality"][name].values())
        for name in names
        for figure in ("ndcg@10", "recall@100")
    }

    def cell(name: str, method: str, figure: str) -> str:
        value = kept["quality"][name].get(method, {}).get(figure)
        if value is None:
            return "-"
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
