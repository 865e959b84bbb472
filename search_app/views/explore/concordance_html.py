"""The concordance as HTML: what was found, what stands beside it, and lines whose matches stand under one another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from index.explore.concordance import ORDERS, WIDTH, Concordance, Line
from index.explore.context_order import Neighbour
from index.explore.occurrences import MAX_SECONDS
from index.explore.pattern import PatternError
from search_app.render import escape
from search_app.views.address import Address
from search_app.views.explore.sources_html import sources_told
from search_app.words import Words
from search_app.words.kwic import PATTERNS, PHRASES

# Lines a page: two screens, and read from the records in a few milliseconds.
PAGE = 50
WIDTHS = (10, WIDTH, 40)
_KINDS = (("phrase", False), ("regex", True))
# The characters that decide an order first are set off, as AntConc does with three words.
_DECIDING = 3
# A longer match breaks into lines of its own instead of pushing the columns apart.
_LONG_CHARS = 24
_BREAK = re.compile(r"\s*[\r\n]\s*")


def ways_html(sort: str, width: int, here: Address, say: Words) -> str:
    """Return the links that choose how to search, in which order to show, and how much of the context."""
    kinds = [(say(f"kwic_{name}"), here.to(regex=is_it), is_it == here.regex) for name, is_it in _KINDS]
    shown = [(say("kwic_as"), kinds)]
    if here.q:
        sorts = [
            (say(f"kwic_sort_{name}"), here.to(order=None if name == ORDERS[0] else name), name == sort)
            for name in ORDERS
        ]
        widths = [(str(chars), here.to(by=None if chars == WIDTH else str(chars)), chars == width) for chars in WIDTHS]
        shown += [(say("kwic_sort"), sorts), (say("kwic_width"), widths)]
    navs = "".join(
        f'<nav aria-label="{escape(name)}"><span aria-hidden="true">{escape(name)}</span>'
        f"{''.join(_way_html(*way) for way in ways)}</nav>"
        for name, ways in shown
    )
    return f'<div class="pk pk-kwic pk-kwic-ways" lang="{say.tag}">{navs}</div>'


def _way_html(words: str, there: Address, is_chosen: bool) -> str:
    current = ' aria-current="true"' if is_chosen else ""
    return f'<a class="pk-go" href="{escape(there.to(at=1).href)}" target="_self"{current}>{escape(words)}</a>'


def concordance_html(found: Concordance, at: int, width: int, here: Address, say: Words) -> str:
    """Return the concordance: counts, neighbours, and the page `at` (from 1) of its lines."""
    count = say("kwic_matches_one") if found.matches == 1 else say("kwic_matches", count=f"{found.matches:,}")
    head = (
        f'<h2 role="status">{escape(count)}</h2><p class="pk-meta" title="{escape(say("sources_why"))}">'
        f"{escape(say('kwic_in'))} {escape(sources_told(found.sources, say))}</p>"
    )
    beside = "".join(
        _neighbours_html(say(f"kwic_{side}"), neighbours, side, found, here, say)
        for side, neighbours in (("before", found.before), ("after", found.after))
    )
    lines = "".join(_line_html(line, found.sort, found.build, here, say) for line in found)
    wide = " pk-kwic-wide" if width > WIDTH else ""
    how = f'<p class="pk-hint">{escape(say("kwic_sort_how"))}</p>' if found.sort != ORDERS[0] else ""
    paging = paging_html(found, at, here, say)
    return (
        f'<section class="pk pk-kwic" lang="{say.tag}"><div class="pk-kwic-head">{head}</div>{beside}'
        f'<ol class="pk-kwic-lines{wide}" aria-label="{escape(say("kwic_lines"))}">{lines}</ol>{paging}{how}</section>'
    )


def _line_html(line: Line, sort: str, build: str, here: Address, say: Words) -> str:
    left, right = _shown(line.left), _shown(line.right)
    near_left = left[-_DECIDING:] if sort == "left" else ""
    near_right = right[:_DECIDING] if sort == "right" else ""
    link = here.cite(build, line.article_id, line.start, line.end)
    about = " · ".join(filter(None, (_places(line.regions), line.as_of)))
    long = " pk-kwic-long" if len(line.match) > _LONG_CHARS else ""
    told = f"{line.title} · {about}" if about else line.title
    return (
        f'<li><span class="pk-kwic-number" aria-hidden="true">{line.number:,}</span>'
        f'<span class="pk-kwic-left" lang="zh-CN"><bdi>{escape(left[: len(left) - len(near_left)])}'
        f"{_near(near_left)}</bdi></span>"
        f'<a class="pk-go pk-kwic-match{long}" lang="zh-CN" href="{escape(link.href)}" target="_self"'
        f' title="{escape(say("kwic_line"))}"><bdi>{escape(_shown(line.match))}</bdi></a>'
        f'<span class="pk-kwic-right" lang="zh-CN"><bdi>{_near(near_right)}'
        f"{escape(right[len(near_right) :])}</bdi></span>"
        f'<span class="pk-kwic-source" lang="zh-CN" title="{escape(told)}">'
        f"<bdi>{escape(line.title)}</bdi>{f'<small>{escape(about)}</small>' if about else ''}</span></li>"
    )


def _near(text: str) -> str:
    return f"<i>{escape(text)}</i>" if text else ""


def _shown(text: str) -> str:
    """Return a text in one line, with a sign where a line of the page ends."""
    return _BREAK.sub(" ↵ ", text)


def _places(regions: Iterable[str]) -> str:
    """Return the first place named, by its own name alone; nothing where none is."""
    return next((path.rpartition("/")[2] for path in sorted(regions, key=lambda path: -path.count("/"))), "")


def _neighbours_html(
    name: str, neighbours: Sequence[Neighbour], side: str, found: Concordance, here: Address, say: Words
) -> str:
    if not neighbours:
        return ""
    pattern = f"(?:{found.pattern})" if found.regex and "|" in found.pattern else found.pattern
    items = "".join(
        f'<li><a class="pk-go" lang="zh-CN" target="_self" href="{escape(here.to(q=q, at=1).href)}">'
        f"{escape(neighbour.text)}</a> <small>{neighbour.count:,}</small></li>"
        for neighbour in neighbours
        for q in (neighbour.text + pattern if side == "before" else pattern + neighbour.text,)
    )
    return (
        f'<div class="pk-kwic-beside"><h3 title="{escape(say("kwic_beside_how"))}">{escape(name)}</h3>'
        f"<ul>{items}</ul></div>"
    )


def paging_html(found: Concordance, at: int, here: Address, say: Words) -> str:
    """Return which lines are shown, and the ways to the pages before and after."""
    if found.matches <= PAGE:
        return ""
    first, last = (at - 1) * PAGE + 1, (at - 1) * PAGE + len(found)
    told = say("kwic_shown", first=f"{first:,}", last=f"{last:,}", count=f"{found.matches:,}")
    before = _page_link(here.to(at=at - 1), say("kwic_previous"), "prev") if at > 1 else ""
    after = _page_link(here.to(at=at + 1), say("kwic_next"), "next") if last < found.matches else ""
    return (
        f'<nav class="pk-kwic-pages" aria-label="{escape(say("kwic_pages"))}">{before}'
        f"<span>{escape(told)}</span>{after}</nav>"
    )


def _page_link(there: Address, words: str, rel: str) -> str:
    return f'<a class="pk-go" rel="{rel}" href="{escape(there.href)}" target="_self">{escape(words)}</a>'


def wrong_html(problem: PatternError, here: Address, say: Words) -> str:
    """Return what is wrong with a pattern, and where in it."""
    typed, place = problem.typed, problem.place
    why = say(f"kwic_why_{problem.kind}", detail=say.name("kwic_engine", problem.detail))
    title = say("kwic_wrong", place=min(place + 1, max(1, len(typed))))
    way = _page_link(here.to(regex=False, at=1), say("kwic_none_phrase"), "")
    return (
        f'<section class="pk pk-kwic pk-kwic-wrong" lang="{say.tag}" role="alert"><h2>{escape(title)}</h2>'
        f"<p><code><bdi>{escape(typed[:place])}<mark>{escape(typed[place : place + 1]) or '&nbsp;'}</mark>"
        f"{escape(typed[place + 1 :])}</bdi></code></p><p>{escape(why)}</p><p>{way}</p></section>"
    )


def none_html(found: Concordance, here: Address, say: Words) -> str:
    """Return that nothing was found, and what else there is to try."""
    ways = [(here.to(regex=not found.regex, at=1), say("kwic_none_phrase" if found.regex else "kwic_none_regex"))]
    if found.where:
        ways.insert(0, (here.filtered().to(at=1), say("kwic_none_filters")))
    links = "".join(f"<li>{_page_link(there, words, '')}</li>" for there, words in ways)
    more = say("kwic_none_more_regex" if found.regex else "kwic_none_more")
    return (
        f'<section class="pk pk-kwic pk-kwic-none" lang="{say.tag}"><h2 role="status">'
        f"{escape(say('kwic_none', pattern=found.pattern))}</h2><p>{escape(more)}</p>"
        f"<ul>{links}</ul></section>"
    )


def slow_html(say: Words) -> str:
    """Return that a pattern was stopped, and how to make it quicker."""
    more = say("kwic_slow_more", seconds=f"{MAX_SECONDS:.0f}")
    return (
        f'<section class="pk pk-kwic pk-kwic-wrong" lang="{say.tag}" role="alert"><h2>{escape(say("kwic_slow"))}</h2>'
        f"<p>{escape(more)}</p></section>"
    )


def start_html(here: Address, say: Words) -> str:
    """Return phrases and patterns to begin with."""
    phrases = "".join(f"<li>{_try(here.to(q=phrase, regex=False, at=1), phrase)}</li>" for phrase in PHRASES)
    return (
        f'<section class="pk pk-kwic pk-kwic-start" lang="{say.tag}"><h2>{escape(say("kwic_try"))}</h2>'
        f'<ul class="pk-kwic-phrases">{phrases}</ul><h2>{escape(say("kwic_try_regex"))}</h2>'
        f"{_patterns_html(here, say)}</section>"
    )


def help_html(here: Address, say: Words) -> str:
    """Return what unfolds to examples of patterns."""
    return (
        f'<details class="pk pk-kwic pk-kwic-help" lang="{say.tag}"><summary>{escape(say("kwic_help"))}</summary>'
        f"{_patterns_html(here, say)}</details>"
    )


def _patterns_html(here: Address, say: Words) -> str:
    rows = "".join(
        f"<dt>{_try(here.to(q=pattern, regex=True, at=1), pattern)}</dt><dd>{escape(say(key))}</dd>"
        for pattern, key in PATTERNS
    )
    return f'<dl class="pk-kwic-patterns">{rows}</dl><p class="pk-hint">{escape(say("kwic_help_signs"))}</p>'


def _try(there: Address, text: str) -> str:
    return f'<a class="pk-go" lang="zh-CN" href="{escape(there.href)}" target="_self">{escape(text)}</a>'
