"""The ledger as HTML: the whole page, kept text plain, every removal tinted by its rule, with its reason at hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from index.reading import Reading
from search_app.phrases import phrase
from search_app.render import Stretch, escape, line_html, lines
from search_app.rules import KINDS, kind_of, rule_name
from search_app.views.address import Address
from search_app.views.article_html import cited_stretches
from search_app.words import Words


def noise_html(reading: Reading, say: Words, *, with_rules: bool = True) -> str:
    """Return how much of the page was removed, and how sure the cleaning is; `with_rules` adds the number by rule."""
    sure = f"{say('page_confidence')} {reading.confidence:.2f}"
    if not reading.removals:
        return f'<div class="pk pk-noise" lang="{say.tag}"><p>{escape(say("noise_none"))} · {escape(sure)}</p></div>'
    removed = sum(removal["end"] - removal["start"] for removal in reading.removals)
    share = 100 * removed / (len(reading.text) or 1)
    counts = Counter(str(removal["rule"]) for removal in reading.removals)
    chips = with_rules and "".join(
        f'<li class="pk-tint-{kind_of(rule)}">{escape(rule_name(rule, say))} <b>{count}</b></li>'
        for rule, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    )
    line = say("noise", percent=f"{share:.0f}", count=len(reading.removals))
    return (
        f'<div class="pk pk-noise" lang="{say.tag}"><p><strong>{escape(line)}</strong> · {escape(sure)}</p>'
        f'<div class="pk-meter" aria-hidden="true"><i style="width:{share:.1f}%"></i></div>'
        f"{f'<ul>{chips}</ul>' if chips else ''}</div>"
    )


def totals_html(reading: Reading, say: Words) -> str:
    """Return what each rule removed from the page, as a table: pieces, characters, and its least sure removal."""
    by_rule: dict[str, list[Mapping[str, Any]]] = {}
    for removal in reading.removals:
        by_rule.setdefault(str(removal["rule"]), []).append(removal)
    if not by_rule:
        return ""
    rows = []
    chars = {rule: sum(one["end"] - one["start"] for one in removals) for rule, removals in by_rule.items()}
    for rule in sorted(by_rule, key=lambda rule: (KINDS.index(kind_of(rule)), -chars[rule], rule)):
        lowest = min(one["confidence"] for one in by_rule[rule])
        dot = f'<span class="pk-dot pk-tint-{kind_of(rule)}"></span>'
        rows.append(
            f'<tr><th scope="row">{dot}{escape(rule_name(rule, say))}</th>'
            f"<td>{len(by_rule[rule])}</td><td>{chars[rule]:,}</td><td>{lowest:.2f}</td></tr>"
        )
    heads = "".join(
        f'<th scope="col">{escape(say(key))}</th>' for key in ("total_count", "total_chars", "total_lowest")
    )
    return (
        f'<div class="pk" lang="{say.tag}"><table class="pk-totals" aria-label="{escape(say("totals"))}"><thead><tr>'
        f'<th scope="col">{escape(say("rule"))}</th>'
        f"{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def ledger_html(reading: Reading, here: Address, say: Words) -> str:
    """Return the whole page. Taking the tags away gives its text, character for character."""
    # A place in the article is shown there; here the reader came for the removals, unless the place is one of them.
    is_removed = here.start is not None and here.end is not None and not reading.keeps(here.start, here.end)
    stretches = cited_stretches(reading.text, here, takes_focus=is_removed)
    pieces: list[tuple[int, int, Mapping[str, Any] | None]] = [(start, end, None) for start, end in reading.spans]
    pieces += [(removal["start"], removal["end"], removal) for removal in reading.removals]
    html = []
    for start, end, removal in sorted(pieces, key=lambda piece: piece[:2]):
        body = "".join(_lines(reading.text, start, end, stretches))
        html.append(f'<div class="pk-kept">{body}</div>' if removal is None else _removed(removal, body, say))
    return f'<article class="pk pk-ledger" lang="zh-CN">{"".join(html)}</article>'


def _lines(text: str, start: int, end: int, stretches: list[Stretch]) -> Iterator[str]:
    for line in lines(text, start, end):
        yield line_html(text, line, stretches)


def _removed(removal: Mapping[str, Any], body: str, say: Words) -> str:
    rule = str(removal["rule"])
    name = rule_name(rule, say)
    if removal.get("related"):
        name = f"{name} · {say.name('related', str(removal['related']))}"
    evidence = phrase(str(removal["evidence"]), say.lang)
    why = say("removed_why", rule=name, evidence=evidence, confidence=f"{removal['confidence']:.2f}")
    return (
        f'<div class="pk-removed pk-tint-{kind_of(rule)}" tabindex="0" role="group" aria-label="{escape(why)}"'
        f' data-rule="{escape(name)}" data-why="{escape(why)}">{body}</div>'
    )
