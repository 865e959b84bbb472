"""Gives the compiled loops where they were built and are wanted, and else nothing: NumPy then does their work.

They are built when policykb is installed on a machine with a C compiler. POLICYKB_COMPILED=0 does without them, to
compare the two or where they are under suspicion.
"""

from __future__ import annotations

import os
import sys
from types import ModuleType

# Loops that were compiled from another state of this code are left alone: they would read what is not there.
_VERSION = 2


def compiled_loops() -> ModuleType | None:
    """Return index/store/loops.pyx as a module, or None."""
    # They read numbers where these lie in a file, with the lowest byte first.
    if os.environ.get("POLICYKB_COMPILED") == "0" or sys.byteorder != "little":
        return None
    try:
        from index.store import loops
    except ImportError:
        return None
    return loops if getattr(loops, "VERSION", None) == _VERSION else None
