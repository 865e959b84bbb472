"""What `policykb serve` switches off: it tells the page, another process, through the environment."""

from __future__ import annotations

import os

# The log of questions without an answer, and the page for the maintainer.
QUESTION_LOG = "POLICYKB_QUESTION_LOG"
OPERATION_PAGE = "POLICYKB_OPERATION_PAGE"
_OFF = ("0", "off", "no", "false")  # what click takes for no, too


def is_on(name: str) -> bool:
    """Say whether a switch is on, as it is unless the environment says otherwise."""
    return os.environ.get(name, "").strip().lower() not in _OFF
