"""The tables that a user keeps in `lexicon/` beside the folder of pages: read for a build, hashed, and kept in it.

A build keeps its tables, so that it is searched with the words it was made with, also after a roll back or a move. The
apps and schemes in them become facts of the pages; ours are known to `ingest.facts` already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from index.lexicon.lexicon import Lexicon, LexiconError, read_lexicon
from index.lexicon.tables import FOLDER, user_tables
from ingest.clean import Article
from ingest.facts.read import Fact


@dataclass(frozen=True, slots=True)
class OwnTables:
    """A user's tables: the bytes of each under the name it has in a build, and the lexicon they make."""

    files: tuple[tuple[str, bytes], ...]
    lexicon: Lexicon

    def fingerprint(self) -> list[list[str]]:
        """Return name and SHA-256 of each table, which are part of what decides a build."""
        return [[name, sha256(data).hexdigest()] for name, data in self.files]

    def keep(self, build: Path) -> None:
        """Write the tables into the folder of a build."""
        for name, data in self.files:
            (build / FOLDER).mkdir(exist_ok=True)
            (build / FOLDER / name).write_bytes(data)

    def mark(self, article: Article, text: str) -> Article:
        """Return `article` with the places that the names in these tables hint at, each once, among its facts."""
        known = {(fact.kind, fact.value) for fact in article.facts}
        added = []
        for start, end in article.spans if self.lexicon.names else ():
            for place in self.lexicon.places(text[start:end]):
                if ("region_hint", place.region) not in known:
                    known.add(("region_hint", place.region))
                    added.append(Fact("region_hint", place.region, start + place.start, start + place.end, place.name))
        if not added:
            return article
        facts = sorted((*article.facts, *added), key=lambda fact: (fact.kind, fact.start, fact.value))
        return replace(article, facts=tuple(facts))


def read_own(roots: Sequence[Path]) -> OwnTables:
    """Return the tables beside the folders of pages. Raises LexiconError for a broken line."""
    tables = user_tables(roots)
    lexicon = read_lexicon(tables)
    try:
        # Numbered, for two folders of pages may each have a table of one name.
        files = tuple((f"{number:02}-{table.name}", table.read_bytes()) for number, table in enumerate(tables, start=1))
    except OSError as error:
        raise LexiconError(f"{error.filename}: cannot be read ({error.strerror}); run the rebuild again") from error
    return OwnTables(files, lexicon)
