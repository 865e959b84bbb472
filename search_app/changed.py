"""What changed between two builds, for the terminal: counts first, then examples, the telling ones first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import click

from search_app.judged import verdict_lines
from search_app.terminal import printable

if TYPE_CHECKING:
    from index.build.diff import BuildDiff
    from index.build.first_answers import Some
    from index.explore.answer_changes import SavedAnswers

# A line and a half of a terminal in Chinese.
_SHORTENED_CHARS = 60
_COLOURS = {"added": "green", "removed": "red", "changed": "yellow", "recleaned": "yellow", "moved": "cyan"}
_SIGNS = {"added": "+", "removed": "-", "changed": "~", "recleaned": "~", "moved": ">"}
_RECLEANED = "cleaned otherwise"


def diff_lines(diff: BuildDiff, *, limit: int | None) -> Iterator[str]:
    """Yield what changed, with the examples that `diff` holds; `limit` bounds the questions of the gate's verdict."""
    yield click.style(f"from build {diff.before} to build {diff.after}", bold=True)
    yield f"  pages     {_counts(diff.pages)}"
    yield f"  passages  {_counts(diff.passages)}"
    answers = diff.answers
    if answers.questions:
        yield f"  gold      {answers.changed_questions.count} of {answers.questions} questions begin differently"
    if answers.searches:
        yield f"  searches  {answers.changed_searches.count} of {answers.searches} begin differently"
        others = answers.changed_answers.count
        yield f"  answers   {others} of {answers.searches} saved questions are answered differently"
    for note in answers.notes:
        yield click.style(f"  note: {printable(note)}", fg="yellow")
    if diff.inputs:
        yield ""
        yield "made from something else"
        for name, (was, now) in diff.inputs.items():
            yield printable(f"  {name}: {was} -> {now}")
    if diff.removals:
        yield ""
        yield "removals by rule"
        for rule, (before, after) in diff.removals.items():
            yield printable(f"  {rule:<24} {before:>7} -> {after:>7}  {after - before:+d}")
    for name, some in diff.pages.items():
        yield from _part(f"pages {_word(name)}", name, some, _page)
    for name, some in diff.passages.items():
        yield from _part(f"passages {name}", name, some, _passage)
    yield from _part("gold questions that begin differently", "changed", answers.changed_questions, _answer)
    yield from _part("saved searches that begin differently", "changed", answers.changed_searches, _answer)
    yield from _part("saved questions that are answered differently", "changed", answers.changed_answers, saved_lines)
    if answers.verdict:
        yield ""
        yield from verdict_lines(answers.verdict, limit=limit)


def _word(name: str) -> str:
    return _RECLEANED if name == "recleaned" else name


def _counts(parts: Mapping[str, Some]) -> str:
    return ", ".join(
        click.style(f"{some.count} {_word(name)}", fg=_COLOURS[name] if some.count else None, dim=not some.count)
        for name, some in parts.items()
    )


def _part(head: str, name: str, some: Some, show: Callable[[Mapping[str, Any]], Iterator[str]]) -> Iterator[str]:
    if not some.count:
        return
    yield ""
    yield click.style(f"{head}: {some.count}", bold=True)
    for item in some.items:
        first, *more = show(item)
        yield click.style(f"  {_SIGNS[name]} {first}", fg=_COLOURS[name])
        yield from (f"    {line}" for line in more)
    if some.count > len(some.items):
        yield click.style(f"  and {some.count - len(some.items)} more; --all shows all", dim=True)


def _page(item: Mapping[str, Any]) -> Iterator[str]:
    line = item["path"]
    if "was" in item:
        line = f"{item['was']} -> {item['path']}"
    if "chars" in item:
        before, after = item["chars"]
        line += f"  article of {before} -> {after} characters"
    yield printable(line)


def _passage(item: Mapping[str, Any]) -> Iterator[str]:
    from index.duplicates import compare

    yield printable(" > ".join((item["path"], item["title"], *item["heading_path"])))
    if "before" not in item:
        yield _short(item["text"])
        return
    for part in compare(item["before"], item["after"]):
        if part.side != "both":
            yield click.style(f"{'-' if part.side == 'left' else '+'} {_short(part.text)}", dim=True)


def _answer(item: Mapping[str, Any]) -> Iterator[str]:
    yield printable(item.get("name") or f"{item['id']} {item['query']}")
    before, after = item["before"], item["after"]
    if "verdict" in item["changed"]:
        yield f"verdict {before['verdict']} -> {after['verdict']}"
    if "passage" in item["changed"]:
        yield from _two_lines("first found", _found(before), _found(after))
    if "sentence" in item["changed"]:
        yield from _two_lines("said", before["sentence"] or "nothing", after["sentence"] or "nothing")


def saved_lines(item: Mapping[str, Any]) -> Iterator[str]:
    """Yield a saved question and what is other in its answer, as `AnswerChange` gives it for JSON."""
    yield printable(item["name"])
    if "verdict" in item["what"]:
        yield f"verdict {item['verdict'][0]} -> {item['verdict'][1]}"
    for pair in item["reworded"]:
        yield from _two_lines("said", pair["before"], pair["after"])
    yield from (f"- said: {_short(text)}" for text in item["went"])
    yield from (f"+ said: {_short(text)}" for text in item["came"])
    moves = (" -> ".join(_sources(one[side]) for side in ("before", "after")) for one in item["resourced"])
    yield from (printable(f"source {move}") for move in dict.fromkeys(moves))


def saved_line(found: SavedAnswers) -> str:
    """Return in one line how many saved questions a build answers differently than the one before, and which."""
    asked, changed = len(found.items), found.changed
    if found.before is None:
        return f"{asked} saved questions answered; no earlier answers to compare with"
    if not changed:
        return f"{asked} saved questions are answered as before"
    names = ", ".join(printable(item.now.name) for item in changed)
    return f"{len(changed)} of {asked} saved questions are answered differently now: {names}"


def _sources(sources: Iterable[Sequence[str | None]]) -> str:
    return ", ".join(f"{path} {as_of or 'undated'}" for path, as_of in sources)


def _found(first: Mapping[str, Any]) -> str:
    return "nothing" if first["text"] is None else f"{first['title']}: {first['text']}"


def _two_lines(head: str, before: str, after: str) -> Iterator[str]:
    """Yield both texts shortened; where they begin alike, from shortly before they part."""
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False)))
    skipped = same - _SHORTENED_CHARS // 4 if same > _SHORTENED_CHARS // 2 else 0
    for sign, text in (("-", before), ("+", after)):
        yield f"{sign} {head}: {'…' if skipped else ''}{_short(text[skipped:])}"


def _short(text: str) -> str:
    words = printable(" ".join(text.split()))
    return words if len(words) <= _SHORTENED_CHARS else f"{words[:_SHORTENED_CHARS]}…"
