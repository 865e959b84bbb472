"""How many sources stand behind a list, in one line: 12 段 · 9 个独立文本 · 8 篇独立文章 · 4 个网站."""

from __future__ import annotations

from index.explore.independent import Sources
from search_app.render import escape
from search_app.words import Words


def sources_told(sources: Sources, say: Words) -> str:
    """Return the line as plain text; of sites only what is known or missing."""
    counts = ["passages", "texts", "articles"]
    counts += ["sites"] * bool(sources.sites) + ["siteless"] * bool(sources.siteless)
    return " · ".join(_count(name, getattr(sources, name), say) for name in counts)


def sources_html(sources: Sources, say: Words) -> str:
    """Return the line as a paragraph that says, to who points at it, what counts once; nothing for an empty list."""
    if not sources.passages:
        return ""
    told = escape(sources_told(sources, say))
    return f'<p class="pk-meta pk-sources" lang="{say.tag}" title="{escape(say("sources_why"))}">{told}</p>'


def _count(name: str, count: int, say: Words) -> str:
    return say(f"sources_{name}_one") if count == 1 else say(f"sources_{name}", count=f"{count:,}")
