"""The map of passages in words: what is drawn, its groups as a table, the card of a point, and the passages chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index.explore.area import Area
from index.explore.independent import Sources
from index.explore.map_picture import SHAPES, look_of
from index.explore.passage_map import Cluster, PassageMap
from index.references import Reference
from search_app.render import escape, isolated
from search_app.views.address import Address
from search_app.views.explore.sources_html import sources_html
from search_app.words import Words

# As much of a passage as tells what it is about; the passage itself is one click away.
_CARD_CHARS, _LIST_CHARS = 110, 160
_STEP = " › "


@dataclass(frozen=True, slots=True)
class Listed:
    """A passage of a list: its group, and how many near-identical ones it stands for, itself among them."""

    reference: Reference
    cluster: Cluster
    copies: int


def head_html(found: PassageMap, in_subcorpus: int | None, bad_area: str | None, say: Words) -> str:
    """Return what the map shows and what it does not; `in_subcorpus` are the points of the filters, None without."""
    count = f"{len(found):,}"
    if found.is_sample:
        lines = [say("map_sample", texts=f"{found.texts:,}", count=count)]
    else:
        lines = [say("map_points_one") if len(found) == 1 else say("map_points", count=count)]
    if in_subcorpus is not None:
        key = "map_in_subcorpus" if in_subcorpus else "map_none_in_subcorpus"
        lines.append(say(key, count=f"{in_subcorpus:,}"))
    warning = f'<p class="pk-warning">{escape(say("map_bad_area", why=bad_area))}</p>' if bad_area else ""
    return (
        f'<section class="pk pk-map" lang="{say.tag}">{warning}<p class="pk-meta">{escape(" ".join(lines))}</p>'
        f'<p class="pk-meta">{escape(say("map_no_measure"))}</p></section>'
    )


def mark_html(number: int) -> str:
    """Return the mark of a group as the map draws it, not spoken: its number stands beside it."""
    tone, shape = look_of(number)
    return f'<span class="pk-map-mark pk-map-t{tone} pk-map-{SHAPES[shape]}" aria-hidden="true"></span>'


def groups_html(groups: Sequence[tuple[Cluster, Sources]], chosen: int | None, here: Address, say: Words) -> str:
    """Return the groups as a table with a link each: legend of the map, and all of it for who cannot see one."""
    heads = "".join(
        f'<th scope="col"{_wide(name)}>{escape(say(f"map_{name}"))}</th>'
        for name in ("group", "passages", "texts", "articles", "sites")
    )
    rows = []
    for one, sources in groups:
        is_chosen = one.number == chosen
        there = here.to(by=None if is_chosen else str(one.number), at=1)
        words = isolated(one.label) if one.terms else escape(say("map_group_of", number=one.number))
        figures = "".join(
            f"<td{_wide(name)}>{getattr(sources, name):,}</td>" for name in ("passages", "texts", "articles", "sites")
        )
        rows.append(
            f'<tr{" aria-current=true" if is_chosen else ""}><th scope="row">{mark_html(one.number)}'
            f'<a class="pk-go" data-pk-key="group-{one.number}" href="{escape(there.href)}" target="_self">{one.number}'
            f' <span lang="zh-CN">{words}</span></a></th>{figures}</tr>'
        )
    note = escape(say("map_groups_note", count=len(groups)))
    return (
        f'<section class="pk pk-map-groups" lang="{say.tag}" aria-label="{escape(say("map_groups"))}"><table>'
        f"<caption>{note}</caption><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></section>"
    )


def _wide(name: str) -> str:
    return ' class="pk-map-wide"' if name in ("passages", "articles") else ""


def card_html(point: int, one: Listed, build: str, here: Address, say: Words) -> str:
    """Return what is shown beside a point: title, headings, the first words, its group."""
    return (
        f'<div class="pk pk-plot-card" lang="{say.tag}" data-pk-point="{point}">{_link(one.reference, build, here)}'
        f'<p lang="zh-CN">{escape(_beginning(one.reference, _CARD_CHARS))}</p>'
        f'<p class="pk-meta">{_meta(one, say)}</p></div>'
    )


def list_html(
    listed: Sequence[Listed],
    sources: Sources,
    chosen: Cluster | None,
    area: Area | None,
    first: int,
    count: int,
    size: int,
    build: str,
    here: Address,
    say: Words,
) -> str:
    """Return a page of the passages chosen, from number `first` of `count`, `size` a page, and what was chosen."""
    picks = []
    if chosen is not None:
        name = say("map_group_named", number=chosen.number, label=chosen.label)
        picks.append(_pick(name, say("map_drop_group"), here.to(by=None, at=1)))
    if area is not None:
        picks.append(_pick(say("map_area"), say("map_drop_area"), here.to(area=None, at=1)))
    told = f'<ul class="pk-map-picks">{"".join(picks)}</ul>{sources_html(sources, say)}'
    if not count:
        told += f"<p data-pk-announce>{escape(say('map_chosen_none'))}</p>"
    items = "".join(
        f"<li>{_link(one.reference, build, here)}"
        f'<p lang="zh-CN">{escape(_beginning(one.reference, _LIST_CHARS))}</p>'
        f'<p class="pk-meta">{_meta(one, say)}</p></li>'
        for one in listed
    )
    pages = _pages(first, len(listed), count, size, here, say) if count else ""
    order = f'<p class="pk-meta">{escape(say("map_order"))}</p>' if count > 1 else ""
    return (
        f'<section class="pk pk-map-list" lang="{say.tag}"><h2>{escape(say("map_chosen"))}</h2>{told}{order}'
        f'<ol start="{first}">{items}</ol>{pages}</section>'
    )


def choose_html(say: Words) -> str:
    """Return how passages are chosen."""
    return (
        f'<section class="pk pk-map-list" lang="{say.tag}"><h2>{escape(say("map_chosen"))}</h2>'
        f'<p class="pk-hint">{escape(say("map_choose"))}</p></section>'
    )


def _pick(name: str, drop: str, there: Address) -> str:
    return f'<li>{isolated(name)} · <a class="pk-go" href="{escape(there.href)}" target="_self">{escape(drop)}</a></li>'


def _pages(first: int, shown: int, count: int, size: int, here: Address, say: Words) -> str:
    links: Mapping[str, int | None] = {
        "before": here.at - 1 if first > 1 else None,
        "after": here.at + 1 if first + shown <= count else None,
    }
    told = escape(say("map_page", first=first, last=first + shown - 1, count=f"{count:,}"))
    made = "".join(
        f'<a class="pk-go" data-pk-key="page-{name}" href="{escape(here.to(at=at).href)}" target="_self">'
        f"{escape(say(f'map_{name}'))}</a>"
        for name, at in links.items()
        if at is not None and count > size
    )
    return (
        f'<nav class="pk-map-pages" aria-label="{escape(say("map_pages"))}"><span data-pk-announce>{told}</span>'
        f"{made}</nav>"
    )


def _link(cited: Reference, build: str, here: Address) -> str:
    there = here.cite(build, cited.article_id, cited.start, cited.end)
    words = _STEP.join((cited.title, *cited.heading_path))
    return f'<a class="pk-go" lang="zh-CN" href="{escape(there.href)}" target="_self">{isolated(words)}</a>'


def _beginning(cited: Reference, most: int) -> str:
    text = " ".join((cited.text or "").split())
    return text if len(text) <= most else f"{text[:most]}…"


def _meta(one: Listed, say: Words) -> str:
    cited = one.reference
    parts = [isolated(cited.site or cited.path)]
    if date := cited.published or cited.captured:
        parts.append(escape(date))
    parts.append(f"{mark_html(one.cluster.number)}{escape(say('map_group_of', number=one.cluster.number))}")
    if one.copies > 1:
        parts.append(escape(say("map_copies", count=one.copies)))
    return " · ".join(parts)
