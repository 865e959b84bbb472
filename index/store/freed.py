"""Lets the process keep memory that was freed: what one question gives back, the next one needs again.

A question makes and drops arrays of some megabytes. The C library of Linux gives those back to the system, which hands
them out again page by page, each filled with zeros first: 625 pages and 1.4 ms a question at 100,000 passages, a fifth
of its ranking. Two bounds say what is given back, and the library learns both from the largest piece that was freed.
"""

from __future__ import annotations

import numpy as np

# The most that glibc learns from is 32 MB (DEFAULT_MMAP_THRESHOLD_MAX); it then keeps up to twice as much.
_LARGEST = 31 << 20


def keep_freed() -> None:
    """Let each thread of this process keep up to 62 MB that it freed. Elsewhere than with glibc this does nothing."""
    np.empty(_LARGEST, dtype=np.uint8)  # freed at once and never touched: no page of it is ever there
