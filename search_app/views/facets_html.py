"""The filters as HTML: a rail beside the column on a wide screen, a fold above the passages on a narrow one, and chips.

Every value is a link that adds it or takes it away, so each choice has an address of its own; static/facets.js keeps
what is unfolded and where the keyboard stands. What is counted, and in which order, is decided in index/facets.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from index.facets import Facet, Facets, FacetValue
from index.filters import FACETS, NONE, Filters
from search_app.render import escape
from search_app.views.address import Address
from search_app.words import Words

# As many values of a facet as are seen at a glance; the rest is one click away.
SHOWN = 8


def facets_html(facets: Facets, here: Address, say: Words) -> str:
    """Return the filters twice, of which a style shows one: the rail of a wide screen and the fold of a narrow one."""
    groups = [facet for facet in facets if len(facet.values) > 1 or any(value.is_chosen for value in facet.values)]
    if not groups:
        return ""
    count = len(chips(facets.filters, say))
    title = say("filters_count", count=count) if count else say("filters")
    clear = f'<p class="pk-clear">{_clear(here, say)}</p>' if count else ""
    # Each link once for both: it holds the whole question, and making it costs more than all around it.
    hrefs = {
        (facet.name, value.value): escape(here.filtered(facets.filters.toggled(facet.name, value.value)).href)
        for facet in groups
        for value in facet.values
    }
    rail, fold = ("".join(_group(facet, where, hrefs, say) for facet in groups) for where in "rf")
    return (
        f'<nav class="pk pk-rail pk-facets" lang="{say.tag}" aria-label="{escape(say("filters"))}">'
        f'<h2 aria-hidden="true">{escape(title)}</h2>{clear}{rail}</nav>'
        f'<details class="pk pk-fold-facets pk-facets" lang="{say.tag}" data-pk-fold="filters">'
        f"<summary>{escape(title)}</summary>{clear}{fold}</details>"
    )


def chips_html(facets: Facets, here: Address, say: Words) -> str:
    """Return what is chosen, each as a link that takes it away; nothing where nothing is chosen."""
    chosen = _chosen(facets.filters, say)
    if not chosen:
        return ""
    items = "".join(f"<li>{_chip(words, tongue, without, here, say)}</li>" for words, tongue, without in chosen)
    scope = "filters_scope_one" if facets.articles == 1 else "filters_scope"
    return (
        f'<section class="pk pk-picks" lang="{say.tag}" aria-label="{escape(say("filters_chosen"))}">'
        f"<ul>{items}<li>{_clear(here, say)}</li></ul>"
        f'<p class="pk-hint" data-pk-announce>{escape(say(scope, articles=facets.articles))}</p></section>'
    )


def dropped_html(left: Callable[[Filters], int], here: Address, say: Words) -> str:
    """Return that nothing meets the filters, each as a link that drops it; `left` counts the articles under filters."""
    items = "".join(
        f'<li>{_chip(words, tongue, without, here, say)} <span class="pk-hint">'
        f"{escape(say('filters_left', articles=left(without)))}</span></li>"
        for words, tongue, without in _chosen(here.filters, say)
    )
    return (
        f'<section class="pk pk-state pk-dropped" lang="{say.tag}" role="status">'
        f"<h2>{escape(say('filters_nothing'))}</h2><p>{escape(say('filters_nothing_more'))}</p>"
        f"<ul>{items}<li>{_clear(here, say)}</li></ul></section>"
    )


def chips(filters: Filters, say: Words) -> list[tuple[str, Filters]]:
    """Return what is chosen in words, each with the filters that are left without it."""
    return [(words, without) for words, _, without in _chosen(filters, say)]


def _chosen(filters: Filters, say: Words) -> list[tuple[str, str, Filters]]:
    """Return what is chosen: in words, the attribute of their language, and the filters that are left without it."""
    found = [
        (value_words(facet, value, say), _tongue(facet, value), filters.toggled(facet, value))
        for facet in FACETS
        for value in filters.chosen(facet)
    ]
    if filters.since:
        found.append((say("since_chip", date=filters.since), "", replace(filters, since=None)))
    if filters.until:
        found.append((say("until_chip", date=filters.until), "", replace(filters, until=None)))
    return found


def value_words(facet: str, value: str, say: Words) -> str:
    """Return a value of a facet as a reader says it: a place with what lies around it, `-` as what it stands for."""
    if value == NONE and facet != "confidence":  # which is never unknown
        return say(f"none_{facet}")
    if facet == "confidence":
        return say.name("cleaning", value)
    return value.replace("/", " ") if facet == "region" else value


def _chip(words: str, tongue: str, without: Filters, here: Address, say: Words) -> str:
    href = escape(here.filtered(without).href)
    return (
        f'<a class="pk-go pk-pick" href="{href}" target="_self" data-pk-key="chip">{_spoken(say("filter_drop"))}'
        f'<span{tongue}>{escape(words)}</span><span class="pk-cross" aria-hidden="true">×</span></a>'
    )


def _group(facet: Facet, where: str, hrefs: Mapping[tuple[str, str], str], say: Words) -> str:
    links = [_value(facet.name, value, where, hrefs[facet.name, value.value], say) for value in facet.values]
    chosen = sum(value.is_chosen for value in facet.values)
    shown = max(SHOWN, max((at + 1 for at, value in enumerate(facet.values) if value.is_chosen), default=0))
    rest = links[shown:]
    if facet.more:
        rest.append(f'<li class="pk-hint">{escape(say("filters_unlisted", count=facet.more))}</li>')
    more = ""
    if rest:
        more = (
            f'<details class="pk-rest" data-pk-fold="{where}-{facet.name}-more"><summary>'
            f"{escape(say('filters_more', count=len(links) - shown + facet.more))}</summary>"
            f"<ul>{''.join(rest)}</ul></details>"
        )
    mark = f' <span class="pk-count">{chosen}</span>' if chosen else ""
    return (
        f'<details class="pk-facet" open data-pk-fold="{where}-{facet.name}"><summary>'
        f"{escape(say.name('facet', facet.name))}{mark}</summary><ul>{''.join(links[:shown])}</ul>{more}</details>"
    )


def _value(facet: str, value: FacetValue, where: str, href: str, say: Words) -> str:
    words = value_words(facet, value.label if facet == "region" else value.value, say)
    classes = f"pk-go pk-value pk-deep{min(value.depth, 2)}{' pk-on' if value.is_chosen else ''}"
    return (
        f'<li><a class="{classes}" href="{href}" target="_self"'
        f' data-pk-key="{where}-{facet}-{escape(value.value)}">'
        f"{_spoken(say('filter_drop' if value.is_chosen else 'filter_add'))}"
        '<span class="pk-tick" aria-hidden="true"></span>'
        f'<span class="pk-name"{_tongue(facet, value.value)}>{escape(words)}</span> '
        f'<span class="pk-count">{value.articles}{_spoken(say("filter_articles"))}</span></a></li>'
    )


def _tongue(facet: str, value: str) -> str:
    """Return the attribute of a value that stands in the pages; our own words for one are in the reader's language."""
    return "" if value == NONE or facet == "confidence" else ' lang="zh-CN"'


def _clear(here: Address, say: Words) -> str:
    href = escape(here.filtered().href)
    return f'<a class="pk-go" href="{href}" target="_self">{escape(say("filters_clear"))}</a>'


def _spoken(words: str) -> str:
    return f'<span class="pk-spoken">{escape(words)}</span>'
