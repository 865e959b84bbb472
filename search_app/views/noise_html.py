"""What a page is made of, as a picture: a bar of what was kept and what each rule removed, with its figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from index.reading import Reading
from search_app.render import escape
from search_app.rules import KINDS, kind_of, rule_name
from search_app.views.address import Address
from search_app.words import Words

# A share under this has no room for its name in the bar of a phone (300 px); the list below the bar names it.
_NAMED_FROM = 0.12


@dataclass(frozen=True, slots=True)
class RuleTotal:
    """What one rule removed: pieces, characters, the confidence of its least sure removal, the place of the first."""

    rule: str
    count: int
    chars: int
    lowest: float
    start: int
    end: int


def totals_of(reading: Reading) -> list[RuleTotal]:
    """Return the totals by rule, one kind of rule after the other, in a kind the largest first."""
    by_rule: dict[str, list[Mapping[str, Any]]] = {}
    for removal in reading.removals:
        by_rule.setdefault(str(removal["rule"]), []).append(removal)
    totals = [
        RuleTotal(
            rule,
            len(removals),
            sum(one["end"] - one["start"] for one in removals),
            min(one["confidence"] for one in removals),
            removals[0]["start"],
            removals[0]["end"],
        )
        for rule, removals in by_rule.items()
    ]
    return sorted(totals, key=lambda one: (KINDS.index(kind_of(one.rule)), -one.chars, one.rule))


def noise_html(reading: Reading, say: Words) -> str:
    """Return how much of the page was removed, how sure the cleaning is, and the bar of its composition."""
    sure = f"{say('page_confidence')} {reading.confidence:.2f}"
    if not reading.removals:
        return f'<div class="pk pk-noise" lang="{say.tag}"><p>{escape(say("noise_none"))} · {escape(sure)}</p></div>'
    whole = len(reading.text) or 1
    totals = totals_of(reading)
    removed = sum(total.chars for total in totals)
    shares = [("kept", say("kept"), len(reading.text) - removed)]
    shares += [(kind_of(total.rule), rule_name(total.rule, say), total.chars) for total in totals]
    bar = "".join(
        f'<i class="pk-tint-{kind}" style="width:{100 * chars / whole:.2f}%">'
        f"{escape(name) if chars / whole >= _NAMED_FROM else ''}</i>"
        for kind, name, chars in shares
    )
    picture = say("noise_picture", chars=f"{len(reading.text):,}", shares=_told(shares, whole, say))
    line = say("noise", percent=f"{100 * removed / whole:.0f}", count=len(reading.removals))
    return (
        f'<div class="pk pk-noise" lang="{say.tag}"><p><strong>{escape(line)}</strong> · {escape(sure)}</p>'
        f'<div class="pk-composition" role="img" aria-label="{escape(picture)}">{bar}</div></div>'
    )


def _told(shares: list[tuple[str, str, int]], whole: int, say: Words) -> str:
    return say("and_so_on").join(f"{name} {percent(chars / whole)}" for _, name, chars in shares)


def percent(share: float) -> str:
    """Return a share in whole per cent; what is there is never called nothing."""
    return "< 1 %" if 0 < share < 0.005 else f"{100 * share:.0f} %"


def legend_html(reading: Reading, here: Address, say: Words) -> str:
    """Return the rules as chips, each a link to its first removal in the ledger; nothing where nothing was removed."""
    chips = "".join(
        f'<li class="pk-tint-{kind_of(total.rule)}">{_rule_link(total, here, say)} <b>{total.count}</b></li>'
        for total in totals_of(reading)
    )
    label = escape(say("legend"))
    return f'<ul class="pk pk-chips" lang="{say.tag}" aria-label="{label}">{chips}</ul>' if chips else ""


def totals_html(reading: Reading, here: Address, say: Words) -> str:
    """Return what each rule removed from the page, as a table whose rules lead to their first removal."""
    totals = totals_of(reading)
    if not totals:
        return ""
    whole = len(reading.text) or 1
    rows = "".join(
        f'<tr><th scope="row"><span class="pk-dot pk-tint-{kind_of(total.rule)}"></span>'
        f"{_rule_link(total, here, say)}</th><td>{total.count}</td><td>{total.chars:,}</td>"
        f"<td>{percent(total.chars / whole)}</td><td>{total.lowest:.2f}</td></tr>"
        for total in totals
    )
    kept = len(reading.text) - sum(total.chars for total in totals)
    rows += (
        f'<tr class="pk-rest"><th scope="row"><span class="pk-dot pk-tint-kept"></span>{escape(say("kept"))}</th>'
        f"<td></td><td>{kept:,}</td><td>{percent(kept / whole)}</td><td></td></tr>"
    )
    keys = ("rule", "total_count", "total_chars", "total_share", "total_lowest")
    heads = "".join(f'<th scope="col">{escape(say(key))}</th>' for key in keys)
    return (
        f'<div class="pk" lang="{say.tag}"><table class="pk-totals" aria-label="{escape(say("totals"))}"><thead><tr>'
        f"{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _rule_link(total: RuleTotal, here: Address, say: Words) -> str:
    place = here.to(start=total.start, end=total.end, ledger=True, part=None)
    name = escape(rule_name(total.rule, say))
    return f'<a class="pk-go" href="{escape(place.href)}" target="_self">{name}</a>'
