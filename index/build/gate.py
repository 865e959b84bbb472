"""The quality gate: whether a new build answers the gold questions as well as the published one, and where it does not.

Both builds are asked the same questions (`trial`), and every measure is compared question by question with the paired
bootstrap of index/significance.py. A build is refused where a measure fell for certain and by more than a reader would
overlook, or where most marked pages have vanished at once. A first build is not asked, for no floor fits every
collection; the next one is held to what it answers. docs/operations.md tells what to do with a refused build.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.build.manifest import read_manifest
from index.build.publish import build_folder
from index.build.trial import Trial, Tried, gold_hash, try_build
from index.gold import FILE, GoldQuestion, read_gold
from index.significance import CONFIDENCE, RESAMPLES, Difference, compare
from index.store.records import Records
from ingest.problem import Problem

if TYPE_CHECKING:
    from index.model.embedder import Embedder

FOLDER = "gold"
Progress = Callable[[str, int, int], None]
# Of index/outcomes.py, those that a reader notices, each with the sign of better: is the answer found, among the first,
# is it said, is the verdict right, is something said that no page says.
MEASURES: Mapping[str, int] = {"mrr@10": 1, "recall@5": 1, "included": 1, "verdict_right": 1, "invented": -1}
# A smaller fall is let through however certain: two questions in a hundred. Pages that arrive every night push others
# down a rank here and there, and a large gold proves the smallest change.
SMALLEST = 0.02
# Where more of the marked pages than this are gone at once, a folder that was not mounted is likelier than a purpose.
MOST_GONE = 0.5


@dataclass(frozen=True, slots=True)
class Change:
    """A question that got worse: values before and after. `why` says what became of its marked sentences, if anything.

    `rank` is that of the first passage with a marked sentence, None below the tenth. `says` is whether a marked
    sentence was said; where nothing answers the question, whether anything was.
    """

    id: str
    text: str
    right: str
    answerable: bool
    rank: tuple[int | None, int | None]
    verdict: tuple[str, str]
    says: tuple[bool, bool]
    why: tuple[str, ...] = ()

    def happened(self) -> str:
        """Return in words what got worse."""
        parts = []
        if self.rank[0] != self.rank[1]:
            was, now = (f"at rank {rank}" if rank else "not found" for rank in self.rank)
            parts.append(f"was {was}, now {now}")
        if self.verdict[0] != self.verdict[1]:
            parts.append(f"verdict {self.verdict[0]} -> {self.verdict[1]}, {self.right} is right")
        if self.says[0] != self.says[1]:
            what = "a marked sentence" if self.answerable else "something that no page says"
            parts.append(f"{'said' if self.says[0] else 'now says'} {what}{' before' if self.says[0] else ''}")
        return "; ".join([*parts, *self.why])


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a build may be published, and why.

    `questions` counts those judged. `figures` and `before` are the measures of the new and of the published build on
    them; `differences` their paired comparison, new less published; `fell` the measures that decided against the build.
    `worse` are the questions that got worse, the worst first, also where the build passed; `left_out` maps questions
    that could not be judged to the reason.
    """

    passed: bool
    reason: str
    build: str
    published: str | None = None
    gold: str | None = None
    questions: int = 0
    figures: Mapping[str, float | None] | None = None
    before: Mapping[str, float | None] | None = None
    differences: Mapping[str, Difference] | None = None
    fell: tuple[str, ...] = ()
    worse: tuple[Change, ...] = ()
    left_out: Mapping[str, str] | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for the log and for JSON."""
        return {
            "passed": self.passed,
            "reason": self.reason,
            "build": self.build,
            "published": self.published,
            "gold": self.gold,
            "questions": self.questions,
            "figures": self.figures,
            "before": self.before,
            "differences": {name: d.as_dict() for name, d in (self.differences or {}).items()},
            "fell": list(self.fell),
            "worse": [asdict(change) | {"happened": change.happened()} for change in self.worse],
            "left_out": dict(self.left_out or {}),
            "rule": {"confidence": CONFIDENCE, "resamples": RESAMPLES, "smallest": SMALLEST, "most_gone": MOST_GONE},
        }


def find_gold(roots: Sequence[Path]) -> Path | None:
    """Return the first `gold/` with questions that lies beside a folder of pages or beside the one around it."""
    for root in roots:
        place = root.absolute() if root.is_dir() else root.absolute().parent
        for beside in (place.parent / FOLDER, place.parent.parent / FOLDER):
            if (beside / FILE).is_file():
                return beside
    return None


def gold_of(kb: Path, build: str) -> Path | None:
    """Return the gold beside the pages that a build was made from, None where they lie there no more."""
    files: Mapping[str, str] = read_manifest(build_folder(kb, build))["made"].get("files", {})
    path, file = next(((Path(path), Path(file)) for path, file in files.items()), (Path(), Path()))
    root = Path(*file.parts[: -len(path.parts)]) if path.parts else Path()
    # Of several folders of pages each gives its name to the paths of its pages.
    return find_gold([root, root / path.parts[0]]) if root.is_absolute() else None


def judge(
    kb: Path,
    build: str,
    published: str | None,
    gold: Path | None,
    *,
    embedder: Embedder | None = None,
    progress: Progress = lambda stage, done, total: None,
) -> Verdict:
    """Return whether `build` may follow the `published` one, judged on the questions in the folder `gold`.

    Without gold, and where there is nothing to compare with, a build passes and the reason says so. `embedder` is used
    for a build that was made with it. Raises GoldError for gold that cannot be read.
    """
    if gold is None:
        return Verdict(True, "no gold, not judged", build, published)
    questions = read_gold(gold)
    if published is None:
        new = try_build(kb, build, questions, embedder=embedder, progress=partial(progress, "gate"))
        return _first(new, gold_hash(questions), "nothing was published before, so there is nothing to compare with")
    new, old = try_both(kb, build, published, questions, embedder=embedder, progress=progress)
    if isinstance(old, Problem):
        reason = f"the published build cannot be asked: {old}"
        return replace(_first(new, gold_hash(questions), reason), published=published)
    return compare_trials(new, old, questions)


def try_both(
    kb: Path,
    build: str,
    published: str,
    gold: Sequence[GoldQuestion],
    *,
    embedder: Embedder | None = None,
    progress: Progress = lambda stage, done, total: None,
) -> tuple[Trial, Trial | Problem]:
    """Return what came of the gold in both builds; for the published one perhaps why it cannot be asked any more."""
    moved = _follow_moved(kb, build, published, gold)
    new = try_build(kb, build, moved, embedder=embedder, progress=partial(progress, "gate"))
    try:
        return new, try_build(kb, published, gold, embedder=embedder, progress=partial(progress, "gate_before"))
    except Problem as error:
        return new, error


def _follow_moved(kb: Path, build: str, published: str, gold: Sequence[GoldQuestion]) -> tuple[GoldQuestion, ...]:
    """Return the gold with the paths of pages that only moved: in `build` their bytes lie under another path."""
    new, old = (_hashes(kb, name) for name in (build, published))
    paths = {sha: path for path, sha in new.items() if path not in old}
    moved = {path: paths[sha] for path, sha in old.items() if path not in new and sha in paths}
    return tuple(
        replace(q, answers=tuple(replace(answer, path=moved.get(answer.path, answer.path)) for answer in q.answers))
        for q in gold
    )


def _hashes(kb: Path, build: str) -> dict[str, str]:
    records = Records(build_folder(kb, build) / "records.sqlite")
    try:
        return {
            row["path"]: row["sha256"]
            for row in records.query("SELECT path, lower(hex(sha256)) AS sha256 FROM pages ORDER BY path")
        }
    finally:
        records.close()


def _first(new: Trial, gold: str, reason: str) -> Verdict:
    left_out = {t.question.id: why for t in new.tried if (why := _unusable(t))}
    judged = frozenset(t.question.id for t in new.tried) - set(left_out)
    return Verdict(True, reason, new.build, None, gold, len(judged), new.report(judged).figures(), left_out=left_out)


def _unusable(tried: Tried) -> str | None:
    if {"gone", "unsaid"} & set(tried.standing):
        return "the build has no page that says a marked sentence"
    return None


def compare_trials(new: Trial, old: Trial, gold: Sequence[GoldQuestion]) -> Verdict:
    """Return whether the build of `new` may follow that of `old`: both answered `gold`, question by question."""
    pairs = tuple(zip(new.tried, old.tried, strict=True))
    left_out = {after.question.id: why for after, before in pairs if (why := _left_out(after, before))}
    judged = frozenset(after.question.id for after, _ in pairs) - set(left_out)
    this, other = new.report(judged), old.report(judged)
    tallies = this.tallies(), other.tallies()
    differences = compare(*({name: rows[name] for name in MEASURES if name in rows} for rows in tallies))
    fell = tuple(name for name, difference in differences.items() if _fell(difference, MEASURES[name]))
    reasons = [_told(name, differences[name]) for name in fell]
    marked = ["gone" in after.standing for after, before in pairs if before.standing and "gone" not in before.standing]
    if sum(marked) > MOST_GONE * len(marked):
        reasons.append(f"the pages of {sum(marked)} of {len(marked)} questions are gone from the corpus")
    passed = "no measure fell" if judged else "none of the questions can be judged"
    worse = [change for after, before in pairs if after.question.id in judged and (change := _change(after, before))]
    loss = {after.question.id: _loss(after, before) for after, before in pairs}
    return Verdict(
        passed=not reasons,
        reason="; ".join(reasons) or passed,
        build=new.build,
        published=old.build,
        gold=gold_hash(gold),
        questions=len(judged),
        figures=this.figures(),
        before=other.figures(),
        differences=differences,
        fell=fell,
        worse=tuple(sorted(worse, key=lambda change: -loss[change.id])),
        left_out=left_out,
    )


def _fell(difference: Difference, better: int) -> bool:
    """Whether a measure fell: the whole interval lies on the side of worse, and the fall is not a small one."""
    nearest = difference.high if better > 0 else -difference.low
    return nearest < 0 and better * difference.difference <= -SMALLEST


def _told(name: str, d: Difference) -> str:
    interval = f"{CONFIDENCE:.0%} interval {d.low:+.3f} to {d.high:+.3f}"
    return f"{name} went from {d.other:.3f} to {d.this:.3f} ({interval})"


def _left_out(after: Tried, before: Tried) -> str | None:
    """Return why a question says nothing of the two builds, or None where it does."""
    if "gone" in after.standing:
        return "a page is gone from the corpus" if "gone" not in before.standing else "the corpus has no such page"
    if "gone" in before.standing:
        return "the published build did not have the page"
    if "unsaid" in after.standing and "unsaid" in before.standing:
        return "its page says it in neither build"
    return None


_LOST = {
    "cut": "its page says it, but its article does not any more",
    "unsaid": "the page is there but does not say it any more",
    "skipped": "its page could not be read and was skipped",
}


def _change(after: Tried, before: Tried) -> Change | None:
    right = after.question.verdict
    answerable = bool(after.question.marks)
    lower = (after.rank or 99) > (before.rank or 99)  # ranks end at ten
    verdict_lost = before.said.verdict == right != after.said.verdict
    says_worse = before.says and not after.says if answerable else after.says and not before.says
    if not (lower or verdict_lost or says_worse):
        return None
    lost = [now for now, was in zip(after.standing, before.standing, strict=True) if was == "said" != now]
    return Change(
        id=after.question.id,
        text=after.question.text,
        right=right,
        answerable=answerable,
        rank=(before.rank, after.rank),
        verdict=(before.said.verdict, after.said.verdict),
        says=(before.says, after.says),
        why=tuple(_LOST[standing] for standing in dict.fromkeys(lost) if standing in _LOST),
    )


def _loss(after: Tried, before: Tried) -> float:
    """Return how much a question lost, over all measures."""
    total = 0.0
    for name, better in MEASURES.items():
        values = []
        for tried in (after, before):
            above, below = (tried.found.tallies() | tried.said.tallies())[name]
            values.append(above / below if below else 0.0)
        total += better * (values[1] - values[0])
    return total
