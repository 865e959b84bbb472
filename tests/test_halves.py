"""Float32 of float16 numbers against numpy's own, bit for bit."""

from __future__ import annotations

import numpy as np

from index.store.halves import widened


def test_float16_numbers_become_the_float32_that_numpy_makes_of_them() -> None:
    every = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    finite = every[np.isfinite(every)]
    assert len(finite) == (1 << 16) - (1 << 11)
    assert widened(finite).view(np.uint32).tolist() == finite.astype(np.float32).view(np.uint32).tolist()
    assert widened(np.empty((0, 8), dtype=np.float16)).shape == (0, 8)
