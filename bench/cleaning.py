#!/usr/bin/env python3
"""Measures cleaning beside four libraries and a cut at the marker line, on the same pages in the same run.

    python bench/cleaning.py [--json] [--quick] [--pages N]

Tables: the five seeds by character and by snippet; the variants of bench/variants, the old Chinese pages and the
English news of the shared benchmark by shingles (bench/scoring.py); every group of variants; whether the confidence
tells the poor pages from the good; related or not; time and memory. Libraries that are not installed are left out with
a line that says so: `pip install -c constraints.txt -e '.[bench]'`. `--quick` leaves out the memory run, for which
`--pages` pages (100,000) are cleaned one after the other.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from cleaners import CLEANERS, Cleaner
from scoring import PageScore, auc, by_group, figures, score_page
from variants.make import write_variants

from ingest.clean import clean
from ingest.page import Page, page_from_bytes, read_page

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("POLICYKB_SHARED", ROOT.parent / "shared"))
SHARED_SETS = {"old Chinese pages": "magic_article_zh", "Chinese forums": "magic_forum_zh", "English news": "aeb"}

Gold = list[tuple[Path, dict[str, Any]]]
Row = dict[str, Any]


def gold_of(folder: Path) -> Gold:
    """Return the pages of a folder with their lines of gt.jsonl."""
    files = {file.name.split(".")[0]: file for part in ("html", "txt", "pages") for file in folder.glob(f"{part}/*")}
    lines = (json.loads(line) for line in (folder / "gt.jsonl").read_text(encoding="utf-8").splitlines())
    return [(files[gold["id"]], gold) for gold in lines]


def scores_of(cleaner: Cleaner, pages: Gold) -> list[PageScore]:
    scores = []
    for file, gold in pages:
        cleaned = cleaner(file.read_bytes(), file.name)
        scores.append(score_page(gold, cleaned.body, cleaned.confidence))
    return scores


def installed() -> dict[str, Cleaner]:
    """Return the cleaners that can be imported here."""
    found = {}
    for name, cleaner in CLEANERS.items():
        try:
            cleaner("一页纸。".encode(), "probe.txt")
        except ImportError as error:
            print(f"{name} is left out: {error}", file=sys.stderr)
        else:
            found[name] = cleaner
    return found


def visible(text: str, start: int, end: int) -> set[int]:
    return {place for place in range(start, end) if not text[place].isspace()}


def table_by_character() -> list[Row]:
    """The seeds against their gold by character, the snippets with all their fields, headings and relation."""
    rows = []
    for line in (SHARED / "bench/cleaning/seeds/gt.jsonl").read_text(encoding="utf-8").splitlines():
        gold = json.loads(line)
        page = read_page(SHARED / gold["file"], path=gold["file"])
        article = clean(page)
        kept = set().union(*(visible(page.text, *span) for span in article.spans))
        body, foreign = visible(page.text, *gold["body"]), visible(page.text, *gold["recommendations"])
        fields = [removal.fields for removal in article.removals if removal.fields]
        names = ("title", "summary", "category", "date")
        found = sum({name: item[name] for name in names} in fields for item in gold["snippets"])
        rows.append(
            {
                "page": gold["file"],
                "body kept": len(body & kept) / len(body),
                "leaked": len(foreign & kept) / len(foreign),
                "snippets with all fields": f"{found}/{len(gold['snippets'])}",
                "confidence": article.confidence,
            }
        )
    return rows


def labelled(pages: Iterable[tuple[Page, Sequence[dict[str, str]]]]) -> tuple[list[float], list[float]]:
    """Return the relation scores of snippets that gold calls related, and of those it calls unrelated."""
    scores: dict[bool, list[float]] = {True: [], False: []}
    for page, snippets in pages:
        relation = {item["title"]: item["relation"] for item in snippets}
        for removal in clean(page).removals:
            if removal.related and (label := relation.get(removal.fields.get("title", ""))):
                scores[label != "unrelated"].append(removal.related.score)
    return scores[True], scores[False]


def table_of_relation(variants: Gold) -> list[Row]:
    sets = {"our variants": [(read_page(file, path=file.name), gold.get("snippets", [])) for file, gold in variants]}
    if (SHARED / "seeds").is_dir():
        lines = (SHARED / "bench/cleaning/seeds/gt.jsonl").read_text(encoding="utf-8").splitlines()
        golds = [json.loads(line) for line in lines]
        sets["five seeds"] = [(read_page(SHARED / g["file"], path=g["file"]), g["snippets"]) for g in golds]
    rows = []
    for name, pages in sets.items():
        related, unrelated = labelled(pages)
        rows.append({"set": name, "related": len(related), "unrelated": len(unrelated), "AUC": auc(related, unrelated)})
    return rows


def table_of_time(variants: Gold) -> list[Row]:
    """Pages a second of one core; HTML also beside parsing alone, in the same loop."""
    from bs4 import BeautifulSoup

    dumps = [file.read_bytes() for file, _ in variants if file.suffix == ".txt"]
    if (SHARED / "seeds").is_dir():
        dumps += [file.read_bytes() for file in sorted((SHARED / "seeds").glob("*.txt"))] * 10
    htmls = [file.read_bytes() for file, _ in variants if file.suffix == ".html"]
    if (SHARED / "bench").is_dir():
        htmls += [file.read_bytes() for file, _ in gold_of(SHARED / "bench/cleaning/magic_article_zh")]
    rows = [_timed("text dumps", dumps)]
    whole = _timed("HTML", htmls)
    parse = process_time_of(lambda data: BeautifulSoup(data.decode("utf-8", "replace"), "lxml"), htmls)
    whole["times parsing alone"] = whole.pop("seconds") / parse
    rows[0].pop("seconds")
    return [*rows, whole]


def _timed(name: str, pages: Sequence[bytes]) -> Row:
    suffix = "html" if name == "HTML" else "txt"
    seconds = process_time_of(lambda data: clean(page_from_bytes(data, path=f"page.{suffix}")), pages)
    return {"pages": name, "count": len(pages), "pages a CPU second": len(pages) / seconds, "seconds": seconds}


def process_time_of(work: Any, pages: Sequence[bytes]) -> float:
    work(pages[0])  # imports and first-use tables are the start's cost, not the page's
    begun = time.process_time()
    for page in pages:
        work(page)
    return time.process_time() - begun


def table_of_memory(variants: Gold, count: int) -> list[Row]:
    """The greatest memory after a tenth and after all of `count` pages."""
    pages = [(file.read_bytes(), file.name) for file, _ in variants]
    rows = []
    for number in range(1, count + 1):
        data, name = pages[number % len(pages)]
        clean(page_from_bytes(data, path=f"{number}-{name}"))
        if number in (count // 10, count):
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            rows.append({"pages cleaned": number, "greatest memory, MiB": peak})
    return rows


def show(name: str, rows: Sequence[Row]) -> None:
    """Print rows as a Markdown table."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    print(f"\n### {name}\n\n| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    for row in rows:
        print("| " + " | ".join(_cell(row.get(column)) for column in columns) + " |")
    sys.stdout.flush()


def _cell(value: object) -> str:
    if value is None:
        return "–"
    return (f"{value:.4g}" if value >= 1 else f"{value:.3f}") if isinstance(value, float) else str(value)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    parser.add_argument("--quick", action="store_true", help="leave out the memory run")
    parser.add_argument("--pages", type=int, default=100_000, help="pages of the memory run (default 100000)")
    options = parser.parse_args()
    tables: dict[str, list[Row]] = {}

    def add(name: str, rows: list[Row]) -> None:
        tables[name] = rows
        if not options.json:
            show(name, rows)

    with tempfile.TemporaryDirectory() as folder:
        write_variants(Path(folder))
        variants = gold_of(Path(folder))
        sets = {
            "our HTML variants": [page for page in variants if page[0].suffix == ".html"],
            "our text variants": [page for page in variants if page[0].suffix != ".html"],
        }
        if (SHARED / "bench").is_dir():
            add("seeds, by character", table_by_character())
            sets |= {name: gold_of(SHARED / "bench/cleaning" / place) for name, place in SHARED_SETS.items()}
        cleaners = installed()
        for name, pages in sets.items():
            scores = {cleaner: scores_of(run, pages) for cleaner, run in cleaners.items()}
            add(name, [{"cleaner": cleaner, **figures(found)} for cleaner, found in scores.items()])
            groups = by_group(scores["policykb"])
            if len(groups) > 1:
                add(
                    f"{name}, by group",
                    [{"group": group, **_short(figures(found))} for group, found in groups.items()],
                )
        add("related or not", table_of_relation(variants))
        add("time", table_of_time(variants))
        if not options.quick:
            add("memory", table_of_memory(variants, options.pages))
    if options.json:
        print(json.dumps(tables, ensure_ascii=False))


def _short(found: Row) -> Row:
    return {name: found[name] for name in ("pages", "page recall", "leakage", "F1", "under half")}


if __name__ == "__main__":
    main()
