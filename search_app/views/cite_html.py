"""How to cite an article or the marked place in it: links with the build in them, and the reference in four formats."""

from __future__ import annotations

import json

from index.reading import Reading
from index.references import reference_of
from search_app.render import escape
from search_app.views.address import Address, permalink
from search_app.words import Words


def cite_html(reading: Reading, build: str, here: Address, say: Words) -> str:
    """Return what a reader copies to lead others to the article, or to the place `here` marks in it."""
    reference = reference_of(reading, build)
    rows = []
    if here.start is not None and here.end is not None and here.end <= len(reading.text):
        rows.append(_row("link_place", permalink(build, reading.id, here.start, here.end).href, say))
        rows.append(_row("quote_place", " ".join(reading.text[here.start : here.end].split()), say, lang="zh-CN"))
    rows.append(_row("link_article", permalink(build, reading.id).href, say))
    rows.append(_row("line_gbt7714", reference.gbt7714(), say, lang="zh-CN"))
    records = {
        "BibTeX": reference.bibtex(),
        "RIS": reference.ris(),
        "CSL-JSON": json.dumps(reference.csl(), ensure_ascii=False),
    }
    more = "".join(copy_button(text, say, words=name) for name, text in records.items())
    return (
        f'<details class="pk pk-cite-as" lang="{say.tag}"><summary>{escape(say("cite_as"))}</summary>'
        f"<dl>{''.join(rows)}<div><dt>{escape(say('cite_records'))}</dt><dd>{more}</dd></div></dl></details>"
    )


def _row(key: str, text: str, say: Words, *, lang: str = "") -> str:
    tag = f' lang="{lang}"' if lang else ""
    kind = "link" if key.startswith("link") else "text"
    button = copy_button(text, say, label=say("copy_named", name=say(key)), kind=kind)
    return f"<div><dt>{escape(say(key))}</dt><dd><code{tag}>{escape(text)}</code>{button}</dd></div>"


def copied(text: str, kind: str = "text") -> str:
    """Return the attribute of a button that static/copy.js copies: a text exactly, or a `link` of this page whole."""
    return f'data-pk-copy-{kind}="{escape(text if kind == "link" else json.dumps(text, ensure_ascii=False))}"'


def copy_button(text: str, say: Words, *, words: str = "", label: str = "", kind: str = "text") -> str:
    """Return a button that copies `text` (static/copy.js); `words` stand on it, `label` is its whole name.

    `kind` is `link` for an address of this page, which is copied whole.
    """
    name = f' aria-label="{escape(label)}"' if label else ""
    done, failed = escape(say("copied")), escape(say("copy_failed"))
    return (
        f'<button type="button" class="pk-copy" {copied(text, kind)} data-pk-done="{done}"'
        f' data-pk-failed="{failed}"{name}>{escape(words or say("copy_this"))}</button>'
    )
