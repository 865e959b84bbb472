"""How well numbers are read: precision and recall on corpus/gold/statements.jsonl, which was written for this.

    python bench/statements.py [--half dev|test] [--gold FILE] [--show]

A number is right where span, value (and end of a range) and unit are those of the gold. Of the right ones it is told
how often bound and per are equal, the matter is alike (two characters side by side in common), and the condition
overlaps or is missing in both. The rules were written with the half `dev` alone.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from index.conflicts.figures import Figure, said
from index.conflicts.statements import read_statements
from index.ngrams import fold

GOLD = Path(__file__).resolve().parents[1] / "corpus" / "gold" / "statements.jsonl"
_Key = tuple[int, int, str, str | None, str]


def read_gold(file: Path, half: str | None = None) -> list[dict[str, Any]]:
    """Return the labelled texts, of one half where it is named."""
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if half in (None, line["half"])]


def measure(lines: Sequence[dict[str, Any]], show: bool = False) -> dict[str, float]:
    """Return counts and shares from 0 to 1; `show` prints what is wrong."""
    right = wrong = missed = bounds = pers = matters = conditions = 0
    for line in lines:
        folded = fold(line["text"])
        wanted = {_key_of(number): number for number in line["numbers"]}
        found = {_key(statement.figure): statement for statement in read_statements(folded)}
        right += len(wanted.keys() & found.keys())
        wrong += len(found.keys() - wanted.keys())
        missed += len(wanted.keys() - found.keys())
        if show and wanted.keys() != found.keys():
            print(line["text"], sorted(found.keys() - wanted.keys()), sorted(wanted.keys() - found.keys()))
        for key in wanted.keys() & found.keys():
            number, statement = wanted[key], found[key]
            bounds += statement.figure.bound == number["bound"]
            pers += statement.figure.per == number["per"]
            matters += _overlap(statement.matter, fold(number["matter"] or ""))
            condition = folded[slice(*statement.condition)] if statement.condition else ""
            wants = fold(number["condition"] or "")
            conditions += (not condition and not wants) or _overlap(condition, wants)
    return {
        "texts": len(lines),
        "numbers": right + missed,
        "precision": right / max(1, right + wrong),
        "recall": right / max(1, right + missed),
        "bound": bounds / max(1, right),
        "per": pers / max(1, right),
        "matter": matters / max(1, right),
        "condition": conditions / max(1, right),
    }


def _key(figure: Figure) -> _Key:
    to = None if figure.value_to is None else said(figure.value_to, figure.unit)
    return figure.start, figure.end, said(figure.value, figure.unit), to, figure.unit


def _key_of(number: dict[str, Any]) -> _Key:
    value, to = (
        told if told is None or isinstance(told, str) else said(told, number["unit"])
        for told in (number["value"], number["value_to"])
    )
    return number["start"], number["end"], str(value), to, number["unit"]


def _overlap(one: str, other: str) -> bool:
    return any(one[place : place + 2] in other for place in range(len(one) - 1)) or (one == other and bool(one))


def main() -> None:
    """Print the figures of a half, or of all, as one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=["dev", "test"])
    parser.add_argument("--gold", type=Path, default=GOLD)
    parser.add_argument("--show", action="store_true", help="print the texts that are read wrongly")
    told = parser.parse_args()
    found = measure(read_gold(told.gold, told.half), told.show)
    print(json.dumps({name: round(value, 4) for name, value in found.items()}))


if __name__ == "__main__":
    main()
