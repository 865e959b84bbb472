"""Bytes -> page: decoded, linearised with offsets, with its provenance from a sidecar or from the page itself.

What cannot be read is a `BadPage`, which says why and what to do; nothing else is raised for a bad file. What a file is
shows in its content first and in its name second. HTML is left to `dom`, dumps to `lines`, bytes to `decode`, and which
files are pages at all to `find`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ingest.block import Block
from ingest.decoding.decode import Undecodable, declared_charset, decode
from ingest.lines import WHITE, read_lines
from ingest.problem import Problem
from ingest.regular import NotRegular, open_regular

MAX_BYTES = 20_000_000  # the largest page of 256 on the bench has 1.5 MB; more is a dump of a whole site
MAX_CHARS = 1_000_000  # of text: a book; what follows of a page, with all its lines in one, takes up to 5 s here
MAX_BLOCKS = 60_000
_ID_DIGITS = 12  # 48 bits: two of a million pages share an id with a chance of 0.2 %

_NO_SIDECAR: Mapping[str, Mapping[str, str]] = {}
_HTML_SUFFIXES = (".html", ".htm", ".xhtml")
_HTML_START = re.compile(
    r"[\s\ufeff]*(?:<\?xml[^>]*>\s*)?(?>(?:<!--.*?-->\s*)*)<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(
    r"</?(?:a|body|br|div|h[1-6]|head|html|img|li|meta|p|script|span|table|td|title|tr|ul)\b[^<>]*>", re.I
)
_MANY_TAGS = 10  # a dump that quotes a tag or two stays a dump
_SNIFFED_CHARS = 100_000


class BadPage(Problem):
    """A file that gives no page. `reason` says what was found, what was expected and what to do."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)  # both, so that it survives the way between processes
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Page:
    """One scraped page. All offsets anywhere are character offsets into `text`, a pure function of the bytes.

    `id` follows from `path` alone and stays when the content changes; `sha256` is that of the bytes. `kind` is `text`
    or `html`. `published` is an ISO date that the page's metadata states, never one from its text. Unknown is None.
    `warnings` name what may be missing or wrong in `text`.
    """

    id: str
    path: str
    sha256: str
    encoding: str
    kind: str
    url: str | None
    site: str | None
    publisher: str | None
    fetched: str | None
    published: str | None
    title: str | None
    text: str
    blocks: tuple[Block, ...]
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        end = 0
        for block in self.blocks:
            if not end <= block.start < block.end <= len(self.text):
                raise ValueError(f"blocks hold text and follow each other inside it, found {block} after {end}")
            end = block.end


def page_id(path: str) -> str:
    """Return the id of the page at `path` (relative, POSIX): twelve hexadecimal digits."""
    return sha256(path.encode("utf-8", "surrogateescape")).hexdigest()[:_ID_DIGITS]


def read_page(
    file: Path, *, path: str, sidecar: Mapping[str, Mapping[str, str]] = _NO_SIDECAR, max_bytes: int = MAX_BYTES
) -> Page:
    """Return the page in `file`, known as `path`. Raises `BadPage`; a file over `max_bytes` is not opened at all."""
    return page_from_bytes(read_bytes(file, path=path, max_bytes=max_bytes), path=path, sidecar=sidecar)


def read_bytes(file: Path, *, path: str, max_bytes: int = MAX_BYTES) -> bytes:
    """Return the bytes of `file`, known as `path`. Raises `BadPage`; a file over `max_bytes` is not opened at all."""
    try:
        size = file.lstat().st_size
        if size <= max_bytes:
            with open_regular(file) as stream:
                data = stream.read(max_bytes + 1)
            size = max(size, len(data))
    except NotRegular as error:
        raise BadPage(
            path, f"found {error}, expected a file, name the pages themselves or the folder they lie in"
        ) from error
    except FileNotFoundError as error:
        raise BadPage(path, "found no file (any more), expected a page, list the folder again") from error
    except PermissionError as error:
        raise BadPage(
            path, "found a file that may not be read, expected one that may, change its permissions"
        ) from error
    except OSError as error:
        raise BadPage(path, f"found a file that cannot be read ({error.strerror}), expected one that can") from error
    if size > max_bytes:
        raise _too_big(path, size, max_bytes)
    return data


def page_from_bytes(data: bytes, *, path: str, sidecar: Mapping[str, Mapping[str, str]] = _NO_SIDECAR) -> Page:
    """Return the page that `data` is, known as `path`: `read_page` without a file. Raises `BadPage`.

    What the sidecar's entry for `path` says goes before what the page says of itself.
    """
    try:
        decoded = decode(data, declared=declared_charset(data))
    except Undecodable as error:
        raise BadPage(path, f"found {error.looks_like}, expected text or HTML, {error.way_out}") from error
    if not decoded.text.strip(WHITE):
        found = "only white space" if data else "an empty file"
        raise BadPage(path, f"found {found}, expected a page, fetch it again or delete it")
    kind = sniff_kind(decoded.text, path)
    title = published = None
    said: dict[str, str | None] = {}
    text, warnings = decoded.text, decoded.warnings
    if kind == "text":
        blocks = read_lines(text)
    else:
        from ingest.html.dom import UnreadableHtml, read_html  # lazily: dumps need no parser

        try:
            html = read_html(text)
        except UnreadableHtml as error:
            raise BadPage(path, f"found {error}, save the page as text") from error
        if not html.blocks:
            hint = "".join(f"; {warning}" for warning in html.warnings)
            raise BadPage(
                path,
                f"found HTML of {len(data)} bytes without visible text{hint}, expected an article, "
                "save it from a browser after its scripts have run",
            )
        text, blocks, title, published = html.text, html.blocks, html.title, html.published
        said = {"url": html.url, "site": html.site, "publisher": html.publisher}
        warnings += html.warnings
    _check_size(path, text, blocks)
    said |= {key: value for key, value in sidecar.get(path, {}).items() if value}
    return Page(
        id=page_id(path),
        path=path,
        sha256=sha256(data).hexdigest(),
        encoding=decoded.encoding,
        kind=kind,
        url=said.get("url"),
        site=said.get("site"),
        publisher=said.get("publisher"),
        fetched=said.get("fetched"),
        published=published,
        title=title,
        text=text,
        blocks=blocks,
        warnings=warnings,
    )


def _check_size(path: str, text: str, blocks: Sequence[Block]) -> None:
    """Raise BadPage for more text than a page made for reading has: cleaning it would take minutes."""
    for count, most, what in ((len(text), MAX_CHARS, "characters of text"), (len(blocks), MAX_BLOCKS, "lines")):
        if count > most:
            raise BadPage(path, f"found {count} {what}, expected at most {most}, split the page")


def sniff_kind(text: str, path: str) -> str:
    """Return `html` or `text`: by how `text` begins, then by how many tags it has, and only in doubt by the suffix."""
    if _HTML_START.match(text[:_SNIFFED_CHARS]):
        return "html"
    tags = len(_TAG.findall(text[:_SNIFFED_CHARS]))
    if tags >= _MANY_TAGS:
        return "html"
    return "html" if tags and path.lower().endswith(_HTML_SUFFIXES) else "text"


def _too_big(path: str, size: int, max_bytes: int) -> BadPage:
    return BadPage(path, f"found {size} bytes, expected at most {max_bytes}, split the file or raise the limit")
