"""How to cite a build as a data set: a line like those of GB/T 7714-2015 and an entry of BibLaTeX.

GB/T 7714-2015 marks a data set [DS] and one that is kept in files of one's own, not online, by no carrier. A build is
fixed by its id, so its edition is the build, and its date the day on which it was made. Who collected the pages and
what the collection is called only its collector knows; what is not told is said to be unknown (index/references.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.references import one_line, tex

if TYPE_CHECKING:
    from index.explore.card_shape import CorpusCard

UNKNOWN = "[责任者不详]"


def gbt7714(card: CorpusCard, *, title: str, author: str = "") -> str:
    """Return the build as a reference by GB/T 7714-2015, without a number before it."""
    who = one_line(author) or UNKNOWN
    size = f"{card.pages} 个网页，{card.passages} 段"
    where = f"policykb 构建 {card.build}（{size}；网页 SHA-256 {card.made.pages_sha256[:16]}）"
    return f"{who}. {one_line(title)}[DS]. {where}. {card.made.at[:10]}."


def bibtex(card: CorpusCard, *, title: str, author: str = "") -> str:
    """Return the build as an entry `@dataset` of BibLaTeX, in UTF-8."""
    note = f"policykb build {card.build}; {card.pages} pages, {card.passages} passages"
    fields = {
        "title": f"{{{tex(title)}}}",
        "author": f"{{{tex(author)}}}" if one_line(author) else "",
        "date": card.made.at[:10],
        "version": f"build {card.build}",
        "note": f"{note}; SHA-256 of the pages {card.made.pages_sha256}",
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@dataset{{policykb-{card.build},\n{lines}}}\n"
