"""Measures the desk card on its gold: of the lines in each slot, how many belong there, and how many are missing.

    python bench/cards.py [KB] [--split tune|held] [--misses] [--json]

`corpus/gold/cards.jsonl` holds for each question the lines of the sample pages that belong into a slot (`slots`) and
those that may stand there as well (`also`). A list in it holds the same thing said on several pages: one is enough.
Precision counts what may stand there as right, recall asks only for what belongs there. Lead-ins count as neither.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # runs from a checkout without installing

from index.answering.card import DeskCard, Line
from index.answering.slots import SLOTS
from index.build.build import rebuild
from index.kb import KnowledgeBase, open_kb
from index.model import load_embedder

ROOT = Path(__file__).resolve().parents[1]
GOLD = ROOT / "corpus" / "gold" / "cards.jsonl"
FILLED = SLOTS[1:]  # the conclusion is measured with the answers


@dataclass
class Tally:
    """Counts for one slot; `wrong` and `missing` name the question and the line."""

    lines: int = 0
    right: int = 0
    gold: int = 0
    found: int = 0
    wrong: list[tuple[str, str]] = field(default_factory=list)
    missing: list[tuple[str, str]] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """The share of the lines that may stand there; 1 without lines."""
        return self.right / self.lines if self.lines else 1.0

    @property
    def recall(self) -> float:
        """The share of the gold that is there; 1 without gold."""
        return self.found / self.gold if self.gold else 1.0


def read_gold(split: str | None = None) -> list[dict[str, Any]]:
    """Return the questions of one half of the gold, or all."""
    rows = [json.loads(line) for line in GOLD.read_text(encoding="utf-8").splitlines()]
    return [row for row in rows if split in (None, row["split"])]


def measure(kb: KnowledgeBase, rows: Sequence[Mapping[str, Any]]) -> dict[str, Tally]:
    """Return the tally of each slot over these questions."""
    tallies = {name: Tally() for name in FILLED}
    for row in rows:
        card = kb.desk_card(row["question"])
        for name, tally in tallies.items():
            lines = list(_lines(card, name)) if card else []
            gold, also = (row[key].get(name, []) for key in ("slots", "also"))
            for line, path in lines:
                may_stand = any(_says(line, path, alike) for alike in (*gold, *also))
                tally.lines += 1
                tally.right += may_stand
                if not may_stand:
                    tally.wrong.append((row["id"], line.text))
            for alike in gold:
                is_there = any(_says(line, path, alike) for line, path in lines)
                tally.gold += 1
                tally.found += is_there
                if not is_there:
                    tally.missing.append((row["id"], alike[0]["quote"]))
    return tallies


def _lines(card: DeskCard, name: str) -> Iterator[tuple[Line, str]]:
    paths = {source.article_id: source.path for source in card.sources}
    slot = next(slot for slot in card.slots if slot.name == name)
    yield from ((line, paths[line.article_id]) for line in slot.lines if not line.is_lead)


def _says(line: Line, path: str, alike: Sequence[Mapping[str, str]]) -> bool:
    return any(path == one["path"] and (line.text in one["quote"] or one["quote"] in line.text) for one in alike)


def main() -> None:
    """Print the figures of each slot."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kb", nargs="?", type=Path, help="a base of corpus/pages (default: builds one)")
    parser.add_argument("--split", choices=("tune", "held"))
    parser.add_argument("--misses", action="store_true", help="list what is wrong and what is missing")
    parser.add_argument("--json", action="store_true", dest="as_json")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = options.kb or Path(made) / "kb"
        if not options.kb:
            rebuild([ROOT / "corpus" / "pages"], folder, embedder=load_embedder("bundled"))
        tallies = measure(open_kb(folder), read_gold(options.split))
    if options.as_json:
        print(json.dumps({name: {"precision": one.precision, "recall": one.recall} for name, one in tallies.items()}))
        return
    for name, one in tallies.items():
        print(f"{name:<10} precision {one.right}/{one.lines}  recall {one.found}/{one.gold}")
        if options.misses:
            for sign, told in (("+", one.wrong), ("-", one.missing)):
                print(*(f"  {sign} {question} {text}" for question, text in told), sep="\n", end="\n" if told else "")


if __name__ == "__main__":
    main()
