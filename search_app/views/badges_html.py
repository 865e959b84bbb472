"""What a reader must know of a passage at a glance, as badges: how old its page is, for which place, and how sure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from index.beside import Standing
from index.hits import Hit
from index.places import places_for
from search_app.dated import date_words
from search_app.differing import SHOWN_PLACES
from search_app.render import escape
from search_app.views.address import Address
from search_app.words import Words

# Contribution standards and benefits are set anew for each insurance year, so an older page has missed at least one.
OLD_MONTHS = 12
# So many schemes are named, as many as places; how many there are is told.
SHOWN_NAMES = SHOWN_PLACES
# An unknown kind of source tells nothing and stands on most pages of content sites.
_SOURCES = ("government", "official_account", "news", "content_site")

_DATE = re.compile(r"([0-9]{4})(?:-(0[1-9]|1[0-2])(?:-([0-2][0-9]|3[01]))?)?")


def months_since(as_of: str | None, today: date) -> int | None:
    """Return the whole months since a date (2025, 2025-04 or 2025-04-13); None for no date and one still to come.

    A year or a month counts from its end: what is only known to be of 2025 is not called older than it must be.
    """
    if not as_of or not (found := _DATE.fullmatch(as_of)):
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    assert year is not None
    if (year, month or today.month, day or today.day) > (today.year, today.month, today.day):
        return None
    return max(0, 12 * (today.year - year) + today.month - (month or 12) - (today.day < (day or 31)))


def is_old(as_of: str | None, today: date) -> bool:
    """Say whether a page is so old that what it says about money may have changed."""
    months = months_since(as_of, today)
    return months is not None and months >= OLD_MONTHS


def age_words(as_of: str | None, today: date, say: Words) -> str:
    """Return how long ago a date was, in words; empty where that is not known, and for a year or month that runs."""
    months = months_since(as_of, today)
    if as_of is None or months is None:
        return ""
    if months:
        years, rest = divmod(months, 12)
        return say("ago", time=" ".join(_span(*part, say) for part in ((years, "year"), (rest, "month")) if part[0]))
    try:
        days = (today - date.fromisoformat(as_of)).days
    except ValueError:  # a year or a month that still runs
        return ""
    return say("ago", time=_span(days, "day", say)) if days else say("ago_today")


def _span(count: int, unit: str, say: Words) -> str:
    return say(f"span_{unit}" if count == 1 else f"span_{unit}s", count=count)


def date_badge_html(as_of: str | None, kind: str | None, today: date | None, say: Words) -> str:
    """Return a date with what kind of date it is and its age; an old one has another tone, a sign and words for it."""
    words = escape(date_words(as_of, kind, say))
    age = age_words(as_of, today, say) if today and kind in ("captured", "published") else ""
    if not age:
        return f'<span class="pk-badge pk-date">{words}</span>'
    if today is None or not is_old(as_of, today):
        return f'<span class="pk-badge pk-date">{words} · {escape(age)}</span>'
    spoken = f'<span class="pk-spoken">{escape(say("old"))}</span>'
    return f'<span class="pk-badge pk-date pk-old"><b aria-hidden="true">!</b> {words} · {escape(age)} {spoken}</span>'


def badges_html(hit: Hit, standing: Standing | None, here: Address, build: str, today: date | None, say: Words) -> str:
    """Return the badges of a hit as a list: its date, the kind of source, places, schemes, and what speaks against."""
    items = [date_badge_html(hit.as_of, hit.as_of_kind, today, say), *_source(standing, say)]
    items += _named("region", places_for(hit.title, hit.regions), say)
    items += _named("scheme", hit.schemes, say)
    article = here.cite(build, hit.article_id)
    if hit.is_doubtful:
        items.append(_warning(article.to(ledger=True), "badge_doubtful", say))
    if standing and standing.has_traces:
        items.append(_warning(article, "badge_traces", say))
    return (
        f'<ul class="pk-badges" aria-label="{escape(say("badges"))}">{"".join(f"<li>{one}</li>" for one in items)}</ul>'
    )


def _source(standing: Standing | None, say: Words) -> Iterator[str]:
    if standing and standing.source in _SOURCES:
        words = escape(say.name("source", standing.source))
        official = " pk-official" if standing.source == "government" else ""
        yield f'<span class="pk-badge{official}">{_spoken("source", say)}{words}</span>'


def _named(kind: str, names: Sequence[str], say: Words) -> Iterator[str]:
    """Yield one badge for the first names, and how many there are where that is not all."""
    if not names:
        return
    shown = f'<span lang="zh-CN">{escape("、".join(names[:SHOWN_NAMES]))}</span>'
    if len(names) > SHOWN_NAMES:
        shown += f" {escape(say('badge_more', count=len(names)))}"
    yield f'<span class="pk-badge pk-{kind}">{_spoken(kind, say)}{shown}</span>'


def _spoken(kind: str, say: Words) -> str:
    return f'<span class="pk-spoken">{escape(say(f"badge_{kind}"))}</span>'


def _warning(place: Address, key: str, say: Words) -> str:
    return f'<a class="pk-go pk-badge pk-doubt" href="{escape(place.href)}" target="_self">{escape(say(key))}</a>'
