"""Prepares a build for exploring: everything that the exploring pages read and that takes longer than a click."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from index.explore.prepared import Part, Progress, is_made, made

if TYPE_CHECKING:
    from index.kb import KnowledgeBase

# The modules with a part, in the order in which one may stand on another; each is imported when it is made.
MODULES = ("text", "words", "passage_map", "statements", "card_columns")


def parts() -> tuple[Part, ...]:
    """Return all parts in the order in which they are made."""
    return tuple(import_module(f"index.explore.{name}").PART for name in MODULES)


def prepare(kb: KnowledgeBase, progress: Progress = lambda stage, done, total: None) -> tuple[str, ...]:
    """Make every part of a build that is missing, ask the saved questions, and return the parts' names.

    Raises NotPrepared.
    """
    from index.explore.saved_answers import answers_of

    missing = tuple(part for part in parts() if not is_made(kb, part))
    for part in missing:
        made(kb, part, most=None, progress=progress)
    answers_of(kb, most=None, progress=progress)
    return tuple(part.name for part in missing)
