"""The answer as HTML: verdict, verbatim sentences with their citations, and where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from index.answer import Answer, Citation
from search_app.render import escape, lines
from search_app.views.address import Address
from search_app.words import Words


def answer_html(answer: Answer, here: Address, say: Words) -> str:
    """Return the answer card. Without sentences it says which kind of no it is."""
    verdict = escape(answer.verdict)
    parts = [
        f'<section class="pk pk-answer pk-{verdict}" lang="{say.tag}" aria-labelledby="pk-verdict">',
        f'<h2 class="pk-verdict" id="pk-verdict"><span class="pk-sign" aria-hidden="true"></span>'
        f"{escape(say.name('verdict', answer.verdict))}</h2>",
    ]
    if answer.sentences:
        parts.append(_sentences(answer, here, say))
        parts.append(_sources(answer.citations, here, say))
    parts.append(f'<p class="pk-about">{escape(say.name("about", answer.verdict))}')
    parts.append(f' <span class="pk-evidence">{escape(say("evidence", value=f"{answer.confidence:.2f}"))}</span></p>')
    return "".join([*parts, "</section>"])


def date_words(as_of: str | None, kind: str | None, say: Words) -> str:
    """Return the date of a page with what kind of date it is; a capture date is never called anything else."""
    if not as_of or kind not in ("captured", "published"):
        return say("undated")
    return say(kind, date=as_of)


def date_html(as_of: str | None, kind: str | None, say: Words) -> str:
    """Return the date of a page as HTML that no line break tears apart."""
    return f'<span class="pk-nowrap">{escape(date_words(as_of, kind, say))}</span>'


def _sentences(answer: Answer, here: Address, say: Words) -> str:
    known = {citation.number: citation for citation in answer.citations}
    paragraphs: list[list[str]] = []
    previous: Citation | None = None
    for sentence in answer.sentences:
        cited = [known[number] for number in sentence.citations]
        html = _quoted(sentence.text) + "".join(_cite_link(citation, here, say) for citation in cited)
        first = cited[0] if cited else None
        if first and previous and _reads_on(previous, first):
            paragraphs[-1].append(html)
        else:
            paragraphs.append([html])
        previous = cited[-1] if cited else None
    body = "".join(f"<p>{''.join(parts)}</p>" for parts in paragraphs)
    return f'<blockquote class="pk-quote" lang="zh-CN">{body}</blockquote>'


def _quoted(text: str) -> str:
    """Return a sentence; one that runs over several lines keeps its line breaks."""
    several = " pk-lines" if len(list(lines(text))) > 1 else ""
    return f'<span class="pk-sentence{several}">{escape(text)}</span>'


def _reads_on(left: Citation, right: Citation) -> bool:
    """Say whether two sentences stand side by side in one line of the page."""
    return left.article_id == right.article_id and left.end == right.start


def _cite_link(citation: Citation, here: Address, say: Words) -> str:
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
            f' <span class="pk-meta">{escape(first.path)} · {date_html(first.as_of, first.as_of_kind, say)}</span>'
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
