"""A passage or an article as a bibliographic reference: GB/T 7714, CSL-JSON, BibTeX and RIS.

Who is responsible is the publisher that the page names, else its site. The date of capture is the date of access and
never stands where a date of publication belongs. What is unknown is left out or said to be unknown, as GB/T 7714-2015
has it: no responsible party, no place and no publisher may be left out (8.1.4, 8.4.1.3, 8.4.2.3), words of one's own
stand in brackets (7.2). Sources: GB/T 7714-2015 4.6 (electronic resources); CSL-JSON 1.0.2; the BibLaTeX manual
(`@online`); the RIS specification (`ELEC`).

The formats are written here because no kept library writes them safely: rispy writes a line end inside a title as it
is, which forges a record, citeproc-py knows no style of GB/T 7714, bibtexparser keeps all entries in memory. Their
readers are the other half of the tests.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from index.hits import Hit
    from index.kb import KnowledgeBase
    from index.reading import Reading

# SQLite bounds the variables of a statement; this many references are read at a time.
BATCH = 500
_STEP = " › "
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_HALF = re.compile(r"[\ud800-\udfff]")  # of a surrogate pair
# What TeX would take for a command. A brace stands as a word, because BibTeX counts braces behind a backslash, too; two
# signs that TeX would draw as one (a dash, a quotation mark) are held apart.
_TEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{sign: f"\\{sign}" for sign in "&%$#_"},
    }
)
_LIGATURE = re.compile(r"(?<=-)(?=-)|(?<=`)(?=`)|(?<=')(?=')|(?<=[!?])(?=`)|(?<=<)(?=<)|(?<=>)(?=>)|(?<=,)(?=,)")
# Not allowed in an address (RFC 3986), and what would end a field of BibTeX.
_NOT_IN_URL = re.compile(r'[\s{}\\"<>^`|\x00-\x1f\x7f]')


def one_line(text: str) -> str:
    """Return `text` in one line: white space and control characters become one space, what no file holds U+FFFD."""
    if not text.isprintable():  # most texts are, and both substitutions take ten times as long
        text = _CONTROL.sub(" ", _HALF.sub("\ufffd", text))
    return " ".join(text.split())


def web_url(url: str | None) -> str | None:
    """Return `url` for a reference if it leads into the web, with signs that no address may hold percent-encoded."""
    clean = _NOT_IN_URL.sub(lambda sign: "".join(f"%{byte:02X}" for byte in sign[0].encode()), (url or "").strip())
    try:
        parts = urlsplit(clean)
    except ValueError:
        return None
    return one_line(clean) if parts.scheme in ("http", "https") and parts.netloc else None


@dataclass(frozen=True, slots=True)
class Reference:
    """What is cited and where it stands, as the records have it. Without `start` and `end` it is the whole article.

    `published` and `captured` are ISO dates, None where unknown; `captured` is the date of access. The four formats put
    each text into one line (`one_line`) and hold no address but one of the web.
    """

    id: str
    article_id: str
    title: str
    site: str | None
    publisher: str | None
    published: str | None
    captured: str | None
    url: str | None
    path: str
    build: str
    heading_path: tuple[str, ...] = ()
    start: int | None = None
    end: int | None = None
    text: str | None = None

    @property
    def author(self) -> str | None:
        """Who is responsible: the publisher that the page names, else the site."""
        return one_line(self.publisher or "") or one_line(self.site or "") or None

    @property
    def container(self) -> str | None:
        """The site, where it is not the author."""
        site = one_line(self.site or "")
        return site if site and site != self.author else None

    @property
    def note(self) -> str:
        """The place in the collection: headings, page path, offsets into the page's text, build."""
        place = f" [{self.start}, {self.end})" if self.start is not None else ""
        parts = (_STEP.join(self.heading_path), f"{self.path}{place}", f"policykb build {self.build}")
        return "; ".join(filter(None, map(one_line, parts)))

    def gbt7714(self) -> str:
        """Return the reference as GB/T 7714-2015 describes an electronic resource, without a number before it."""
        title = f"{one_line(self.title)}[EB/OL]"
        updated = f"({self.published})" if self.published else ""
        accessed = f"[{self.captured or '引用日期不详'}]"
        where = web_url(self.url) or f"[网址不详，见 policykb 构建 {self.build} 的 {one_line(self.path)}]"
        return ". ".join(filter(None, (self.author, title, f"{updated}{accessed}", where))) + "."

    def csl(self, command: str | None = None) -> dict[str, Any]:
        """Return the reference as an item of CSL-JSON; `custom` holds the place in the collection."""
        item = {
            "id": self.id,
            "type": "webpage",
            "title": one_line(self.title),
            "author": [{"literal": self.author}] if self.author else None,
            "container-title": self.container,
            "issued": _date_parts(self.published),
            "accessed": _date_parts(self.captured),
            "URL": web_url(self.url),
            "abstract": one_line(self.text or "") or None,
            "note": self.note,
            "custom": {
                "build": self.build,
                "path": self.path,
                "start": self.start,
                "end": self.end,
                "heading_path": list(self.heading_path),
                **({"command": one_line(command)} if command else {}),
            },
        }
        return {name: value for name, value in item.items() if value is not None}

    def bibtex(self, command: str | None = None) -> str:
        """Return the reference as an entry of BibLaTeX, in UTF-8."""
        fields = {
            "title": f"{{{tex(self.title)}}}",  # in two pairs of braces a style changes no letter
            "author": f"{{{tex(self.author)}}}" if self.author else "",  # … and takes no name apart
            "organization": f"{{{tex(self.container)}}}" if self.container else "",
            "date": self.published,
            "url": web_url(self.url),  # verbatim in BibLaTeX
            "urldate": self.captured,
            "abstract": tex(self.text or ""),
            "note": tex(self.note),
            "usera": tex(command or ""),  # a field of the user's own, which no style prints
        }
        lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
        return f"@online{{{self.id},\n{lines}}}\n"

    def ris(self, command: str | None = None) -> str:
        """Return the reference as a record of RIS; lines end as its specification wants it, with CR and LF."""
        tags = (
            ("TY", "ELEC"),
            ("ID", self.id),
            ("TI", one_line(self.title)),
            ("AU", self.author),
            ("T2", self.container),
            ("PY", self.published[:4] if self.published else None),
            ("DA", _slashes(self.published)),
            ("Y2", _slashes(self.captured)),
            ("UR", web_url(self.url)),
            ("AB", one_line(self.text or "")),
            ("N1", self.note),
            ("RN", one_line(command or "")),
        )
        return "".join(f"{tag}  - {value}\r\n" for tag, value in tags if value) + "ER  - \r\n"


def _date_parts(date: str | None) -> dict[str, list[list[int]]] | None:
    return {"date-parts": [[int(part) for part in date.split("-")]]} if date else None


def _slashes(date: str | None) -> str | None:
    return date.replace("-", "/") if date else None


def tex(text: str) -> str:
    """Return a line of text as BibTeX has it: what means something to TeX, and its ligatures, are put in braces."""
    return "{}".join(part.translate(_TEX) for part in _LIGATURE.split(one_line(text)))


def read_references(kb: KnowledgeBase, hits: Iterable[Hit]) -> tuple[Reference, ...]:
    """Return the reference of each hit, in their order."""
    return tuple(references_at(kb, [hit.row for hit in hits]))


def references_at(kb: KnowledgeBase, rows: Sequence[int]) -> Iterator[Reference]:
    """Yield the passages of these rows as references, in this order, `BATCH` in memory at a time."""
    for first in range(0, len(rows), BATCH):
        part = [int(row) for row in rows[first : first + BATCH]]
        found = kb.records.with_texts(
            'SELECT passages.row, passages.id, article_id, heading_path, start, "end", title, as_of,'
            " as_of_kind, path, url, site, publisher, (SELECT value FROM facts"
            " WHERE facts.article_id = articles.id AND kind = 'captured' LIMIT 1) AS captured FROM passages"
            " JOIN articles ON articles.id = article_id JOIN pages ON pages.id = article_id"
            f" WHERE passages.row IN ({','.join('?' * len(part))}) ORDER BY passages.row",
            part,
        )
        by_row = {row["row"]: row for row in found}
        for row in (by_row[number] for number in part):
            yield Reference(
                id=row["id"],
                article_id=row["article_id"],
                title=row["title"],
                site=row["site"],
                publisher=row["publisher"],
                published=row["as_of"] if row["as_of_kind"] == "published" else None,
                captured=row["captured"],
                url=row["url"],
                path=row["path"],
                build=kb.build,
                heading_path=tuple(json.loads(row["heading_path"])),
                start=row["start"],
                end=row["end"],
                text=row["text"],
            )


def reference_of(reading: Reading, build: str) -> Reference:
    """Return an article as a reference."""
    captured = next((fact["value"] for fact in reading.facts if fact["kind"] == "captured"), None)
    return Reference(
        id=reading.id,
        article_id=reading.id,
        title=reading.title,
        site=reading.site,
        publisher=reading.publisher,
        published=reading.as_of if reading.as_of_kind == "published" else None,
        captured=captured,
        url=reading.url,
        path=reading.path,
        build=build,
    )


def numbered_lines(references: Iterable[Reference]) -> Iterator[str]:
    """Yield the list of references by GB/T 7714, numbered: one line an article, in the order of first appearance."""
    listed: set[str] = set()
    for reference in references:
        if reference.article_id not in listed:
            listed.add(reference.article_id)
            yield f"[{len(listed)}] {reference.gbt7714()}"
