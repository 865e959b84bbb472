"""The lines that give again what a page shows: for a shell and for Python, pinned to the build, with all filters.

Nothing that was typed can end a word of a shell or a string of Python: words are quoted by `shlex`, strings by `repr`.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from pathlib import Path

from index.filters import Filters
from search_app.options import filter_words


def shell_line(*words: str | Path) -> str:
    """Return one shell line of these words, quoted where a shell would read more into them."""
    return shlex.join(map(str, words))


def rebuild_line(folder: Path) -> str:
    """Return the shell line that makes a knowledge base from the sample pages."""
    return shell_line("policykb", "rebuild", "corpus/pages", "--kb", folder)


def python_lines(folder: Path, build: str, *expressions: str) -> str:
    """Return the lines of Python that open this very build and evaluate the expressions."""
    imports = ["from index import open_kb"]
    if any("=Filters(" in expression for expression in expressions):  # so that they can be copied as they stand
        imports.append("from index.filters import Filters")
    return "\n".join((*imports, f"kb = open_kb({str(folder)!r}, build={build!r})", *expressions))


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of which build of which base; its methods are the lines that ask it again."""

    folder: Path
    build: str
    query: str
    k: int = 10
    mode: str = "hybrid"
    sort: str = "relevance"
    filters: Filters = field(default_factory=Filters)

    def ask_line(self, *flags: str) -> str:
        """Return `policykb ask …`, which gives the answer."""
        return self._line("ask", *flags)

    def search_line(self) -> str:
        """Return `policykb search …`, which gives the passages."""
        return self._line("search", *self._ranking())

    def export_line(self, kind: str) -> str:
        """Return `policykb export …`, which gives the passages as a file of this kind on standard output."""
        return self._line("export", "--format", kind, *self._ranking())

    def ask_expression(self, method: str = "ask") -> str:
        """Return `kb.ask(…)`, or another method that takes a question and filters."""
        return f"kb.{method}({self.query!r}{self._filters()})"

    def search_expression(self) -> str:
        """Return `kb.search(…).to_frame()`."""
        mode = f", mode={self.mode!r}" if self.mode != "hybrid" else ""
        sort = f", sort={self.sort!r}" if self.sort != "relevance" else ""
        return f"kb.search({self.query!r}, k={self.k}{mode}{sort}{self._filters()}).to_frame()"

    def _filters(self) -> str:
        return f", filters={self.filters!r}" if self.filters else ""

    def _ranking(self) -> tuple[str, ...]:
        mode = ("--mode", self.mode) if self.mode != "hybrid" else ()
        sort = ("--sort", self.sort) if self.sort != "relevance" else ()
        return ("-k", str(self.k), *mode, *sort)

    def _line(self, command: str, *options: str) -> str:
        # What begins with a dash would be taken for an option.
        query = ("--", self.query) if self.query.startswith("-") else (self.query,)
        where = ("--kb", str(self.folder), "--build", self.build)
        return shell_line("policykb", command, *where, *options, *filter_words(self.filters), *query)
