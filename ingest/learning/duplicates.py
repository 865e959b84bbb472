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

from ingest.facts.named import read_regions
from ingest.learning.buckets import Buckets, copies_of
from ingest.learning.wording import bare, key_of

Shingles = NDArray[np.uint64]
# A row a text: the key of its words and kind, that of its kind, the number of its shingles (0 where it is too short to
# be near another), and BANDS keys of its bands.
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
# The columns of a signature before those of its bands.
_WORDS, _KIND, _COUNT, _HEAD = range(4)

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
    ever grouped. Texts are read in batches; 220 bytes of each are kept.
    """
    unread = iter(texts)
    parts = [sign((), kind)]
    while batch := list(islice(unread, _BATCH)):
        parts.append(sign(batch, kind))
    return find_signed(np.concatenate(parts), read, similarity=similarity, preferred=preferred)


# Texts whose shingles are remembered: 2 kB each for a passage, 30 MB in all.
_SHINGLED = 16_384


def sign(texts: Sequence[str], kind: Callable[[str], Hashable] = lambda text: None) -> Signatures:
    """Return the signatures of `texts`, which know nothing of one another, for `find_signed`."""
    signatures = np.zeros((len(texts), _HEAD + BANDS), dtype=np.uint64)
    if not texts:
        return signatures
    words = [bare(text) for text in texts]
    kinds = [repr(kind(text)) for text in texts]
    hashed = [_hashed(word) for word in words]
    signatures[:, _WORDS] = [key_of(f"{word}\n{named}") for word, named in zip(words, kinds, strict=True)]
    signatures[:, _KIND] = [key_of(named) for named in kinds]
    signatures[:, _COUNT] = [
        len(some) if len(word) >= MIN_CHARS else 0 for word, some in zip(words, hashed, strict=True)
    ]
    signatures[:, _HEAD:] = _band_keys(hashed)
    return signatures


def find_signed(
    signatures: Signatures,
    read: Callable[[int], str],
    *,
    similarity: float,
    preferred: Sequence[int],
) -> tuple[Group, ...]:
    """Return the groups like `find_duplicates`, of texts that were signed before.

    A text is read only where kind and length of a candidate would let the two be near.
    """
    ranked = np.asarray(preferred, dtype=np.int64)
    copies = copies_of(signatures[:, _WORDS], ranked)
    taken = np.zeros(len(ranked), dtype=np.bool_)
    taken[[copy for others in copies.values() for copy in others]] = True  # the first is enough to find what is near
    kinds, counts = signatures[ranked, _KIND], signatures[ranked, _COUNT].astype(np.int64)
    able = np.flatnonzero(~taken & (counts > 0)).astype(np.int32)
    bands = (signatures[ranked[able], _HEAD + band] for band in range(BANDS))
    buckets = Buckets.of(able, bands, len(ranked))
    # Texts of one bucket are compared with one another, so each is wanted again soon.
    shingled = lru_cache(_SHINGLED)(lambda rank: shingles(read(int(ranked[rank]))))
    groups = []
    for rank in np.union1d(buckets.shared(), np.fromiter(copies, np.int32)).tolist():
        if taken[rank]:
            continue
        some = buckets.behind(rank, taken, _MAX_COMPARED)
        some = some[kinds[some] == kinds[rank]]
        found = [(rank, 1.0), *_near(rank, some.tolist(), counts, shingled, similarity)]
        members = [(copy, value) for near, value in found for copy in (near, *copies.get(near, ()))]
        if len(members) > 1:
            taken[[member for member, _ in members]] = True
            first, *others = members
            groups.append(Group(tuple(Member(int(ranked[at]), value) for at, value in (first, *sorted(others)))))
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
    hashes.sort()
    is_first = np.concatenate([[True], hashes[1:] != hashes[:-1]])  # np.unique takes four times as long on so few
    unique: Shingles = hashes[is_first]
    return unique


def _band_keys(batch: Sequence[Shingles]) -> NDArray[np.uint64]:
    offsets = np.concatenate([[0], np.cumsum([len(hashes) for hashes in batch])]).astype(np.uint64)
    matrix = rensa.RMinHash.digest_matrix_from_flat_token_hashes(np.concatenate(batch), offsets, BANDS * ROWS, SEED)
    rows = np.array(matrix.to_rows(), dtype=np.uint64).reshape(len(batch), BANDS, ROWS)
    keys = np.zeros((len(batch), BANDS), dtype=np.uint64)
    for row in range(ROWS):
        keys = (keys ^ rows[:, :, row]) * np.uint64(0x9E3779B97F4A7C15)
        keys ^= keys >> np.uint64(29)
    return keys


def _near(
    rank: int,
    others: Sequence[int],
    counts: NDArray[np.int64],
    shingled: Callable[[int], Shingles],
    similarity: float,
) -> list[tuple[int, float]]:
    """Return which of `others` are near the text of this rank, in their order, and how near."""
    near = []
    for other in others:
        fewer, more = sorted((int(counts[rank]), int(counts[other])))
        if fewer < similarity * more:  # not even if all of the shorter one stood in the longer one
            continue
        value = jaccard(shingled(rank), shingled(other))
        if value >= similarity:
            near.append((other, round(value, 4)))
    return near
