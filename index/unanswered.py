"""The questions that got a "no", noted in the folder of the base, so that a maintainer sees what the corpus lacks.

One JSON line a question in `unanswered.jsonl`: `{at, build, question, verdict, filters, nearest}`. It stays on this
machine, is bounded like every log here, and numbers that could be a person's are masked before they are written.
Whether anything is noted at all decides who serves the page; `policykb unanswered` shows and clears it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

from index.answering.verdict import VerdictName
from index.hits import Hit
from index.json_lines import append_line, read_lines

FILE = "unanswered.jsonl"
OLDER = "unanswered.1.jsonl"
# Some 300 bytes a question: three thousand, then as many again.
MAX_BYTES = 1_000_000
# As long as a question on the page may be; one from elsewhere is cut.
_MAX_CHARS = 500
# Of a filter: more than a reader ticks, and longer than the names of places; an address may hold anything.
_MAX_VALUES, _MAX_VALUE_CHARS = 5, 60
# Who may read what people asked: the server's own user and group.
_MODE = 0o640

# Why there was no answer. `no_hits` is nothing found at all, which says more of the filters or of the words.
No = Literal["not_stated", "outside", "no_hits"]

MASK = "***"
_GAP = r"[\s.·\-‐-―－]?"
# Digits of any script, as `\d` reads them. No figure of a policy is that long; a year, an amount, a hotline is shorter.
_PERSONAL = (
    r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+",  # a mail address
    rf"(?:\d{_GAP}){{14}}(?:\d{_GAP}){{0,4}}[\dXxＸｘ]",  # identity card, 15 or 18, bank card, 16 to 19
    rf"1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}",  # mobile, 3-4-4
    rf"１[３-９]\d{_GAP}\d{{4}}{_GAP}\d{{4}}",
    rf"0\d{{2,3}}{_GAP}\d{{7,8}}",  # telephone with its area code
    r"\d{7,}",  # any other number that long: a telephone, a card of another kind
    r"[〇零一二三四五六七八九]{7,}",  # the same, spelt out
)
_MASKED = re.compile("|".join(f"(?:{pattern})" for pattern in _PERSONAL))


def masked(question: str) -> str:
    """Return a question with `***` for what looks like an identity card, a telephone, a bank card or a mail address.

    White space becomes single spaces, and signs that show nothing, with which a number could be broken up, go.
    """
    seen = "".join(sign for sign in question if unicodedata.category(sign) not in ("Cf", "Cs"))
    return _MASKED.sub(MASK, " ".join(seen.split()))


def why_no(verdict: VerdictName | None, hits: Sequence[Hit]) -> No | None:
    """Return which "no" a question got, None where it got an answer. Without a verdict only words were looked for."""
    if not hits:
        return "no_hits"
    return verdict if verdict in ("not_stated", "outside") else None


def note(
    kb: Path, build: str, question: str, no: No, *, nearest: str | None = None, filters: Mapping[str, Any] | None = None
) -> None:
    """Write down that `question` got `no` from a build; `nearest` is the title of the best hit. Raises OSError."""
    entry = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "build": build,
        "question": _short(question, _MAX_CHARS),
        "verdict": no,
        "filters": {name: _said(value) for name, value in (filters or {}).items() if value},
        "nearest": nearest,
    }
    # Not synced: a reader waits for it, and a crash may cost the last of them.
    append_line(kb / FILE, kb / OLDER, entry, max_bytes=MAX_BYTES, mode=_MODE, sync=False)


def _short(text: str, most: int) -> str:
    """Return a text masked, then cut: the other way round, half a number could be kept."""
    return masked(text[: 2 * most])[:most]


def _said(value: Any) -> Any:
    """Return the value of a filter, or its first values, masked and cut."""
    if isinstance(value, str):
        return _short(value, _MAX_VALUE_CHARS)
    return [_short(one, _MAX_VALUE_CHARS) for one in value[:_MAX_VALUES]]


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question that got a "no" `count` times; all else is as it was the last time, `first` the first time."""

    question: str
    verdict: No
    count: int
    first: str
    last: str
    build: str
    nearest: str | None
    filters: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """Return it under its own names, for JSON."""
        return asdict(self)


def read_unanswered(kb: Path) -> tuple[Unanswered, ...]:
    """Return the questions noted, each once: asked most often first, then latest. Raises OSError.

    Questions that differ in nothing but signs, case and width count as one, if they had the same filters.
    """
    found: dict[str, Unanswered] = {}
    for entry in _entries(kb):
        key = f"{_letters(entry['question'])} {sorted(entry['filters'].items())}"
        before = found.pop(key, None)  # and comes back last: a dict keeps the order in which keys came
        found[key] = Unanswered(
            question=entry["question"],
            verdict=entry["verdict"],
            count=before.count + 1 if before else 1,
            first=before.first if before else entry["at"],
            last=entry["at"],
            build=entry["build"],
            nearest=entry["nearest"],
            filters=entry["filters"],
        )
    latest = tuple(reversed(found.values()))
    return tuple(sorted(latest, key=lambda one: -one.count))


def clear_unanswered(kb: Path) -> int:
    """Delete the log and return how many lines it had. Raises OSError."""
    count = sum(1 for _ in _entries(kb))
    for name in (FILE, OLDER):
        (kb / name).unlink(missing_ok=True)
    return count


def _entries(kb: Path) -> Iterator[dict[str, Any]]:
    """Yield what was noted, oldest first, without lines that are not ours."""
    for name in (OLDER, FILE):
        for entry in read_lines(kb / name):
            words = [entry.get(field) for field in ("at", "build", "question")]
            is_ours = all(isinstance(word, str) for word in words) and entry.get("verdict") in get_args(No)
            if is_ours and isinstance(entry.get("filters"), dict) and isinstance(entry.get("nearest"), str | None):
                yield entry


def _letters(question: str) -> str:
    folded = unicodedata.normalize("NFKC", question).casefold()
    return "".join(sign for sign in folded if sign.isalnum()) or folded
