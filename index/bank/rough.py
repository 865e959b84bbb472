"""Keeps the texts of the bank as rough vectors, eight bits a number, so that no start has to embed them all.

They choose which texts are worth a closer look: `error` bounds how far a cosine by rough vectors may be off, so what
they leave out cannot be among the nearest, and those that stay are embedded and compared exactly. The file comes with
the package; it is used where it fits the texts and the model at hand, and else everything is embedded.

    python -m index.bank.rough     makes it anew, after a change of the pairs or of the bundled model
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.model.embedder import TableEmbedder

FOLDER = Path(__file__).with_name("vectors")
_CODES, _KEY, _SCALES = "codes.npy", "key.txt", "scales.npy"
# A sum of 256 products of float32 is off by less than this.
_ROUNDING = 1e-5


@dataclass(frozen=True, slots=True)
class Rough:
    """Codes (texts, dim), the scale of each row, and by how much a cosine with a unit vector may be off."""

    codes: NDArray[np.float32]
    scales: NDArray[np.float32]
    error: float

    def cosines(self, vector: NDArray[np.float32], rows: NDArray[np.int64] | slice) -> NDArray[np.float32]:
        """Return about the cosine of each of these texts with a unit vector (dim,)."""
        # A product of a matrix is shared out among threads, which here cost more than they take over: row by row it is
        # done in one.
        found: NDArray[np.float32] = np.vecdot(self.codes[rows], vector) * self.scales[rows]
        return found


def read_rough(texts: Sequence[str], table: TableEmbedder, folder: Path = FOLDER) -> Rough | None:
    """Return the rough vectors in `folder`, or None where they are not those of these texts in this table."""
    try:
        key, digest, error = (folder / _KEY).read_text(encoding="ascii").split()
        if (key, digest) != (key_of(texts, table), _digest(folder)) or not 0 < float(error) < 1:
            return None
        codes = np.load(folder / _CODES, allow_pickle=False).astype(np.float32)
        scales: NDArray[np.float32] = np.load(folder / _SCALES, allow_pickle=False)
        if codes.shape != (len(texts), table.dim) or scales.shape != (len(texts),):
            return None
        return Rough(codes, scales, float(error))
    except (OSError, ValueError, EOFError):
        return None


def write_rough(texts: Sequence[str], table: TableEmbedder, folder: Path = FOLDER) -> None:
    """Write the rough vectors of texts in a table."""
    vectors = table.encode_query(texts)
    scales = (np.abs(vectors).max(axis=1, initial=0.0) / 127).astype(np.float32)
    codes = np.rint(vectors / np.where(scales > 0, scales, np.float32(1))[:, None]).astype(np.int8)
    error = float(np.linalg.norm(vectors - codes * scales[:, None], axis=1).max(initial=0.0)) + _ROUNDING
    folder.mkdir(exist_ok=True)
    np.save(folder / _CODES, codes, allow_pickle=False)
    np.save(folder / _SCALES, scales, allow_pickle=False)
    (folder / _KEY).write_text(f"{key_of(texts, table)} {_digest(folder)} {error:.6f}\n", encoding="ascii")


def _digest(folder: Path) -> str:
    """Return the SHA-256 of codes and scales in hex: others would leave the nearest out without a word."""
    return sha256(b"".join((folder / name).read_bytes() for name in (_CODES, _SCALES))).hexdigest()


def key_of(texts: Sequence[str], table: TableEmbedder) -> str:
    """Return what rough vectors follow from: 64 hexadecimal digits over the texts and the table."""
    return sha256("\n".join((table.fingerprint, *texts)).encode("utf-8", "surrogatepass")).hexdigest()


if __name__ == "__main__":
    from index.bank.bank import read_bank, texts_of
    from index.model import load_embedder

    bundled = load_embedder()
    assert isinstance(bundled, TableEmbedder)
    write_rough(texts_of(read_bank()), bundled)
