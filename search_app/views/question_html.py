"""What is said about the question itself as HTML: what to ask, what was probably meant, why nothing could be found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from index.question.official import OfficialWording
from search_app.render import escape
from search_app.unfound import unfound, unmarked
from search_app.views.address import Address
from search_app.words import Words


def hero_html(say: Words) -> str:
    """Return what the page does, for who has asked nothing yet."""
    return (
        f'<section class="pk pk-hero" lang="{say.tag}"><h1>{escape(say("hero"))}</h1>'
        f"<p>{escape(say('hero_more'))}</p></section>"
    )


def examples_html(questions: Iterable[tuple[str, str]], here: Address, say: Words) -> str:
    """Return questions to try, each with what it means in English where that is known."""
    items = "".join(
        f'<li><a class="pk-go pk-example" href="{escape(here.to(q=question).href)}" target="_self" lang="zh-CN"'
        f"{_title(meaning) if say.lang == 'en' else ''}>{escape(question)}</a></li>"
        for question, meaning in questions
    )
    listed = f"<h2>{escape(say('examples'))}</h2><ul>{items}</ul>" if items else ""
    return (
        f'<section class="pk pk-examples" lang="{say.tag}">{listed}<p class="pk-hint">{escape(say("marks_note"))}</p>'
        "</section>"
    )


def _title(words: str) -> str:
    return f' title="{escape(words)}"' if words else ""


def pending_html(say: Words) -> str:
    """Return that the answer is on its way; a style lets it appear only where that takes long enough to be seen."""
    return f'<p class="pk pk-pending" lang="{say.tag}" role="status">{escape(say("pending"))}</p>'


def too_long_html(typed: int, used: int, say: Words) -> str:
    """Return that only the first `used` characters of a question were used."""
    words = say("too_long", typed=typed, used=used)
    return f'<p class="pk pk-warning" lang="{say.tag}" role="status">{escape(words)}</p>'


def official_html(wordings: Sequence[OfficialWording], here: Address, say: Words) -> str:
    """Return which words official texts put differently, each as a link that asks with the official wording instead."""
    if not wordings:
        return ""
    links = " ".join(
        f'<a class="pk-go" href="{escape(here.to(q=wording.question).href)}" target="_self" lang="zh-CN">'
        f'<span class="pk-spoken" lang="{say.tag}">{escape(say("official_hint"))}</span>'
        f"{escape(say('official_pair', typed=wording.typed, official=wording.official))}</a>"
        for wording in wordings
    )
    return f'<p class="pk pk-wordings pk-hint" lang="{say.tag}">{escape(say("official"))}{links}</p>'


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
