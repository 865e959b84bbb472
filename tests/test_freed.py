"""Memory that was freed is used again, in a process of its own: what it keeps, no other test must have changed."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CODE = """
import resource, sys
import numpy as np
from index.store.freed import keep_freed

if sys.argv[1] == "kept":
    keep_freed()
before = 0
for turn in range(20):
    if turn == 10:  # what is there once is not counted
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    arrays = [np.full(250_000, turn, dtype=np.int32) for _ in range(4)]
    del arrays
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc learns what to keep")
def test_arrays_made_again_take_no_new_pages() -> None:
    def pages(how: str) -> int:
        found = subprocess.run([sys.executable, "-c", CODE, how], capture_output=True, text=True, check=True, cwd=ROOT)
        return int(found.stdout)

    assert pages("kept") < 100  # of 10,000
    assert pages("given back") > 2_000
