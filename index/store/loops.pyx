# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Adds up and looks up packed postings where they lie, in compiled loops.

What they read is written down in index/store/packing.py. index/store/packed.py does the same with NumPy, which has to
unpack a list before it can add it: the results are equal to the last bit. Installing without a C compiler leaves this
file out, and everything works without it (index/store/compiled.py).

Files may be damaged: the place of a list is looked at before it is read, and each row before anything is written there.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t

import numpy as np

# index/store/compiled.py expects it: both count on when what is read or handed over changes.
VERSION = 2

cdef extern from *:
    """
    #if defined(_MSC_VER)
    #include <intrin.h>
    #define popcount64 __popcnt64
    #define lowest64(word) ((int)_tzcnt_u64(word))
    #else
    #define popcount64 __builtin_popcountll
    #define lowest64 __builtin_ctzll
    #endif
    """
    int popcount64(uint64_t word) nogil
    int lowest64(uint64_t word) nogil

# The kinds of lists and their blocks, as in packing.py: 256 texts, 65,536, all, and 512 for bits.
cdef enum:
    BITS = 0
    WORDS = 8
    PORTION = 1024  # rows unpacked at a time: no fewer than a block of bits holds
    LANES = 16  # bytes widened at a time


cdef int shift_of(uint8_t kind) noexcept nogil:
    if kind == 1:
        return 8
    if kind == 2:
        return 16
    return 9 if kind == BITS else 32


cdef struct List:
    const uint8_t* counts  # of kind 1: how many postings each block has
    const uint32_t* offsets  # of others: where the postings of its blocks begin, and the end
    const uint8_t* data
    int64_t size, blocks, first
    int64_t room  # bytes from `data` to the end of all lists
    uint8_t kind
    # How far it is read: the next block, and of the block before that its first text and the postings that are left.
    int64_t block, base, begin, end


cdef class Loops:
    """The postings of a `Packed`, whose arrays these are."""

    cdef int64_t texts
    cdef const int64_t[::1] starts, places
    cdef const uint32_t[::1] ranks, often_at
    cdef const uint8_t[::1] kinds, rows, is_more, more, often

    def __init__(self, texts, starts, kinds, places, rows, is_more, ranks, more, often_at, often):
        self.texts, self.starts, self.kinds, self.places, self.rows = texts, starts, kinds, places, rows
        self.is_more, self.ranks, self.more, self.often_at, self.often = is_more, ranks, more, often_at, often

    def add(self, const int64_t[::1] terms, const float[::1] factors, const float[::1] once, const float[::1] norms,
            double k1, float[::1] sums):
        """Add to `sums` (texts,) the weight of each of `terms` in each text, times its factor.

        `once` is the weight of a term that stands in a text once, `norms` what its frequency is weighed against.
        Raises ValueError for damaged postings, and leaves `sums` half done then.
        """
        self._check(terms, factors, sums, once, norms)
        cdef int64_t at
        cdef bint is_whole = True
        with nogil:
            for at in range(terms.shape[0]):
                if not self._add(terms[at], factors[at], &once[0], &norms[0], <float>(k1 + 1), &sums[0]):
                    is_whole = False
                    break
        if not is_whole:
            raise ValueError(f"term {terms[at]}")

    def add_once(self, const int64_t[::1] terms, const float[::1] factors, const float[::1] once, float[::1] sums):
        """Add to `sums` (texts,) the factor of each of `terms` in each text that holds it, times what it weighs once.

        Raises ValueError as `add` does.
        """
        self._check(terms, factors, sums, once, once)
        cdef int64_t at
        cdef bint is_whole = True
        with nogil:
            for at in range(terms.shape[0]):
                if not self._add(terms[at], factors[at], &once[0], NULL, 0, &sums[0]):
                    is_whole = False
                    break
        if not is_whole:
            raise ValueError(f"term {terms[at]}")

    def times(self, const int64_t[::1] terms, const int32_t[::1] wanted):
        """Return how often each of `terms` stands in each of the texts `wanted`, shape (terms, wanted).

        Raises IndexError for a text that does not exist, and ValueError as `add` does.
        """
        cdef uint8_t[:, ::1] found
        array = np.zeros((len(terms), len(wanted)), dtype=np.uint8)
        if not len(terms) or not len(wanted):
            return array
        cdef int64_t at
        for at in range(wanted.shape[0]):
            if not 0 <= wanted[at] < self.texts:
                raise IndexError(f"text {wanted[at]} of {self.texts}")
        found = array
        cdef bint is_whole = True
        with nogil:
            for at in range(terms.shape[0]):
                if not self._look_up(terms[at], wanted, &found[at, 0]):
                    is_whole = False
                    break
        if not is_whole:
            raise ValueError(f"term {terms[at]}")
        return array

    def _check(self, terms, factors, sums, once, norms):
        if len(terms) != len(factors) or not len(sums) == len(once) == len(norms) == self.texts:
            raise ValueError(f"{len(factors)} factors of {len(terms)} terms, {len(sums)} sums of {self.texts} texts")

    cdef bint _find(self, int64_t term, List* found) noexcept nogil:
        """Write where the list of a term lies; return False where it cannot lie there."""
        if term < 0 or term >= self.kinds.shape[0]:
            return False
        cdef uint8_t kind = self.kinds[term]
        if kind != BITS and kind != 1 and kind != 2 and kind != 4:
            return False
        cdef int64_t begin = self.places[term], end = self.places[term + 1]
        cdef int shift = shift_of(kind)
        found.kind = kind
        found.block = found.base = found.begin = found.end = 0
        found.first = self.starts[term]
        found.size = self.starts[term + 1] - found.first
        found.blocks = max(1, (self.texts + (<int64_t>1 << shift) - 1) >> shift)
        cdef int64_t bits = 8 * WORDS * found.blocks if kind == BITS else 0
        cdef int64_t offsets = found.blocks if kind == 1 else 4 * (found.blocks + 1)
        if begin < 0 or begin & 7 or end < begin or end > self.rows.shape[0]:
            return False
        if found.first < 0 or found.size < 1 or found.size > self.texts:  # no term is without postings
            return False
        if end - begin < bits + offsets + kind * found.size:
            return False
        if found.first > 8 * self.is_more.shape[0] - found.size:
            return False
        found.counts = &self.rows[0] + begin
        found.offsets = <const uint32_t*>(&self.rows[0] + begin + bits)
        found.room = self.rows.shape[0] - begin - offsets
        found.data = &self.rows[0] + begin + (0 if kind == BITS else offsets)
        return True

    cdef bint _add(self, int64_t term, float factor, const float* once, const float* norms, float most,
                   float* sums) noexcept nogil:
        """Add one term as `add` does, or where `norms` is NULL as `add_once` does. Return False if it is damaged."""
        cdef List own
        cdef int32_t rows[PORTION]
        cdef float gains[PORTION]
        cdef int64_t size, done = 0, more = 0
        cdef int number
        if not self._find(term, &own):
            return False
        if norms != NULL:
            more = self._ones_before(own.first)
        while True:
            size = next_rows(&own, rows)
            if size == 0:
                return done == own.size
            # Only the last block may have room for other texts.
            if size < 0 or done + size > own.size or (own.block == own.blocks and not are_below(rows, size, self.texts)):
                return False
            for number in range(size):
                gains[number] = once[rows[number]]
            if norms != NULL:
                more = self._repeated(own.first + done, size, more, rows, norms, most, gains)
                if more < 0:
                    return False
            for number in range(size):
                sums[rows[number]] += gains[number] * factor
            done += size

    cdef int64_t _repeated(self, int64_t posting, int64_t size, int64_t more, const int32_t* rows, const float* norms,
                           float most, float* gains) noexcept nogil:
        """Write what those postings weigh that are more than one occurrence; return the next `more`, -1 if damaged."""
        cdef uint64_t word
        cdef int64_t at, begin = 0
        cdef float times
        while begin < size:
            word = bits_from(&self.is_more[0], self.is_more.shape[0], posting + begin)
            if size - begin < 64:
                word &= (<uint64_t>1 << (size - begin)) - 1
            while word:
                at = begin + lowest64(word)
                word &= word - 1
                times = self._times_of(more)
                if times == 0:
                    return -1
                more += 1
                gains[at] = times * most / (times + norms[rows[at]])
            begin += 64
        return more

    cdef bint _look_up(self, int64_t term, const int32_t[::1] wanted, uint8_t* found) noexcept nogil:
        """Write how often a term stands in each of the texts `wanted`. Return False if it is damaged."""
        cdef List own
        cdef int64_t at, row, low, high, middle, end, rank, posting, block, passed = 0, before = 0
        cdef uint32_t sought
        if not self._find(term, &own):
            return False
        for at in range(wanted.shape[0]):
            row = wanted[at]
            block = row >> shift_of(own.kind)
            if own.kind == BITS:
                if not (own.data[row >> 3] >> (row & 7)) & 1:
                    continue
                rank = own.offsets[block] + ones_in(<const uint64_t*>own.data + block * WORDS, row & 511)
            else:
                if own.kind == 1:
                    if block < passed:  # wanted texts are ascending, mostly
                        passed = before = 0
                    while passed < block:
                        before += own.counts[passed]
                        passed += 1
                    low, end = before, before + own.counts[block]
                else:
                    low, end = own.offsets[block], own.offsets[block + 1]
                if end > own.size:
                    return False
                sought = row & ((<int64_t>1 << (8 * own.kind)) - 1)
                high = end
                while low < high:
                    middle = (low + high) >> 1
                    if low_bytes(&own, middle) < sought:
                        low = middle + 1
                    else:
                        high = middle
                if low >= end or low_bytes(&own, low) != sought:
                    continue
                rank = low
            if rank >= own.size:
                return False
            posting = own.first + rank
            found[at] = 1
            if (self.is_more[posting >> 3] >> (posting & 7)) & 1:
                found[at] = self._times_of(self._ones_before(posting))
                if found[at] == 0:
                    return False
        return True

    cdef inline uint8_t _times_of(self, int64_t more) noexcept nogil:
        """Return how many occurrences the posting is that has this place among those of more than one; 0 if none has.
        """
        cdef int64_t low = 0, high = self.often_at.shape[0], middle
        if more >> 1 >= self.more.shape[0]:
            return 0
        cdef uint8_t half = (self.more[more >> 1] >> ((more & 1) << 2)) & 15
        if half < 15:
            return half + 2
        while low < high:
            middle = (low + high) >> 1
            if self.often_at[middle] < more:
                low = middle + 1
            else:
                high = middle
        return self.often[low] if low < min(self.often.shape[0], self.often_at.shape[0]) else 0

    cdef int64_t _ones_before(self, int64_t posting) noexcept nogil:
        """Return how many postings before this one are more than one occurrence."""
        cdef const uint64_t* block = <const uint64_t*>&self.is_more[0] + (posting >> 9) * WORDS
        return <int64_t>self.ranks[posting >> 9] + ones_in(block, posting & 511)


cdef inline int64_t ones_in(const uint64_t* block, int64_t end) noexcept nogil:
    """Return how many bits before bit `end`, 0 to 511, of a block are set."""
    cdef int64_t ones = 0, word
    for word in range(end >> 6):
        ones += popcount64(block[word])
    return ones + popcount64(block[end >> 6] & ((<uint64_t>1 << (end & 63)) - 1))


cdef inline uint32_t low_bytes(const List* own, int64_t at) noexcept nogil:
    if own.kind == 1:
        return own.data[at]
    return (<const uint16_t*>own.data)[at] if own.kind == 2 else (<const uint32_t*>own.data)[at]


cdef inline int64_t next_rows(List* own, int32_t* rows) noexcept nogil:
    """Write the next rows, up to `PORTION`, and return how many: 0 at the end, -1 if damaged.

    Most blocks have a few postings, so the rows of many are written before anything is done with them.
    """
    cdef int64_t size = 0, part, at
    cdef int lane
    if own.kind == BITS:
        while own.block < own.blocks and size <= PORTION - 64 * WORDS:
            size += rows_of_bits(<const uint64_t*>own.data + own.block * WORDS, own.block << 9, rows + size)
            own.block += 1
        return size
    while True:
        if own.begin == own.end:
            if own.block == own.blocks:
                return size
            own.base = own.block << shift_of(own.kind)
            own.end = own.end + own.counts[own.block] if own.kind == 1 else own.offsets[own.block + 1]
            own.block += 1
            if own.end < own.begin or own.end > own.size:
                return -1
        part = min(own.end - own.begin, PORTION - size)
        if own.kind == 1:
            if own.begin + part + LANES <= own.room and size + part + LANES <= PORTION:
                at = 0
                while at < part:  # a few bytes too many, without a branch for how many are left
                    for lane in range(LANES):
                        rows[size + at + lane] = <int32_t>own.base | own.data[own.begin + at + lane]
                    at += LANES
            else:
                for at in range(part):
                    rows[size + at] = <int32_t>own.base | own.data[own.begin + at]
        elif own.kind == 2:
            for at in range(part):
                rows[size + at] = <int32_t>own.base | (<const uint16_t*>own.data)[own.begin + at]
        else:
            for at in range(part):
                rows[size + at] = (<const int32_t*>own.data)[own.begin + at]
        own.begin += part
        size += part
        if size == PORTION:
            return size


cdef inline int64_t rows_of_bits(const uint64_t* block, int64_t base, int32_t* rows) noexcept nogil:
    """Write the rows of a block of bits, and return how many they are."""
    cdef int64_t size = 0, number
    cdef uint64_t word
    for number in range(WORDS):
        word = block[number]
        while word:
            rows[size] = <int32_t>(base + (number << 6) + lowest64(word))
            size += 1
            word &= word - 1
    return size


cdef inline bint are_below(const int32_t* rows, int64_t size, int64_t texts) noexcept nogil:
    """Say whether each row is one of so many texts."""
    cdef uint32_t highest = 0, row
    cdef int64_t at
    for at in range(size):
        row = <uint32_t>rows[at]
        highest = row if row > highest else highest
    return size == 0 or highest < texts


cdef inline uint64_t bits_from(const uint8_t* bits, int64_t size, int64_t begin) noexcept nogil:
    """Return the 64 bits that begin at bit `begin` of so many bytes, with zeros behind their end."""
    cdef int64_t at = begin >> 6 << 3  # the bytes are whole blocks
    cdef int shift = begin & 63
    cdef uint64_t word = (<const uint64_t*>(bits + at))[0] >> shift
    if shift and at + 8 < size:
        word |= (<const uint64_t*>(bits + at + 8))[0] << (64 - shift)
    return word
