"""The sub-corpus that every part of exploring speaks of: its name, its size, and the filters that make it."""

from __future__ import annotations

import streamlit as st

from index.explore.subcorpus import Subcorpus
from index.facets import Facets
from index.filters import Filters
from index.kb import KnowledgeBase
from search_app.render import escape
from search_app.views.address import Address
from search_app.views.cite_html import copy_button
from search_app.views.facets_html import chips, dropped_html, facets_html
from search_app.words import Words


def show(kb: KnowledgeBase, here: Address, say: Words) -> None:
    """Draw the sub-corpus of the address, and what is left without one of its filters where nothing is in it."""
    found, facets = _read(str(kb.folder), kb.build, here.filters, kb)
    st.html(subcorpus_html(found, facets, here, say))
    if not found.articles:
        st.html(dropped_html(lambda filters: kb.facets(filters).articles, here, say))


@st.cache_resource(max_entries=64, show_spinner=False)
def _read(folder: str, build: str, filters: Filters, _kb: KnowledgeBase) -> tuple[Subcorpus, Facets]:  # noqa: ARG001 - the key
    return _kb.subcorpus(filters), _kb.facets(filters)


def subcorpus_html(found: Subcorpus, facets: Facets, here: Address, say: Words) -> str:
    """Return one line with name, counts, the chosen filters as links that drop them, and a fold to choose more."""
    counts = " · ".join(_counts(found, say))
    link = copy_button(
        here.to(build=found.build, lang=None).href,
        say,
        words=say("subcorpus_link"),
        label=say("subcorpus_link_label"),
        kind="link",
    )
    return (
        f'<section class="pk pk-subcorpus" lang="{say.tag}" aria-label="{escape(say("subcorpus"))}">'
        f'<div class="pk-subcorpus-line"><span class="pk-hint">{escape(say("subcorpus"))}</span>'
        f"<ul>{_names(found.filters, here, say)}</ul>{link}</div>"
        f'<p class="pk-meta" data-pk-announce title="{escape(say("sources_why"))}">{escape(counts)}</p>'
        f"{facets_html(facets, here.to(at=1), say)}</section>"
    )


def _counts(found: Subcorpus, say: Words) -> list[str]:
    """Return how large the sub-corpus is, and how much of it is no copy."""
    of = found.sources
    counts = {
        "subcorpus_articles": found.articles,
        "subcorpus_passages": found.passages,
        "subcorpus_chars": found.chars,
        "sources_texts": of.texts,
        "sources_articles": of.articles,
        "sources_sites": of.sites,
    }
    if not found.passages:
        counts = {"subcorpus_articles": found.articles}
    elif not of.sites:
        del counts["sources_sites"]
    return [say(f"{key}_one") if count == 1 else say(key, count=f"{count:,}") for key, count in counts.items()]


def _names(filters: Filters, here: Address, say: Words) -> str:
    """Return what the sub-corpus is named by, each a link that takes it away; of the whole corpus its name alone."""
    chosen = chips(filters, say)
    if not chosen:
        return f"<li><strong>{escape(say('subcorpus_whole'))}</strong></li>"
    items = [
        f'<li><a class="pk-go pk-pick" href="{escape(here.filtered(without).to(at=1).href)}" target="_self"'
        f' data-pk-key="chip"><span class="pk-spoken">{escape(say("filter_drop"))}</span>'
        f'<span>{escape(words)}</span><span class="pk-cross" aria-hidden="true">×</span></a></li>'
        for words, without in chosen
    ]
    clear = f'<a class="pk-go" href="{escape(here.filtered().to(at=1).href)}" target="_self">'
    return "".join(items) + f"<li>{clear}{escape(say('filters_clear'))}</a></li>"
