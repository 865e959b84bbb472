"""Makes training pairs from how a corpus's own articles are built: who wrote a heading said what stands under it.

Three kinds: title -> passage; heading, with the title and alone where it says something by itself, -> passage under it;
short answer under the title -> passage further down. Raw pages are cleaned and split as `rebuild` does it, in a scratch
folder; a built knowledge base is read as it is. Training on the pairs is left to adapt.py.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

from index.build.build import rebuild
from index.build.leftovers import CURRENT
from index.kb import KnowledgeBase, open_kb
from index.model import BUNDLED, load_embedder

_LEAST_HEADING = 6  # characters: 适用范围 stands in every notice, 医保断缴的后果 in one
_LEAST_PASSAGE = 12  # characters: what is shorter says nothing that could be found


@dataclass(frozen=True, slots=True)
class CorpusPassage:
    """A passage with what stands above it; `text` is without the title and headings it may begin with."""

    article_id: str
    title: str
    heading_path: tuple[str, ...]
    short_answer: str
    text: str


@dataclass(frozen=True, slots=True)
class StructurePair:
    """What an article's structure asks and the passage that answers, as a place in the list of passages."""

    kind: str
    query: str
    passage: int


def read_passages(corpus: Path) -> list[CorpusPassage]:
    """Return the passages of a knowledge base, or of the pages in a file or folder, in their order.

    Raises the problems that `rebuild` and `open_kb` raise.
    """
    if (corpus / CURRENT).exists():
        return _passages(open_kb(corpus))
    with tempfile.TemporaryDirectory(prefix="policykb-train-") as scratch:
        rebuild([corpus], Path(scratch) / "kb", embedder=load_embedder(BUNDLED))
        return _passages(open_kb(Path(scratch) / "kb"))


def structure_pairs(passages: list[CorpusPassage]) -> list[StructurePair]:
    """Return what title, headings and short answer of each passage ask, each question of a passage once."""
    pairs = []
    for place, passage in enumerate(passages):
        asked = {"title": passage.title}
        if passage.heading_path:
            last = passage.heading_path[-1]
            asked["heading"] = f"{passage.title} {last}"
            if len(last) >= _LEAST_HEADING:
                asked["heading alone"] = last
        if passage.short_answer and passage.short_answer not in passage.text:
            asked["short answer"] = passage.short_answer
        seen = {passage.text}
        for kind, query in asked.items():
            if query.strip() and query not in seen and len(passage.text) >= _LEAST_PASSAGE:
                seen.add(query)
                pairs.append(StructurePair(kind, query, place))
    return pairs


def _passages(kb: KnowledgeBase) -> list[CorpusPassage]:
    rows = kb.records.with_texts(
        'SELECT article_id, start, "end", title, heading_path, short_answer FROM passages'
        " JOIN articles ON articles.id = article_id ORDER BY passages.row"
    )
    return [
        CorpusPassage(
            row["article_id"],
            row["title"] or "",
            tuple(json.loads(row["heading_path"])),
            row["short_answer"] or "",
            _below(row["text"], (row["title"] or "", *json.loads(row["heading_path"]))),
        )
        for row in rows
    ]


def _below(text: str, above: tuple[str, ...]) -> str:
    """Return `text` without the lines of `above` it begins with: a question must not find itself."""
    lines = text.split("\n")
    while lines and lines[0].strip() in above:
        lines.pop(0)
    return "\n".join(lines).strip()
