"""The ledger as HTML: the whole page, kept text plain, every removal tinted by its rule, with its reason at hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from index.reading import Reading
from search_app.render import Stretch, escape, line_html, lines
from search_app.views.address import Address
from search_app.views.article_html import cited_stretches
from search_app.words import Words

# Rules of one colour: recommendations, the site around the article, and lines that stand on every page.
_TINTS = {
    "snippet": "snippet",
    "marker": "snippet",
    "recommendation_box": "snippet",
    "link_list": "snippet",
    "navigation": "site",
    "breadcrumb": "site",
    "neighbours": "site",
    "sidebar": "site",
    "footer": "site",
    "pager": "site",
}


def noise_html(reading: Reading, say: Words) -> str:
    """Return how much of the page was removed, with the number of removals by rule."""
    if not reading.removals:
        return f'<div class="pk pk-noise" lang="{say.tag}"><p>{escape(say("noise_none"))}</p></div>'
    removed = sum(removal["end"] - removal["start"] for removal in reading.removals)
    share = 100 * removed / (len(reading.text) or 1)
    counts = Counter(str(removal["rule"]) for removal in reading.removals)
    chips = "".join(
        f'<li class="pk-tint-{_tint(rule)}">{escape(_rule(rule, say))} <b>{count}</b></li>'
        for rule, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    )
    line = say("noise", percent=f"{share:.0f}", count=len(reading.removals))
    return (
        f'<div class="pk pk-noise" lang="{say.tag}"><p><strong>{escape(line)}</strong></p>'
        f'<div class="pk-meter" aria-hidden="true"><i style="width:{share:.1f}%"></i></div><ul>{chips}</ul></div>'
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
    name = _rule(rule, say)
    if removal.get("related"):
        name = f"{name} · {say.name('related', str(removal['related']))}"
    why = say("removed_why", rule=name, evidence=removal["evidence"], confidence=f"{removal['confidence']:.2f}")
    return (
        f'<div class="pk-removed pk-tint-{_tint(rule)}" tabindex="0" role="group" aria-label="{escape(why)}"'
        f' data-rule="{escape(name)}" data-why="{escape(why)}">{body}</div>'
    )


def _tint(rule: str) -> str:
    return _TINTS.get(rule, "snippet" if rule.startswith("snippet") else "line")


def _rule(rule: str, say: Words) -> str:
    named = say.name("rule", rule)
    # A refined rule of a family (snippet_…) goes by the family's name until it has one of its own.
    return say.name("rule", "snippet") if named == rule and rule.startswith("snippet") else named
