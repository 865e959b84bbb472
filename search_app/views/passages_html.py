"""Hits as HTML: place, text with the question's words marked, source, and why each stands where it stands."""

from __future__ import annotations

from collections.abc import Iterable

from index.search import Hit, Leg
from search_app.render import escape, isolated, text_html, web_address
from search_app.views.address import Address
from search_app.views.answer_html import date_html
from search_app.words import Words


def passages_html(hits: Iterable[Hit], build: str, here: Address, say: Words, *, nearest: bool, folded: bool) -> str:
    """Return the list of hits. `folded` puts them behind a line to unfold, for answers that do not need them.

    Why there are none stands in question_html.
    """
    found = list(hits)
    items = "".join(_hit(hit, build, here, say) for hit in found)
    listed = f'<ol class="pk-hits">{items}</ol>'
    heading = f"<h2>{escape(say('nearest' if nearest else 'passages'))}</h2>"
    if folded:
        summary = escape(say("show_nearest", count=len(found)))
        listed = f'<details class="pk-fold"><summary>{summary}</summary>{listed}</details>'
    return f'<section class="pk pk-passages" lang="{say.tag}">{heading}{listed}</section>'


def _hit(hit: Hit, build: str, here: Address, say: Words) -> str:
    href = escape(here.cite(build, hit.article_id, hit.start, hit.end).href)
    path = "".join(f'<span class="pk-step"> › {escape(step)}</span>' for step in hit.heading_path)
    source = [isolated(hit.site)] if hit.site else []
    source += [isolated(hit.path), date_html(hit.as_of, hit.as_of_kind, say)]
    if hit.duplicates:
        source.append(_copies(hit, build, here, say))
    if address := web_address(hit.url):
        source.append(
            f'<a href="{escape(address)}" target="_blank" rel="noopener noreferrer">{escape(say("original"))}</a>'
        )
    return (
        f'<li class="pk-hit"><h3 lang="zh-CN"><a class="pk-go" href="{href}" target="_self">'
        f"{escape(hit.title)}{path}</a></h3>"
        f'<div class="pk-text" lang="zh-CN">{text_html(hit.text, hit.reasons.marks)}</div>'
        f'<p class="pk-meta">{" · ".join(source)}</p>{_why(hit, say)}</li>'
    )


def _copies(hit: Hit, build: str, here: Address, say: Words) -> str:
    """Return how many passages say nearly the same, as a link to the comparison with the first in another article."""
    count = max(hit.duplicate_count, len(hit.duplicates))
    words = escape(say("identical_one") if count == 1 else say("identical", count=count))
    articles = (passage.partition(".")[0] for passage in hit.duplicates)  # a passage's id begins with its article's
    other = next((article for article in articles if article != hit.article_id), None)
    if other is None:
        return words
    href = escape(here.cite(build, hit.article_id).to(other=other).href)
    return f'<a class="pk-go" href="{href}" target="_self">{words}</a>'


def _why(hit: Hit, say: Words) -> str:
    """Return the parts of the score, largest first, what takes off last: in words, as a bar, and in numbers."""
    legs = sorted(hit.reasons.legs.items(), key=lambda pair: -pair[1].share)
    largest = max((abs(leg.share) for _, leg in legs), default=0.0) or 1.0
    rows = "".join(_leg(name, leg, largest, say) for name, leg in legs)
    words = "".join(
        f'<span class="pk-term" lang="zh-CN">{escape(word)} <small>{share:.0%}</small></span>'
        for word, share in hit.reasons.words
    )
    found = f"{escape(say('why_words'))} {words}" if words else escape(say("why_no_words"))
    for typed, official in hit.reasons.synonyms:
        pair = say("why_synonym", typed=typed, official=official)
        found += f' <span class="pk-term" lang="zh-CN">{escape(pair)}</span>'
    return (
        f'<details class="pk-why"><summary>{escape(say("why", rank=hit.rank))}</summary>'
        f'<p class="pk-terms">{found}</p><ul class="pk-legs">{rows}</ul>'
        f'<p class="pk-meta">{escape(say("why_score", score=f"{hit.score:.3f}"))}</p></details>'
    )


def _leg(name: str, leg: Leg, largest: float, say: Words) -> str:
    """Return one part of the score; what takes off has other words and another colour."""
    off = leg.share < 0
    numbers = say("leg_numbers", share=_signed(leg.share), raw=f"{leg.raw:.2f}", scaled=f"{leg.scaled:.2f}")
    words = say.leg(name, takes_off=off)
    return (
        f'<li><span class="pk-leg">{escape(words)}</span>'
        f'<span class="pk-bar{" pk-off" if off else ""}" aria-hidden="true">'
        f'<i style="width:{100 * abs(leg.share) / largest:.0f}%"></i></span>'
        f'<span class="pk-figure">{escape(numbers)}</span></li>'
    )


def _signed(value: float) -> str:
    return f"{value:.3f}".replace("-", "−")
