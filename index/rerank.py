"""Lets a cross-encoder read question and passage together and order the best passages anew.

Optional and slow (a model call a passage); the model itself is left to `index.model.transformer`. The order among the
passages it has read is its own; what was found before decides ties, and both are shown as legs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from index.ranking import Part, Ranked

if TYPE_CHECKING:
    from index.model.transformer import Reranker

# Passages that are read; the rest keep their order below.
READ = 50
# The share of the reranker in the score. Not measured: no cross-encoder comes with the package.
SHARE = 0.9


def rerank(
    question: str, ranked: Sequence[Ranked], texts: Sequence[str], reranker: Reranker
) -> list[tuple[int, Ranked]]:
    """Return the place in `ranked` and the new hit of every passage, best first; `texts` are what is read.

    Scores of the model are scaled to 0 to 1 over the passages read, for models differ in what theirs mean.
    """
    if not ranked:
        return []
    scores = reranker.scores(question, texts[:READ])
    low, high = float(scores.min()), float(scores.max())
    found = []
    for at, item in enumerate(ranked):
        parts = tuple(p._replace(weight=p.weight * (1 - SHARE), share=p.share * (1 - SHARE)) for p in item.parts)
        if at < READ:
            raw = float(scores[at])
            scaled = (raw - low) / (high - low) if high > low else 1.0
            parts = (*parts, Part("reranker", raw, scaled, SHARE, SHARE * scaled))
        found.append((at, item._replace(score=sum(part.share for part in parts), parts=parts)))
    return sorted(found, key=lambda pair: (-pair[1].score, pair[0]))
