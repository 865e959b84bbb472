"""Hits as HTML: place, badges, the question's words marked in the text, and behind lines to unfold what explains them.

The badges stand in `badges_html`, why a hit was found in `why_html`, its neighbours in `around_html`, what says nearly
the same in `copies_html`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from index.beside import Beside
from index.hits import Hit
from search_app.render import escape, isolated, text_html, web_address
from search_app.views.address import Address, permalink
from search_app.views.around_html import around_html
from search_app.views.badges_html import badges_html, is_old
from search_app.views.cite_html import copied
from search_app.views.copies_html import twins_html
from search_app.views.explore.similar_html import similar_html
from search_app.views.explore.sources_html import sources_html
from search_app.views.why_html import why_html
from search_app.words import Words

NOTHING_BESIDE = Beside()


def passages_html(
    hits: Iterable[Hit],
    build: str,
    here: Address,
    say: Words,
    *,
    nearest: bool,
    folded: bool,
    beside: Beside = NOTHING_BESIDE,
    today: date | None = None,
) -> str:
    """Return the list of hits with what stands `beside` them; `today` is what ages are counted to, None tells none.

    `folded` puts them behind a line to unfold, for answers that do not need them. Why there are none stands in
    question_html.
    """
    found = list(hits)
    items = "".join(_hit(hit, build, here, say, beside, today) for hit in found)
    listed = f'<ol class="pk-hits">{items}</ol>'
    if today and any(is_old(hit.as_of, today) for hit in found):
        listed = f'<p class="pk-meta pk-old-note">{escape(say("old_note"))}</p>{listed}'
    heading = f"<h2>{escape(say('nearest' if nearest else 'passages'))}</h2>{sources_html(beside.sources, say)}"
    if folded:
        summary = escape(say("show_nearest", count=len(found)))
        listed = f'<details class="pk-fold"><summary>{summary}</summary>{listed}</details>'
    return f'<section class="pk pk-passages" lang="{say.tag}">{heading}{listed}</section>'


def _hit(hit: Hit, build: str, here: Address, say: Words, beside: Beside, today: date | None) -> str:
    href = escape(here.cite(build, hit.article_id, hit.start, hit.end).href)
    path = "".join(f'<span class="pk-step"> › {escape(step)}</span>' for step in hit.heading_path)
    source = [isolated(hit.site)] if hit.site else []
    source.append(isolated(hit.path))
    if address := web_address(hit.url):
        source.append(
            f'<a href="{escape(address)}" target="_blank" rel="noopener noreferrer">{escape(say("original"))}</a>'
        )
    return (
        f'<li class="pk-hit"><h3 lang="zh-CN"><a class="pk-go" href="{href}" target="_self">'
        f"{escape(hit.title)}{path}</a></h3>"
        f"{badges_html(hit, beside.articles.get(hit.article_id), here, build, today, say)}"
        f'<div class="pk-text" lang="zh-CN">{text_html(hit.text, hit.reasons.marks, hit.heading_path)}</div>'
        f'<p class="pk-meta">{" · ".join(source)}</p><div class="pk-more">'
        f"{why_html(hit, beside.telling.get(hit.passage_id), say)}"
        f"{around_html(beside.around.get(hit.passage_id), say)}"
        f"{twins_html(hit, beside.copies.get(hit.passage_id, ()), here, build, today, say)}"
        f"{similar_html(hit.passage_id, beside.similar.get(hit.passage_id), here, build, say)}"
        f"{_copying(hit, build, beside, say)}</div></li>"
    )


def _copying(hit: Hit, build: str, beside: Beside, say: Words) -> str:
    """Return what copies the link to a passage of this very build, and the line that cites it."""
    link = permalink(build, hit.article_id, hit.start, hit.end).href
    buttons = _copy("link", link, hit.rank, say)
    if reference := beside.references.get(hit.passage_id):
        buttons += _copy("citation", reference.gbt7714(), hit.rank, say)
    return buttons


def _copy(what: str, text: str, rank: int, say: Words) -> str:
    return (
        f'<button type="button" class="pk-copy pk-quiet" {copied(text, "link" if what == "link" else "text")}'
        f' data-pk-done="{escape(say(f"{what}_copied"))}" data-pk-failed="{escape(say("nothing_copied"))}"'
        f' aria-label="{escape(say(f"copy_{what}_of", rank=rank))}">{escape(say(f"copy_{what}"))}</button>'
    )
