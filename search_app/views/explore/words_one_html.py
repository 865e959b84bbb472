"""One word as HTML and pictures: how often, where, when, and which words stand beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.explore.collocates import ORDERS, Collocate, Collocates, Order
from index.explore.dispersion import Dispersion, InArticle
from index.explore.trends import SMALL, Trend, TrendPoint
from index.picture import Point, strip, trend
from search_app.render import escape
from search_app.views.address import Address
from search_app.views.explore.words_html import link_html, orders_html, paged, rate, small_html, table_html
from search_app.words import Words

# One or two articles are no point of a line; they stand in the table.
FEWEST = 3
# More strokes than pixels show nothing more.
_STROKES = 1000


def word_html(found: Dispersion, here: Address, say: Words) -> str:
    """Return the word with its figures, the way back to all words and on to its places in context."""
    of = found.frequency
    stands = say(
        "words_stands",
        count=f"{of.count:,}",
        million=f"{of.per_million:,.0f}" if of.per_million >= 10 else f"{of.per_million:.1f}",
        articles=f"{of.articles:,}",
        all=f"{found.articles:,}",
        share=f"{of.range:.0%}",
        texts=f"{of.texts:,}",
        dp=f"{of.dp_norm:.2f}",
    )
    kwic = here.explore("kwic").to(q=of.word)
    return (
        f'<section class="pk pk-words" lang="{say.tag}"><p class="pk-words-ways">'
        f"{link_html(here.to(q='', by=None, order=None, at=1), say('words_all'), False)}"
        f'{link_html(kwic, say("words_kwic"), False)}</p><h2 lang="zh-CN"><bdi>{escape(of.word)}</bdi></h2>'
        f'<p class="pk-meta">{escape(stands)}</p>{small_html(of.articles, say)}'
        f"<h3>{escape(say('words_where'))}</h3></section>"
    )


def dispersion_picture(found: Dispersion, say: Words) -> str:
    """Return the places of the word as a barcode over all articles of the sub-corpus."""
    strokes = sorted({round(place * _STROKES) / _STROKES for place in found.at})
    count, articles = f"{found.frequency.count:,}", f"{found.articles:,}"
    desc = say("words_where_desc", articles=articles, word=found.frequency.word, count=count)
    return strip(
        f"{found.frequency.word} · {say('words_where')}", desc, strokes, ends=(say("words_first"), say("words_last"))
    )


def dispersion_html(found: Dispersion, build: str, here: Address, say: Words) -> str:
    """Return the articles with the most places, and the heading of what follows."""
    items = "".join(_article(article, build, here, say) for article in found.most)
    return (
        f'<section class="pk pk-words" lang="{say.tag}"><details><summary>{escape(say("words_most"))}</summary>'
        f'<ol class="pk-words-most">{items}</ol></details><h3>{escape(say("words_over_time"))}</h3></section>'
    )


def _article(article: InArticle, build: str, here: Address, say: Words) -> str:
    rate_ = f"{1000 * article.count / max(1, article.chars):.1f}"
    key = "words_in_article_one" if article.count == 1 else "words_in_article"
    told = say(key, count=f"{article.count:,}", rate=rate_)
    href = escape(here.cite(here.build or build, article.article_id).href)
    return (
        f'<li><a class="pk-go" href="{href}" target="_self" lang="zh-CN"><bdi>{escape(article.title)}</bdi></a>'
        f' <span class="pk-hint">{escape(told)}</span></li>'
    )


def trend_head_html(found: Trend, say: Words) -> str:
    """Return what a trend is by, and what is to be minded when it is read."""
    drawn = _drawn(found)
    notes = []
    if small := [point.period for point in drawn if point.is_small]:
        told = say("words_trend_small", small=SMALL, periods=say("words_comma").join(small))
        notes.append(f'<p class="pk-warning" role="note">{escape(told)}</p>')
    hints = []
    if len(drawn) < 2:
        hints.append(say("words_trend_none", fewest=FEWEST))
    elif len(drawn) < len(found.points):
        hints.append(say("words_trend_hidden", fewest=FEWEST))
    if found.by == "year" and found.points:
        hints.append(say("words_year_note"))
    if found.undated:
        hints.append(say("words_undated", count=f"{found.undated:,}"))
    notes.append(f'<p class="pk-hint">{escape(" ".join(hints))}</p>' if hints else "")
    return (
        f'<section class="pk pk-words" lang="{say.tag}"><p class="pk-words-by">{escape(say(f"words_{found.by}"))}</p>'
        f"{''.join(notes)}</section>"
    )


def trend_picture(found: Trend, say: Words) -> str | None:
    """Return the relative frequency over time, with intervals; periods of few articles are hollow or left out.

    None where there are no two periods to compare.
    """
    drawn = _drawn(found)
    if len(drawn) < 2:
        return None
    points = [
        Point(point.period, point.per_million, point.low, point.high, _told(point, say), point.is_small)
        for point in drawn
    ]
    desc = say("words_trend_desc", word=found.word, first=drawn[0].period, last=drawn[-1].period)
    return trend(f"{found.word} · {say(f'words_{found.by}')}", desc, points, unit=say("words_per_million"))


def trend_html(found: Trend, say: Words) -> str:
    """Return the figures of a trend as a table, folded."""
    rows = "".join(
        f'<tr><th scope="row">{escape(point.period)}</th><td>{rate(point.per_million)}</td>'
        f"<td>{rate(point.low)}–{rate(point.high)}</td><td>{point.count:,}</td>"
        f"<td>{point.with_word:,} / {point.articles:,}</td><td>{point.share_low:.0%}–{point.share_high:.0%}</td></tr>"
        for point in found.points
    )
    if not rows:
        return ""
    columns = ("period", "million", "interval", "count", "share", "interval")
    table = table_html(say(f"words_{found.by}"), columns, rows, say)
    return (
        f'<section class="pk pk-words" lang="{say.tag}"><details><summary>{escape(say("words_figures"))}</summary>'
        f"{table}</details></section>"
    )


def _drawn(found: Trend) -> list[TrendPoint]:
    return [point for point in found.points if point.articles >= FEWEST]


def _told(point: TrendPoint, say: Words) -> str:
    return say(
        "words_point",
        period=point.period,
        million=f"{point.per_million:,.0f}",
        low=f"{point.low:,.0f}",
        high=f"{point.high:,.0f}",
        articles=f"{point.articles:,}",
        with_word=f"{point.with_word:,}",
    )


def collocates_html(found: Collocates, order: Order, windows: Sequence[int], here: Address, say: Words) -> str:
    """Return the words that stand beside the word, a page of them; each leads to both in context."""
    shown, paging = paged(found.ordered(order), here, say)
    ways = "".join(
        link_html(here.to(by=str(size), at=1), say("words_window_chars", count=size), size == found.window)
        for size in windows
    )
    read = ""
    if found.read < found.places:
        told = say("words_beside_read", word=found.word, places=f"{found.places:,}", read=f"{found.read:,}")
        read = f'<p class="pk-warning">{escape(told)}</p>'
    how = say("words_beside_how", word=found.word, window=found.window)
    head = (
        f'<section class="pk pk-words" lang="{say.tag}"><h3>{escape(say("words_beside"))}</h3>'
        f'<p class="pk-hint">{escape(how)}</p>{read}'
        f'<nav class="pk-words-ways" aria-label="{escape(say("words_window"))}">'
        f'<span class="pk-hint">{escape(say("words_window"))}</span>{ways}</nav>'
    )
    if not shown:
        return f'{head}<p class="pk-words-none">{escape(say("words_beside_none"))}</p></section>'
    rows = "".join(_collocate(row, found, here) for row in shown)
    columns = ("word", "count", "sides", "g2", "dice", "mi", "texts")
    body = table_html(say("words_beside"), columns, rows, say)
    return f"{head}{orders_html(ORDERS, order, here, say)}{body}{paging}</section>"


def _collocate(row: Collocate, found: Collocates, here: Address) -> str:
    near = f".{{0,{found.window - 1}}}"
    word, other = re.escape(found.word), re.escape(row.word)
    sides = [f"{other}{near}{word}"] * bool(row.left) + [f"{word}{near}{other}"] * bool(row.right)
    there = here.explore("kwic").to(q="|".join(sides), regex=True)
    return (
        f'<tr><th scope="row" lang="zh-CN"><a class="pk-go" href="{escape(there.href)}" target="_self">'
        f"<bdi>{escape(row.word)}</bdi></a></th><td>{row.count:,}</td><td>{row.left:,} / {row.right:,}</td>"
        f"<td>{row.g2:,.0f}</td><td>{row.dice:.1f}</td><td>{row.mi:.1f}</td><td>{row.texts:,}</td></tr>"
    )
