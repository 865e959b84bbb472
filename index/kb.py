"""The way in from Python: open a knowledge base, search it, ask it, look at its tables.

    from index import open_kb
    kb = open_kb("kb")
    kb.ask("医保断缴三个月还能报销吗")
    kb.search("灵活就业 医保", k=5).to_frame()

An opened base is one build and never changes; open it again to see a newer one. Parts load when they are first used.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.bank.bank import Bank, read_bank
from index.build.lease import Lease
from index.build.manifest import read_manifest
from index.build.publish import build_folder, read_current
from index.calibration import FILE as CALIBRATION_FILE
from index.calibration import Calibration, CalibrationError, read_calibration
from index.catalogue import Catalogue, read_catalogue
from index.explore.exploring import Exploring
from index.lexicon.lexicon import Expansion, Lexicon, lexicon_of
from index.model import BUNDLED, WEIGHTS, load_embedder
from index.model.embedder import Embedder, ModelError, TableEmbedder
from index.ngrams import gram_keys
from index.question.official import OfficialWording, official_wordings
from index.question.question import Question, read_question
from index.question.vocabulary import Vocabulary, build_vocabulary
from index.ranking import Mode, Weights
from index.search import Filters, Hits, Sort, search
from index.store.records import Records
from index.store.terms import Terms
from index.store.vectors import Vectors
from ingest.traces import HARMLESS

if TYPE_CHECKING:
    import pandas as pd

    from index.answer import Answer
    from index.answering.card import DeskCard
    from index.around import Around
    from index.beside import Beside
    from index.duplicates import CopyGroup, Elsewhere
    from index.facets import Facets
    from index.hits import Hit
    from index.model.transformer import Reranker
    from index.reading import Reading, SeeAlsoLink


@dataclass(frozen=True, slots=True)
class Outline:
    """How an article is built. `sections` are dicts with `heading`, `level`, `path`, `start`, `end`, in page order.

    `chatter` are the spans where a text generator speaks of itself: no sentence there answers anything.
    """

    short_answer: str | None
    sections: tuple[dict[str, Any], ...]
    chatter: tuple[tuple[int, int], ...] = ()


# What a search reads, each loaded at its first use.
_PARTS = (
    "records",
    "vectors",
    "passage_terms",
    "context_terms",
    "article_terms",
    "article_of",
    "catalogue",
    "embedder",
    "table",
    "lexicon",
    "vocabulary",
    "bank",
)


class KnowledgeBase(Exploring):
    """One build of a knowledge base, opened for reading. Safe to share between threads."""

    def __init__(self, folder: Path, build: str, model: str | None = None) -> None:
        self.folder = folder
        self.build = build
        self._lease = Lease(build_folder(folder, build))  # before it is read; copies with another calibration share it
        self.manifest: dict[str, Any] = read_manifest(build_folder(folder, build))
        self._model = model

    @property
    def path(self) -> Path:
        """The folder of the opened build."""
        return build_folder(self.folder, self.build)

    @cached_property
    def records(self) -> Records:
        """Articles, passages, removals and facts."""
        return Records(self.path / "records.sqlite")

    @cached_property
    def vectors(self) -> Vectors:
        """The passages' vectors, memory-mapped."""
        rows, dim = self.manifest["counts"]["passages"], self.manifest["model"]["dim"]
        return Vectors.open(self.path / "vectors.faiss", rows=rows, dim=dim)

    @cached_property
    def passage_terms(self) -> Terms:
        """BM25 weights of the passages' own words."""
        return Terms.open(self.path / "terms" / "passages")

    @cached_property
    def context_terms(self) -> Terms:
        """BM25 weights of title and headings above each passage."""
        return Terms.open(self.path / "terms" / "context")

    @cached_property
    def article_terms(self) -> Terms:
        """BM25 weights of whole articles."""
        return Terms.open(self.path / "terms" / "articles")

    @cached_property
    def article_of(self) -> NDArray[np.int64]:
        """The article row of each passage row."""
        rows = self.records.query(
            "SELECT articles.row AS a FROM passages JOIN articles ON articles.id = article_id ORDER BY passages.row"
        )
        return np.array([row["a"] for row in rows], dtype=np.int64)

    @cached_property
    def catalogue(self) -> Catalogue:
        """What is known of every article, in columns: what filters and counts of facets are read from."""
        return read_catalogue(self.records)

    @cached_property
    def lexicon(self) -> Lexicon:
        """What everyday words are called in official texts: ours, and what the user's tables of this build add."""
        return lexicon_of(self.path)

    @cached_property
    def table(self) -> TableEmbedder:
        """The bundled table, which also knows how much a character says, whatever model the build was made with."""
        if isinstance(self.embedder, TableEmbedder):
            return self.embedder
        bundled = load_embedder(BUNDLED)
        assert isinstance(bundled, TableEmbedder)  # what BUNDLED names is a table
        return bundled

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words that a slip of the typist may have meant: those of the lexicon, of titles and of headings."""
        rows = self.records.query("SELECT title, sections FROM articles")
        headings = (section["heading"] for row in rows for section in json.loads(row["sections"]))
        return build_vocabulary(self.lexicon, (row["title"] for row in rows), headings)

    def knows(self, pair: str) -> bool:
        """Say whether two neighbouring characters (search form) stand so in a passage or in the bundled table."""
        key = gram_keys([pair])[0][-1:]
        return bool(self.passage_terms.occurs(key)[0] or self.table.rows_of(key)[0] >= 0)

    def read_question(self, typed: str) -> Question:
        """Return what was typed, read: phrases, excluded words, numbers in the other script, slips mended."""
        return read_question(typed, self.vocabulary, self.knows)

    def expansions(self, question: Question) -> tuple[Expansion, ...]:
        """Return what the words of a question may also be called, as typed and as mended, without the corrections."""
        found = [*self.lexicon.expand(question.text), *question.numbers]
        if question.mended:
            found += [question.on_text(expansion) for expansion in self.lexicon.expand(question.mended)]
        return tuple(sorted(dict.fromkeys(found), key=lambda expansion: expansion.start))

    def official_wordings(self, typed: str) -> tuple[OfficialWording, ...]:
        """Return which words of a question official texts of this collection put differently, and how."""
        occurs = self.passage_terms.occurs
        return official_wordings(typed, self.lexicon, lambda wording: bool(occurs(gram_keys([wording])[0]).all()))

    @cached_property
    def bank(self) -> Bank:
        """Everyday questions with the official wording for them."""
        return Bank(read_bank(), self.table)

    @property
    def weights(self) -> Weights:
        """How the legs are mixed, as measured with the model or, where it is uncalibrated, with the bundled one."""
        return self.calibration.fusion

    @cached_property
    def calibration(self) -> Calibration:
        """What was measured with the model of this build: the build's own file, or the one that came with the model."""
        own = self.path / CALIBRATION_FILE
        if own.is_file():
            kept = read_calibration(own)
            if kept.fingerprint == self.manifest["model"]["fingerprint"]:
                return kept
            raise CalibrationError(
                f"{own}: was measured with the model {kept.fingerprint[:12]}, the build has "
                f"{self.manifest['model']['fingerprint'][:12]}. Run `policykb calibrate`, then `policykb rebuild`."
            )
        bundled = read_calibration(WEIGHTS / CALIBRATION_FILE)
        if bundled.fingerprint == self.manifest["model"]["fingerprint"]:
            return bundled
        return bundled.for_another_model()

    def load(self) -> None:
        """Load now what a search needs and would load at first use: a server does so before it is asked."""
        for part in _PARTS:
            getattr(self, part)

    def close(self) -> None:
        """Let go of the build, so that `policykb gc` may remove it; dropping the last reference does the same."""
        self._lease.close()

    def with_calibration(self, calibration: Calibration) -> KnowledgeBase:
        """Return the same build, opened with another calibration; parts that are loaded already are shared."""
        self.load()
        other = KnowledgeBase.__new__(KnowledgeBase)
        other.__dict__.update(self.__dict__, calibration=calibration)
        return other

    @cached_property
    def embedder(self) -> Embedder:
        """The model this build was embedded with. Raises ModelError when it is not the same any more."""
        built = self.manifest["model"]
        try:
            embedder = load_embedder(self._model or built["name"])
        except ModelError as error:
            if self._model is None and Path(built["name"]).is_absolute():
                raise ModelError(f"{error} If the model folder has moved, name it: --model NEWPLACE") from error
            raise
        if embedder.fingerprint != built["fingerprint"]:
            raise ModelError(
                f"{self.folder}: build {self.build} was embedded with {built['name']} (fingerprint"
                f" {built['fingerprint'][:12]}), but {embedder.name} has fingerprint {embedder.fingerprint[:12]};"
                f" search with the model of the build, or run `policykb rebuild --model {embedder.name}`"
            )
        return embedder

    def query_vector(self, query: str) -> NDArray[np.float32]:
        """Return the unit vector of a question, shape (dim,)."""
        vector: NDArray[np.float32] = self.embedder.encode_query([query])[0]
        return vector

    def article(self, article_id: str) -> Reading | None:
        """Return an article whole, with its page's text and its ledger, or None where the build has none of that id."""
        from index.reading import read_article

        return read_article(self.records, article_id)

    def see_also(self, article_id: str) -> tuple[SeeAlsoLink, ...]:
        """Return the articles that the recommendations on an article's page are proved to lead to, in page order."""
        from index.reading import read_see_also

        return read_see_also(self.records, article_id)

    def duplicates(self, member: str | None = None) -> tuple[CopyGroup, ...]:
        """Return the groups of near-duplicate articles, or the group of one article or passage by its id."""
        from index.duplicates import group_of, read_groups

        if member is None:
            return read_groups(self.records)
        found = (group_of(self.records, "article", member), group_of(self.records, "passage", member))
        return tuple(group for group in found if group is not None)

    def elsewhere(self, passage_id: str, quote: str) -> tuple[Elsewhere, ...]:
        """Return where near-duplicates of a passage say the sentence `quote` as well, each with its own place."""
        from index.duplicates import find_elsewhere

        return find_elsewhere(self.records, passage_id, quote)

    def around(self, passage_id: str, before: int = 1, after: int = 1) -> Around | None:
        """Return the passages before and after one in its article, None where the build has none of that id."""
        from index.around import around

        return around(self.records, passage_id, before, after)

    def beside(self, query: str, hits: Sequence[Hit]) -> Beside:
        """Return what stands beside the hits of `query`: neighbours, copies, and why each was found."""
        from index.beside import read_beside

        return read_beside(self, query, hits)

    def outline(self, article_id: str) -> Outline:
        """Return short answer and sections of an article; an article that does not exist has neither."""
        rows = self.records.query("SELECT short_answer, sections FROM articles WHERE id = ?", (article_id,))
        if not rows:
            return Outline(None, ())
        traces = self.records.query('SELECT kind, start, "end" FROM traces WHERE article_id = ?', (article_id,))
        chatter = tuple((row["start"], row["end"]) for row in traces if row["kind"] not in HARMLESS)
        return Outline(rows[0]["short_answer"], tuple(json.loads(rows[0]["sections"])), chatter)

    def article_text(self, article_id: str) -> str:
        """Return the passages of an article, one after the other."""
        rows = self.records.query("SELECT text FROM passages WHERE article_id = ? ORDER BY row", (article_id,))
        return "\n".join(row["text"] for row in rows)

    def search(
        self,
        query: str,
        *,
        k: int = 10,
        mode: Mode = "hybrid",
        filters: Filters | None = None,
        diverse: bool = False,
        reranker: Reranker | None = None,
        sort: Sort = "relevance",
    ) -> Hits:
        """Return at most `k` passages for `query`, best first, with the reasons of each; see `index.search.search`."""
        return search(self, query, k=k, mode=mode, filters=filters, diverse=diverse, reranker=reranker, sort=sort)

    def facets(self, filters: Filters | None = None, hits: Sequence[Hit] | None = None) -> Facets:
        """Return what may be filtered by, with counts of articles; see `index.facets.facets`."""
        from index.facets import facets

        return facets(self, filters, hits)

    def ask(self, question: str, *, filters: Filters | None = None) -> Answer:
        """Return verbatim sentences that answer `question`, each cited, and the verdict."""
        from index.answer import answer

        return answer(self, question, filters=filters)

    def desk_card(self, question: str, *, filters: Filters | None = None) -> DeskCard | None:
        """Return the desk card on `question`, or None where nothing is answered."""
        from index.answering.card import desk_card

        return desk_card(self, self.ask(question, filters=filters))

    def articles(self) -> pd.DataFrame:
        """Return one row an article, with what is known of its page."""
        return self._frame(
            "SELECT articles.*, path, url, site, publisher, fetched, kind, encoding, sha256 FROM articles"
            " JOIN pages ON pages.id = articles.id ORDER BY articles.row"
        )

    def passages(self) -> pd.DataFrame:
        """Return one row a passage; `start` and `end` are offsets into the text of its page."""
        return self._frame("SELECT * FROM passages ORDER BY row")

    def removals(self) -> pd.DataFrame:
        """Return one row a removal: what cleaning took out, by which rule, on which evidence."""
        return self._frame(
            "SELECT path, removals.*, substr(text, start + 1, end - start) AS text FROM removals"
            " JOIN pages ON pages.id = page_id ORDER BY path, start"
        )

    def repeats(self) -> pd.DataFrame:
        """Return one row a line that repeats on a site: on how many pages, and on how many it was removed."""
        return self._frame(
            "SELECT repeats.*, sites.pages AS site_pages FROM repeats JOIN sites USING (site)"
            " ORDER BY site, repeats.pages DESC, line"
        )

    def facts(self) -> pd.DataFrame:
        """Return one row a fact, with its evidence."""
        return self._frame("SELECT * FROM facts ORDER BY article_id, kind, start")

    def _frame(self, sql: str) -> pd.DataFrame:
        import pandas as pd

        frame = pd.DataFrame(self.records.query(sql))
        frame.insert(0, "build", self.build)
        return frame


def open_kb(folder: str | Path = "kb", *, build: str | None = None, model: str | None = None) -> KnowledgeBase:
    """Open the published build of a base, or the one that `build` names: an id, letters it begins with, `previous`.

    `model` names a model other than the one the manifest names, for a base whose model folder has moved; one that gives
    other vectors is refused. Raises StoreError where there is no base, no such build, or a damaged one.
    """
    from index.build.names import resolve_build

    place = Path(folder)
    return KnowledgeBase(place, resolve_build(place, build) if build else read_current(place), model)
