"""What the address bar says: question, filters, view and build. The only state of the page that outlives a reload.

Anything may stand in an address, so every value is checked here and replaced by its default where it makes no sense.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args
from urllib.parse import urlencode

from index.filters import BANDS, FACETS, Filters, is_date
from index.ranking import Mode
from index.search import MODES, SORTS, Sort
from search_app.words import LANGS, Lang

# A longer question is slower (500 characters take 1.8 times as long as 20) and finds no more; its links grow with it.
MAX_QUESTION_CHARS = 500
# What the options offer; another number in an address becomes the default.
KS = (5, 10, 20, 50)
View = Literal["ask", "article", "explore", "operation"]
VIEWS: tuple[View, ...] = get_args(View)
_MAX_ID_CHARS = 64
# Corners on the map of passages; how many there may be is known to index/explore/area.py.
_AREA = re.compile(r"[0-9.,-]{1,900}")
_MAX_DIGITS = 9
# A site may be a whole host name; the longest path of a place has 30 characters.
_MAX_VALUE_CHARS = 253
# More than anybody ticks; an address of a hundred values is no permalink any more.
_MAX_VALUES = 30
# The fields of the exploring view, as they are where nothing was chosen.
_EXPLORING: dict[str, Any] = {"by": None, "order": None, "regex": False, "area": None, "at": 1}


@dataclass(frozen=True, slots=True)
class Address:
    """One place in the page. `build` is None for the published one; `start` and `end` are offsets into the page's text.

    `lang` is None until the reader chose one. The fields from `region` to `until` are the filters, under the names they
    have in the address. `part` names what of a view is unfolded or shown (each view knows its own), `ledger` shows the
    raw page with its removals instead of the article, `other` compares the article with another one. `by`, `order`,
    `regex`, `area` (corners on the map) and `at` (a number of a page of a list, from 1) are of the parts of the
    exploring view; an article keeps them, and in `back` the part that it was opened from.
    """

    q: str = ""
    view: View = "ask"
    mode: Mode = "hybrid"
    k: int = 10
    sort: Sort = "relevance"
    region: tuple[str, ...] = ()
    scheme: tuple[str, ...] = ()
    year: tuple[str, ...] = ()
    site: tuple[str, ...] = ()
    confidence: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    lang: Lang | None = None
    build: str | None = None
    article: str | None = None
    other: str | None = None
    start: int | None = None
    end: int | None = None
    ledger: bool = False
    part: str | None = None
    by: str | None = None
    order: str | None = None
    regex: bool = False
    area: str | None = None
    at: int = 1
    back: str | None = None

    def to(self, **changes: Any) -> Address:
        """Return the address with these changes."""
        return replace(self, **changes)

    def params(self) -> dict[str, str | list[str]]:
        """Return the query parameters of this address, without those that have their default.

        A filter is a list, one parameter a value.
        """
        found: dict[str, str | list[str]] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if value != field.default:
                found[field.name] = "1" if value is True else list(value) if isinstance(value, tuple) else str(value)
        return found

    @property
    def href(self) -> str:
        """The relative link to this address. Escape it in an attribute all the same."""
        return "?" + urlencode(self.params(), doseq=True, errors="replace")

    @property
    def filters(self) -> Filters:
        """The filters, as search and answer take them."""
        said = {name: getattr(self, name) for name in (*FACETS, "since", "until")}
        return Filters.from_dict({name: value for name, value in said.items() if value})

    def filtered(self, filters: Filters | None = None) -> Address:
        """Return the address with these filters instead of its own."""
        said = filters.as_dict() if filters else {}
        facets = {facet: tuple(said.get(facet, ())) for facet in FACETS}
        return self.to(**facets, since=said.get("since"), until=said.get("until"))

    def ask(self, *, current: str) -> Address:
        """Return the way back to the question; an older build stays pinned, the published one (`current`) does not."""
        build = self.build if self.build != current else None
        return self._elsewhere().to(view="ask", build=build)

    def way_back(self, *, current: str) -> Address:
        """Return the address from which an article was opened: a part of the exploring view, or the question."""
        asked = self.ask(current=current)
        return asked.explore(self.back, **{**self._kept(), "back": None}) if self.back else asked

    def _kept(self) -> dict[str, Any]:
        """Return what an article keeps of the exploring view that leads to it."""
        part = self.part if self.view == "explore" else self.back
        return {name: getattr(self, name) for name in _EXPLORING} | {"back": part}

    def cite(self, build: str, article: str, start: int | None = None, end: int | None = None) -> Address:
        """Return the address of a place in an article of a build, from which a reader comes back to her question."""
        kept = self._kept() if self.view == "explore" or self.back else {}
        return self._elsewhere().to(view="article", build=build, article=article, start=start, end=end, **kept)

    def operation(self) -> Address:
        """Return the address of the operation page; it speaks of the build that is read."""
        return self._elsewhere().to(view="operation")

    def explore(self, part: str | None = None, **changes: Any) -> Address:
        """Return the address of a part of the exploring view, with the filters; question and build stay as they are."""
        return self._elsewhere().to(view="explore", part=part, **changes)

    def _elsewhere(self) -> Address:
        """Return the address without what only makes sense in one view."""
        return self.to(article=None, other=None, start=None, end=None, ledger=False, part=None, back=None, **_EXPLORING)


def permalink(build: str, article: str, start: int | None = None, end: int | None = None) -> Address:
    """Return the address of a place in an article of a build, to be kept or sent: without question and language."""
    return Address().cite(build, article, start, end)


def read_address(params: Mapping[str, str | Sequence[str]]) -> Address:
    """Return what the query parameters say, checked. Streamlit's `st.query_params` and a dict are both understood."""
    said = {name: _values(params, name) for name in (field.name for field in fields(Address))}
    one = {name: values[-1] if values else "" for name, values in said.items()}
    start, end = _number(one["start"]), _number(one["end"])
    has_place = start is not None and end is not None and start < end
    k, article = _number(one["k"]), _identifier(one["article"])
    return Address(
        q=one["q"].strip()[:MAX_QUESTION_CHARS],
        view=next((known for known in VIEWS if known == one["view"] and (article or known != "article")), "ask"),
        mode=next((known for known in MODES if known == one["mode"]), "hybrid"),
        k=k if k in KS else 10,
        sort=next((known for known in SORTS if known == one["sort"]), "relevance"),
        region=_chosen(said["region"]),
        scheme=_chosen(said["scheme"]),
        year=_chosen(said["year"]),
        site=_chosen(said["site"]),
        confidence=tuple(band for band in BANDS if band in said["confidence"]),
        since=one["since"] if is_date(one["since"]) else None,
        until=one["until"] if is_date(one["until"]) else None,
        lang=next((known for known in LANGS if known == one["lang"]), None),
        build=_identifier(one["build"]),
        article=article,
        other=_identifier(one["other"]) if article else None,
        start=start if has_place else None,
        end=end if has_place else None,
        ledger=one["ledger"] == "1",
        part=_identifier(one["part"]),
        back=_identifier(one["back"]),
        by=_identifier(one["by"]),
        order=_identifier(one["order"]),
        regex=one["regex"] == "1",
        area=one["area"] if _AREA.fullmatch(one["area"]) else None,
        at=_number(one["at"]) or 1,
    )


def _values(params: Mapping[str, str | Sequence[str]], name: str) -> list[str]:
    """Return all values of a parameter; `[name]` of Streamlit's mapping gives the last one only."""
    if hasattr(params, "get_all"):
        return list(params.get_all(name))
    value = params.get(name, ())
    return [value] if isinstance(value, str) else list(value)


def _chosen(values: Sequence[str]) -> tuple[str, ...]:
    """Return the values of a filter, each once; a value that cannot stand in any fact is dropped."""
    stripped = (value.strip() for value in values)
    sound = (value for value in stripped if value and len(value) <= _MAX_VALUE_CHARS and value.isprintable())
    return tuple(dict.fromkeys(sound))[:_MAX_VALUES]


def _number(value: str) -> int | None:
    """Return a count from 0 up, or None."""
    return int(value) if value.isascii() and value.isdigit() and len(value) <= _MAX_DIGITS else None


def _identifier(value: str) -> str | None:
    """Return an id of letters and digits, or None: it becomes part of a path."""
    return value if value.isascii() and value.isalnum() and len(value) <= _MAX_ID_CHARS else None
