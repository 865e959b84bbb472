"""One build of a knowledge base, opened for reading: its files as parts that load when they are first used.

`kb.KnowledgeBase` stands on it and asks; what the parts are made of stands in `store`, `catalogue`, `lexicon`, `bank`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from index.bank.bank import Bank, read_bank, texts_of
from index.bank.rough import read_rough
from index.boosts import Sources
from index.build.lease import Lease
from index.build.manifest import read_head, with_pages
from index.build.publish import build_folder
from index.calibration import FILE as CALIBRATION_FILE
from index.calibration import Calibration, CalibrationError, read_calibration
from index.catalogue import Catalogue, read_catalogue
from index.embedded import Embedded
from index.engine import Engine
from index.lexicon.lexicon import Lexicon, lexicon_of
from index.model import BUNDLED, WEIGHTS, load_embedder
from index.model.embedder import Embedder, ModelError, TableEmbedder
from index.question.vocabulary import Vocabulary, build_vocabulary
from index.ranking import Weights
from index.store.records import Records
from index.store.summary import read_article_of, read_words
from index.store.terms import Terms
from index.store.vectors import Vectors

if TYPE_CHECKING:
    from index.store.qdrant.place import Place

# What a search reads, each loaded at its first use.
_PARTS = (
    "records",
    "engine",
    "article_of",
    "text_of",
    "original_of",
    "site_of",
    "catalogue",
    "embedder",
    "table",
    "lexicon",
    "vocabulary",
    "bank",
)
# And where words and vectors are read from the files of the build.
_EMBEDDED = ("vectors", "passage_terms", "context_terms", "article_terms")


class OpenedBuild:
    """The parts of one build. Safe to share between threads; it never changes.

    `folder` is the base, `build` the id, `head` what docs/formats.md says of manifest.json. `place` is where its words
    and vectors are asked for, None where that is its own files.
    """

    def __init__(self, folder: Path, build: str, model: str | None = None, place: Place | None = None) -> None:
        self.folder = folder
        self.build = build
        self._lease = Lease(build_folder(folder, build))  # before it is read; copies with another calibration share it
        self.head: dict[str, Any] = read_head(build_folder(folder, build))
        self._model = model
        self.place = place

    @property
    def path(self) -> Path:
        """The folder of the opened build."""
        return build_folder(self.folder, self.build)

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The manifest with the pages that went in, which a search does without."""
        return with_pages(self.path, self.head)

    @cached_property
    def records(self) -> Records:
        """Articles, passages, removals and facts."""
        return Records(self.path / "records.sqlite")

    @cached_property
    def vectors(self) -> Vectors:
        """The passages' vectors, memory-mapped."""
        return self._open_vectors()

    @cached_property
    def _open_vectors(self) -> Callable[[], Vectors]:
        """Open the vectors, once. It knows nothing of this object: a circle would hold the build when it is dropped."""
        rows, dim = self.head["counts"]["passages"], self.head["model"]["dim"]
        return cache(partial(Vectors.open, self.path / "vectors.faiss", rows=rows, dim=dim))

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
        return read_article_of(self.path, self.head["counts"]["passages"])

    @cached_property
    def engine(self) -> Engine:
        """What finds passages by words and meaning. Raises StoreError where a server does not have the build."""
        if self.place is not None:
            from index.store.qdrant.place import open_engine

            return open_engine(self, self.place)
        return Embedded(self.passage_terms, self.article_terms, self.context_terms, self.article_of, self._open_vectors)

    @cached_property
    def sources(self) -> Sources:
        """Source and date of each article, read when a question first finds it."""
        return Sources(self.records, self.head["counts"]["articles"])

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
        return build_vocabulary(self.lexicon, read_words(self.path))

    @cached_property
    def bank(self) -> Bank:
        """Everyday questions with the official wording for them."""
        pairs = read_bank()
        return Bank(pairs, self.table, read_rough(texts_of(pairs), self.table))

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
            if kept.fingerprint == self.head["model"]["fingerprint"]:
                return kept
            raise CalibrationError(
                f"{own}: was measured with the model {kept.fingerprint[:12]}, the build has "
                f"{self.head['model']['fingerprint'][:12]}. Run `policykb calibrate`, then `policykb rebuild`."
            )
        bundled = read_calibration(WEIGHTS / CALIBRATION_FILE)
        if bundled.fingerprint == self.head["model"]["fingerprint"]:
            return bundled
        return bundled.for_another_model()

    def load(self) -> None:
        """Load now what a search needs and would load at first use: a server does so before it is asked."""
        for part in _PARTS if self.place else (*_PARTS, *_EMBEDDED):
            getattr(self, part)

    def close(self) -> None:
        """Let go of the build, so that `policykb gc` may remove it; dropping the last reference does the same."""
        self._lease.close()

    def with_calibration(self, calibration: Calibration) -> Self:
        """Return the same build, opened with another calibration; parts that are loaded already are shared."""
        self.load()
        other = type(self).__new__(type(self))
        other.__dict__.update(self.__dict__, calibration=calibration)
        return other

    @cached_property
    def embedder(self) -> Embedder:
        """The model this build was embedded with. Raises ModelError when it is not the same any more."""
        built = self.head["model"]
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
