"""What stands beside an article, as HTML: see-also titles by their relation, and its near-duplicates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from index.duplicates import CopyGroup
from index.explore.independent import NO_SOURCES, Sources
from index.reading import Reading, SeeAlsoLink
from search_app.render import escape
from search_app.views.address import Address
from search_app.views.explore.sources_html import sources_html
from search_app.words import Words

RELATED = ("same_question", "same_field")
# More titles than this wait behind a line to unfold: the block of a page has twenty items and more.
SHOWN_TITLES = 6
# … and of a page that recommends thousands, more than this are left to the ledger, where each of them stands.
MAX_TITLES = 100


def see_also_html(reading: Reading, here: Address, say: Words) -> str:
    """Return what the page recommended: proved ones as links to their articles, other related titles to their place."""
    proved = {link.start for link in reading.see_also}
    titles: dict[str, dict[str, Mapping[str, Any]]] = {name: {} for name in RELATED}
    for removal in reading.removals:
        if removal.get("related") in titles and removal.get("title") and removal["start"] not in proved:
            titles[removal["related"]].setdefault(removal["title"], removal)
    groups = [("see_also_proved", [_link(link, here, say) for link in reading.see_also])]
    groups += [(f"see_also_{name}", [_title(one, here) for one in titles[name].values()]) for name in RELATED]
    parts = [_group(say(key), items, here, say) for key, items in groups if items]
    if not parts:
        return ""
    return (
        f'<section class="pk pk-beside" lang="{say.tag}"><h2>{escape(say("see_also"))}</h2>'
        f'<p class="pk-meta">{escape(say("see_also_note"))}</p>{"".join(parts)}</section>'
    )


def _group(name: str, items: Sequence[str], here: Address, say: Words) -> str:
    more = ""
    if len(items) > SHOWN_TITLES + 1:
        summary = escape(say("more_titles", count=len(items) - SHOWN_TITLES))
        rest = "".join(items[SHOWN_TITLES:MAX_TITLES])
        if len(items) > MAX_TITLES:
            href = escape(here.to(ledger=True, start=None, end=None, part=None).href)
            words = escape(say("titles_in_ledger", count=len(items) - MAX_TITLES))
            rest += f'<li><a class="pk-go" href="{href}" target="_self">{words}</a></li>'
        more = f"<details><summary>{summary}</summary><ul>{rest}</ul></details>"
        items = items[:SHOWN_TITLES]
    return f"<h3>{escape(name)}</h3><ul>{''.join(items)}</ul>{more}"


def _link(link: SeeAlsoLink, here: Address, say: Words) -> str:
    place = here.to(article=link.article_id, start=None, end=None, part=None, ledger=False)
    notes = [say.name("related", link.related)] if link.related in RELATED else []
    notes.append(say("see_also_why", count=link.chars))
    return (
        f'<li><a class="pk-go" href="{escape(place.href)}" target="_self" lang="zh-CN">{escape(link.title)}</a>'
        f' <span class="pk-meta">{escape(" · ".join(notes))}</span></li>'
    )


def _title(removal: Mapping[str, Any], here: Address) -> str:
    place = here.to(start=removal["start"], end=removal["end"], part=None, ledger=True)
    title = escape(removal["title"])
    return f'<li><a class="pk-go" href="{escape(place.href)}" target="_self" lang="zh-CN">{title}</a></li>'


def copies_html(groups: Sequence[CopyGroup], here: Address, say: Words, *, sources: Sources = NO_SOURCES) -> str:
    """Return the near-duplicates of the article `here`, folded behind their number, each with its comparison.

    `sources` stand behind them and the article.
    """
    copies = [copy for group in groups if group.kind == "article" for copy in group.copies]
    others = [copy for copy in copies if copy.id != here.article]
    if not others:
        return ""
    rows = []
    for copy in others:
        article = here.to(article=copy.article_id, other=None, start=None, end=None, part=None, ledger=False)
        compare = here.to(other=copy.article_id, start=None, end=None, part=None, ledger=False)
        meta = f"<code>{escape(copy.path)}</code>{f' · {escape(copy.as_of)}' if copy.as_of else ''}"
        rows.append(
            f'<li><a class="pk-go" href="{escape(article.href)}" target="_self" lang="zh-CN">{escape(copy.title)}</a>'
            f' <a class="pk-go pk-small" href="{escape(compare.href)}" target="_self">'
            f'{escape(say("compare_link"))}</a><br><span class="pk-meta">{meta}</span></li>'
        )
    words = say("copies_one") if len(others) == 1 else say("copies", count=len(others))
    first = copies[0]
    note = "" if first.id == here.article else f'<p class="pk-meta">{escape(say("copies_first", path=first.path))}</p>'
    return (
        f'<details class="pk pk-copies" lang="{say.tag}"><summary>{escape(words)}</summary>{note}'
        f"{sources_html(sources, say)}"
        f"<ul>{''.join(rows)}</ul></details>"
    )
