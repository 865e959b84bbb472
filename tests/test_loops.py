"""The compiled loops against NumPy: the same bits, whatever the texts, and nothing read or written out of place."""

from __future__ import annotations

import shutil
import sysconfig
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from index.store import StoreError
from index.store.compiled import compiled_loops
from index.store.once import Once
from index.store.packed import Packed
from index.store.packing import SHIFTS
from index.store.terms import Terms
from index.store.vocabulary import Vocabulary

# Kinds of lists change at these numbers of texts; shares of texts from one in all to all.
TEXTS = (1, 2, 255, 256, 257, 511, 513, 5_000, 65_536, 65_537, 150_000)
SHARES = (0.0, 0.0001, 0.001, 0.01, 0.05, 0.1, 0.3, 0.9, 1.0)
_Arrays = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]


def postings(texts: int, seed: int = 0) -> _Arrays:
    """Return rows, times and starts of a term for each of `SHARES`; some stand hundreds of times in a text."""
    source = np.random.default_rng(seed)
    found = [np.flatnonzero(source.random(texts) < share) for share in SHARES]
    rows = [own if len(own) else source.integers(0, texts, 1) for own in found]
    all_rows = np.concatenate(rows).astype(np.int32)
    more = np.where(source.random(len(all_rows)) < 0.1, source.integers(2, 400, len(all_rows)), 2)
    times = np.where(source.random(len(all_rows)) < 0.2, more, 1).astype(np.int32)
    return all_rows, times, np.cumsum([0, *map(len, rows)])


def terms_of(arrays: _Arrays, texts: int, k1: float = 1.2) -> Terms:
    rows, times, starts = arrays
    norms = np.random.default_rng(1).uniform(0.3, 3, texts).astype(np.float32)
    vocabulary = Vocabulary(np.arange(len(starts) - 1, dtype=np.uint64), starts, texts, k1, 0.75)
    return Terms(vocabulary, Packed.of(rows, times, starts, texts), norms)


def both(arrays: _Arrays, texts: int, monkeypatch: pytest.MonkeyPatch, k1: float = 1.2) -> tuple[Terms, Terms]:
    """Return terms with compiled loops, and without."""
    compiled = terms_of(arrays, texts, k1)
    if compiled._postings.loops is None:
        pytest.skip("the loops were not compiled: there was no C compiler when policykb was installed")
    with monkeypatch.context() as without:
        without.setenv("POLICYKB_COMPILED", "0")
        plain = terms_of(arrays, texts, k1)
    assert plain._postings.loops is None
    return compiled, plain


def test_loops_are_compiled_where_they_can_be() -> None:
    header = Path(sysconfig.get_path("include")) / "Python.h"
    if not (shutil.which(sysconfig.get_config_var("CC").split()[0]) and header.is_file()):
        pytest.skip("no C compiler or no Python.h: NumPy does it all")
    assert compiled_loops() is not None, "install again: `pip install -e .` builds the loops"


@pytest.mark.parametrize("texts", TEXTS)
def test_sums_and_numbers_have_the_same_bits_as_those_of_numpy(texts: int, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled, plain = both(postings(texts), texts, monkeypatch)
    order = np.array([4, 0, 8, 2, 6, 1, 7, 5, 3], dtype=np.int64)
    factors = np.random.default_rng(2).uniform(0.1, 9, len(order)).astype(np.float32)
    assert set(compiled._postings.kinds.tolist()) <= set(SHIFTS)
    assert compiled.sum_of(order, factors).tobytes() == plain.sum_of(order, factors).tobytes()
    wanted = np.random.default_rng(3).integers(0, texts, 200).astype(np.int32)
    counts = compiled._postings.times(order, wanted)
    assert counts.tobytes() == plain._postings.times(order, wanted).tobytes()
    assert (counts > 1).any() or texts < 5
    keys = order.astype(np.uint64)
    assert compiled.stored(keys, wanted).tobytes() == plain.stored(keys, wanted).tobytes()
    onto = np.linspace(0, 1, texts, dtype=np.float32)
    once = [Once.add_up([terms.standing(order, factors)] * 2, onto.copy()) for terms in (compiled, plain)]
    assert once[0].everywhere().tobytes() == once[1].everywhere().tobytes()
    rows = wanted.astype(np.int64)
    assert once[0].of(rows).tobytes() == once[1].of(rows).tobytes()


@pytest.mark.parametrize("k1", [0.3, 0.91, 1.37, 2.0])
def test_sums_have_the_same_bits_whatever_k1_is(k1: float, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled, plain = both(postings(5_000), 5_000, monkeypatch, k1)
    terms, factors = np.arange(len(SHARES)), np.ones(len(SHARES), dtype=np.float32)
    assert compiled.sum_of(terms, factors).tobytes() == plain.sum_of(terms, factors).tobytes()


def test_loops_of_another_state_of_the_code_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    if compiled_loops() is None:
        pytest.skip("the loops were not compiled")
    monkeypatch.setattr("index.store.compiled._VERSION", 0)
    assert compiled_loops() is None


def test_all_kinds_of_lists_are_among_those_compared() -> None:
    kinds = set()
    for texts in TEXTS:
        rows, times, starts = postings(texts)
        kinds |= set(Packed.of(rows, times, starts, texts).kinds.tolist())
    assert kinds >= {0, 1, 2}


def test_texts_and_terms_that_do_not_exist_are_errors() -> None:
    terms = terms_of(postings(300), 300)
    loops = terms._postings.loops
    if loops is None:
        pytest.skip("the loops were not compiled")
    one, factor, sums = np.zeros(1, dtype=np.int64), np.ones(1, dtype=np.float32), np.zeros(300, dtype=np.float32)
    for row in (-1, 300):
        with pytest.raises(IndexError, match=f"text {row} does not exist: texts are 0 to 299"):
            terms.stored(one.astype(np.uint64), np.array([row], dtype=np.int32))
        with pytest.raises(IndexError, match=f"text {row} of 300"):
            loops.times(one, np.array([row], dtype=np.int32))
    for term in (-1, len(SHARES)):
        with pytest.raises(ValueError, match=f"term {term}"):
            loops.add_once(one + term, factor, sums, sums.copy())
    with pytest.raises(ValueError, match="2 factors of 1 terms, 300 sums of 300 texts"):
        loops.add_once(one, np.ones(2, dtype=np.float32), sums, sums.copy())
    with pytest.raises(ValueError, match="1 factors of 1 terms, 299 sums of 300 texts"):
        loops.add_once(one, factor, sums, sums[1:].copy())


@given(st.data())
def test_damaged_postings_are_told_or_read_in_place(data: st.DataObject) -> None:
    """Anything may stand in the files. Sums lie between texts that nobody may touch."""
    texts = data.draw(st.sampled_from((3, 300, 5_000)))
    whole = terms_of(postings(texts), texts)._postings
    if whole.loops is None:
        pytest.skip("the loops were not compiled")
    names = ("starts", "kinds", "places", "rows", "is_more", "ranks", "more", "often_at", "often")
    arrays = {name: getattr(whole, name).copy() for name in names}
    for _ in range(data.draw(st.integers(1, 4))):
        array = arrays[data.draw(st.sampled_from(names))]
        kept = np.iinfo(array.dtype)
        value = data.draw(st.one_of(st.integers(kept.min, kept.max), st.integers(0, min(kept.max, 600))))
        if len(array):
            array[data.draw(st.integers(0, len(array) - 1))] = value
    damaged = Packed(texts, **arrays)
    around = np.full(texts + 2_000, 7, dtype=np.float32)
    sums, norms = around[1_000:-1_000], np.ones(texts, dtype=np.float32)
    for term in range(len(SHARES)):
        one, factor = np.array([term]), np.ones(1, dtype=np.float32)
        for read in (
            lambda one=one, factor=factor: damaged.add(one, factor, norms, norms, 1.2, sums),
            lambda one=one, factor=factor: damaged.add_once(one, factor, norms, sums),
            lambda one=one: damaged.times(one, np.arange(texts, dtype=np.int32)),
        ):
            with suppress(StoreError):  # whether it is told depends on what was damaged
                read()
    assert (around[:1_000] == 7).all()
    assert (around[-1_000:] == 7).all()
