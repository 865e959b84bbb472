"""Statements with different numbers as HTML: what they are on, each value with its sentences, and where these stand."""

from __future__ import annotations

from collections.abc import Sequence

from index.conflicts.conflicts import Conflicts
from index.conflicts.groups import DIFFERENCES, Case, Group, Said
from index.conflicts.matters import KINDS
from index.conflicts.values import comparable
from index.picture import Dot, dots
from search_app.render import escape
from search_app.views.address import Address
from search_app.views.explore.sources_html import sources_html
from search_app.words import Words

# Groups a page: each takes half a screen.
PAGE = 10
# Sentences of a value that are shown at once, and those that unfold; the files have all.
_FIRST, _MOST = 2, 12
# Values whose texts are single dots; of more, the line would be a block.
_DOTS = 12
# What was judged by hand (docs/exploring.md): groups, and the share of them on one matter in percent.
JUDGED = (28, 61)


def ways_html(kind: str | None, difference: str | None, found: Conflicts, here: Address, say: Words) -> str:
    """Return the links that choose a kind of number and of difference."""
    kinds = [(say(f"conflicts_kind_{name or 'all'}"), here.to(by=name), name == kind) for name in (None, *KINDS)]
    differences = [
        (say(f"conflicts_difference_{name or 'all'}"), here.to(order=name), name == difference)
        for name in (None, *DIFFERENCES)
    ]
    navs = "".join(
        f'<nav aria-label="{escape(name)}"><span aria-hidden="true">{escape(name)}</span>'
        f"{''.join(_way_html(*way) for way in ways)}</nav>"
        for name, ways in ((say("conflicts_kind"), kinds), (say("conflicts_difference"), differences))
    )
    count = say("conflicts_found_one") if len(found) == 1 else say("conflicts_found", count=f"{len(found):,}")
    head = f'<h2 role="status">{escape(count)}</h2>' if len(found) else ""
    return (
        f'<section class="pk pk-conflicts" lang="{say.tag}"><div class="pk-conflicts-ways">{navs}</div>'
        f"{head}{machine_html(say)}</section>"
    )


def _way_html(words: str, there: Address, is_chosen: bool) -> str:
    current = ' aria-current="true"' if is_chosen else ""
    return f'<a class="pk-go" href="{escape(there.to(at=1).href)}" target="_self"{current}>{escape(words)}</a>'


def machine_html(say: Words) -> str:
    """Return what the reader must know of the list: a machine's reading, how good it is, and that it takes no side."""
    precision = say("conflicts_precision", judged=JUDGED[0], share=JUDGED[1])
    return f'<p class="pk-hint">{escape(say("conflicts_machine", precision=precision))}</p>'


def group_html(number: int, group: Group, build: str, here: Address, say: Words) -> str:
    """Return a group: its matter, what tells its sides apart, and its values side by side."""
    difference = say(f"conflicts_difference_{group.difference}")
    cases = "".join(_case_html(case, build, here, say) for case in group.cases)
    return (
        f'<section class="pk pk-conflicts" lang="{say.tag}" aria-labelledby="pk-conflict-{group.id}">'
        f'<div class="pk-conflicts-head"><span class="pk-conflicts-number">{number:,}</span>'
        f'<h3 id="pk-conflict-{group.id}" lang="zh-CN">{escape(group.matter)}</h3>'
        f'<span class="pk-conflicts-{group.difference}">{escape(difference)}</span>'
        f"{sources_html(group.sources, say)}</div>"
        f'<div class="pk-conflicts-cases">{cases}</div></section>'
    )


def told(case: Case, say: Words) -> str:
    """Return a value as a reader says it: at most 15 working days, 400 元/人/年."""
    bound = "" if case.bound == "exact" else say(f"bound_{case.bound}")
    unit = _unit(case.unit, say)
    is_zh = say.lang == "zh"
    space = "" if is_zh or case.unit in ("%", "‰", "date") else " "
    per = f"/{case.per}" if case.per else ""
    return f"{bound}{'' if is_zh else ' '}{case.told}{space}{unit}{per}".strip()


def _case_html(case: Case, build: str, here: Address, say: Words) -> str:
    texts = say("conflicts_texts_one") if case.texts == 1 else say("conflicts_texts", count=f"{case.texts:,}")
    aside = "" if case.contradicts else f'<p class="pk-hint">{escape(say("conflicts_other_case"))}</p>'
    first = "".join(_said_html(one, build, here, say) for one in case.statements[:_FIRST])
    more = case.statements[_FIRST:_MOST]
    rest = ""
    if more:
        left_out = len(case.statements) - _MOST
        note = f'<p class="pk-hint">{escape(say("conflicts_left_out", count=left_out))}</p>' if left_out > 0 else ""
        rest = (
            f"<details><summary>{escape(say('conflicts_more', count=len(more)))}</summary>"
            f"<ul>{''.join(_said_html(one, build, here, say) for one in more)}</ul>{note}</details>"
        )
    other = "" if case.contradicts else " pk-conflicts-aside"
    return (
        f'<article class="pk-conflicts-case{other}"><h4>{escape(told(case, say))}</h4>'
        f'<p class="pk-meta">{escape(texts)}</p>{aside}<ul>{first}</ul>{rest}</article>'
    )


def _said_html(one: Said, build: str, here: Address, say: Words) -> str:
    link = here.cite(build, one.article_id, one.start, one.end)
    left, right = one.number_start - one.start, one.number_end - one.start
    quote = (
        f'{escape(one.quote[:left])}<mark class="pk-cited">{escape(one.quote[left:right])}</mark>'
        f"{escape(one.quote[right:])}"
    )
    about = " · ".join(filter(None, (one.place or say("conflicts_no_place"), one.year, one.as_of, one.site)))
    condition = ""
    if one.condition:
        condition = (
            f'<p class="pk-conflicts-condition"><span>{escape(say("conflicts_condition"))}</span> '
            f'<bdi lang="zh-CN">{escape(one.condition)}</bdi></p>'
        )
    copies = f" · {say('conflicts_copies', count=one.copies)}" if one.copies else ""
    return (
        f'<li><blockquote lang="zh-CN"><bdi>{quote}</bdi></blockquote>{condition}'
        f'<p class="pk-meta"><a class="pk-go" href="{escape(link.href)}" target="_self"'
        f' title="{escape(say("conflicts_open"))}" lang="zh-CN">{escape(one.title)}</a>'
        f" <span>{escape(about + copies)}</span></p></li>"
    )


def line_svg(group: Group, say: Words) -> str:
    """Return the values of a group on a number line, a dot for each independent text."""
    unit = group.cases[0].unit
    same = all(case.unit == unit for case in group.cases)
    rows = [
        Dot(comparable(case.value, case.unit), told(case, say), tone="a" if case.contradicts else "b")
        for case in group.cases
        for _ in range(min(case.texts, _DOTS))
    ]
    title = say("conflicts_line", matter=group.matter)
    return dots(title, say("conflicts_line_told"), rows, unit=_unit(unit, say) if same else "")


def _unit(unit: str, say: Words) -> str:
    """Return the words of a unit; a day of the calendar has none."""
    return "" if unit == "date" else say(f"unit_{unit}")


def paging_html(found: Conflicts, at: int, here: Address, say: Words) -> str:
    """Return which groups are shown, and the ways to the pages before and after."""
    note = f'<p class="pk-hint">{escape(say("conflicts_within"))}</p>'
    if len(found) <= PAGE:
        return f'<section class="pk pk-conflicts" lang="{say.tag}">{note}</section>'
    first, last = (at - 1) * PAGE + 1, min(at * PAGE, len(found))
    shown = say("conflicts_shown", first=f"{first:,}", last=f"{last:,}", count=f"{len(found):,}")
    ways = [("conflicts_previous", at - 1, at > 1), ("conflicts_next", at + 1, last < len(found))]
    links = "".join(
        f'<a class="pk-go" href="{escape(here.to(at=to).href)}" target="_self">{escape(say(name))}</a>'
        for name, to, is_there in ways
        if is_there
    )
    return (
        f'<section class="pk pk-conflicts" lang="{say.tag}"><nav class="pk-conflicts-pages"'
        f' aria-label="{escape(say("conflicts_pages"))}"><span>{escape(shown)}</span>{links}</nav>{note}</section>'
    )


def none_html(here: Address, say: Words) -> str:
    """Return what stands where nothing was found."""
    way = ""
    if here.q or here.by or here.order:
        there = here.to(q="", by=None, order=None, at=1)
        words = escape(say("conflicts_none_all"))
        way = f'<p><a class="pk-go" href="{escape(there.href)}" target="_self">{words}</a></p>'
    return (
        f'<section class="pk pk-conflicts pk-state" lang="{say.tag}"><h2>{escape(say("conflicts_none"))}</h2>'
        f"<p>{escape(say('conflicts_none_more'))}</p>{way}</section>"
    )


def table_html(group: Group, say: Words) -> str:
    """Return the number line as a table, for who cannot see it."""
    rows = "".join(f"<tr><td>{escape(told(case, say))}</td><td>{case.texts:,}</td></tr>" for case in group.cases)
    return (
        f'<details class="pk pk-conflicts-table" lang="{say.tag}"><summary>{escape(say("conflicts_table"))}</summary>'
        f"<table><tbody>{rows}</tbody></table></details>"
    )


def shown_page(found: Conflicts, at: int) -> tuple[int, Sequence[Group]]:
    """Return the page that is shown, the last where there are not as many, and its groups."""
    page = max(1, min(at, -(-len(found) // PAGE)))
    groups: Sequence[Group] = found[(page - 1) * PAGE : page * PAGE]
    return page, groups
