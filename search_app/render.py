"""Text becomes HTML that shows exactly this text: escaped first, then marked by offsets.

Everything that comes from pages, questions, addresses and file names passes through `escape`. Line breaks and tabs
become character references, so the HTML is one line and nothing on the way (Streamlit dedents what it is given) can
change white space. Taking the tags away and resolving the references gives back the source, character for character.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape as escape_html
from urllib.parse import urlsplit

# The last two thousand and NUL are characters that UTF-8 or a browser cannot hold.
_REFERENCES = {
    ord("\n"): "&#10;",
    ord("\r"): "&#13;",
    ord("\t"): "&#9;",
    **dict.fromkeys([0, *range(0xD800, 0xE000)], "\ufffd"),
}
# Whatever of them a text may hold.
_RARE = re.compile("[\n\r\t\0\ud800-\udfff]")
_COLUMNS = {"\t": 4, "\u3000": 2}
MAX_INDENT = 4


def escape(text: object) -> str:
    """Return `text` for use between tags or inside a quoted attribute. NUL and lone surrogates become U+FFFD."""
    safe = escape_html(str(text))
    return safe.translate(_REFERENCES) if _RARE.search(safe) else safe  # translating takes twice as long


@dataclass(frozen=True, slots=True)
class Ready:
    """HTML that Streamlit takes as it is; in a string it would look for indentation, at every run anew."""

    html: str

    def _repr_html_(self) -> str:
        return self.html


def isolated(text: object) -> str:
    """Return `text` so that a character in it which turns the direction of writing round ends with it."""
    return f"<bdi>{escape(text)}</bdi>"


def web_address(url: str | None) -> str | None:
    """Return `url` if a browser may be sent there: absolute, http or https; else None."""
    if not url:
        return None
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    return url.strip() if parts.scheme in ("http", "https") and parts.netloc else None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Characters `[start, end)` to set off with a `mark`: its class and further attributes, ready for the tag."""

    start: int
    end: int
    name: str = "pk-word"
    attributes: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a text, `[start, end)` without the white space at its ends; `following` is where the next one starts.

    What stands before the first line belongs to nobody and is given by `lines` as a line with start == end.
    """

    start: int
    end: int
    following: int
    indent: int


def lines(text: str, start: int = 0, end: int | None = None) -> Iterator[Line]:
    """Yield the lines of `text[start:end]` that are not blank; they tile it, each with the white space behind it.

    White space at the very beginning comes as an empty first line. `indent` is counted in steps of two columns.
    """
    stop = len(text) if end is None else end
    found: list[tuple[int, int, int]] = []
    position = start
    for raw in text[start:stop].splitlines(keepends=True):
        body = raw.strip()
        if body:
            lead = len(raw) - len(raw.lstrip())
            columns = sum(_COLUMNS.get(character, 1) for character in raw[:lead])
            found.append((position + lead, position + lead + len(body), min(MAX_INDENT, columns // 2)))
        position += len(raw)
    first = found[0][0] if found else stop
    if first > start:
        yield Line(start, start, first, 0)
    for number, (left, right, indent) in enumerate(found):
        yield Line(left, right, found[number + 1][0] if number + 1 < len(found) else stop, indent)


def apart(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Return the stretches in order, without overlaps (the later one gives way) and without empty ones."""
    result: list[Stretch] = []
    for stretch in sorted(stretches, key=lambda s: (s.start, s.end)):
        left = max(stretch.start, result[-1].end if result else 0)
        if left < stretch.end:
            result.append(Stretch(left, stretch.end, stretch.name, stretch.attributes))
    return result


def marked(text: str, start: int, end: int, stretches: Sequence[Stretch] = ()) -> str:
    """Return `text[start:end]` as HTML with the parts of the stretches that fall into it marked."""
    pieces = []
    position = start
    for stretch in apart(stretches):
        left, right = max(stretch.start, position), min(stretch.end, end)
        if left >= right:
            continue
        attributes = f" {stretch.attributes}" if stretch.attributes else ""
        pieces.append(escape(text[position:left]))
        pieces.append(f'<mark class="{stretch.name}"{attributes}>{escape(text[left:right])}</mark>')
        position = right
    return "".join([*pieces, escape(text[position:end])])


def hidden(white: str) -> str:
    """Return white space that keeps the text whole but takes no room, because the layout already breaks here."""
    return f'<span class="pk-white">{escape(white)}</span>' if white else ""


def line_html(text: str, line: Line, stretches: Sequence[Stretch] = (), *, tag: str = "p", name: str = "") -> str:
    """Return one line as a block element, with the white space behind it."""
    classes = " ".join(part for part in (name, f"pk-in{line.indent}" if line.indent else "") if part)
    attribute = f' class="{classes}"' if classes else ""
    inner = marked(text, line.start, line.end, stretches) + hidden(text[line.end : line.following])
    return inner if line.start == line.end else f"<{tag}{attribute}>{inner}</{tag}>"


def text_html(text: str, marks: Iterable[tuple[int, int]] = (), headings: Collection[str] = ()) -> str:
    """Return a passage as one block a line, with `marks` (offsets into it) highlighted; `headings` look like such."""
    stretches = apart(Stretch(start, end) for start, end in marks)
    return "".join(
        line_html(text, line, stretches, name="pk-headline" if text[line.start : line.end] in headings else "")
        for line in lines(text)
    )


def row_html(text: str, line: Line, stretches: Sequence[Stretch] = ()) -> str:
    """Return a line of cells, parted by tabs, as a table row. The tabs stay in the text."""
    cells = []
    position = line.start
    for cell in text[line.start : line.end].split("\t"):
        end = position + len(cell)
        behind = text[end : end + 1] if end < line.end else text[line.end : line.following]
        cells.append(f"<td>{marked(text, position, end, stretches)}{hidden(behind)}</td>")
        position = end + 1
    return f"<tr>{''.join(cells)}</tr>"
