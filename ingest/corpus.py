"""A corpus: the pages, and what people wrote beside their folder (overrules, rules on kinds of sources)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.facts.sources import Rule, find_rules
from ingest.find import Found, find_pages
from ingest.overrules import Overrules, find_overrules


@dataclass(frozen=True, slots=True)
class Corpus:
    """The pages found, the overrules of them, and the rules that say what kind of source a page has."""

    found: Found
    overrules: Overrules
    source_rules: tuple[Rule, ...]


def find_corpus(paths: Sequence[Path]) -> Corpus:
    """Return the pages in `paths` with what lies beside them. Raises NoPages, OverruleError, SourcesError."""
    found = find_pages(paths)
    return Corpus(found, find_overrules(found), find_rules(found.roots))
