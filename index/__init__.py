"""From passages to answers: vectors and terms, builds, search, cited sentences.

`from index import open_kb` is the way in from Python. Heavy libraries load when they are first needed, so that a search
on the command line answers within a second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from index.kb import open_kb

__all__ = ["open_kb"]


def __getattr__(name: str) -> object:
    if name == "open_kb":
        from index.kb import open_kb

        return open_kb
    raise AttributeError(f"module 'index' has no attribute {name!r}")
