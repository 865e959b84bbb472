"""The corpus card as a file: Markdown for a paper, HTML to be printed as PDF, JSON with every figure.

The HTML loads nothing and runs nothing; printed, it is A4 with the build at the foot of every page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from index.explore.card_shape import CorpusCard
from search_app.corpus_card_blocks import Bars, Block, Facts, Points, Prose, Source
from search_app.corpus_card_html import sections_html
from search_app.corpus_card_sections import Naming, card_sections, card_title
from search_app.render import escape
from search_app.words import Words

Kind = Literal["md", "html", "json"]
MIMES: Mapping[Kind, str] = {"md": "text/markdown", "html": "text/html", "json": "application/json"}
_STYLE = Path(__file__).resolve().parent / "static" / "corpus_card.css"
# What Markdown would read as markup, in a text that shall stand as it is; GFM adds |, ~ and $.
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~$!&])")
_LEADING = re.compile(r"^(\s*)([-+]|\d+[.)])(?=\s)")


def card_file(card: CorpusCard, kind: Kind, naming: Naming, say: Words) -> str:
    """Return the card as the text of a file of this kind."""
    write: Mapping[Kind, Callable[[CorpusCard, Naming, Words], str]] = {
        "md": card_markdown,
        "html": card_document,
        "json": lambda card, naming, say: card_json(card, naming),
    }
    return write[kind](card, naming, say)


def card_json(card: CorpusCard, naming: Naming) -> str:
    """Return every figure of the card as one line of JSON."""
    return json.dumps({"title": naming.title, "author": naming.author, **card.as_dict()}, ensure_ascii=False) + "\n"


def card_markdown(card: CorpusCard, naming: Naming, say: Words) -> str:
    """Return the card in Markdown (CommonMark with the tables of GFM)."""
    lines = [f"# {_plain(card_title(naming, say))}", "", _plain(_subtitle(card, say)), ""]
    for section in card_sections(card, naming, say):
        lines += [f"## {_plain(section.title)}", ""]
        for block in section.blocks:
            lines += [*_markdown(block, say), ""]
    return "\n".join(lines)


def _markdown(block: Block, say: Words) -> list[str]:
    match block:
        case Facts(rows):
            return ["| | |", "|---|---|", *(f"| {_plain(name)} | {_plain(told)} |" for name, told in rows)]
        case Bars(caption, bars, _, left):
            figures = [f"| {_plain(bar.name)} | {_plain(bar.told)} |" for bar in bars]
            more = ["", _plain(say("corpus_more", count=left))] if left else []
            return [f"**{_plain(caption)}**", "", "| | |", "|---|---:|", *figures, *more] if bars else []
        case Points(items, is_open):
            return [f"- {'[ ] ' if is_open else ''}{_plain(item)}" for item in items]
        case Prose(text, is_note):
            return [f"*{_plain(text)}*" if is_note else _plain(text)]
        case Source(text):
            return ["```", text.rstrip("\n"), "```"]


def _plain(text: str) -> str:
    """Return a text in one line, with what Markdown would read escaped."""
    escaped = _MARKUP.sub(r"\\\1", " ".join(text.split()))
    return _LEADING.sub(r"\1\\\2", escaped)


def card_document(card: CorpusCard, naming: Naming, say: Words) -> str:
    """Return the card as a whole HTML document that prints on A4."""
    title, under = card_title(naming, say), _subtitle(card, say)
    author = f'<p class="author">{escape(naming.author)}</p>' if naming.author else ""
    # A build id is letters and digits, so it can stand in a string of CSS.
    style = _STYLE.read_text(encoding="utf-8")
    foot = f'@page {{ @bottom-left {{ content: "policykb {card.build}"; }} }}'
    return (
        f'<!doctype html><html lang="{say.tag}"><head><meta charset="utf-8"><meta name="viewport"'
        ' content="width=device-width, initial-scale=1">'
        # Nothing may load or run, whatever stands in the names of sites and files.
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(title)} · {escape(card.build)}</title><style>{style}{foot}</style>"
        f"</head><body><main><header><h1>{escape(title)}</h1>{author}<p>{escape(under)}</p></header>"
        f"{sections_html(card_sections(card, naming, say), say)}</main></body></html>\n"
    )


def _subtitle(card: CorpusCard, say: Words) -> str:
    return say("corpus_of", build=card.build, date=card.made.at[:10])
