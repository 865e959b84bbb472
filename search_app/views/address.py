"""What the address bar says: the question, the view and the build. The only state of the page that outlives a reload.

Anything may stand in an address, so every value is checked here and replaced by its default where it makes no sense.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args
from urllib.parse import urlencode

from index.ranking import Mode
from index.search import MODES
from search_app.words import LANGS, Lang

MAX_QUESTION_CHARS = 300
# What the options offer; another number in an address becomes the default.
KS = (5, 10, 20, 50)
View = Literal["ask", "article"]
_MAX_ID_CHARS = 64
_MAX_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Address:
    """One place in the page. `build` is None for the published one; `start` and `end` are offsets into the page's text.

    `lang` is None until the reader chose one. `ledger` shows the raw page with its removals instead of the article,
    `other` compares the article with another one.
    """

    q: str = ""
    view: View = "ask"
    mode: Mode = "hybrid"
    k: int = 10
    lang: Lang | None = None
    build: str | None = None
    article: str | None = None
    other: str | None = None
    start: int | None = None
    end: int | None = None
    ledger: bool = False

    def to(self, **changes: Any) -> Address:
        """Return the address with these changes."""
        return replace(self, **changes)

    def params(self) -> dict[str, str]:
        """Return the query parameters of this address, without those that have their default."""
        found = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if value != field.default:
                found[field.name] = "1" if value is True else str(value)
        return found

    @property
    def href(self) -> str:
        """The relative link to this address. Escape it in an attribute all the same."""
        return "?" + urlencode(self.params(), errors="replace")

    def ask(self, *, current: str) -> Address:
        """Return the way back to the question; an older build stays pinned, the published one (`current`) does not."""
        build = self.build if self.build != current else None
        return self.to(view="ask", article=None, other=None, start=None, end=None, ledger=False, build=build)

    def cite(self, build: str, article: str, start: int | None = None, end: int | None = None) -> Address:
        """Return the address of a place in an article of a build."""
        return self.to(view="article", build=build, article=article, other=None, start=start, end=end, ledger=False)


def read_address(params: Mapping[str, str]) -> Address:
    """Return what the query parameters say, checked."""
    view = params.get("view", "")
    mode = params.get("mode", "")
    lang = params.get("lang", "")
    k = _number(params.get("k"))
    start, end = _number(params.get("start")), _number(params.get("end"))
    has_place = start is not None and end is not None and start < end
    article = _identifier(params.get("article"))
    return Address(
        q=params.get("q", "").strip()[:MAX_QUESTION_CHARS],
        view="article" if view == "article" and article else "ask",
        mode=next((known for known in MODES if known == mode), "hybrid"),
        k=k if k in KS else 10,
        lang=next((known for known in LANGS if known == lang), None),
        build=_identifier(params.get("build")),
        article=article if view in get_args(View) else None,
        other=_identifier(params.get("other")) if article else None,
        start=start if has_place else None,
        end=end if has_place else None,
        ledger=params.get("ledger") == "1",
    )


def _number(value: str | None) -> int | None:
    """Return a count from 0 up, or None."""
    return int(value) if value and value.isascii() and value.isdigit() and len(value) <= _MAX_DIGITS else None


def _identifier(value: str | None) -> str | None:
    """Return an id of letters and digits, or None: it becomes part of a path."""
    sound = value and value.isascii() and value.isalnum() and len(value) <= _MAX_ID_CHARS
    return value if sound else None
