"""What the head of a page says of itself -> title, address, site, publisher, date of publication.

Works on plain names and values; `dom` hands them over. Nothing is read from the visible text: a date there may be a
capture date or belong to another article. Names come from Open Graph, schema.org (JSON-LD), and the tags that Chinese
government sites must carry (ArticleTitle, PubDate, ContentSource, SiteName, Url: 政府网站发展指引, 国办发〔2017〕47号).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

_TITLE = ("og:title", "articletitle")
_URL = ("og:url", "url")
_SITE = ("og:site_name", "sitename")
_PUBLISHER = ("publisher", "article:publisher", "dc.publisher", "contentsource", "source", "mediaid")
_AUTHOR = ("author", "article:author", "dc.creator")
_PUBLISHED = (
    "article:published_time",
    "og:published_time",
    "datepublished",
    "pubdate",
    "publishdate",
    "publish_date",
    "publish-date",
    "firstpublishedtime",
    "og:release_date",
    "weibo: article:create_at",
    "dc.date",
    "dc.date.issued",
    "dcterms.created",
    "bytedance:published_time",
    "parsely-pub-date",
    "citation_publication_date",
)
# schema.org's name, and that of Baidu's own vocabulary (cambrian.jsonld), which many Chinese sites use
_LINKED_DATES = ("datePublished", "pubDate")
_DATE = re.compile(
    r"\s*(?:([0-9]{4})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})(?![0-9])"
    r"|([0-9]{4})([0-9]{2})([0-9]{2})(?:[0-9]{6}|[0-9]{4})?(?![0-9]))"
)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the page calls itself; None where it does not say. `published` is an ISO date."""

    title: str | None = None
    url: str | None = None
    site: str | None = None
    publisher: str | None = None
    published: str | None = None


@dataclass(slots=True)
class HeadTags:
    """The raw material, gathered while a page is walked: `metas` by lower-case name, the first that says anything."""

    metas: dict[str, str] = field(default_factory=dict)
    title: str = ""
    canonical: str = ""
    json_ld: list[str] = field(default_factory=list)
    times: list[str] = field(default_factory=list)
    marked_times: list[str] = field(default_factory=list)

    def add(self, name: str, attributes: Mapping[str, Any], text: str) -> None:
        """Keep what an element `<name>` (meta, link, title, script or time) says; `text` is what stands inside it."""

        def said(key: str) -> str:
            return str(attributes.get(key) or "").strip()

        if name == "meta" and said("content"):
            key = said("property") or said("name") or said("itemprop")
            self.metas.setdefault(key.lower(), said("content"))
        elif name == "link" and "canonical" in said("rel").lower().split():
            self.canonical = self.canonical or said("href")
        elif name == "title":
            self.title = self.title or text.strip()
        elif name == "script" and said("type").lower().startswith("application/ld+json"):
            self.json_ld.append(text)
        elif name == "time" and said("datetime"):
            is_marked = "pubdate" in attributes or "datepublished" in said("itemprop").lower()
            (self.marked_times if is_marked else self.times).append(said("datetime"))


def read_metadata(tags: HeadTags) -> Metadata:
    """Return what `tags` say. Meta tags go before JSON-LD, JSON-LD before `<time>`, a publisher before an author."""
    linked = _linked_data(tags.json_ld)
    published = [
        *_values(tags.metas, _PUBLISHED),
        *(str(linked.get(key) or "") for key in _LINKED_DATES),
        *tags.marked_times,
    ]
    # An unmarked <time> may belong to a comment or another article; it counts only where all say the same day.
    days = {day for day in map(iso_date, tags.times) if day}
    return Metadata(
        title=_first([*_values(tags.metas, _TITLE), tags.title]),
        url=next((url for url in (tags.canonical, *_values(tags.metas, _URL)) if _is_address(url)), None),
        site=_first(_values(tags.metas, _SITE)),
        publisher=_first(
            value
            for value in (
                *_values(tags.metas, _PUBLISHER),
                _name(linked.get("publisher")),
                *_values(tags.metas, _AUTHOR),
            )
            if not _is_address(value)
        ),
        published=next((day for day in map(iso_date, published) if day), days.pop() if len(days) == 1 else None),
    )


def iso_date(value: str) -> str | None:
    """Return the day that `value` begins with as YYYY-MM-DD (as written, without regard to time zones), or None."""
    found = _DATE.match(value)
    if not found:
        return None
    year, month, day = (int(part) for part in found.groups() if part)
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _values(metas: Mapping[str, str], names: Sequence[str]) -> list[str]:
    return [metas[name] for name in names if name in metas]


def _first(values: Iterable[str]) -> str | None:
    return next((clean for clean in (" ".join(value.split()) for value in values) if clean), None)


def _is_address(value: str) -> bool:
    return value.strip().lower().startswith(("http://", "https://"))


def _name(value: object) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = value.get("name")
    return value if isinstance(value, str) else ""


def _linked_data(scripts: Sequence[str]) -> dict[str, Any]:
    """Return the JSON-LD object that stands for the page: an article if there is one, else the first with a date."""
    candidates: list[dict[str, Any]] = []
    for script in scripts:
        try:
            top = json.loads(script, strict=False)
        except (ValueError, RecursionError):
            continue  # broken JSON-LD is common, and what it says is optional
        for item in top if isinstance(top, list) else [top]:
            graph = item.get("@graph") if isinstance(item, dict) else None
            nodes = [item, *graph] if isinstance(graph, list) else [item]
            candidates += [node for node in nodes if isinstance(node, dict)]
    articles = [node for node in candidates if str(node.get("@type")).strip("[]'\"").endswith(("Article", "Posting"))]
    dated = [node for node in candidates if any(node.get(key) for key in _LINKED_DATES)]
    return next(iter([*articles, *dated]), {})
