"""What a build stores: vectors, terms and records, each in its own file, and the one error they raise."""

from __future__ import annotations


class StoreError(Exception):
    """A stored file that cannot be written or read: says what was found, what was expected and what to do."""
