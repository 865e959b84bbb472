"""policykb's ranking alone, on the same base: what the peers do, with the vector given and nothing but hits and texts.

`policykb_store` does more than the peers: it reads the question, embeds it, asks the lexicon and the question bank,
boosts by place and year, folds copies and explains every hit. This row shows what of its time the ranking takes.
"""

from __future__ import annotations

from peers.exchange import Floats, Where
from peers.store import About, Hit
from peers.stores.policykb_store import PolicyKb, filters_of

from index.filters import allowed_rows
from index.ranking import rank


class PolicyKbRanking(PolicyKb):
    """The base of `PolicyKb`, ranked and nothing else."""

    about = About(
        name="policykb, ranking alone",
        packages=("policykb",),
        configuration="the same base; `index.ranking.rank` and the texts",
        why="like for like: the question's vector is given, as to the peers",
        files=PolicyKb.about.files,
        built_by="policykb_store",
    )

    def hybrid(self, text: str, vector: Floats, k: int) -> list[Hit]:
        """Return the best by all evidence."""
        found = rank(text, vector, self.kb.engine, weights=self.kb.weights, k=k)
        return self.with_texts([each.row for each in found])

    def filtered(self, text: str, vector: Floats, k: int, where: Where) -> list[Hit]:
        """Return the best that meet the filter."""
        filters = filters_of(where)
        allowed = allowed_rows(self.kb, filters)
        found = rank(text, vector, self.kb.engine, weights=self.kb.weights, k=k, allowed=allowed, filters=filters)
        return self.with_texts([each.row for each in found])


STORE = PolicyKbRanking()
