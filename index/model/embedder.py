"""Turns text into vectors with a table of characters and bigrams: numpy and scipy, no torch.

A text's vector is the sum of the rows of its characters and bigrams, each weighted by how often it occurs, scaled to
length one. The rows are learned (index/model/train.py) and carry their importance as their length, so a sum is all
that is left to do here. They are stored as 8-bit integers with one scale a row. Static embeddings by table look-up come
from model2vec and sentence-transformers' StaticEmbedding; characters instead of a word-piece tokeniser make it twenty
times as fast and need no dictionary (docs/retrieval.md).

Folding and splitting text is left to index/ngrams.py, other models to index/model/transformer.py.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.ngrams import gram_keys
from index.products import sum_rows
from ingest.problem import Problem

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

FORMAT = "policykb-character-table"
VERSION = 1
CONFIG_FILE = "config.json"
WEIGHTS_FILE = "model.safetensors"

# Up to so many texts, setting up for the whole table costs more than they do: one question takes a fifth of the time,
# the two dozen statements that the bank compares and the sentences of an answer some nine tenths.
_FEW_TEXTS = 128
# 512 passages of 250 characters touch about 15,000 rows: 15 MB as floats, which stays in the second and third cache.
_BATCH_TEXTS = 2048
# Odd multipliers of Fibonacci hashing (Knuth 6.4) and of MurmurHash3's finaliser, one for each level of _Slots.
_MULTIPLIERS = (0x9E3779B97F4A7C15, 0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
_KINDS = {"U64": "<u8", "I8": "|i1", "F32": "<f4"}  # what safetensors calls the types of a table's tensors
# Full and half width, case, a space inside, a line break, a digit run: a tokeniser that changes changes these keys.
_PROBE = "职工医保 2024年ＡＢｃ，满 2 年\n线下办理：100%，繁體醫療"


class ModelError(Problem):
    """A model that cannot be used: says what was found, what was expected and what to do."""


class Embedder(Protocol):
    """Anything that turns questions and passages into vectors of one space."""

    @property
    def name(self) -> str:
        """What `--model` was given as; "bundled" for the model that comes with the package."""

    @property
    def fingerprint(self) -> str:
        """64 hexadecimal digits over everything that decides a vector."""

    @property
    def dim(self) -> int:
        """Length of a vector."""

    def fits(self, text: str) -> bool:
        """Whether the model reads the whole of `text` in one go."""

    def encode_query(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row a question, shape (n, dim), each of length one or all zero where nothing is known."""

    def encode_document(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Return one row a passage like `encode_query`; `progress` is told the number newly done."""


class _Slots:
    """Finds the row of a key: a hash table over whole arrays, five times as fast as a binary search.

    A key whose slot another key took is looked for in the next, smaller level; an empty slot ends the search.
    """

    def __init__(self, keys: NDArray[np.uint64]) -> None:
        self._keys = keys
        self._levels: list[tuple[np.uint64, np.uint64, NDArray[np.int32]]] = []
        waiting = np.arange(len(keys), dtype=np.int32)
        while len(waiting):
            multiplier = np.uint64(_MULTIPLIERS[len(self._levels) % len(_MULTIPLIERS)])
            bits = max(4, int(np.ceil(np.log2(len(waiting) * 6))))
            shift = np.uint64(64 - bits)
            slots = np.full(1 << bits, -1, dtype=np.int32)
            places = (keys[waiting] * multiplier) >> shift
            slots[places] = waiting
            self._levels.append((multiplier, shift, slots))
            waiting = waiting[slots[places] != waiting]

    def find(self, keys: NDArray[np.uint64]) -> NDArray[np.int32]:
        """Return the row of each key, -1 where the table does not know it."""
        found = np.empty(0, dtype=np.int32)
        waiting = np.empty(0, dtype=np.int64)
        for level, (multiplier, shift, slots) in enumerate(self._levels):
            asked = keys[waiting] if level else keys
            rows = slots[(asked * multiplier) >> shift]
            # An empty slot (-1) reads the last key, which cannot equal a key that hashes to an empty slot.
            other = self._keys[rows] != asked
            collided = np.flatnonzero(other & (rows >= 0))
            rows[other] = -1
            if level:
                found[waiting] = rows
                waiting = waiting[collided]
            else:
                found, waiting = rows, collided
            if not len(waiting):
                break
        return found


class TableEmbedder:
    """The table model: `keys` (n,) sorted, `rows` (n, dim) 8-bit, `scales` (n,) one factor a row.

    `count_power` is the power to which the number of occurrences of a gram is raised (1 counts every one).
    A text's row does not depend on the texts beside it, bit for bit, so vectors may be cached and rebuilt in any order.
    """

    def __init__(
        self,
        keys: NDArray[np.uint64],
        rows: NDArray[np.int8],
        scales: NDArray[np.float32],
        *,
        count_power: float = 1.0,
        name: str = "table",
    ) -> None:
        if rows.ndim != 2 or keys.shape != rows.shape[:1] or scales.shape != rows.shape[:1] or not len(keys):
            raise ModelError(
                f"{name}: found {keys.shape} keys, {rows.shape} rows and {scales.shape} scales; expected as many of "
                "each and at least one. Train the model again, or use --model bundled."
            )
        if keys.dtype != np.uint64 or rows.dtype != np.int8 or scales.dtype != np.float32:
            raise ModelError(
                f"{name}: found {keys.dtype} keys, {rows.dtype} rows and {scales.dtype} scales; expected uint64, int8 "
                "and float32. Train the model again, or use --model bundled."
            )
        if not (np.all(keys[1:] > keys[:-1]) and np.all(np.isfinite(scales))):
            raise ModelError(
                f"{name}: found keys out of order or scales that are no numbers; expected sorted keys, each once, and "
                "finite scales. Train the model again, or use --model bundled."
            )
        self.name = name
        self.keys = keys
        self.count_power = count_power
        self._rows = rows
        self._scales = scales
        self._slots = _Slots(keys)
        self._weights_sha256 = ""

    @classmethod
    def load(cls, folder: Path | str, *, name: str | None = None) -> TableEmbedder:
        """Return the model saved in `folder`; raises ModelError where it is missing, damaged or of another kind."""
        folder = Path(folder)
        config = read_config(folder)
        data = _read(folder / WEIGHTS_FILE)
        found, expected = hashlib.sha256(data).hexdigest(), config.get("weights_sha256")
        if found != expected:
            raise ModelError(
                f"{folder / WEIGHTS_FILE}: found sha256 {found[:12]}…, expected {str(expected)[:12]}… as {CONFIG_FILE} "
                "says: the file is damaged or from another model. Reinstall policykb, or train the model again."
            )
        try:
            keys, rows, scales = (_tensor(data, part) for part in ("keys", "rows", "scales"))
            count_power = float(config["count_power"])
            if not 0 <= count_power <= 1:
                raise ValueError(f"count_power {count_power}, expected 0 to 1")
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise ModelError(
                f"{folder / WEIGHTS_FILE}: found no readable table ({error!r}), expected keys, rows and scales in "
                f"safetensors and count_power in {CONFIG_FILE}. Reinstall policykb, or train again."
            ) from error
        table = cls(keys, rows, scales, count_power=count_power, name=str(folder) if name is None else name)
        table._weights_sha256 = found  # known already: hashing 13 MB twice would show in every search
        return table

    def save(self, folder: Path) -> None:
        """Write weights and configuration to `folder`, in a form that sentence-transformers loads as well."""
        folder.mkdir(parents=True, exist_ok=True)
        data = self._serialised()
        (folder / WEIGHTS_FILE).write_bytes(data)
        config = {
            "format": FORMAT,
            "version": VERSION,
            "rows": len(self.keys),
            "dim": self.dim,
            "count_power": self.count_power,
            "weights_sha256": hashlib.sha256(data).hexdigest(),
        }
        module = {"idx": 0, "name": "0", "path": "", "type": "index.model.transformer.CharacterTable"}
        sentence_transformers: dict[str, Any] = {
            "model_type": "SentenceTransformer",
            "prompts": {},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        }
        for file, content in (
            (CONFIG_FILE, config),
            ("modules.json", [module]),
            ("config_sentence_transformers.json", sentence_transformers),
        ):
            (folder / file).write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self._rows.shape[1])

    @property
    def fingerprint(self) -> str:
        """64 hexadecimal digits over the table, the counting and what the tokeniser makes of a probe text."""
        if not self._weights_sha256:
            self._weights_sha256 = hashlib.sha256(self._serialised()).hexdigest()
        digest = hashlib.sha256(f"{FORMAT} {VERSION} {self.count_power!r} {self._weights_sha256}".encode())
        digest.update(gram_keys([_PROBE])[0].tobytes())
        return digest.hexdigest()

    def _serialised(self) -> bytes:
        from safetensors.numpy import save as to_safetensors  # who searches writes no model

        return to_safetensors({"keys": self.keys, "rows": self._rows, "scales": self._scales}, {"format": FORMAT})

    def fits(self, text: str) -> bool:  # noqa: ARG002 - the protocol asks; a table has no longest text
        """Return True: a sum has no longest text."""
        return True

    def vectors(self, rows: NDArray[np.integer[Any]] | slice) -> NDArray[np.float32]:
        """Return the given rows of the table as floats, importance included, shape (len(rows), dim)."""
        return self._rows[rows].astype(np.float32) * self._scales[rows, None]

    @cached_property
    def character_lengths(self) -> NDArray[np.float32]:
        """How much each character says: the lengths of the rows of single characters, which come first."""
        characters = max(1, int(np.searchsorted(self.keys, np.uint64(1 << 21))))  # the table has a row at least
        lengths: NDArray[np.float32] = np.linalg.norm(self.vectors(slice(0, characters)), axis=1).astype(np.float32)
        return lengths

    def with_vectors(self, vectors: NDArray[np.float32]) -> TableEmbedder:
        """Return a model with the same grams and other rows, shape (n, dim), stored in 8 bits."""
        return TableEmbedder(self.keys, *quantise(vectors), count_power=self.count_power, name=self.name)

    def encode_query(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row a question, shape (n, dim), of length one, all zero where no gram is known."""
        return self._encode(texts, None)

    def encode_document(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Return one row a passage; questions and passages are read alike."""
        return self._encode(texts, progress)

    def _encode(self, texts: Sequence[str], progress: Callable[[int], None] | None) -> NDArray[np.float32]:
        if len(texts) <= _FEW_TEXTS:
            return self._encode_few(texts, progress)
        out = np.zeros((len(texts), self.dim), dtype=np.float32)
        place = np.full(len(self.keys), -1, dtype=np.int32)  # of a row among the floats, once a text has used it
        floats = np.empty((0, self.dim), dtype=np.float32)
        filled = 0
        for start in range(0, len(texts), _BATCH_TEXTS):
            batch = texts[start : start + _BATCH_TEXTS]
            counts, rows, starts = self._counted(batch)
            uses = np.bincount(rows, minlength=len(place))
            new = np.flatnonzero((uses > 0) & (place < 0))
            new = new[np.argsort(-uses[new], kind="stable")]  # the frequent rows side by side stay in the cache
            if filled + len(new) > len(floats):
                capacity = filled + len(new) if len(texts) <= _BATCH_TEXTS else len(self.keys)
                floats = np.concatenate([floats[:filled], np.empty((capacity - filled, self.dim), dtype=np.float32)])
            floats[filled : filled + len(new)] = self.vectors(new)
            place[new] = np.arange(filled, filled + len(new), dtype=np.int32)
            filled += len(new)
            # A text's rows are added in the order of their keys, whatever stands beside it: the same bits in any batch.
            sums = sum_rows(counts, place[rows], starts, floats)
            lengths = np.sqrt(np.sum(sums * sums, axis=1, keepdims=True))
            np.divide(sums, lengths, out=out[start : start + len(batch)], where=lengths > 0)
            if progress is not None:
                progress(len(batch))
        return out

    def _encode_few(self, texts: Sequence[str], progress: Callable[[int], None] | None) -> NDArray[np.float32]:
        """Return what `_encode` returns, bit for bit."""
        counts, rows, starts = self._counted(texts)
        # Those of one text are there already, each once and in order.
        used, place = np.unique(rows, return_inverse=True) if len(texts) > 1 else (rows, np.arange(len(rows)))
        sums = sum_rows(counts, place.astype(np.int32), starts, self.vectors(used))
        lengths = np.sqrt(np.sum(sums * sums, axis=1, keepdims=True))
        out: NDArray[np.float32] = np.divide(sums, lengths, out=np.zeros_like(sums), where=lengths > 0)
        if progress is not None and texts:
            progress(len(texts))
        return out

    def rows_of(self, keys: NDArray[np.uint64]) -> NDArray[np.int32]:
        """Return the row of each key, -1 where the table does not know it."""
        return self._slots.find(keys)

    def count(self, texts: Sequence[str]) -> csr_matrix:
        """Return how often each known gram occurs in each text, damped, shape (len(texts), len(keys)), rows sorted."""
        from scipy.sparse import csr_matrix  # a search does without: index/products.py

        return csr_matrix(self._counted(texts), shape=(len(texts), len(self.keys)))

    def _counted(self, texts: Sequence[str]) -> tuple[NDArray[np.float32], NDArray[np.int32], NDArray[np.int32]]:
        """Return the known grams of all texts, ascending in each: how often, damped, which row, where a text begins."""
        keys, text_of = gram_keys(texts)
        rows = self._slots.find(keys)
        known = rows >= 0
        # Text and row in one word, so that one sort counts; half a word where that is enough sorts twice as fast.
        bits = len(self.keys).bit_length()
        word: Any = np.uint32 if len(texts) << bits <= 1 << 32 else np.uint64
        cells = (text_of[known].astype(word) << word(bits)) | rows[known].astype(word)
        cells.sort()
        first = np.empty(len(cells), dtype=bool)
        first[:1] = True
        np.not_equal(cells[1:], cells[:-1], out=first[1:])
        places = np.flatnonzero(first)
        counts = np.diff(places, append=len(cells))
        damped = np.arange(counts.max(initial=0) + 1, dtype=np.float64) ** self.count_power
        cells = cells[places]
        indices = (cells & word((1 << bits) - 1)).astype(np.int32)
        starts = np.searchsorted(cells, np.arange(len(texts) + 1, dtype=np.uint64) << np.uint64(bits))
        return damped.astype(np.float32)[counts], indices, starts.astype(np.int32)


def quantise(vectors: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return `vectors` (n, dim) as 8-bit rows and one scale a row; off by at most half a scale in any entry."""
    scales = (np.abs(vectors).max(axis=1) / 127).astype(np.float32)
    steps = np.where(scales > 0, scales, np.float32(1))[:, None]
    return np.rint(vectors / steps).astype(np.int8), scales


def _tensor(data: bytes, name: str) -> NDArray[Any]:
    """Return a tensor of a safetensors file where it lies in `data`; the library copies it, half the time of loading.

    The file begins with the length of its header, which is JSON: type, shape and place of each tensor. Raises KeyError,
    TypeError or ValueError for what is none.
    """
    end = 8 + int.from_bytes(data[:8], "little")
    told = json.loads(data[8:end])[name]
    first, last = told["data_offsets"]
    kind = np.dtype(_KINDS[told["dtype"]])
    if not (0 <= first <= last <= len(data) - end) or (last - first) % kind.itemsize:
        raise ValueError(f"{name} lies at {first} to {last} of {len(data) - end} bytes")
    return np.frombuffer(data, kind, (last - first) // kind.itemsize, end + first).reshape(told["shape"])


def read_config(folder: Path) -> dict[str, Any]:
    """Return the configuration of the table model in `folder`; raises ModelError where there is none of our format."""
    path = folder / CONFIG_FILE
    try:
        config = json.loads(_read(path))
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path}: found no valid JSON ({error}). Reinstall policykb, or train again.") from error
    if not isinstance(config, dict) or config.get("format") != FORMAT or config.get("version") != VERSION:
        kind = config.get("format", "another kind of model") if isinstance(config, dict) else type(config).__name__
        version = config.get("version", "?") if isinstance(config, dict) else "?"
        raise ModelError(
            f"{path}: found {kind} version {version}, expected {FORMAT} version {VERSION}. "
            "Train a model with `policykb train`, or use --model bundled."
        )
    return config


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelError(
            f"{path}: cannot be read ({error.strerror}), expected a file of a table model. Reinstall policykb, "
            "give the folder of a model, or use --model bundled."
        ) from error
