"""The passages near to a passage as HTML: a link that asks for them, and where it was followed the list."""

from __future__ import annotations

from index.explore.similar import Near, Similar
from search_app.render import escape, isolated
from search_app.views.address import Address
from search_app.views.answer_html import date_html
from search_app.views.explore.sources_html import sources_html
from search_app.words import Words

# As many near passages as are read beside another one; the command has more.
NEAR = 5
# Characters of each; the link leads to the whole.
_SHOWN_CHARS = 120


def similar_part(passage_id: str) -> str:
    """Return what the part of an address says where the passages near to this one are shown."""
    return f"near{passage_id.replace('.', '')}"  # letters and digits alone pass an address


def similar_html(passage_id: str, found: Similar | None, here: Address, build: str, say: Words) -> str:
    """Return the link, or the list where it is there, with a way to fold it again."""
    if found is None:
        there = here.to(part=similar_part(passage_id))
        return f'<p class="pk-meta pk-similar-link">{_link(there, say("similar_passages"))}</p>'
    items = "".join(_near(one, here, build, say) for one in found)
    fold = _link(here.to(part=None), say("similar_fold"))
    return (
        f'<section class="pk-similar" aria-label="{escape(say("similar_passages"))}"><h4>'
        f"{escape(say('similar_passages'))} <small>{fold}</small></h4>{sources_html(found.sources, say)}"
        f'<p class="pk-hint">{escape(say("similar_note"))}</p><ol>{items}</ol></section>'
    )


def _link(there: Address, words: str) -> str:
    return f'<a class="pk-go" href="{escape(there.href)}" target="_self">{escape(words)}</a>'


def _near(one: Near, here: Address, build: str, say: Words) -> str:
    place = here.cite(build, one.article_id, one.start, one.end)
    text = " ".join(one.text.split())
    text = f"{text[:_SHOWN_CHARS]}…" if len(text) > _SHOWN_CHARS else text
    notes = [
        isolated(one.site or one.path),
        date_html(one.as_of, one.as_of_kind, say),
        escape(say("similar_score", cosine=f"{one.cosine:.2f}")),
    ]
    if one.copies:
        notes.append(escape(say("identical_one") if one.copies == 1 else say("identical", count=one.copies)))
    return (
        f'<li><a class="pk-go" href="{escape(place.href)}" target="_self" lang="zh-CN">'
        f'{escape(" › ".join((one.title, *one.heading_path)))}</a><div lang="zh-CN">{escape(text)}</div>'
        f'<p class="pk-meta">{" · ".join(notes)}</p></li>'
    )
