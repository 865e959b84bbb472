"""What the cleaning of a page asked of the openings of all articles: with the same answers it would go the same way.

So the result of a cleaning is good as long as the page is the same and its questions are answered as they were: a
verifying trace (Mokhov, Mitchell, Peyton Jones, Build Systems a la Carte, 2018). Answers are compared by hashes over
the articles that own a key, by their path, id and length, for the numbers of owners change with every page that comes
or goes. What is asked of the repeats of a site needs no notes, because it follows from the page (`repeats`, Counted).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from ingest.learning.learned import Learned
from ingest.learning.tally import Keys
from ingest.learning.teasers import Openings, Teaser
from ingest.learning.wording import key_of


@dataclass(frozen=True, slots=True, eq=False)
class NotedOpenings(Openings):
    """Openings that note what they are asked, so that they look up nothing twice for one page.

    `asked` has each key with its owners: keys of titles and of beginnings are never the same text. `proven` has each
    snippet with its proof.
    """

    asked: dict[int, tuple[int, ...]]
    proven: dict[tuple[str, str, str], Teaser | None]

    def teaser(self, title: str, summary: str, *, beside: str) -> Teaser | None:
        """Return the article that a snippet teases, or None."""
        snippet = title, summary, beside
        if snippet not in self.proven:  # slots=True makes another class, which super() does not know
            self.proven[snippet] = Openings.teaser(self, title, summary, beside=beside)
        return self.proven[snippet]

    def _all(self, keys: Keys, owners: NDArray[np.int32], key: int) -> tuple[int, ...]:
        if key not in self.asked:
            self.asked[key] = Openings._all(self, keys, owners, key)
        return self.asked[key]


def noting(learned: Learned) -> tuple[Learned, Collection[int]]:
    """Return `learned` for the cleaning of one page, and what gathers the keys it asks for."""
    o, asked = learned.openings, dict[int, tuple[int, ...]]()
    noted = NotedOpenings(o.ids, o.paths, o.chars, o.keys, o.owners, o.title_keys, o.title_owners, asked, {})
    return replace(learned, openings=noted), asked


class Answers:
    """What the openings answer for any set of keys, as one short hash."""

    def __init__(self, openings: Openings) -> None:
        articles = zip(openings.ids, openings.paths, openings.chars, strict=True)
        owned_by = np.array([key_of(f"{id_} {chars} {path}") for id_, path, chars in articles], dtype=np.uint64)
        keys = np.concatenate([openings.keys, openings.title_keys])
        owners = owned_by[np.concatenate([openings.owners, openings.title_owners])]
        order = np.argsort(keys, kind="stable")
        self._keys, firsts = np.unique(keys[order], return_index=True)
        # A sum, since the order of owners follows from which they are; it wraps around.
        self._owners = np.add.reduceat(owners[order], firsts) if len(keys) else owners

    def to(self, asked: Keys) -> bytes:
        """Return the hash of the answers to `asked`, in this order."""
        answers = np.zeros(len(asked), dtype=np.uint64)
        if len(self._keys):
            places = np.minimum(np.searchsorted(self._keys, asked), len(self._keys) - 1)
            answers = np.where(self._keys[places] == asked, self._owners[places], np.uint64(0))
        return blake2b(answers.tobytes(), digest_size=16).digest()
