"""The sections of the corpus card as HTML, the same on the page and in the file that is printed."""

from __future__ import annotations

from collections.abc import Sequence

from search_app.corpus_card_blocks import Bars, Block, Facts, Points, Prose, Section, Source
from search_app.render import escape, isolated
from search_app.words import Words


def sections_html(sections: Sequence[Section], say: Words) -> str:
    """Return the sections one after the other; titles are h2."""
    return "".join(
        f'<section class="pk-cc-part" id="{escape(section.name)}"><h2>{escape(section.title)}</h2>'
        f"{''.join(_block(block, say) for block in section.blocks)}</section>"
        for section in sections
    )


def _block(block: Block, say: Words) -> str:
    match block:
        case Facts(rows):
            body = "".join(
                f'<tr><th scope="row">{escape(name)}</th><td>{isolated(told)}</td></tr>' for name, told in rows
            )
            return f'<table class="pk-cc-facts"><tbody>{body}</tbody></table>'
        case Bars():
            return _bars(block, say)
        case Points(items, is_open):
            name = "pk-cc-open" if is_open else "pk-cc-points"
            return f'<ul class="{name}">{"".join(f"<li>{isolated(item)}</li>" for item in items)}</ul>'
        case Prose(text, is_note):
            return f'<p class="{"pk-meta" if is_note else "pk-cc-prose"}">{isolated(text)}</p>'
        case Source(text):
            return f'<pre class="pk-cc-source" tabindex="0">{escape(text)}</pre>'


def _bars(block: Bars, say: Words) -> str:
    rows = "".join(
        f'<tr><th scope="row"{_foreign(bar.is_foreign)}>{isolated(bar.name)}</th>'
        f'<td class="pk-cc-bar">{_bar(bar.value / (block.whole or 1))}</td><td>{isolated(bar.told)}</td></tr>'
        for bar in block.bars
    )
    more = f'<p class="pk-meta">{escape(say("corpus_more", count=block.left))}</p>' if block.left else ""
    return (
        f'<table class="pk-cc-bars"><caption>{escape(block.caption)}</caption><tbody>{rows}</tbody></table>{more}'
        if block.bars
        else ""
    )


def _bar(part: float) -> str:
    """Return a bar; the figure beside it says the same, so it is hidden from a screen reader."""
    # Something is to be seen of the smallest figure that is none at all. st.html lets no SVG through.
    return f'<i aria-hidden="true"><b style="width:{max(0.6, 100 * part) if part else 0:.2f}%"></b></i>'


def _foreign(is_foreign: bool) -> str:
    return ' lang="zh-CN"' if is_foreign else ""
