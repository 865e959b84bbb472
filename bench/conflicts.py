"""The conflict radar on real pages: writes the first groups with their quotes to be judged, and reads verdicts.

    python bench/conflicts.py KB [KB …] --most 40 --out judge.jsonl     bases to look at; `verdict` is left empty
    python bench/conflicts.py --judged judge.jsonl                      the precision of those that were judged

A verdict is `same` (one matter, different numbers, nothing in the texts explains it), `explained` (one matter, and the
texts say why: another place, year or case) or `apart` (not one matter, or a number was misread). Precision is the
share that is not `apart`; of the groups that are told to be open, also the share of `same`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from index.conflicts.groups import Group
from index.kb import open_kb

VERDICTS = ("same", "explained", "apart")


def as_judged(base: str, group: Group) -> dict[str, Any]:
    """Return a group as one line to be judged: at most three statements a value."""
    cases = [
        {
            "value": case.told,
            "unit": case.unit,
            "bound": case.bound,
            "per": case.per,
            "against": list(case.contradicts),
            "texts": case.texts,
            "statements": [
                {
                    "quote": one.quote,
                    "condition": one.condition,
                    "title": one.title,
                    "place": one.place,
                    "year": one.year,
                }
                for one in case.statements[:3]
            ],
        }
        for case in group.cases
    ]
    return {
        "base": base,
        "id": group.id,
        "matter": group.matter,
        "kind": group.kind,
        "difference": group.difference,
        "score": round(group.score, 3),
        "cases": cases,
        "verdict": "",
        "note": "",
    }


def precision(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """Return how many groups were judged, and how many are on one matter, in all and by what is told of them."""
    judged = [line for line in lines if line["verdict"]]
    if unknown := {line["verdict"] for line in judged} - set(VERDICTS):
        raise ValueError(f"found the verdicts {sorted(unknown)}, expected {', '.join(VERDICTS)}")
    found: dict[str, Any] = {"groups": len(lines), "judged": len(judged)}
    for name, part in (
        ("all", judged),
        ("open", [line for line in judged if line["difference"] == "open"]),
        ("told apart", [line for line in judged if line["difference"] != "open"]),
    ):
        counts = Counter(line["verdict"] for line in part)
        if part:
            found[name] = {
                **{verdict: counts[verdict] for verdict in VERDICTS},
                "precision": round(1 - counts["apart"] / len(part), 3),
            }
    return found


def main() -> None:
    """Write groups to be judged, or tell the precision of those that were."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bases", nargs="*", type=Path)
    parser.add_argument("--most", type=int, default=40, help="groups of each base")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--judged", type=Path)
    said = parser.parse_args()
    if said.judged:
        lines = [json.loads(line) for line in said.judged.read_text(encoding="utf-8").splitlines()]
        print(json.dumps(precision(lines), ensure_ascii=False, indent=1))
        return
    lines = [
        as_judged(str(base.name), group) for base in said.bases for group in open_kb(base).conflicts()[: said.most]
    ]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    if said.out:
        said.out.write_text(text, encoding="utf-8")
        print(f"{len(lines)} groups -> {said.out}", file=sys.stderr)
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
