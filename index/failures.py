"""Names the questions of an answer gold that went wrong, and how: what was expected, found and said.

Faults are words for people and scripts alike: `not first`, `not within 5`, `verdict`, `invented`, `nothing marked
said`, `not all marked said`, `unmarked said`.
"""

from __future__ import annotations

from typing import Any

from index.outcomes import RECALL_AT, Found, Report, Said


def failures(report: Report) -> list[dict[str, Any]]:
    """Return the questions with a fault in the order of the gold, as plain values; `said` is None where none was asked.

    `ranks` has for each expected sentence the rank of the first passage that holds it, None below the tenth.
    """
    said = {outcome.question.id: outcome for outcome in report.said}
    rows = []
    for outcome in report.found:
        question = outcome.question
        answer = said.get(question.id)
        faults = [*_search_faults(outcome), *(_answer_faults(answer) if answer else ())]
        if faults:
            expected = [" / ".join(mark.quotes or mark.pieces) for mark in question.marks]
            rows.append(
                {
                    "id": question.id,
                    "question": question.text,
                    "kind": question.kind,
                    "faults": faults,
                    "expected": {"verdict": question.verdict, "sentences": expected},
                    "ranks": list(outcome.ranks),
                    "said": _as_dict(answer) if answer else None,
                }
            )
    return rows


def _as_dict(answer: Said) -> dict[str, Any]:
    sentences = [{"text": text, "marked": bool(marks)} for text, marks in answer.sentences]
    return {"verdict": answer.verdict, "band": answer.band, "sentences": sentences}


def _search_faults(outcome: Found) -> list[str]:
    if not outcome.ranks:
        return []
    faults = [] if 1 in outcome.ranks else ["not first"]
    if any(rank is None or rank > RECALL_AT for rank in outcome.ranks):
        faults.append(f"not within {RECALL_AT}")
    return faults


def _answer_faults(outcome: Said) -> list[str]:
    marks = outcome.question.marks
    faults = [] if outcome.verdict == outcome.question.verdict else ["verdict"]
    if not marks:
        return [*faults, *(["invented"] if outcome.sentences else [])]
    if not outcome.said_marks:
        faults.append("nothing marked said")
    elif len(outcome.said_marks) < len(marks):
        faults.append("not all marked said")
    if any(not said for _, said in outcome.sentences):
        faults.append("unmarked said")
    return faults
