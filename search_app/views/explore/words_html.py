"""Lists of words as tables: keywords of a sub-corpus, and its most frequent words. Every order has an address."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TypeVar

from index.explore.dispersion import ORDERS as FREQUENCY_ORDERS
from index.explore.dispersion import Frequencies, WordFrequency
from index.explore.dispersion import Order as FrequencyOrder
from index.explore.keyness import MIN_TEXTS, Keyness, Keyword, Order
from index.explore.keyness import ORDERS as KEYNESS_ORDERS
from index.explore.subcorpus import name_of
from index.explore.trends import SMALL
from index.picture import Bar, Tone, bars
from search_app.render import escape
from search_app.views.address import Address
from search_app.words import Words

_Row = TypeVar("_Row")
# As many words a page as are read at a glance.
PAGE = 30
# A word 32 times as frequent fills its cell; few are beyond.
_FULL_RATIO = 5.0
# As many keywords of each side as a picture on a page of print holds.
_DRAWN = 12
_MORE: Tone = "a"
_LESS: Tone = "d"


def keyness_html(found: Keyness, order: Order, here: Address, say: Words) -> str:
    """Return the keywords that are used more, or less where the address says so, a page of them."""
    is_less = here.by == "less"
    chosen = [word for word in found.ordered(order) if (word.log_ratio < 0) == is_less]
    sizes = say(
        "words_key_sizes",
        articles=f"{found.articles:,}",
        chars=f"{found.chars:,}",
        rest_articles=f"{found.rest_articles:,}",
        rest_chars=f"{found.rest_chars:,}",
        tested=f"{found.tested:,}",
    )
    sides = "".join(
        link_html(here.to(by=by, at=1), say(key, count=count), here.by == by)
        for by, key, count in (
            (None, "words_more", len(found.positive)),
            ("less", "words_less", len(found.negative)),
        )
    )
    head = (
        f'<h2>{escape(say("words_key"))}</h2><p class="pk-meta">{escape(sizes)}</p>'
        f"{small_html(min(found.articles, found.rest_articles), say)}"
        f'<nav class="pk-words-ways" aria-label="{escape(say("words_sides"))}">{sides}</nav>'
    )
    if not chosen:
        none = f'<p class="pk-words-none">{escape(say("words_none"))}</p>'
        return _section(f'{head}{none}<p class="pk-hint">{escape(say("words_none_more"))}</p>', say)
    shown, paging = paged(chosen, here, say)
    rows = "".join(_keyword(word, here, say) for word in shown)
    columns = ("word", "effect", "here", "rest", "g2", "texts")
    body = table_html(say("words_key"), columns, rows, say)
    how = f'<p class="pk-hint">{escape(say("words_key_how", min=MIN_TEXTS))}</p>'
    return _section(f"{head}{orders_html(KEYNESS_ORDERS, order, here, say)}{body}{paging}{how}", say)


def keyness_picture(found: Keyness, order: Order, say: Words) -> str:
    """Return the log ratios of the first keywords of both sides as bars, those used less to the left."""
    chosen = found.ordered(order)
    more = [word for word in chosen if word.log_ratio > 0][:_DRAWN]
    less = [word for word in chosen if word.log_ratio < 0][:_DRAWN]
    rows = [
        Bar(word.word, word.log_ratio, f"{word.log_ratio:+.1f}", f"{word.word} G² {word.g2:,.0f}", tone=tone)
        for words, tone in ((more, _MORE), (less, _LESS))
        for word in words
    ]
    return bars(say("words_picture"), say("words_picture_desc", subcorpus=name_of(found.where)), rows)


def frequencies_html(found: Frequencies, order: FrequencyOrder, here: Address, say: Words) -> str:
    """Return the most frequent words, a page of them, in one of their orders."""
    shown, paging = paged(found.ordered(order), here, say)
    rows = "".join(_frequency(word, here) for word in shown)
    columns = ("word", "count", "million", "articles", "texts", "dp")
    how = say("words_frequent_how", words=f"{found.words:,}", shown=f"{len(found):,}")
    return _section(
        f'<h2>{escape(say("words_frequent"))}</h2><p class="pk-hint">{escape(how)}</p>'
        f"{small_html(found.articles, say)}{orders_html(FREQUENCY_ORDERS, order, here, say)}"
        f"{table_html(say('words_frequent'), columns, rows, say)}{paging}",
        say,
    )


def _keyword(word: Keyword, here: Address, say: Words) -> str:
    share = min(100, max(2, round(100 * abs(word.log_ratio) / _FULL_RATIO)))
    times = 2 ** abs(word.log_ratio)
    if word.count and word.rest_count:
        key = "words_times" if word.log_ratio > 0 else "words_part"
        told = say(key, times=f"{times:.1f}" if times < 10 else f"{times:.0f}")
    else:  # then the ratio is that of the zero rule
        told = say("words_only" if word.count else "words_absent")
    sure = say("words_g2_title", p=p_told(word.p), ratio=f"{word.log_ratio:+.2f}")
    tone = "" if word.log_ratio > 0 else " pk-less"
    texts = word.texts if word.log_ratio > 0 else word.rest_texts
    return (
        f"<tr>{word_cell(word.word, here)}"
        f"{_bar_cell(share, told, tone)}"
        f"<td>{rate(word.per_million)}</td><td>{rate(word.rest_per_million)}</td>"
        f'<td title="{escape(sure)}">{word.g2:,.0f} <small>p {escape(p_told(word.p))}</small></td>'
        f"<td>{texts:,}</td></tr>"
    )


def _frequency(word: WordFrequency, here: Address) -> str:
    share = round(100 * word.dp_norm)
    return (
        f"<tr>{word_cell(word.word, here)}<td>{word.count:,}</td><td>{rate(word.per_million)}</td>"
        f"<td>{word.articles:,} <small>{word.range:.0%}</small></td><td>{word.texts:,}</td>"
        f"{_bar_cell(share, f'{word.dp_norm:.2f}')}</tr>"
    )


def _bar_cell(share: int, told: str, tone: str = "") -> str:
    """Return a figure behind a bar that fills `share` per cent of its place."""
    bar = f'<b aria-hidden="true"><i style="width:{share}%"></i></b>'
    return f'<td class="pk-effect{tone}">{bar}<span>{escape(told)}</span></td>'


def word_cell(word: str, here: Address) -> str:
    """Return the head of a row: a word that leads to what is known of it."""
    href = escape(here.to(q=word, by=None, order=None, at=1).href)
    return (
        f'<th scope="row" lang="zh-CN"><a class="pk-go" href="{href}" target="_self"><bdi>{escape(word)}</bdi></a></th>'
    )


def table_html(caption: str, columns: Iterable[str], rows: str, say: Words) -> str:
    """Return a table of words; each column is called by its name, for a style to hide some on a narrow screen."""
    heads = "".join(
        f'<th scope="col" class="pk-col-{name}">{escape(say(f"words_col_{name}"))}</th>' for name in columns
    )
    return (
        f'<div class="pk-words-wide"><table class="pk-words-table">'
        f'<caption class="pk-spoken">{escape(caption)}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def orders_html(orders: Sequence[str], order: str, here: Address, say: Words) -> str:
    """Return the orders as links; the first one needs none in the address."""
    links = "".join(
        link_html(here.to(order=None if name == orders[0] else name, at=1), say(f"words_order_{name}"), name == order)
        for name in orders
    )
    return f'<nav class="pk-words-ways pk-words-orders" aria-label="{escape(say("words_order"))}">{links}</nav>'


def link_html(there: Address, words: str, is_current: bool) -> str:
    """Return a link to another state of the list, or the one that is shown."""
    current = ' aria-current="true"' if is_current else ""
    return f'<a class="pk-go" href="{escape(there.href)}" target="_self"{current}>{escape(words)}</a>'


def paged(rows: Sequence[_Row], here: Address, say: Words) -> tuple[Sequence[_Row], str]:
    """Return the rows of the page that the address names, and the links to the others."""
    pages = max(1, math.ceil(len(rows) / PAGE))
    at = min(max(1, here.at), pages)
    shown = rows[(at - 1) * PAGE : at * PAGE]
    if pages == 1:
        return shown, ""
    told = say("words_page", first=(at - 1) * PAGE + 1, last=(at - 1) * PAGE + len(shown), count=f"{len(rows):,}")
    before = link_html(here.to(at=at - 1), say("words_before"), False) if at > 1 else ""
    behind = link_html(here.to(at=at + 1), say("words_next"), False) if at < pages else ""
    return shown, f'<p class="pk-words-ways pk-meta">{before}<span>{escape(told)}</span>{behind}</p>'


def small_html(articles: int, say: Words) -> str:
    """Return a warning where so few articles stand behind the figures that one or two decide them."""
    if articles >= SMALL or not articles:
        return ""
    told = say("words_small_one") if articles == 1 else say("words_small", articles=articles)
    return f'<p class="pk-warning" role="note">{escape(told)}</p>'


def rate(value: float) -> str:
    """Return a relative frequency as a person reads it: 7,931 and 0.4, not 7930.97 and 0."""
    return f"{value:,.0f}" if value >= 10 or not value else f"{value:.1f}" if value >= 0.05 else "&lt;0.1"


def p_told(p: float) -> str:
    """Return a probability; a very small one as what it is below."""
    return "< 0.0001" if p < 0.0001 else f"= {p:.4f}"


def _section(inner: str, say: Words) -> str:
    return f'<section class="pk pk-words" lang="{say.tag}">{inner}</section>'
