"""An article as HTML: what was kept of the page, in its structure, the cited place marked, and what is known of it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from index.reading import Reading
from ingest.doubtful import DOUBTFUL_BELOW
from ingest.headings import is_item
from search_app.page_parts import Piece
from search_app.phrases import phrase
from search_app.render import Stretch, escape, isolated, line_html, lines, row_html, web_address
from search_app.views.address import Address
from search_app.views.answer_html import date_html
from search_app.words import Words

_SHOWN_FACTS = ("published", "captured", "region", "scheme", "year")


def cited_stretches(text: str, here: Address, *, takes_focus: bool = True) -> list[Stretch]:
    """Return the marks of the cited place, one a line; the first one takes the focus. None where no place is named."""
    if here.start is None or here.end is None:
        return []
    pieces = [line for line in lines(text, here.start, min(here.end, len(text))) if line.start < line.end]
    focus = f' data-pk-focus="{here.start}-{here.end}"' if takes_focus else ""
    first = f'id="pk-cited" tabindex="-1"{focus}'
    return [
        Stretch(line.start, line.end, "pk-cited", first if number == 0 else "") for number, line in enumerate(pieces)
    ]


def article_html(reading: Reading, here: Address, *, run: Sequence[Piece] | None = None) -> str:
    """Return the article, or its pieces `run`; without the tags it is the kept spans, joined, character for character.

    Its spans stand in `data-pk-spans`, from which a script knows where selected words stand in the page.
    """
    spans = reading.spans if run is None else [(piece.start, piece.end) for piece in run if piece.removal is None]
    body = "".join(_blocks(reading, spans, cited_stretches(reading.text, here)))
    return f'<article class="pk pk-article" lang="zh-CN" {spans_attribute(spans)}>{body}</article>'


def spans_attribute(spans: Iterable[tuple[int, int]]) -> str:
    """Return the attribute that says which stretches of the page an element shows, in its order."""
    return f'data-pk-spans="{" ".join(f"{start}-{end}" for start, end in spans)}"'


def _blocks(reading: Reading, spans: Iterable[tuple[int, int]], stretches: list[Stretch]) -> Iterator[str]:
    """Yield the article element by element; rows that follow each other are one table, items one list."""
    for kind, members in groupby(_elements(reading, spans, stretches), key=lambda element: element[0]):
        html = "".join(element for _, element in members)
        if kind == "tr":
            yield f'<div class="pk-wide" tabindex="0" role="group"><table>{html}</table></div>'
        else:
            # Without its signs a list is none to Safari, which goes by the style; the signs stand in the text here.
            yield f'<ul role="list">{html}</ul>' if kind == "li" else html


def _elements(
    reading: Reading, spans: Iterable[tuple[int, int]], stretches: list[Stretch]
) -> Iterator[tuple[str, str]]:
    """Yield what each line of the article becomes: the tag and the HTML."""
    text = reading.text
    levels = {level: 2 + place for place, level in enumerate(sorted(set(reading.headings.values())))}
    squeezed = "".join(reading.title.split())
    whole = (line for start, end in reading.spans for line in lines(text, start, end))
    titles = (line.start for line in whole if "".join(text[line.start : line.end].split()) == squeezed)
    title_at = next(titles, None) if squeezed else None
    starts = [start for start, _ in reading.body]
    above = 1
    for line in (line for start, end in spans for line in lines(text, start, end)):
        words = text[line.start : line.end]
        if line.start == line.end:
            yield "", line_html(text, line, stretches)
        elif "\t" in words:
            yield "tr", row_html(text, line, stretches)
        elif line.start == title_at:
            yield "h1", line_html(text, line, stretches, tag="h1")
        elif line.start in reading.headings:
            # An outline leaves no level out on its way down.
            above = min(6, levels[reading.headings[line.start]], above + 1)
            yield f"h{above}", line_html(text, line, stretches, tag=f"h{above}")
        else:
            place = bisect_right(starts, line.start) - 1
            is_body = place >= 0 and line.end <= reading.body[place][1]
            if is_body and is_item(words):
                yield "li", line_html(text, line, stretches, tag="li", name="pk-item")
                continue
            is_short = reading.short_answer and words == reading.short_answer.strip()
            name = ("pk-short" if is_short else "") if is_body else "pk-byline"
            yield "p", line_html(text, line, stretches, name=name)


def byline_html(reading: Reading, say: Words) -> str:
    """Return where the article comes from, in one line, with a link to the original if it has a web address."""
    parts = [isolated(part) for part in dict.fromkeys((reading.site, reading.publisher)) if part]
    parts = parts or [escape(say("site_unknown"))]
    parts.append(_source(reading, say))
    parts.append(f"<strong>{date_html(reading.as_of, reading.as_of_kind, say)}</strong>")
    captured = next((fact["value"] for fact in reading.facts if fact["kind"] == "captured"), None)
    if captured and reading.as_of_kind == "published":
        parts.append(date_html(captured, "captured", say))
    parts.append(f"<code>{escape(reading.path)}</code>")
    if address := web_address(reading.url):
        parts.append(
            f'<a href="{escape(address)}" target="_blank" rel="noopener noreferrer">{escape(say("original"))} ↗</a>'
        )
    else:
        parts.append(isolated(reading.url) if reading.url else escape(say("no_original")))
    warning = doubts_html(reading, say) if reading.confidence < DOUBTFUL_BELOW else ""
    return f'<div class="pk" lang="{say.tag}"><p class="pk-meta pk-from">{" · ".join(parts)}</p>{warning}</div>'


def _source(reading: Reading, say: Words) -> str:
    """Return the kind of source in words, with what says so as a hint."""
    why = phrase(reading.source_evidence, say.lang)
    hint = f' title="{escape(why)}"' if why else ""
    return f'<span class="pk-source"{hint}>{escape(say.name("source", reading.source))}</span>'


def doubts_html(reading: Reading, say: Words) -> str:
    """Return what speaks against the cleaning of the page, in words; nothing where nothing does."""
    if not reading.doubts:
        return ""
    items = "".join(f"<li>{escape(phrase(doubt, say.lang))}</li>" for doubt in reading.doubts)
    title = say("doubtful" if reading.confidence < DOUBTFUL_BELOW else "doubts")
    return f'<div class="pk-warning" lang="{say.tag}"><strong>{escape(title)}</strong><ul>{items}</ul></div>'


def traces_html(reading: Reading, here: Address, say: Words) -> str:
    """Return the warning that a text generator left its traces, with each trace; nothing where there is none."""
    traces = reading.traces
    if not traces:
        return ""
    items = []
    for trace in traces:
        start, end = trace["start"], trace["end"]
        place = here.to(start=start, end=end, part=None, ledger=not reading.keeps(start, end))
        items.append(
            f'<li><a class="pk-go" href="{escape(place.href)}" target="_self" lang="zh-CN">{escape(trace["quote"])}</a>'
            f"</li>"
        )
    words = f"<strong>{escape(say('traces'))}</strong>"
    return f'<div class="pk pk-warning" lang="{say.tag}">{words}<ul>{"".join(items)}</ul></div>'


def facts_html(reading: Reading, here: Address, say: Words) -> str:
    """Return the facts of an article, each with its evidence; a place in the text is a link to it."""
    facts = sorted(
        (fact for fact in reading.facts if fact["kind"] in _SHOWN_FACTS),
        key=lambda fact: (_SHOWN_FACTS.index(fact["kind"]), fact["start"]),
    )
    if not facts:
        return ""
    rows = []
    for fact in facts:
        start, end = fact["start"], fact["end"]
        evidence = escape(say("from_metadata"))
        if 0 <= start < end:
            place = here.to(start=start, end=end, part=None, ledger=not reading.keeps(start, end))
            evidence = (
                f'{escape(say("from_place"))}<a class="pk-go" href="{escape(place.href)}" target="_self" lang="zh-CN">'
                f"{escape(fact['quote'])}</a>"
            )
        rows.append(
            f"<tr><th scope='row'>{escape(say.name('fact', fact['kind']))}</th>"
            f'<td lang="zh-CN">{escape(fact["value"])}</td><td>{evidence}</td></tr>'
        )
    return (
        f'<details class="pk pk-facts" lang="{say.tag}"><summary>{escape(say("facts"))}</summary>'
        f"<table>{''.join(rows)}</table></details>"
    )
