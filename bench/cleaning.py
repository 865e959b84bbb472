#!/usr/bin/env python3
"""Measures cleaning beside a cut at the marker line, on the same pages in the same run.

    python bench/cleaning.py [--json]

On the five seeds by character against their gold, on the sample corpus by the snippets its gold names: how much of the
body is kept, how much of the recommendations leaks, how many snippets are found with all their fields. The cut ends the
page at the first line that is 相关推荐, which solves the seeds and nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ingest.clean import clean
from ingest.page import Page, read_page

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("POLICYKB_SHARED", ROOT.parent / "shared"))
Kept = Callable[[Page], Iterable[tuple[int, int]]]


def marker_cut(page: Page) -> list[tuple[int, int]]:
    match = re.search(r"^\s*相关推荐\s*$", page.text, re.MULTILINE)
    return [(0, match.start() if match else len(page.text))]


def visible(text: str, start: int, end: int) -> set[int]:
    return {place for place in range(start, end) if not text[place].isspace()}


def kept_by(page: Page, spans: Iterable[tuple[int, int]]) -> set[int]:
    return {place for start, end in spans for place in visible(page.text, start, end)}


def gold_of_seeds() -> list[tuple[Page, set[int], set[int], list[dict[str, str]]]]:
    rows = []
    for line in (SHARED / "bench/cleaning/seeds/gt.jsonl").read_text(encoding="utf-8").splitlines():
        gold = json.loads(line)
        page = read_page(SHARED / gold["file"], path=gold["file"])
        rows.append(
            (page, visible(page.text, *gold["body"]), visible(page.text, *gold["recommendations"]), gold["snippets"])
        )
    return rows


def gold_of_samples() -> list[tuple[Page, set[int], set[int], list[dict[str, str]]]]:
    rows = []
    for line in (ROOT / "corpus/gold/pages.jsonl").read_text(encoding="utf-8").splitlines():
        gold = json.loads(line)
        page = read_page(ROOT / "corpus/pages" / gold["path"], path=gold["path"])
        start = page.text.index(gold["body_first"])
        end = page.text.index(gold["body_last"]) + len(gold["body_last"])
        foreign: set[int] = set()
        for snippet in gold["snippets"]:
            for name in ("title", "summary"):
                place = page.text.find(snippet[name])
                if place >= 0 and not start <= place < end:
                    foreign |= visible(page.text, place, place + len(snippet[name]))
        furniture = visible(page.text, start, end) & foreign
        rows.append((page, visible(page.text, start, end) - furniture, foreign, gold["snippets"]))
    return rows


def figures(rows: list[tuple[Page, set[int], set[int], list[dict[str, str]]]], keep: Kept) -> dict[str, Any]:
    kept = [kept_by(page, keep(page)) for page, *_ in rows]
    body = sum(len(body) for _, body, *_ in rows)
    foreign = sum(len(foreign) for _, _, foreign, _ in rows)
    return {
        "pages": len(rows),
        "body kept": round(sum(len(b & k) for (_, b, *_), k in zip(rows, kept, strict=True)) / body, 4),
        "leaked": round(sum(len(f & k) for (_, _, f, _), k in zip(rows, kept, strict=True)) / foreign, 4),
    }


def snippets_found(rows: list[tuple[Page, set[int], set[int], list[dict[str, str]]]]) -> str:
    names = ("title", "summary", "category", "date")
    found = wanted = 0
    for page, _, _, snippets in rows:
        fields = [removal.fields for removal in clean(page).removals if removal.fields]
        wanted += len(snippets)
        found += sum({name: snippet[name] for name in names} in fields for snippet in snippets)
    return f"{found}/{wanted}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    options = parser.parse_args()
    sets = {"sample corpus": gold_of_samples()}
    if (SHARED / "seeds").is_dir():
        sets["five seeds"] = gold_of_seeds()
    table = []
    for name, rows in sets.items():
        ours = {"cleaner": "policykb", **figures(rows, lambda page: clean(page).spans)}
        cut = {"cleaner": "cut at 相关推荐", **figures(rows, marker_cut)}
        table += [{"set": name, **ours, "snippets with all fields": snippets_found(rows)}]
        table += [{"set": name, **cut, "snippets with all fields": "–"}]
    if options.json:
        print(json.dumps(table, ensure_ascii=False))
        return
    print("| " + " | ".join(table[0]) + " |\n|" + "---|" * len(table[0]))
    for row in table:
        print("| " + " | ".join(str(value) for value in row.values()) + " |")


if __name__ == "__main__":
    main()
