"""The answer as HTML: verdict, verbatim sentences with their citations, where they stand, and what stands around them.

Sentences whose figures differ stand side by side, each under the place and the date of its source.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from index.answer import Answer, Citation, Sentence
from index.hits import Hit
from ingest.headings import is_item
from search_app.dated import date_words
from search_app.differing import differing_figures, side_by_side
from search_app.render import Stretch, apart, escape, isolated, line_html, lines, marked
from search_app.views.address import Address
from search_app.words import Words

# Of a "no", as many places to go on from as are read at a glance.
NEAREST = 3


def answer_html(answer: Answer, here: Address, say: Words, *, places: Mapping[str, str] | None = None) -> str:
    """Return the answer card. Without sentences it says which kind of no it is.

    `places` names the place of an article by its id, for sentences whose figures differ.
    """
    verdict = escape(answer.verdict)
    parts = [
        f'<section class="pk pk-answer pk-{verdict}" lang="{say.tag}" aria-labelledby="pk-verdict">',
        f'<h2 class="pk-verdict" id="pk-verdict"><span class="pk-sign" aria-hidden="true"></span>'
        f"{escape(say.name('verdict', answer.verdict))}</h2>",
    ]
    if answer.sentences:
        parts.append(unmet_html(answer.unmet_places, say))
        parts.append(_sentences(answer, here, say, places or {}))
        parts.append(_sources(answer.citations, here, say))
        parts.append(_context(answer, here, say))
    parts.append(f'<p class="pk-about">{escape(say.name("about", answer.verdict))}')
    if answer.sentences:
        parts.append(f' <span class="pk-evidence">{escape(_band(answer, say))}</span>')
    parts.append("</p>")
    if answer.verdict == "not_stated" and answer.hits:
        parts.append(_nearest(answer, here, say))
    return "".join([*parts, "</section>"])


def unmet_html(places: Sequence[str], say: Words) -> str:
    """Return the line that no cited page speaks for the places that were asked for; nothing where there are none."""
    return f'<p class="pk-unmet">{escape(say("unmet_places", places="、".join(places)))}</p>' if places else ""


def _nearest(answer: Answer, here: Address, say: Words) -> str:
    """Return links to the passages that come nearest, one an article: the whole list stands further down."""
    first = {hit.article_id: hit for hit in reversed(answer.hits)}
    nearest = sorted(first.values(), key=lambda hit: hit.rank)[:NEAREST]
    items = []
    for hit in nearest:
        href = here.cite(answer.build, hit.article_id, hit.start, hit.end).href
        place = " › ".join((hit.title, *hit.heading_path))
        items.append(
            f'<li><a class="pk-go" href="{escape(href)}" target="_self" lang="zh-CN">{escape(place)}</a>'
            f' <span class="pk-meta">{date_html(hit.as_of, hit.as_of_kind, say)}</span></li>'
        )
    name = escape(say("nearest_places"))
    return f'<p class="pk-meta pk-nearest">{name}</p><ul class="pk-sources" aria-label="{name}">{"".join(items)}</ul>'


def _band(answer: Answer, say: Words) -> str:
    """Return how often answers of this confidence were right when they were measured, or that nobody measured."""
    if answer.band is None:
        return say("uncalibrated")
    right = round(answer.band.right * answer.band.questions)
    return say("band", name=say.name("band", answer.band.name), questions=answer.band.questions, right=right)


def date_html(as_of: str | None, kind: str | None, say: Words) -> str:
    """Return the date of a page as HTML that no line break tears apart."""
    return f'<span class="pk-nowrap">{escape(date_words(as_of, kind, say))}</span>'


def _sentences(answer: Answer, here: Address, say: Words, places: Mapping[str, str]) -> str:
    known = {citation.number: citation for citation in answer.citations}
    groups = side_by_side(answer.sentences)
    grouped = {place for group in groups.values() for place in group}
    blocks: list[str] = []
    previous: Citation | None = None
    for place, sentence in enumerate(answer.sentences):
        if place in groups:
            members = [answer.sentences[member] for member in groups[place]]
            blocks.append(_beside(members, known, here, say, places))
        if place in grouped:
            previous = None
            continue
        cited = [known[number] for number in sentence.citations]
        links = "".join(cite_link(citation, here, say) for citation in cited)
        html = f"{_quoted(sentence.text)}{links}{_copies(cited, say)}"
        if cited and previous and _reads_on(previous, cited[0]):
            blocks[-1] = f"{blocks[-1].removesuffix('</p>')}{html}</p>"
        else:
            blocks.append(f'<p class="pk-listed">{html}</p>' if is_item(sentence.text) else f"<p>{html}</p>")
        previous = cited[-1] if cited else None
    return f'<blockquote class="pk-quote" lang="zh-CN">{"".join(blocks)}</blockquote>'


def _beside(
    members: Sequence[Sentence], known: Mapping[int, Citation], here: Address, say: Words, places: Mapping[str, str]
) -> str:
    """Return sentences whose figures differ side by side, the figures marked, each under what it is about."""
    items = []
    for sentence, figures in zip(members, differing_figures([member.text for member in members]), strict=True):
        cited = [known[number] for number in sentence.citations]
        first = cited[0]
        place = places.get(first.article_id)
        about = f'<b lang="zh-CN">{escape(place)}</b>' if place else f"<span>{escape(say('no_place'))}</span>"
        links = "".join(cite_link(citation, here, say) for citation in cited)
        items.append(
            f'<li><span class="pk-of" lang="{say.tag}">{about} {date_html(first.as_of, first.as_of_kind, say)}</span>'
            f"<p>{_quoted(sentence.text, figures)}{links}{_copies(cited, say)}</p></li>"
        )
    return (
        f'<div class="pk-versus"><span class="pk-differs" lang="{say.tag}">{escape(say("differs"))}</span>'
        f"<ul>{''.join(items)}</ul></div>"
    )


def _copies(cited: Sequence[Citation], say: Words) -> str:
    """Return that several citations of a sentence are one text: all but the first stand in copies of its passage."""
    if len(cited) < 2:
        return ""
    told = escape(say("sources_one_text", count=len(cited)))
    return f'<span class="pk-hint pk-nowrap" lang="{say.tag}" title="{escape(say("sources_why"))}">{told}</span>'


def _quoted(text: str, figures: Sequence[tuple[int, int]] = ()) -> str:
    """Return a sentence; one that runs over several lines keeps its line breaks."""
    name = "pk-sentence pk-lines" if len(list(lines(text))) > 1 else "pk-sentence"
    stretches = [Stretch(start, end, "pk-number") for start, end in figures]
    return f'<span class="{name}">{marked(text, 0, len(text), stretches)}</span>'


def _context(answer: Answer, here: Address, say: Words) -> str:
    """Return the passages that are cited, whole, behind a line to unfold: the rest is one click away."""
    cited: dict[str, list[Citation]] = {}
    for citation in answer.citations:
        cited.setdefault(citation.passage_id, []).append(citation)
    blocks = "".join(_around(hit, cited[hit.passage_id], here) for hit in answer.hits if hit.passage_id in cited)
    if not blocks:
        return ""
    return (
        f'<details class="pk-context"><summary>{escape(say("context"))}</summary>'
        f'<div lang="zh-CN">{blocks}</div></details>'
    )


def _around(hit: Hit, citations: Sequence[Citation], here: Address) -> str:
    first = citations[0]
    href = escape(here.cite(first.build, hit.article_id, first.start, first.end).href)
    said = apart(Stretch(one.start - hit.start, one.end - hit.start, "pk-said") for one in citations)
    body = "".join(line_html(hit.text, line, said) for line in lines(hit.text))
    place = " › ".join((hit.title, *hit.heading_path))
    return f'<p class="pk-meta"><a class="pk-go" href="{href}" target="_self">{escape(place)}</a></p>{body}'


def _reads_on(left: Citation, right: Citation) -> bool:
    """Say whether two sentences stand side by side in one line of the page."""
    return left.article_id == right.article_id and left.end == right.start


def cite_link(citation: Citation, here: Address, say: Words) -> str:
    """Return the number of a citation as a link to its place in the article."""
    href = here.cite(citation.build, citation.article_id, citation.start, citation.end).href
    label = say("cite_label", number=citation.number, title=citation.title)
    return (
        f'<a class="pk-go pk-cite" href="{escape(href)}" target="_self" aria-label="{escape(label)}"'
        f' title="{escape(label)}">[{citation.number}]</a>'
    )


def _sources(citations: Sequence[Citation], here: Address, say: Words) -> str:
    """Return one entry for each article that is cited, with the headings under which its numbers stand."""
    by_article: dict[str, list[Citation]] = {}
    for citation in sorted(citations, key=lambda c: c.number):
        by_article.setdefault(citation.article_id, []).append(citation)
    items = []
    for members in by_article.values():
        first = members[0]
        href = here.cite(first.build, first.article_id, first.start, first.end).href
        places = "".join(_place(list(group), here, say) for _, group in groupby(members, key=lambda c: c.heading_path))
        items.append(
            f'<li><a class="pk-go" href="{escape(href)}" target="_self" lang="zh-CN">{escape(first.title)}</a>'
            f' <span class="pk-meta">{isolated(first.path)} · {date_html(first.as_of, first.as_of_kind, say)}</span>'
            f"{places}</li>"
        )
    return f'<ul class="pk-sources" aria-label="{escape(say("sources"))}">{"".join(items)}</ul>'


def _place(members: Sequence[Citation], here: Address, say: Words) -> str:
    """Return the numbers that stand under one heading, with the heading as a link to the first of them."""
    first = members[0]
    href = here.cite(first.build, first.article_id, first.start, first.end).href
    numbers = "".join(f"[{member.number}]" for member in members)
    place = f'<span lang="zh-CN">{escape(" › ".join(first.heading_path))}</span>' if first.heading_path else ""
    return (
        f'<span class="pk-place"><span class="pk-numbers">{numbers}</span> <a class="pk-go" href="{escape(href)}"'
        f' target="_self">{place or escape(say("opening"))}</a></span>'
    )
