#!/usr/bin/env python3
"""Measures how well snippets are told apart: AUC of related against unrelated, and the confusion of the three labels.

    python bench/relation/figures.py [--variants FOLDER]

On the five seeds (their gold), on ten articles of ten fields of our own (`articles.jsonl`: each with its own snippets,
those of `unrelated.jsonl` that do not name it in `not_for`, and three snippets of every article named in `far`), and on
the pages that bench/variants/make.py wrote. "words alone" is the same without lists: what an unlisted field gets.
"""

from __future__ import annotations

import argparse
import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from ingest.clean import clean
from ingest.page import read_page
from ingest.related import Subject, relate, subject_of

HERE = Path(__file__).resolve().parent
SHARED = Path(os.environ.get("POLICYKB_SHARED", HERE.parents[1].parent / "shared"))
LABELS = ("same_question", "same_field", "unrelated")
Case = tuple[Subject, str, str, str]  # the article, title and summary of a snippet, its true label


def read_rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def own_cases() -> Iterator[Case]:
    articles, pool = read_rows(HERE / "articles.jsonl"), read_rows(HERE / "unrelated.jsonl")
    snippets = {article["id"]: article["snippets"] for article in articles}
    for article in articles:
        subject = subject_of(article["title"], article["article"])
        for snippet in article["snippets"]:
            yield subject, snippet["title"], snippet["summary"], snippet["relation"]
        others = [snippet for snippet in pool if article["id"] not in snippet["not_for"]]
        others += [snippet for far in article["far"] for snippet in snippets[far][:3]]
        for snippet in others:
            yield subject, snippet["title"], snippet["summary"], "unrelated"


def page_cases(gold_file: Path, folder: Path) -> Iterator[Case]:
    """Yield the labelled snippets of pages, each related to the article that cleaning keeps of its page."""
    for gold in read_rows(gold_file):
        snippets = [snippet for snippet in gold.get("snippets", ()) if snippet.get("relation")]
        if not snippets:
            continue
        named = gold.get("file")
        name = named or next(p.relative_to(folder).as_posix() for p in folder.glob(f"html/{gold['id']}.*"))
        article = clean(read_page(folder / name, path=name))
        subject = subject_of(article.title, article.body_text)
        for snippet in snippets:
            yield subject, snippet["title"], snippet["summary"], snippet["relation"].replace(" ", "_")


def auc(related: list[float], others: list[float]) -> float:
    wins = sum((ours > theirs) + 0.5 * (ours == theirs) for ours in related for theirs in others)
    return wins / (len(related) * len(others))


def auc_of(cases: list[Case]) -> float:
    scored = [(relate(subject, title, summary).score, truth) for subject, title, summary, truth in cases]
    return auc([s for s, truth in scored if truth != "unrelated"], [s for s, truth in scored if truth == "unrelated"])


def without_fields(cases: list[Case]) -> list[Case]:
    return [(replace(subject, fields=frozenset()), *rest) for subject, *rest in cases]  # type: ignore[misc]


def show(name: str, cases: list[Case]) -> None:
    found = Counter((truth, relate(subject, title, summary).label) for subject, title, summary, truth in cases)
    right = sum(found[label, label] for label in LABELS)
    print(f"\n{name}: {len(cases)} snippets, AUC {auc_of(cases):.4f}", end="")
    print(f" (words alone {auc_of(without_fields(cases)):.4f}), right {right / len(cases):.3f}")
    print("| truth \\ found | " + " | ".join(LABELS) + " |\n|" + "---|" * (len(LABELS) + 1))
    for truth in LABELS:
        print(f"| {truth} | " + " | ".join(str(found[truth, label]) for label in LABELS) + " |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--variants", type=Path, help="folder that bench/variants/make.py wrote")
    options = parser.parse_args()
    show("ten fields of our own", list(own_cases()))
    if (SHARED / "seeds").is_dir():
        show("five seeds", list(page_cases(SHARED / "bench/cleaning/seeds/gt.jsonl", SHARED)))
    if options.variants:
        show("variants", list(page_cases(options.variants / "gt.jsonl", options.variants)))


if __name__ == "__main__":
    main()
