"""Reads answer gold: questions with the verdict that is right and the sentences that answer, and finds those in a base.

A gold folder holds questions.jsonl, one object a line: `id`, `text`, `verdict`, `kind` (official, everyday, several,
unanswerable, or a word of your own) and `answers`, each with `path` of a page and `quote`, a verbatim piece of its
article. Quotes of a question with the same `part`, a number, give the same part of the answer, and one of them is
enough; a quote without it is a part by itself. Other keys are for people (corpus/README.md).
What is measured with it stands in index/evaluate.py, what is fitted to it in index/calibrate.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.problem import Problem

if TYPE_CHECKING:
    from index.store.records import Records

FILE = "questions.jsonl"
VERDICTS = ("answered", "partly", "not_stated", "outside")
_FORMAT = (
    f"a gold folder holds {FILE} with one object a line: id, text, verdict ({', '.join(VERDICTS)}), kind, and answers, "
    "a list of objects with path (of a page) and quote (a verbatim piece of its article), empty where nothing answers; "
    "quotes of which one is enough have the same part, a number"
)


class GoldError(Problem):
    """Gold that cannot be used: says which file and line, what was expected and what to do."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A verbatim piece of the article of page `path` that answers a question, or the `part` of it that is numbered."""

    path: str
    quote: str
    part: int | None = None


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question with the verdict that is right; `answers` is empty exactly where nothing answers it."""

    id: str
    text: str
    kind: str
    verdict: str
    answers: tuple[Quote, ...]

    @property
    def is_answerable(self) -> bool:
        """Whether the pages answer it, at least partly."""
        return bool(self.answers)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a quote stands: `[start, end)` in the text of the page `path`."""

    path: str
    start: int
    end: int

    def shared(self, path: str, start: int, end: int) -> float:
        """Return how much of the shorter of this place and `[start, end)` of `path` lies in both, 0 to 1."""
        if path != self.path:
            return 0.0
        both = min(end, self.end) - max(start, self.start)
        return max(0, both) / max(1, min(end - start, self.end - self.start))


def read_gold(folder: Path) -> tuple[GoldQuestion, ...]:
    """Return the questions in `folder`, in order. Raises GoldError for a missing file, a broken line, a double id."""
    file = folder / FILE if folder.is_dir() else folder
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise GoldError(f"found no {file}: {_FORMAT}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise GoldError(f"{file} cannot be read ({error}): {_FORMAT}") from error
    questions: dict[str, GoldQuestion] = {}
    for number, line in enumerate(lines, start=1):
        if line.strip():
            question = _question(file, number, line)
            if question.id in questions:
                raise GoldError(f"{file}, line {number}: id {question.id!r} occurs twice; give each its own")
            questions[question.id] = question
    if not questions:
        raise GoldError(f"{file} holds no question: {_FORMAT}")
    return tuple(questions.values())


def _question(file: Path, number: int, line: str) -> GoldQuestion:
    where = f"{file}, line {number}"
    try:
        record: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise GoldError(f"{where}: not JSON ({error}); {_FORMAT}") from error
    if not isinstance(record, dict) or not all(isinstance(record.get(key), str) for key in ("id", "text", "verdict")):
        raise GoldError(f"{where}: found no id, text and verdict; {_FORMAT}")
    if record["verdict"] not in VERDICTS:
        raise GoldError(f"{where}: verdict {record['verdict']!r}, expected one of {', '.join(VERDICTS)}")
    answers = record.get("answers", [])
    if not isinstance(answers, list) or not all(_is_quote(answer) for answer in answers):
        raise GoldError(f"{where}: answers are objects with a path and a quote, and maybe a number as part; {_FORMAT}")
    if bool(answers) != (record["verdict"] in ("answered", "partly")):
        raise GoldError(
            f"{where}: verdict {record['verdict']} with {len(answers)} answers; answered and partly have answers, "
            "not_stated and outside none"
        )
    return GoldQuestion(
        id=record["id"],
        text=record["text"],
        kind=str(record.get("kind", "")),
        verdict=record["verdict"],
        answers=tuple(Quote(answer["path"], answer["quote"], answer.get("part")) for answer in answers),
    )


def _is_quote(answer: object) -> bool:
    if not isinstance(answer, dict) or type(answer.get("part")) not in (int, type(None)):
        return False
    return all(isinstance(answer.get(key), str) and answer[key] for key in ("path", "quote"))


def find_quotes(records: Records, questions: Sequence[GoldQuestion]) -> Mapping[str, tuple[Place, ...]]:
    """Return where the quotes of each question stand, by its id; white space may differ, nothing else.

    A page is named by its path or by the end of it, since a base holds paths relative to the folder it was built from.
    Raises GoldError for a page that the base does not hold and for a quote that its page does not say.
    """
    paths = {row["path"] for row in records.query("SELECT path FROM pages")}
    squeezed: dict[str, tuple[str, list[int]]] = {}
    found: dict[str, tuple[Place, ...]] = {}
    for question in questions:
        places = []
        for answer in question.answers:
            path = _path_of(answer.path, paths, question.id)
            if path not in squeezed:
                # One page at a time: the texts of a large base would not fit beside its vectors.
                text = records.query("SELECT text FROM pages WHERE path = ?", (path,))[0]["text"]
                squeezed[path] = _squeeze(text)
            places.append(_place(path, answer.quote, squeezed[path], question.id))
        found[question.id] = tuple(places)
    return found


def _path_of(path: str, paths: Set[str], question: str) -> str:
    if path in paths:
        return path
    ends = [known for known in paths if known.endswith(f"/{path}") or path.endswith(f"/{known}")]
    if len(ends) == 1:
        return ends[0]
    found = "no such page" if not ends else f"{len(ends)} such pages"
    raise GoldError(
        f"gold question {question}: the answer stands in {path!r}, the base has {found}; build the base from the pages "
        "that the gold was written for"
    )


def _squeeze(text: str) -> tuple[str, list[int]]:
    kept = [(character, place) for place, character in enumerate(text) if not character.isspace()]
    return "".join(character for character, _ in kept), [place for _, place in kept]


def _place(path: str, quote: str, page: tuple[str, list[int]], question: str) -> Place:
    text, places = page
    wanted, _ = _squeeze(quote)
    start = text.find(wanted)
    if start < 0:
        raise GoldError(
            f"gold question {question}: {path} does not say {quote[:40]!r}; a quote is a verbatim piece of the page"
        )
    return Place(path, places[start], places[start + len(wanted) - 1] + 1)
