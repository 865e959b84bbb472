"""Near-duplicate texts -> groups, each around one representative that all its members are compared with.

Texts are compared by their character shingles in the bare form of `wording`. MinHash (Broder 1997) with banding finds
candidates; the exact Jaccard index of the shingles decides. A group is a star, not a chain: what is said of a member,
its similarity, is said of it and the representative. Which of two texts is preferred, and which may never be one, is
the caller's to say.

rensa computes the signatures: on 1,000 texts of 1,000 characters 0.14 s against 1.34 s with datasketch 2.0, from the
same hashed shingles. Its own index is not used: it keeps no order and has no bound on a bucket.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

import numpy as np
import rensa
from numpy.typing import NDArray

from ingest.facts.read import read_regions
from ingest.learning.wording import bare, key_of

Shingles = NDArray[np.uint64]
# A row a text: the key of its words and kind, 1 where it is too short to be near another, and BANDS keys of its bands.
Signatures = NDArray[np.uint64]

SHINGLE_CHARS = 5  # a word and a half in Chinese; two texts of one field share few by chance
# With 25 bands of 5, two texts of Jaccard 0.7 are candidates with a chance of 0.99, of 0.8 with 0.99995, of 0.3 with
# 0.06.
BANDS, ROWS = 25, 5
SEED = 20251122  # part of every signature; any number, but always the same
# Of a repost with another head and foot about so much is the same; under it two articles share paragraphs.
ARTICLE_SIMILARITY = 0.7
# A passage that says the same in other words here and there; what it says must be equal (`particulars`).
PASSAGE_SIMILARITY = 0.8
MIN_CHARS = 20  # shorter texts are duplicates only where they are equal
_MAX_COMPARED = 500  # of the texts in the buckets of one: a bucket of thousands holds one formula, not one text
_BATCH = 512

_NUMBER = re.compile(
    r"\d+(?:[.,:/\-]\d+)*\s*[%‰]?|[零〇一二两三四五六七八九十百千万亿]+(?=[元年月日天倍折岁级档次]|个|周|成|分之)"
)


@dataclass(frozen=True, slots=True)
class Member:
    """A text of a group by its number, and its Jaccard index with the representative (1.0: the same words)."""

    text: int
    similarity: float


@dataclass(frozen=True, slots=True)
class Group:
    """Two or more texts; the first member is the representative, the others follow in order of preference."""

    members: tuple[Member, ...]


def particulars(text: str) -> Hashable:
    """Return what must be equal for two passages to say the same: their numbers and the places they name.

    A passage of another year or another province is a new rule in the old words.
    """
    folded = unicodedata.normalize("NFKC", text)
    numbers = Counter("".join(number.split()) for number in _NUMBER.findall(folded))
    places = {place for place, _, _ in read_regions(folded)}
    return tuple(sorted(numbers.items())), tuple(sorted(places))


def find_duplicates(
    texts: Iterable[str],
    read: Callable[[int], str],
    *,
    similarity: float,
    preferred: Sequence[int],
    kind: Callable[[str], Hashable] = lambda text: None,
) -> tuple[Group, ...]:
    """Return the groups of near-duplicates among `texts`, by the preference of their representatives.

    `read` gives a text again by its number; `preferred` holds all numbers, the best first. Only texts of one `kind` are
    ever grouped. Texts are read in batches; 200 bytes of each are kept.
    """
    unread = iter(texts)
    parts = [sign((), kind)]
    while batch := list(islice(unread, _BATCH)):
        parts.append(sign(batch, kind))
    return find_signed(np.concatenate(parts), read, similarity=similarity, preferred=preferred, kind=kind)


# Texts whose shingles are remembered: 2 kB each for a passage, 30 MB in all.
_SHINGLED = 16_384


def sign(texts: Sequence[str], kind: Callable[[str], Hashable] = lambda text: None) -> Signatures:
    """Return the signatures of `texts`, which know nothing of one another, for `find_signed`."""
    signatures = np.zeros((len(texts), 2 + BANDS), dtype=np.uint64)
    if not texts:
        return signatures
    words = [bare(text) for text in texts]
    signatures[:, 0] = [key_of(f"{word}\n{kind(text)!r}") for word, text in zip(words, texts, strict=True)]
    signatures[:, 1] = [len(word) < MIN_CHARS for word in words]
    signatures[:, 2:] = _band_keys([_hashed(word) for word in words])
    return signatures


def find_signed(
    signatures: Signatures,
    read: Callable[[int], str],
    *,
    similarity: float,
    preferred: Sequence[int],
    kind: Callable[[str], Hashable] = lambda text: None,
) -> tuple[Group, ...]:
    """Return the groups like `find_duplicates`, of texts that were signed before with the same `kind`."""
    rank = np.empty(len(preferred), dtype=np.int64)
    rank[np.asarray(preferred, dtype=np.int64)] = np.arange(len(preferred))
    bands, copies = _set_apart(signatures, rank)
    buckets = _buckets(bands, rank)
    # Texts of one bucket are compared with one another, so each is wanted again soon.
    shingled = lru_cache(_SHINGLED)(lambda number: shingles(read(number)))
    taken: set[int] = set()
    groups = []
    for number in preferred:
        if number in taken:
            continue
        found = [
            Member(number, 1.0),
            *_near(number, buckets.get(number, ()), taken, rank, read, shingled, similarity, kind),
        ]
        copied = [Member(copy, member.similarity) for member in found for copy in copies.get(member.text, ())]
        taken.update(member.text for member in (*found, *copied))
        if len(found) + len(copied) > 1:
            others = sorted((*found[1:], *copied), key=lambda member: int(rank[member.text]))
            groups.append(Group((found[0], *others)))
    return tuple(groups)


def jaccard(left: Shingles, right: Shingles) -> float:
    """Return the share of all shingles that both sides have, 0 to 1; 0 where there are none."""
    shared = len(np.intersect1d(left, right, assume_unique=True))
    together = len(left) + len(right) - shared
    return shared / together if together else 0.0


def shingles(text: str) -> Shingles:
    """Return the hashed shingles of `text` in its bare form, each once, ascending; one for a shorter text."""
    return _hashed(bare(text))


def _hashed(words: str) -> Shingles:
    codes = np.frombuffer(words.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint64)
    if len(codes) < SHINGLE_CHARS:
        return np.array([key_of(words)], dtype=np.uint64) if words else np.zeros(0, dtype=np.uint64)
    count = len(codes) - SHINGLE_CHARS + 1
    hashes = np.zeros(count, dtype=np.uint64)
    for offset in range(SHINGLE_CHARS):
        hashes = hashes * np.uint64(0x9E3779B97F4A7C15) + codes[offset : offset + count]
    hashes ^= hashes >> np.uint64(31)
    hashes *= np.uint64(0xBF58476D1CE4E5B9)
    hashes ^= hashes >> np.uint64(29)
    return np.unique(hashes)


def _set_apart(signatures: Signatures, rank: NDArray[np.int64]) -> tuple[NDArray[np.uint64], dict[int, list[int]]]:
    """Return the band keys of every text, shape (texts, BANDS), and for each first of equal texts its copies."""
    same: dict[int, list[int]] = {}
    for number, key in enumerate(signatures[:, 0].tolist()):
        same.setdefault(key, []).append(number)
    alone = np.flatnonzero(signatures[:, 1]).tolist()
    copies: dict[int, list[int]] = {}
    for equal in same.values():
        if len(equal) > 1:
            first, *others = sorted(equal, key=rank.__getitem__)
            copies[first] = others
            alone += others  # the first is enough to find what is near to all
    bands = signatures[:, 2:].copy()
    if alone:  # a bucket of its own each
        bands[alone] = np.arange(len(alone) * BANDS, dtype=np.uint64).reshape(-1, BANDS)
    return bands, copies


def _band_keys(batch: Sequence[Shingles]) -> NDArray[np.uint64]:
    offsets = np.concatenate([[0], np.cumsum([len(hashes) for hashes in batch])]).astype(np.uint64)
    matrix = rensa.RMinHash.digest_matrix_from_flat_token_hashes(np.concatenate(batch), offsets, BANDS * ROWS, SEED)
    rows = np.array(matrix.to_rows(), dtype=np.uint64).reshape(len(batch), BANDS, ROWS)
    keys = np.zeros((len(batch), BANDS), dtype=np.uint64)
    for row in range(ROWS):
        keys = (keys ^ rows[:, :, row]) * np.uint64(0x9E3779B97F4A7C15)
        keys ^= keys >> np.uint64(29)
    return keys


def _buckets(bands: NDArray[np.uint64], rank: NDArray[np.int64]) -> dict[int, list[NDArray[np.int64]]]:
    """Return for each text that shares a band with another its buckets, each in order of preference."""
    found: dict[int, list[NDArray[np.int64]]] = {}
    for band in range(bands.shape[1]):
        order = np.lexsort((rank, bands[:, band]))
        keys = bands[order, band]
        changes = np.flatnonzero(keys[1:] != keys[:-1]) + 1
        starts, ends = np.concatenate([[0], changes]), np.concatenate([changes, [len(keys)]])
        shared = ends - starts > 1
        for first, last in zip(starts[shared].tolist(), ends[shared].tolist(), strict=True):
            members = order[first:last]
            for number in members.tolist():
                found.setdefault(number, []).append(members)
    return found


def _near(
    number: int,
    buckets: Sequence[NDArray[np.int64]],
    taken: set[int],
    rank: NDArray[np.int64],
    read: Callable[[int], str],
    shingled: Callable[[int], Shingles],
    similarity: float,
    kind: Callable[[str], Hashable],
) -> list[Member]:
    """Return the texts in the buckets of `number` that are near it and free, by preference."""
    candidates = {other for members in buckets for other in members.tolist()} - taken - {number}
    if not candidates:
        return []
    own = shingled(number)
    near = []
    for other in sorted(candidates, key=rank.__getitem__)[:_MAX_COMPARED]:
        theirs = shingled(other)
        fewer, more = sorted((len(own), len(theirs)))
        if fewer < similarity * more:  # not even if all of the shorter one stood in the longer one
            continue
        value = jaccard(own, theirs)
        if value >= similarity and kind(read(other)) == kind(read(number)):
            near.append(Member(other, round(value, 4)))
    return near
