"""Adapts a table model to a corpus's own pages and says what that gains on pages it has not seen.

A share of the articles is held out. What their titles, headings and short answers ask is looked for among the passages
of the whole corpus, with the model before and the model after; that is the gain a corpus can expect from its own words.
Where the pairs come from is told in structure.py, the training in train.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from index.evaluate import measure
from index.model.embedder import TableEmbedder
from index.model.pairs import PairsError, PairSet
from index.model.structure import CorpusPassage, StructurePair, read_passages, structure_pairs
from index.model.train import train_on

_HELD_SHARE = 0.2  # of the articles: enough questions to show a gain, few enough to leave something to learn from
_LEAST_ARTICLES = 5
_DEPTH = 10
# Gentler than training on pairs: at that rate for 100 steps, 42 pages lost three points on the held ones.
_GENTLE: dict[str, Any] = {"epochs": 8.0, "rate": 0.001, "dropout": 0.4, "negatives": 0}

Progress = Callable[[int, int, float], None]


def adapt(
    corpus: Path,
    out: Path,
    *,
    base: Path,
    pairs: Sequence[PairSet] = (),
    progress: Progress | None = None,
    **settings: Any,
) -> dict[str, Any]:
    """Train `base` on the pages or knowledge base in `corpus`, with `pairs` besides, as `train_on` does but gently.

    The record has `corpus` on top: `articles`, `held_articles`, `questions` asked of those, and nDCG@10 and Recall@10
    of the dense leg on these `before` and `after`. Raises PairsError for a corpus too small to hold anything out.
    """
    passages = read_passages(corpus)
    asked = structure_pairs(passages)
    held, learned = _part(passages, asked)
    own = [
        PairSet(f"{corpus.name}, {kind}", tuple((pair.query, passages[pair.passage].text) for pair in of_kind))
        for kind in dict.fromkeys(pair.kind for pair in learned)
        if (of_kind := [pair for pair in learned if pair.kind == kind])
    ]
    record = train_on([*own, *pairs], out, base=base, progress=progress, **{**_GENTLE, **settings})
    articles = {passage.article_id for passage in passages}
    record["corpus"] = {
        "articles": len(articles),
        "held_articles": len({passages[pair.passage].article_id for pair in held}),
        "questions": len({pair.query for pair in held}),
        "before": found(TableEmbedder.load(base), passages, held),
        "after": found(TableEmbedder.load(out), passages, held),
    }
    return record


def found(
    embedder: TableEmbedder, passages: Sequence[CorpusPassage], asked: Sequence[StructurePair]
) -> dict[str, float]:
    """Return nDCG@10 and Recall@10 of what `asked` expects, ranked by cosine among all `passages`."""
    questions = list(dict.fromkeys(pair.query for pair in asked))
    qrels: dict[str, dict[str, int]] = {question: {} for question in questions}
    for pair in asked:
        qrels[pair.query][str(pair.passage)] = 1
    vectors = embedder.encode_document([passage.text for passage in passages])
    ranking = {}
    for question, vector in zip(questions, embedder.encode_query(questions), strict=True):
        ranking[question] = [str(place) for place in np.argsort(-(vectors @ vector), kind="stable")[:_DEPTH].tolist()]
    figures = measure(ranking, qrels)
    return {name: figures[name] for name in ("ndcg@10", "recall@10")}


def _part(
    passages: Sequence[CorpusPassage], asked: Sequence[StructurePair]
) -> tuple[list[StructurePair], list[StructurePair]]:
    """Return the pairs of about a fifth of the articles, and those of the others, without a common text or question.

    The hash of an article's title decides: copies of an article are held out together.
    """
    titles = sorted({passage.title for passage in passages}, key=_digest)
    if len(titles) < _LEAST_ARTICLES:
        raise PairsError(
            f"found {len(titles)} different articles in the corpus, expected at least {_LEAST_ARTICLES}: nothing could "
            "be held out to see what is gained. Give more pages."
        )
    held_titles = set(titles[: max(1, round(_HELD_SHARE * len(titles)))])
    held = [pair for pair in asked if passages[pair.passage].title in held_titles]
    texts = {passages[pair.passage].text for pair in held}
    others = [pair for pair in asked if passages[pair.passage].title not in held_titles]
    learned = [pair for pair in others if passages[pair.passage].text not in texts]
    common = {pair.query for pair in others}  # a heading of many articles asks for any of them
    held = [pair for pair in held if pair.query not in common]
    if not held or not learned:
        raise PairsError("found no title or heading that asks for a passage, expected articles with both. Give others.")
    return held, learned


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
