"""The near-identical passages of a hit, as HTML to unfold: where each stands, and the words in which it differs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from index.copies import Change, Twin, differences
from index.hits import Hit
from search_app.render import escape, isolated
from search_app.views.address import Address
from search_app.views.badges_html import date_badge_html
from search_app.words import Words

# Passages told word by word; the others are links. A reader who compares more opens the articles.
WITH_DIFFERENCES = 3
# Equal characters that stay beside a change, so that it can be read; a longer equal stretch is cut out.
_CONTEXT_CHARS = 14


def twins_html(hit: Hit, twins: Sequence[Twin], here: Address, build: str, today: date | None, say: Words) -> str:
    """Return the passages that say nearly the same as a hit, folded behind their number; nothing where none does."""
    count = max(hit.duplicate_count, len(hit.duplicates))
    if not count:
        return ""
    words = escape(say("identical_one") if count == 1 else say("identical", count=count))
    told = [
        _twin(hit, twin, differences(hit.text, twin.text) if at < WITH_DIFFERENCES else None, here, build, today, say)
        for at, twin in enumerate(twins)
    ]
    has_signs = any('<p class="pk-diff"' in one for one in told)
    note = f'<p class="pk-meta">{escape(say("identical_signs"))}</p>' if has_signs else ""
    rest = count - len(twins)
    more = f'<p class="pk-meta">{escape(say("identical_more", count=rest))}</p>' if rest > 0 else ""
    return f'<details class="pk-twins"><summary>{words}</summary>{note}<ul>{"".join(told)}</ul>{more}</details>'


def _twin(
    hit: Hit, twin: Twin, changes: Sequence[Change] | None, here: Address, build: str, today: date | None, say: Words
) -> str:
    place = here.cite(build, twin.article_id, twin.start, twin.end)
    meta = [isolated(twin.site or twin.path), date_badge_html(twin.as_of, twin.as_of_kind, today, say)]
    if twin.article_id != hit.article_id:
        compare = here.cite(build, hit.article_id).to(other=twin.article_id)
        words = escape(say("whole_articles"))
        meta.append(f'<a class="pk-go" href="{escape(compare.href)}" target="_self">{words}</a>')
    told = ""
    if changes is not None:
        told = changes_html(changes, say) if changes else f'<p class="pk-meta">{escape(say("identical_equal"))}</p>'
    return (
        f'<li><a class="pk-go" href="{escape(place.href)}" target="_self" lang="zh-CN">{escape(twin.title)}</a>'
        f' <span class="pk-meta">{" · ".join(meta)}</span>{told}</li>'
    )


def changes_html(changes: Sequence[Change], say: Words) -> str:
    """Return the words in which two passages differ: signs for the eye, words for a screen reader, no colour alone."""
    edges = (None, *changes, None)
    return f'<p class="pk-diff" lang="zh-CN">{"".join(_change(*three, say) for three in _in_threes(edges))}</p>'


def _in_threes(edges: Sequence[Change | None]) -> list[tuple[Change | None, Change, Change | None]]:
    pairs = list(pairwise(edges))
    return [(left, one, right) for (left, one), (_, right) in pairwise(pairs) if one is not None]


def _change(left: Change | None, one: Change, right: Change | None, say: Words) -> str:
    if one.sign == "=":
        return escape(_shortened(one.text, has_left=left is not None, has_right=right is not None))
    tag, sign, key = ("del", "−", "only_above") if one.sign == "-" else ("ins", "+", "only_here")
    spoken = f'<span class="pk-spoken" lang="{say.tag}">{escape(say(key))}</span>'
    return f'{spoken}<{tag}><b aria-hidden="true">{sign}</b>{escape(one.text.strip())}</{tag}>'


def _shortened(text: str, *, has_left: bool, has_right: bool) -> str:
    """Return an equal stretch as far as it stands beside a change, with … for what is left out."""
    room = _CONTEXT_CHARS * (has_left + has_right)
    if len(text) <= room + 2:
        return text
    head = text[:_CONTEXT_CHARS] if has_left else ""
    tail = text[-_CONTEXT_CHARS:] if has_right else ""
    return f"{head}…{tail}"
