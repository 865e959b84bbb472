"""What a build stores: vectors, terms and records, each in its own file, and the one error they raise."""

from __future__ import annotations

from ingest.problem import Problem


class StoreError(Problem):
    """A stored file that cannot be written or read: says what was found, what was expected and what to do."""
