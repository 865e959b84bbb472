#!/usr/bin/env python3
"""Measures the web page under load: twenty readers at once on the real server, on this machine and nowhere else.

    python bench/load.py [--kb DIR] [--readers N] [--questions N] [--pace SECONDS] [--single] [--json]

Without --kb the sample corpus is built. A base stays as it is: the server gets a folder of its own with links to its
builds. Three phases: one reader alone; all readers at once, each asking again at once (closed loop: how much the server
can do, its times say how long the queue is); all readers at a human pace, one question every few seconds (the times
that readers see). Every fifth question is followed to its first article, some have filters or another mode, no two are
alike. Where the base keeps another build, that one is published after three quarters of the closed loop.

A time is what the reader sees, from the question to the end of the script, over a socket of this machine; the
processor time is what the server used, which a busy machine changes less. An error is an exception on the page, a
socket that closed, or a page without the question, a verdict or the build that was published. Memory is read from
/proc: `anonymous` leaves out mapped files, so it is what readers cost.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from itertools import count, islice
from pathlib import Path
from typing import Any

from reader import Page, Reader
from server import ROOT, Memory, Server, sample_base, serving, view_of

from index.build.publish import build_folders, publish, read_current
from search_app.render import escape

PLACES = ("", "杭州", "长沙", "成都", "北京", "广东", "武汉", "南京", "青岛", "甘肃", "厦门", "重庆")
ENDINGS = ("", "，麻烦说明一下", "，请告诉我")
FILTERS: tuple[dict[str, str | list[str]], ...] = (
    {"scheme": "职工医保"},
    {"scheme": ["职工医保", "居民医保"]},
    {"region": "湖南"},
    {"year": ["2025", "2026"]},
)
_BUILD = re.compile(r'class="pk pk-foot".*?\b([0-9a-f]{12})\b', re.DOTALL)
Ask = tuple[str, dict[str, str | list[str]]]


def plan(reader: int) -> Iterator[Ask]:
    """Yield what a reader asks, as kind and address: no two alike, and for all readers the same mixture."""
    lines = (ROOT / "corpus" / "gold" / "questions.jsonl").read_text("utf-8").splitlines()
    asked = [
        f"{place}{json.loads(line)['text'].rstrip('？?。')}{end}？"
        for line in lines
        for place in PLACES
        for end in ENDINGS
    ]
    random.Random(reader).shuffle(asked)
    for number, question in zip(count(1), asked):
        params: dict[str, str | list[str]] = {"q": question, "lang": "en" if reader % 4 == 3 else "zh"}
        if number % 6 == 0:
            yield "filtered", {**params, **FILTERS[number // 6 % len(FILTERS)]}
        elif number % 7 == 0:
            yield "other mode", {**params, "mode": ("dense", "lexical")[number // 7 % 2]}
        else:
            yield "question", params


@dataclass(slots=True)
class Phase:
    """What was seen in one phase: pages by kind, the errors, and the server's processor seconds."""

    name: str
    pages: dict[str, list[Page]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    looks: int = 0

    def add(self, kind: str, page: Page, missing: Sequence[str]) -> None:
        """Keep the figures of a page, and forget its text."""
        self.errors += [f"{kind} {page.query[:60]}: {what}" for what in (*page.problems, *missing)]
        page.html = ""
        self.pages.setdefault(kind, []).append(page)

    @property
    def count(self) -> int:
        """How many pages were asked for."""
        return sum(map(len, self.pages.values()))

    def rows(self) -> list[dict[str, object]]:
        """Return a row of figures for each kind of page, in milliseconds and kilobytes."""
        return [_row(kind, pages) for kind, pages in self.pages.items()]


def _row(kind: str, pages: Sequence[Page]) -> dict[str, object]:
    times = sorted(page.seconds * 1000 for page in pages)
    answers = [page.answer_seconds * 1000 for page in pages if page.answer_seconds is not None]
    return {
        "kind": kind,
        "pages": len(pages),
        "p50_ms": round(statistics.median(times)),
        "p95_ms": round(times[int(0.95 * (len(times) - 1))]),
        "max_ms": round(times[-1]),
        "answer_p50_ms": round(statistics.median(answers)) if answers else None,
        "size_kb": round(statistics.fmean(page.size for page in pages) / 1000),
    }


def shown_build(page: Page) -> str | None:
    """Return the build that a page says it comes from."""
    found = _BUILD.search(page.html)
    return found[1] if found else None


def missing(page: Page, question: str, builds: Container[str | None]) -> list[str]:
    """Return what a page that answers must show and this one does not."""
    wanted = {
        "its question": f'<h1 class="pk pk-spoken" lang="zh-CN">{escape(question)}</h1>' in page.html,
        "a verdict": 'id="pk-verdict"' in page.html or 'class="pk pk-state"' in page.html,
        "the published build": shown_build(page) in builds,
    }
    return [f"does not show {what}" for what, is_there in wanted.items() if not is_there]


class Load:
    """A run of the bench: the server, which builds a reader may see now, and what was seen."""

    def __init__(self, server: Server, kb: Path, deadline: float) -> None:
        self.server, self.kb, self.deadline = server, kb, deadline
        self.builds = [read_current(kb)]
        self.phases: list[Phase] = []
        self.memory: dict[str, Memory] = {}
        self.taken_over_s: list[float] = []
        self._published = 0.0

    def remember(self, moment: str) -> None:
        """Write down how much memory the server holds."""
        self.memory[moment] = self.server.memory()

    def publish(self, build: str) -> None:
        """Publish another build under the readers' eyes: from now on they see it or, for a while, the one before."""
        self.builds, self._published = [build, self.builds[0]], time.perf_counter()
        publish(self.kb, build)

    async def asks(self, reader: Reader, asks: Iterator[Ask], phase: Phase, *, pace_s: float = 0.0) -> None:
        """Let a reader ask one question after the other; `pace_s` from one to the next where that leaves time."""
        for number, ask in enumerate(asks):
            due = time.perf_counter() + pace_s
            if due > self.deadline:
                phase.errors.append("not asked: the time was over")
                return
            may_show = set(self.builds)
            page = await reader.visit(**ask[1])
            if len(self.builds) > 1 and shown_build(page) == self.builds[0]:
                self.taken_over_s.append(time.perf_counter() - self._published)
                del self.builds[1]  # who asks from now on sees the new one
            article = page.article if number % 5 == 0 else None
            phase.add(ask[0], page, missing(page, str(ask[1]["q"]), may_show.union(self.builds)))
            if article:
                opened = await reader.follow(article)
                lacks = [] if "pk-article" in opened.html else ["shows not the article"]
                phase.add("article", opened, lacks)
            await asyncio.sleep(max(0.0, due - time.perf_counter()))

    @contextmanager
    def phase(self, name: str, readers: Sequence[Reader]) -> Iterator[Phase]:
        """Measure what the server does meanwhile."""
        phase = Phase(name)
        begun, cpu, looks = time.perf_counter(), self.server.cpu_seconds(), sum(reader.looks for reader in readers)
        yield phase
        phase.seconds = time.perf_counter() - begun
        phase.cpu_seconds = self.server.cpu_seconds() - cpu
        phase.looks = sum(reader.looks for reader in readers) - looks
        self.phases.append(phase)

    async def alone(self, questions: int) -> None:
        """Let one reader ask, after one question that loads the base."""
        self.remember("server started")
        async with Reader(self.server.address) as reader:
            await reader.visit()
            asks = plan(99)
            await self.asks(reader, islice(asks, 2), Phase("warming up"))
            self.remember("base loaded, one reader")
            with self.phase("one reader, who asks again at once", [reader]) as phase:
                await self.asks(reader, islice(asks, questions), phase)

    async def together(self, count: int, questions: int, pace_s: float, paced: int) -> None:
        """Let `count` readers ask `questions` each at once, a new build published meanwhile, then `paced` slowly."""
        others = [folder.name for folder in build_folders(self.kb) if folder.name != self.builds[0]]
        first = self.builds[0]
        async with AsyncExitStack() as stack:
            languages = ["en-US" if number % 4 == 3 else "zh-CN" for number in range(count)]
            readers = [
                await stack.enter_async_context(Reader(self.server.address, lang=language)) for language in languages
            ]
            await asyncio.gather(*(reader.visit() for reader in readers))
            self.remember(f"{count} sessions open")
            plans = [plan(number) for number in range(count)]
            with self.phase(f"{count} readers, each asking again at once", readers) as phase:
                for quarter in range(4):
                    if quarter == 3 and others:
                        self.publish(others[0])
                    some = questions * (quarter + 1) // 4 - questions * quarter // 4
                    await asyncio.gather(
                        *(
                            self.asks(reader, islice(asks, some), phase)
                            for reader, asks in zip(readers, plans, strict=True)
                        )
                    )
                    self.remember(f"after {phase.count:,} pages" + (", two builds" if quarter == 3 and others else ""))
            if paced:
                with self.phase(f"{count} readers, each a question every {pace_s:g} s", readers) as phase:
                    await asyncio.gather(
                        *(
                            self._paced(reader, islice(asks, paced), phase, pace_s, number / count)
                            for number, (reader, asks) in enumerate(zip(readers, plans, strict=True))
                        )
                    )
                self.remember(f"after {phase.count:,} more at that pace")
            if others:
                self.publish(first)
        self.remember("sessions closed")

    async def _paced(self, reader: Reader, asks: Iterator[Ask], phase: Phase, pace_s: float, offset: float) -> None:
        await asyncio.sleep(offset * pace_s)
        await self.asks(reader, asks, phase, pace_s=pace_s)

    def report(self) -> dict[str, object]:
        """Return all figures, ready for JSON."""
        return {
            "phases": [
                {
                    "phase": phase.name,
                    "pages": phase.count,
                    "looks": phase.looks,
                    "seconds": round(phase.seconds, 1),
                    "pages_per_second": round(phase.count / phase.seconds, 1),
                    "cpu_ms_per_page": round(1000 * phase.cpu_seconds / max(1, phase.count)),
                    "errors": len(phase.errors),
                    "examples": phase.errors[:5],
                    "kinds": phase.rows(),
                }
                for phase in self.phases
            ],
            "taken_over_s": [round(seconds, 1) for seconds in self.taken_over_s],
            "memory_mb": {moment: asdict(memory) for moment, memory in self.memory.items()},
        }


def table(report: Mapping[str, Any]) -> str:
    """Return the figures as plain text."""
    lines = []
    for phase in report["phases"]:
        lines += [
            f"{phase['phase']}: {phase['pages']:,} pages in {phase['seconds']} s, {phase['pages_per_second']} a second,"
            f" {phase['cpu_ms_per_page']} ms of processor a page, {phase['errors']} errors",
            "| page | count | p50, ms | p95, ms | max, ms | p50 to the answer, ms | size, kB |",
            "|---|--:|--:|--:|--:|--:|--:|",
            *(
                f"| {row['kind']} | {row['pages']:,} | {row['p50_ms']:,} | {row['p95_ms']:,} | {row['max_ms']:,} |"
                f" {row['answer_p50_ms']} | {row['size_kb']} |"
                for row in phase["kinds"]
            ),
            *(f"error: {example}" for example in phase["examples"]),
            "",
        ]
    if report["taken_over_s"]:
        lines += [f"a new build was shown {report['taken_over_s'][0]} s after it was published", ""]
    lines += ["| memory of the server, MB | resident | its own | anonymous |", "|---|--:|--:|--:|"]
    lines += [
        f"| {moment} | {m['rss']:,} | {m['uss']:,} | {m['anonymous']:,} |" for moment, m in report["memory_mb"].items()
    ]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kb", type=Path, help="a base, which stays as it is; else the sample corpus")
    parser.add_argument("--readers", type=int, default=20)
    parser.add_argument("--questions", type=int, default=200, help="of each reader in the closed loop")
    parser.add_argument("--pace", type=float, default=5.0, help="seconds from one question of a reader to the next")
    parser.add_argument("--paced", type=int, default=20, help="questions of each reader at that pace")
    parser.add_argument("--single", action="store_true", help="only one reader alone")
    parser.add_argument("--alone", type=int, default=60, help="questions of the one reader alone")
    parser.add_argument("--minutes", type=float, default=30.0, help="what is not asked by then counts as an error")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="policykb-load-") as scratch:
        kb = view_of(options.kb or sample_base(Path(scratch)), Path(scratch) / "view")
        with serving(kb) as server:
            load = Load(server, kb, time.perf_counter() + 60 * options.minutes)
            asyncio.run(load.alone(options.alone))
            if not options.single:
                asyncio.run(load.together(options.readers, options.questions, options.pace, options.paced))
            report = load.report()
    print(json.dumps(report, ensure_ascii=False) if options.json else table(report))
    return 1 if any(phase.errors for phase in load.phases) else 0


if __name__ == "__main__":
    sys.exit(main())
