"""What is said about the question itself as HTML: what was probably meant, and why nothing could be found."""

from __future__ import annotations

from search_app.render import escape
from search_app.unfound import unfound, unmarked
from search_app.views.address import Address
from search_app.words import Words


def suggestion_html(suggestion: str | None, here: Address, say: Words) -> str:
    """Return "did you mean" with a link that asks the mended question; nothing where no slip was seen."""
    if not suggestion:
        return ""
    href = escape(here.to(q=suggestion).href)
    return (
        f'<p class="pk pk-suggest" lang="{say.tag}">{escape(say("suggestion"))} '
        f'<a class="pk-go" href="{href}" target="_self" lang="zh-CN">{escape(suggestion)}</a></p>'
    )


def nothing_html(here: Address, say: Words) -> str:
    """Return why the question of this address found nothing, with a link to it without its conditions."""
    way_out = ""
    if plain := unmarked(here.q):
        href = escape(here.to(q=plain).href)
        way_out = f' <a class="pk-go" href="{href}" target="_self">{escape(say("without_marks"))}</a>'
    return (
        f'<section class="pk pk-state" lang="{say.tag}" role="status"><h2>{escape(say("no_hits"))}</h2>'
        f"<p>{escape(unfound(here.q, say) or say('no_hits_more'))}{way_out}</p></section>"
    )
