"""How long the exploring view takes: each part from the click to its last byte, and what is prepared for it.

    python bench/explore.py --kb DIR [--build ID] [--clicks N] [--prepare] [--json]

A click is an address that was not open before, so nothing is served from a cache of the page; parts are loaded by a
first click that is not counted. `--prepare` also makes every prepared part anew, beside the base. Speed on shared
machines: compare rows, trust ratios more than milliseconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import Any

from reader import Reader
from server import serving

from index.catalogue import NONE
from index.explore.prepare import parts
from index.kb import KnowledgeBase, open_kb

PATTERNS = ("断缴", "等待期", "补缴", "异地就医", "医保", "缴费年限", "报销比例", "定点医院")
REGEXES = (r"断缴.{0,6}个月", r"\d+个月", r"(?:职工|居民)医保", r"\d+(\.\d+)?%")
QUESTIONS = ("医保断缴后等待期是多久", "居民医保一年交多少钱", "门诊报销比例是多少", "退休要交满多少年医保")
Click = dict[str, str | list[str]]


def clicks(kb: KnowledgeBase) -> dict[str, Iterator[Click]]:
    """Return an endless row of clicks for each part, by what a click there does."""
    column = kb.catalogue.columns["region"]
    provinces = [place for place in column.places if place != NONE and "/" not in place] or [NONE]

    def part(name: str, **params: str) -> Click:
        return {"view": "explore", "part": name, "lang": "zh", **params}

    def by_place(name: str, **params: str) -> Iterator[Click]:
        return (part(name, region=place, **params) for place in cycle(provinces))

    return {
        "words: keywords of a place": by_place("words"),
        "words: one word": (part("words", q=word) for word in cycle(PATTERNS)),
        "concordance: phrase": (part("kwic", q=word) for word in cycle(PATTERNS)),
        "concordance: phrase, sorted": (part("kwic", q=word, order="right") for word in cycle(PATTERNS)),
        "concordance: pattern": (part("kwic", q=regex, regex="1") for regex in cycle(REGEXES)),
        "compare: by place": (part("compare", q=question) for question in cycle(QUESTIONS)),
        "compare: by year": (part("compare", q=question, by="year") for question in cycle(QUESTIONS)),
        "conflicts: a matter": (part("conflicts", q=word) for word in cycle(PATTERNS)),
        "conflicts: of a place": by_place("conflicts"),
        "map: a place": by_place("map"),
        "saved questions": iter(lambda: part("saved"), None),
        "corpus card: of a place": by_place("card"),
    }


async def click_all(address: str, kb: KnowledgeBase, build: str | None, count: int) -> list[dict[str, Any]]:
    """Return a row a kind of click: how many, median and longest milliseconds, and what went wrong."""
    rows = []
    pinned: Click = {"build": build} if build else {}
    async with Reader(address) as reader:
        for name, asked in clicks(kb).items():
            await reader.visit(**next(asked), **pinned)  # loads the part
            pages = [await reader.visit(**click, **pinned) for click in islice(asked, count)]
            times = sorted(page.seconds * 1000 for page in pages)
            problems = [problem for page in pages for problem in page.problems]
            problems += ["not prepared" for page in pages if "policykb prepare" in page.html]
            rows.append({"click": name, "count": count, "p50_ms": median(times), "max_ms": times[-1], "bad": problems})
    return rows


def make_all(kb: KnowledgeBase) -> list[dict[str, Any]]:
    """Return a row a prepared part: seconds on the clock and of the processor, and the megabytes it takes."""
    rows = []
    with tempfile.TemporaryDirectory() as work:
        for part in parts():
            folder = Path(work) / part.name
            folder.mkdir()
            begun, used = time.perf_counter(), time.process_time()
            part.make(kb, folder, lambda stage, done, total: None)
            size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
            row = {"s": time.perf_counter() - begun, "cpu_s": time.process_time() - used, "mb": size / 1e6}
            rows.append({"part": part.name, **row})
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kb", type=Path, required=True)
    parser.add_argument("--build")
    parser.add_argument("--clicks", type=int, default=4, help="of each kind (4)")
    parser.add_argument("--prepare", action="store_true", help="make the prepared parts anew, beside the base")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    kb = open_kb(options.kb, build=options.build)
    made = make_all(kb) if options.prepare else []
    with serving(options.kb) as server:
        rows = asyncio.run(click_all(server.address, kb, options.build and kb.build, options.clicks))
    if options.json:
        print(json.dumps({"passages": kb.head["counts"]["passages"], "made": made, "clicks": rows}))
        return
    print(f"{kb.head['counts']['passages']:,} passages\n")
    for row in made:
        print(
            f"prepare {row['part']:<12} {row['s']:>7.1f} s, {row['cpu_s']:>6.1f} of the processor, {row['mb']:,.1f} MB"
        )
    print("\n| click | p50, ms | max, ms | of | wrong |\n|---|--:|--:|--:|---|")
    for row in rows:
        wrong = "; ".join(sorted(set(row["bad"]))) or "none"
        print(f"| {row['click']} | {row['p50_ms']:,.0f} | {row['max_ms']:,.0f} | {row['count']} | {wrong} |")


if __name__ == "__main__":
    main()
