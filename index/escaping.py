"""Text as text in the markup of files that are made here: of XML and HTML, and of Markdown.

What stands on the page is escaped by `search_app.render`, which also keeps white space; a file holds each text in one
line.
"""

from __future__ import annotations

import re
from html import escape

from index.references import one_line

# What XML 1.0 cannot hold even as a reference (2.2); control characters and halves of pairs are dealt with by one_line.
_NO_XML = {0xFFFE: "\ufffd", 0xFFFF: "\ufffd"}
# What is markup inside a cell of a table of GitHub Flavored Markdown; what begins a block begins none there.
_MARKDOWN = re.compile(r"([\\`*_\[\]<>|~$&@])")
_ADDRESS = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)", re.IGNORECASE)


def xml_plain(text: object) -> str:
    """Return `text` in one line, of characters that XML can hold: for what writes the XML itself."""
    return one_line(str(text)).translate(_NO_XML)


def xml_text(text: object) -> str:
    """Return `text` in one line for use between tags of XML or HTML, or inside a quoted attribute."""
    return escape(xml_plain(text))


def markdown_text(text: object) -> str:
    """Return `text` in one line for a cell of a Markdown table; no address in it becomes a link."""
    return _ADDRESS.sub(r"\\", _MARKDOWN.sub(r"\\\1", one_line(str(text))))
