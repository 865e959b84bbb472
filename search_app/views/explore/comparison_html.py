"""A comparison as HTML: a table on a wide screen, a card a row on a narrow one; every quote leads to its place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from index.answer import Citation
from index.catalogue import NONE
from index.explore.cells import Cell
from index.explore.compare import BY, Comparison
from search_app.render import Stretch, escape, isolated, marked
from search_app.views.address import Address
from search_app.views.answer_html import cite_link, date_html
from search_app.views.explore.sources_html import sources_told
from search_app.words import Words

# Cells named beside the figures they state; the matrix names all.
_NAMED = 12


def ways_html(by: str, across: str | None, here: Address, say: Words) -> str:
    """Return what rows and columns may be, as links."""
    rows = [
        (say(f"facet_{facet}"), here.to(by=facet, order=None if facet == across else across), facet == by)
        for facet in BY
    ]
    columns = [(say("compare_across_none"), here.to(order=None), across is None)]
    columns += [(say(f"facet_{facet}"), here.to(order=facet), facet == across) for facet in BY if facet != by]
    return (
        f'<nav class="pk pk-compare-ways" lang="{say.tag}" aria-label="{escape(say("compare_ways"))}">'
        f"{_choices(say('compare_by'), rows)}{_choices(say('compare_across'), columns)}</nav>"
    )


def _choices(name: str, choices: Iterable[tuple[str, Address, bool]]) -> str:
    current = ' aria-current="true"'
    items = "".join(
        f'<li><a class="pk-go" href="{escape(there.to(at=1).href)}" target="_self"{current if chosen else ""}>'
        f"{escape(words)}</a></li>"
        for words, there, chosen in choices
    )
    return f'<div><span class="pk-hint">{escape(name)}</span><ul>{items}</ul></div>'


def examples_html(questions: Sequence[str], here: Address, say: Words) -> str:
    """Return questions of this base as links; nothing where it has none."""
    items = "".join(
        f'<li><a class="pk-go" href="{escape(here.to(q=question).href)}" target="_self" lang="zh-CN">'
        f"{escape(question)}</a></li>"
        for question in questions
    )
    if not items:
        return ""
    return (
        f'<section class="pk pk-compare-examples" lang="{say.tag}"><h2>{escape(say("compare_examples"))}</h2>'
        f"<ul>{items}</ul></section>"
    )


def nothing_html(say: Words) -> str:
    """Return that there is nothing to compare, and what to try."""
    return (
        f'<section class="pk pk-state" lang="{say.tag}" role="status"><h2>{escape(say("compare_nothing"))}</h2>'
        f"<p>{escape(say('compare_nothing_more'))}</p></section>"
    )


def comparison_html(found: Comparison, here: Address, say: Words) -> str:
    """Return what the cells come to, the matrix, and the sources behind a line to unfold."""
    rows = [(value, tuple(cells)) for value, cells in groupby(found.cells, key=lambda cell: cell.value)]
    shown = [row for row in rows if not _is_far(found, row[1])]
    table = ""
    if shown:
        table = _matrix(found, shown, here, say) if found.columns else _list(found, shown, here, say)
    more = _silent([row for row in rows if _is_far(found, row[1])], found, say)
    if found.more:
        facet = say(f"facet_{found.by}")
        more += f'<p class="pk-hint">{escape(say("compare_more", count=found.more, facet=facet.lower()))}</p>'
    return (
        f'<section class="pk pk-comparison" lang="{say.tag}"><h2 lang="zh-CN">{escape(found.question)}</h2>'
        f'{_summary(found, say)}<div class="pk-wide">{table}</div>{more}{_sources(found, here, say)}</section>'
    )


def _is_far(found: Comparison, cells: Sequence[Cell]) -> bool:
    """Say whether a row states nothing and comes nowhere near: a name in a list tells as much."""
    return all(cell.state != "stated" and cell.confidence < found.speak_from / 2 for cell in cells)


def _silent(rows: Sequence[tuple[str, Sequence[Cell]]], found: Comparison, say: Words) -> str:
    if not rows:
        return ""
    items = "".join(
        f"<li>{_value(found.by, value, say)}{'' if found.columns else f' {_of_articles(cells[0], say)}'}</li>"
        for value, cells in rows
    )
    name = escape(say("compare_silent_one") if len(rows) == 1 else say("compare_silent", count=len(rows)))
    return f'<div class="pk-compare-silent"><p class="pk-hint">{name}</p><ul>{items}</ul></div>'


def value_label(facet: str, value: str, say: Words) -> str:
    """Return the value of a facet in words: 湖南省长沙市, 未提地区."""
    return say(f"none_{facet}") if value == NONE else value.replace("/", "") if facet == "region" else value


def _value(facet: str, value: str, say: Words) -> str:
    tongue = "" if value == NONE else ' lang="zh-CN"'
    return f"<span{tongue}>{escape(value_label(facet, value, say))}</span>"


def _summary(found: Comparison, say: Words) -> str:
    """Return how many cells state it, and which figures they state."""
    states = [cell.state for cell in found.cells]
    told = [say("compare_stated", stated=states.count("stated"), silent=states.count("not_stated"))]
    if empty := states.count("no_articles"):
        told.append(say("compare_empty", count=empty))
    lines = [f'<p class="pk-meta" data-pk-announce>{escape(" · ".join(told))}</p>']
    groups = found.by_figures()
    if len(groups) == 1 and len(next(iter(groups.values()))) > 1:
        lines.append(f"<p>{escape(say('compare_agree', figures='、'.join(next(iter(groups)))))}</p>")
    elif len(groups) > 1:
        items = "".join(_group(figures, cells, found, say) for figures, cells in groups.items())
        lines.append(
            f"<p>{escape(say('compare_differ', count=len(groups)))}</p><ul>{items}</ul>"
            f'<p class="pk-hint">{escape(say("compare_differ_note"))}</p>'
        )
    return f'<div class="pk-compare-sum">{"".join(lines)}</div>'


def _group(figures: Sequence[str], cells: Sequence[Cell], found: Comparison, say: Words) -> str:
    where = "、".join(_name(found, cell, say) for cell in cells[:_NAMED])
    if len(cells) > _NAMED:
        where += f" {escape(say('compare_and_more', count=len(cells) - _NAMED))}"
    return f'<li><b lang="zh-CN">{escape("、".join(figures))}</b> <span class="pk-meta">{where}</span></li>'


def _name(found: Comparison, cell: Cell, say: Words) -> str:
    row = _value(found.by, cell.value, say)
    if found.across is None or cell.column is None:
        return row
    return f"{row} {_value(found.across, cell.column, say)}"


def _list(found: Comparison, shown: Sequence[tuple[str, Sequence[Cell]]], here: Address, say: Words) -> str:
    """Return the matrix of one facet: a row a value, its statement, and where that stands."""
    heads = (say(f"facet_{found.by}"), say("compare_says"), say("compare_source"))
    rows = "".join(
        f'<tr class="pk-{cell.state}"><th scope="row">{_value(found.by, cell.value, say)}{_of_articles(cell, say)}</th>'
        f"<td>{_said(cell, here, say)}</td><td>{_source(found, cell, here, say)}</td></tr>"
        for _, (cell,) in shown
    )
    return _table("pk-compare-list", heads, rows, say)


def _matrix(found: Comparison, shown: Sequence[tuple[str, Sequence[Cell]]], here: Address, say: Words) -> str:
    """Return the matrix of two facets; on a narrow screen each cell says its column itself."""
    assert found.across is not None  # columns are of a second facet
    across = found.across
    heads = (say(f"facet_{found.by}"), *(value_label(across, column, say) for column in found.columns))
    rows = []
    for value, cells in shown:
        cols = "".join(
            f'<td class="pk-{cell.state}" data-pk-column="{escape(value_label(across, cell.column or "", say))}">'
            f"{_said(cell, here, say)}{_source(found, cell, here, say)}</td>"
            for cell in cells
        )
        rows.append(f'<tr><th scope="row">{_value(found.by, value, say)}</th>{cols}</tr>')
    return _table("pk-compare-grid", heads, "".join(rows), say)


def _table(name: str, heads: Sequence[str], rows: str, say: Words) -> str:
    cols = "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    return (
        f'<table class="pk-matrix {name}"><caption class="pk-hint">{escape(say("compare_caption"))}</caption>'
        f"<thead><tr>{cols}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _of_articles(cell: Cell, say: Words) -> str:
    return f'<span class="pk-hint">{escape(_counted("compare_articles", cell.articles, say))}</span>'


def _said(cell: Cell, here: Address, say: Words) -> str:
    """Return the statement with its citations, or in quiet words that there is none."""
    if cell.state == "no_articles" and cell.column is not None:
        return f'<p class="pk-none"><span class="pk-spoken">{escape(say("compare_no_articles"))}</span>—</p>'
    if cell.state != "stated":
        return f'<p class="pk-none">{escape(say(f"compare_{cell.state}"))}</p>'
    quotes = "".join(_quote(one, marks, here, say) for one, marks in zip(cell.citations, cell.marks, strict=True))
    return f'<blockquote lang="zh-CN">{quotes}</blockquote>{_others(cell, here, say)}'


def _quote(citation: Citation, marks: Sequence[tuple[int, int]], here: Address, say: Words) -> str:
    stretches = [Stretch(start, end, "pk-number") for start, end in marks]
    body = marked(citation.quote, 0, len(citation.quote), stretches)
    return f"<p>{body}{cite_link(citation, here, say)}</p>"


def _others(cell: Cell, here: Address, say: Words) -> str:
    if not cell.others:
        return ""
    quotes = "".join(_quote(one, (), here, say) for one in cell.others)
    name = escape(_counted("compare_others", len(cell.others), say))
    return f'<details><summary>{name}</summary><blockquote lang="zh-CN">{quotes}</blockquote></details>'


def _source(found: Comparison, cell: Cell, here: Address, say: Words) -> str:
    """Return where a statement stands and how far it carries, or what came nearest to one."""
    if cell.citations:
        first = cell.citations[0]
        texts = escape(_counted("sources_texts", cell.sources.texts, say))
        notes = [
            date_html(first.as_of, first.as_of_kind, say),
            f'<span class="pk-nowrap" title="{escape(sources_told(cell.sources, say))}">{texts}</span>',
        ]
        if cell.verdict == "partly":
            notes.append(escape(say("compare_partly")))
        if cell.band:
            notes.append(escape(say("compare_band", name=say.name("band", cell.band.name))))
        if cell.is_shared:
            notes.append(escape(say("compare_shared", facet=say(f"facet_{found.by}").lower())))
        return _place(first.title, here.cite(found.build, first.article_id, first.start, first.end)) + _notes(notes)
    if cell.nearest is None or cell.confidence < found.speak_from / 2:
        return ""
    near = cell.nearest
    name = f'<span class="pk-hint">{escape(say("compare_near"))}</span> '
    place = _place(near.title, here.cite(found.build, near.article_id, near.start, near.end), name)
    shares = {"share": f"{cell.confidence:.0%}", "least": f"{found.speak_from:.0%}"}
    return place + _notes([escape(say("compare_near_score", **shares))])


def _place(title: str, there: Address, name: str = "") -> str:
    link = f'<a class="pk-go" href="{escape(there.href)}" target="_self" lang="zh-CN">{escape(title)}</a>'
    return f'<p class="pk-of-place">{name}{link}</p>'


def _notes(notes: Sequence[str]) -> str:
    return f'<p class="pk-meta">{" · ".join(notes)}</p>'


def _sources(found: Comparison, here: Address, say: Words) -> str:
    """Return all citations with their places, by number."""
    if not found.citations:
        return ""
    items = "".join(
        f'<li><span class="pk-numbers">[{one.number}]</span> <a class="pk-go"'
        f' href="{escape(here.cite(one.build, one.article_id, one.start, one.end).href)}" target="_self"'
        f' lang="zh-CN">{escape(" › ".join((one.title, *one.heading_path)))}</a>'
        f' <span class="pk-meta">{isolated(one.path)} [{one.start}, {one.end}) ·'
        f" {date_html(one.as_of, one.as_of_kind, say)}</span></li>"
        for one in found.citations
    )
    name = escape(say("compare_sources", count=len(found.citations)))
    return f'<details class="pk-compare-sources"><summary>{name}</summary><ul class="pk-sources">{items}</ul></details>'


def _counted(key: str, count: int, say: Words) -> str:
    return say(f"{key}_one") if count == 1 else say(key, count=f"{count:,}")
