"""The ledger as HTML: the whole page, kept text plain, every removal tinted by its rule, with its reason at hand.

The text of the page stands in it character for character. What the ledger adds (reasons, reports) stands in elements
with `data-pk-aside`; taking these away, and the tags, gives the page.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from index.mistakes import Mistake
from index.reading import Reading
from search_app.page_parts import Piece
from search_app.phrases import phrase
from search_app.render import Stretch, escape, line_html, lines
from search_app.rules import kind_of, rule_name
from search_app.views.address import Address
from search_app.views.article_html import cited_stretches, spans_attribute
from search_app.views.report_html import REPORT, report_html
from search_app.words import Words

# Of a kept line its first words tell a screen reader which line its link is about.
_LABEL_CHARS = 16
_FIELDS = ("title", "summary", "category", "date")


def pieces_of(reading: Reading) -> list[Piece]:
    """Return kept spans and removals in page order; they tile the page."""
    pieces = [Piece(start, end) for start, end in reading.spans]
    pieces += [Piece(removal["start"], removal["end"], removal) for removal in reading.removals]
    return sorted(pieces, key=lambda piece: (piece.start, piece.end))


@dataclass(frozen=True, slots=True)
class _Ledger:
    """What every removal is drawn from: the page, the reader's place, and the removals of each rule by start."""

    reading: Reading
    here: Address
    say: Words
    mistake: Mistake | None
    by_rule: Mapping[str, Sequence[int]]
    ends: Mapping[int, int]
    stretches: list[Stretch]


def ledger_html(
    reading: Reading,
    here: Address,
    say: Words,
    *,
    run: Sequence[Piece] | None = None,
    mistake: Mistake | None = None,
) -> str:
    """Return the whole page, or the pieces `run` of it; `mistake` is reported at its place."""
    by_rule: dict[str, list[int]] = {}
    for removal in reading.removals:
        by_rule.setdefault(str(removal["rule"]), []).append(removal["start"])
    ends = {removal["start"]: removal["end"] for removal in reading.removals}
    # A place in the article is shown there; here a reader came for the removals, unless she came to report the place.
    is_removed = here.start is not None and here.end is not None and not reading.keeps(here.start, here.end)
    stretches = cited_stretches(reading.text, here, takes_focus=is_removed or here.part == REPORT)
    ledger = _Ledger(reading, here, say, mistake, by_rule, ends, stretches)
    pieces = pieces_of(reading) if run is None else run
    body = "".join(_kept(piece, ledger) if piece.removal is None else _removed(piece, ledger) for piece in pieces)
    spans = spans_attribute([(piece.start, piece.end) for piece in pieces])
    return f'<article class="pk pk-ledger" lang="zh-CN" {spans}>{body}</article>'


def _kept(piece: Piece, ledger: _Ledger) -> str:
    return f'<div class="pk-kept">{"".join(_kept_lines(piece, ledger))}</div>'


def _kept_lines(piece: Piece, ledger: _Ledger) -> Iterator[str]:
    text, say, mistake = ledger.reading.text, ledger.say, ledger.mistake
    flag = escape(say("flag_remove"))
    for line in lines(text, piece.start, piece.end):
        html = line_html(text, line, ledger.stretches)
        if line.start == line.end:
            yield html
            continue
        place = ledger.here.to(start=line.start, end=line.end, ledger=True, part=REPORT)
        words = " ".join(text[line.start : line.end][:_LABEL_CHARS].split())
        # The words of the link stand in an attribute, so that copied text is the page's alone.
        yield (
            f'<div class="pk-line">{html}<a class="pk-go pk-flag" href="{escape(place.href)}" target="_self"'
            f' data-say="{flag}" aria-label="{flag} {escape(words)}" data-pk-aside></a></div>'
        )
        if mistake and mistake.action == "remove" and line.start < mistake.end <= line.following:
            yield report_html(mistake, say)


def _removed(piece: Piece, ledger: _Ledger) -> str:
    removal, say = piece.removal or {}, ledger.say
    rule = str(removal["rule"])
    body = "".join(
        line_html(ledger.reading.text, line, ledger.stretches)
        for line in lines(ledger.reading.text, piece.start, piece.end)
    )
    label = escape(say("removed_by", rule=rule_name(rule, say)))
    return (
        f'<div class="pk-removed pk-tint-{kind_of(rule)}" role="group" aria-label="{label}">'
        f"{_reason(removal, ledger)}{body}</div>"
    )


def _reason(removal: Mapping[str, Any], ledger: _Ledger) -> str:
    """Return the reason of a removal in one line, and behind it, folded, all that the ledger knows of it."""
    say, rule = ledger.say, str(removal["rule"])
    name = rule_name(rule, say)
    if removal.get("related"):
        name = f"{name} · {say.name('related', str(removal['related']))}"
    sure = say("sure", confidence=f"{removal['confidence']:.2f}")
    evidence = phrase(str(removal["evidence"]), say.lang)
    known = [("evidence_label", evidence), ("confidence", f"{removal['confidence']:.2f}")]
    known += [(f"field_{field}", str(removal[field])) for field in _FIELDS if removal.get(field)]
    if removal.get("related_score") is not None:
        known.append(("related_score", f"{removal['related_score']:.2f}"))
    known.append(("place", f"{removal['start']:,}–{removal['end']:,}"))
    rows = "".join(f"<dt>{escape(say(key))}</dt><dd{_tag(key)}>{escape(value)}</dd>" for key, value in known)
    mistake = ledger.mistake
    is_reported = mistake is not None and mistake.action == "keep" and mistake.start == removal["start"]
    told = report_html(mistake, say) if mistake and is_reported else _flag(removal, ledger)
    is_open = ledger.here.start is not None and removal["start"] <= ledger.here.start < removal["end"]
    return (
        f'<details class="pk-reason" lang="{say.tag}" data-pk-aside{" open" if is_open else ""}>'
        f"<summary><b>{escape(name)}</b> <span>{escape(evidence)}{escape(sure)}</span></summary>"
        f"<dl>{rows}</dl>{told}{_steps(removal, ledger)}</details>"
    )


def _tag(key: str) -> str:
    return ' lang="zh-CN"' if key.startswith("field_") else ""


def _flag(removal: Mapping[str, Any], ledger: _Ledger) -> str:
    return f'<p class="pk-does">{_link(removal["start"], ledger, "flag_keep", part=REPORT)}</p>'


def _steps(removal: Mapping[str, Any], ledger: _Ledger) -> str:
    """Return the way to the removals before and behind that the same rule made."""
    starts = ledger.by_rule[str(removal["rule"])]
    place = bisect_left(starts, removal["start"])
    links = [_link(starts[place - 1], ledger, "same_before")] if place else []
    links += [_link(starts[place + 1], ledger, "same_behind")] if place + 1 < len(starts) else []
    count = ledger.say("same_rule", number=place + 1, count=len(starts))
    return f'<p class="pk-steps"><span>{escape(count)}</span>{"".join(links)}</p>'


def _link(start: int, ledger: _Ledger, key: str, *, part: str | None = None) -> str:
    place = ledger.here.to(start=start, end=ledger.ends[start], ledger=True, part=part)
    return f'<a class="pk-go" href="{escape(place.href)}" target="_self">{escape(ledger.say(key))}</a>'
