"""What every part of a rebuild raises when it cannot go on."""

from __future__ import annotations

from ingest.problem import Problem


class RebuildFailed(Problem):
    """The rebuild did not publish anything; the message says what was found and what to do."""
