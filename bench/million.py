#!/usr/bin/env python3
"""Measures questions to a million passages: how long they take, what short cuts miss, what lies on the disk.

    python bench/million.py [--passages N] [--folder DIR] [--questions N] [--json]

The passages are paragraphs of the articles that bench/large/pages.py puts together, with title and headings; what a
build makes of them is written as a build writes it: words of passages, headings and articles, vectors of the bundled
model with their lists. Cleaning and splitting pages is not part of it (bench/scale.py). With --folder what was made is
kept and used again. Questions are those of the bank and titles of the articles, half and half. Each is asked once,
after 100 others, as a server is. `cpu` is processor time beside the time on the clock; other programs on the machine
raise both.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # runs from a checkout without installing

from large.pages import Material, draft, read_material  # lies beside this file

from index.bank.bank import Bank, lend, read_bank
from index.build.index_vectors import index_vectors
from index.context import context_of, embedded_text
from index.embedded import Embedded
from index.evidence import POSTINGS, rough_scores
from index.model import BUNDLED, load_embedder
from index.ranking import POOL, Mode, rank
from index.store.best import best_places
from index.store.postings import write_terms, write_terms_of_both
from index.store.terms import Terms, query_grams
from index.store.vectors import Vectors

SEED = 1
# Characters of a passage to which paragraphs under one heading are joined.
PASSAGE_CHARS = 400
BATCH = 4_096
HITS = 20
BEFORE = 100
# Shares of the articles that a filter keeps.
FILTERS = (0.5, 0.05, 0.005)
PARTS = ("passages", "context", "articles")

# Row of the article, its title, the headings above the passage, its text.
Passage = tuple[int, str, list[str], str]
Rows = NDArray[np.int64]


def passages(material: Material, count: int) -> Iterator[Passage]:
    """Yield the passages, those of an article one after the other."""
    return islice((passage for number in range(count) for passage in _of_article(material, number)), count)


def _of_article(material: Material, number: int) -> Iterator[Passage]:
    article = draft(material, number, SEED)
    headings: list[str] = []
    text = ""
    for heading, paragraph in article.paragraphs:
        if text and not heading and len(text) + len(paragraph) <= PASSAGE_CHARS:
            text = f"{text}\n{paragraph}"
            continue
        if text:
            yield number, article.title, headings, text
        headings = [heading] if heading else headings
        text = f"{heading}\n{paragraph}" if heading else paragraph
    yield number, article.title, headings, text


def make(folder: Path, count: int) -> dict[str, float]:
    """Write words and vectors of `count` passages, and return the processor seconds of each part."""
    material, embedder = read_material(), load_embedder(BUNDLED)
    taken: dict[str, float] = {}

    def timed(name: str, work: Callable[[], object]) -> None:
        begun = time.process_time()
        work()
        taken[name] = round(time.process_time() - begun, 1)
        print(f"{name}: {taken[name]} s", file=sys.stderr)

    def titled() -> Iterator[tuple[str, list[str]]]:
        for _, group in groupby(passages(material, count), key=itemgetter(0)):
            own = list(group)
            yield own[0][1], [text for *_, text in own]

    def vectors() -> Iterator[NDArray[np.float32]]:
        found = passages(material, count)
        while batch := list(islice(found, BATCH)):
            yield embedder.encode_document([embedded_text(title, above, text) for _, title, above, text in batch])

    terms = folder / "terms"
    context = (context_of(title, above) for _, title, above, _ in passages(material, count))
    timed("passages and articles", lambda: write_terms_of_both(terms / "passages", terms / "articles", titled()))
    timed("context", lambda: write_terms(terms / "context", context))
    timed("vectors", lambda: index_vectors(vectors(), folder, embedder))
    of = np.fromiter((article for article, *_ in passages(material, count)), dtype=np.int32, count=count)
    np.save(folder / "article_of.npy", of)  # written last: it says that the rest is there
    return taken


def open_engine(folder: Path) -> Embedded:
    """Return the engine over what `make` wrote."""
    own, above, whole = (Terms.open(folder / "terms" / name) for name in PARTS)
    vectors = Vectors.open(folder / "vectors.faiss")
    return Embedded(own, whole, above, np.load(folder / "article_of.npy", mmap_mode="r"), lambda: vectors)


class Asking:
    """Questions put to an engine as a search puts them: embedded, with words lent by the bank, ranked."""

    def __init__(self, engine: Embedded) -> None:
        self.engine = engine
        self.embedder = load_embedder(BUNDLED)
        self.bank = Bank(read_bank(), self.embedder)

    def ask(self, question: str, mode: Mode = "hybrid", allowed: Rows | None = None) -> int:
        """Return how many hits there are."""
        vector = None if mode == "lexical" else self.embedder.encode_query([question])[0]
        lent = lend(self.bank._find(question)) if mode == "hybrid" else None  # what was found is not remembered
        return len(rank(question, vector, self.engine, mode=mode, k=HITS, allowed=allowed, lent=lent))


def measure(ask: Callable[[str], int], before: list[str], questions: list[str]) -> dict[str, float]:
    """Return the milliseconds a question takes that is asked once, after others, and the fewest hits of one."""
    for question in before:
        ask(question)
    wall, cpu, hits = [], [], []
    for question in questions:
        begun = time.perf_counter(), time.process_time()
        hits.append(ask(question))
        wall.append(1000 * (time.perf_counter() - begun[0]))
        cpu.append(1000 * (time.process_time() - begun[1]))
    columns = {"wall": wall, "cpu": cpu}
    figures = {
        f"{name} p{at}": round(float(np.percentile(taken, at)), 1) for name, taken in columns.items() for at in (50, 95)
    }
    return {**figures, "fewest hits": min(hits)}


def recall_of_vectors(vectors: Vectors, asked: NDArray[np.float32], allowed: Rows | None) -> float:
    """Return the share of the nearest POOL rows that search finds."""
    found = []
    for query in asked:
        scores = vectors.scores(query, allowed)
        bound = scores[best_places(scores, POOL)[-1]]
        found.append(np.mean(vectors.search(query[None], POOL, allowed=allowed)[0] >= bound))
    return round(float(np.mean(found)), 4)


def recall_of_words(engine: Embedded, questions: list[str]) -> float:
    """Return the share of the best POOL passages by the rough sum that are found where not all postings are read."""
    words, found = engine.counted(), []
    for question in questions:
        grams = query_grams(question)
        best = [
            best_places(rough_scores(words, grams, engine.articles, postings).scores, POOL)
            for postings in (POSTINGS, sys.maxsize)
        ]
        found.append(len(np.intersect1d(*best)) / POOL)
    return round(float(np.mean(found)), 4)


def cold_start(folder: Path, runs: int = 5) -> dict[str, float]:
    """Return the median seconds from the start of a process to its first answer, and what the process holds then."""
    found = []
    for _ in range(runs):
        begun = time.perf_counter()
        done = subprocess.run(
            [sys.executable, __file__, "--folder", str(folder), "--first"], check=True, capture_output=True, text=True
        )
        found.append((time.perf_counter() - begun, *json.loads(done.stdout)))
    wall, cpu, memory = np.median(found, axis=0).tolist()
    return {"wall s": round(wall, 2), "cpu s": round(cpu, 2), "memory MB": round(memory)}


def first_answer(folder: Path) -> None:
    """Answer one question and print what it took: processor seconds, and megabytes in memory."""
    Asking(open_engine(folder)).ask("失业以后医保谁来交")
    usage = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps([usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6]))


def run(folder: Path, count: int, asked: int) -> dict[str, Any]:
    """Make what is not there and measure it."""
    made = {} if (folder / "article_of.npy").is_file() else make(folder, count)
    engine = open_engine(folder)
    asking = Asking(engine)
    pairs, material = read_bank(), read_material()
    step = max(1, len(pairs) // max(1, asked // 2))
    questions = [pair.question for pair in pairs[::step]][: asked // 2]
    questions += [draft(material, number, SEED).title for number in range(0, 7 * (asked - len(questions)), 7)]
    dice = np.random.default_rng(SEED)
    articles = len(engine.article_terms or ())
    kept = {share: np.flatnonzero((dice.random(articles) < share)[engine.article_of]) for share in FILTERS}
    ways: dict[str, Callable[[str], int]] = {
        "hybrid": asking.ask,
        "lexical": partial(asking.ask, mode="lexical"),
        "dense": partial(asking.ask, mode="dense"),
        **{f"hybrid, {100 * share:g} % kept": partial(asking.ask, allowed=rows) for share, rows in kept.items()},
    }
    before = [pair.question for pair in pairs[1 :: max(1, len(pairs) // BEFORE)]][:BEFORE]  # none of those measured
    times = {}
    for name, ask in ways.items():
        asking.engine = open_engine(folder)  # what an engine keeps of the words of other questions is its own
        times[name] = measure(ask, before, questions)
    vectors = asking.embedder.encode_query(questions[:: max(1, len(questions) // 50)])
    assert engine.read_vectors is not None
    recall = {"dense": recall_of_vectors(engine.read_vectors(), vectors, None)}
    for share, rows in kept.items():
        recall[f"dense, {100 * share:g} % kept"] = recall_of_vectors(engine.read_vectors(), vectors, rows)
    recall["rough sum"] = recall_of_words(engine, questions[:: max(1, len(questions) // 50)])
    sizes = {file.relative_to(folder).parts: file.stat().st_size / 1e6 for file in folder.rglob("*") if file.is_file()}
    disk = {name: sum(size for parts, size in sizes.items() if name in parts) for name in PARTS}
    disk |= {name: sizes.get((f"{name}.faiss",), 0.0) for name in ("near", "vectors")}
    return {
        "passages": len(engine.passage_terms),
        "articles": articles,
        "made, cpu s": made,
        "times, ms": times,
        "recall": recall,
        "disk, MB": {name: round(size, 1) for name, size in disk.items()},
        "memory MB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6),
        "cold start": cold_start(folder),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="make here, or use what was made here before")
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    parser.add_argument("--first", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.first:
        first_answer(options.folder)
        return
    with tempfile.TemporaryDirectory(prefix="policykb-million-") as scratch:
        figures = run(options.folder or Path(scratch), options.passages, options.questions)
    if options.json:
        print(json.dumps(figures, ensure_ascii=False))
        return
    print(f"{figures['passages']:,} passages of {figures['articles']:,} articles\n")
    columns = list(next(iter(figures["times, ms"].values())))
    print(f"| milliseconds | {' | '.join(columns)} |\n|---|{'--:|' * len(columns)}")
    for name, row in figures["times, ms"].items():
        print(f"| {name} | {' | '.join(str(value) for value in row.values())} |")
    for name in ("recall", "disk, MB", "cold start", "made, cpu s"):
        print(f"\n{name}: " + ", ".join(f"{part} {value}" for part, value in figures[name].items()))
    print(f"\nmemory of this process, mapped files included: {figures['memory MB']} MB")


if __name__ == "__main__":
    main()
