"""The part of exploring that shows the map of passages: the plot, its groups, and the passages that are chosen on it.

The plot is a script of our own on a canvas (static/passage_map.mjs): it gets all points as one block of bytes, six a
point, and asks for the text of one when the pointer rests on it. What is chosen stands in the address: the group in
`by`, the area in `area`.
"""

from __future__ import annotations

import json
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from index.explore.area import Area
from index.explore.independent import Sources, sources_of
from index.explore.map_picture import TONES, look_of, map_svg
from index.explore.map_table import map_table, sources_by_cluster
from index.explore.passage_map import Cluster, PassageMap, select
from index.explore.subcorpus import name_of
from index.filters import Filters
from index.kb import KnowledgeBase
from index.references import references_at
from search_app.render import Ready, escape
from search_app.reproduce import shell_line
from search_app.views.address import Address
from search_app.views.bases import shelf
from search_app.views.explore.home import command_words, picture_home, take_home
from search_app.views.explore.passage_map_html import Listed, card_html, choose_html, groups_html, head_html, list_html
from search_app.words import Lang, Words

_SCRIPT = Path(__file__).resolve().parents[2] / "static" / "passage_map.mjs"
_PAGE = 20
_SAID = ("plot", "tools", "move", "box", "lasso", "in", "out", "all", "wheel")


def show(kb: KnowledgeBase, here: Address, say: Words) -> None:
    """Draw the map, its groups, and the passages that the address chooses."""
    whole = kb.map()
    if not len(whole):
        st.html(f'<p class="pk pk-meta" lang="{say.tag}">{escape(say("map_empty"))}</p>')
        return
    where = here.filters
    area, bad_area = _area(here)
    cluster = next((one for one in whole.clusters if str(one.number) == here.by), None)
    inside, groups = _groups(str(kb.folder), kb.build, where, kb)
    st.html(head_html(whole, int(inside.sum()) if where else None, bad_area, say))
    _plot(_block(whole, inside, bool(where), cluster, area, here, say), kb.build, here, say.lang)
    st.html(groups_html(groups, cluster.number if cluster else None, here, say))
    number = cluster.number if cluster else None
    if area is None and cluster is None:
        st.html(choose_html(say))
    else:
        _list(kb, whole, inside & select(kb, whole, None, number, area), cluster, area, here, say)
    _home(kb, number, area, here, say)


def _list(
    kb: KnowledgeBase,
    whole: PassageMap,
    chosen: NDArray[np.bool_],
    cluster: Cluster | None,
    area: Area | None,
    here: Address,
    say: Words,
) -> None:
    rows = whole.typical(chosen)
    at = min(here.at, max(1, -(-len(rows) // _PAGE)))
    first = (at - 1) * _PAGE
    listed = _listed(kb, whole, rows[first : first + _PAGE])
    sources = sources_of(kb, rows, copies=True)
    there = here.to(at=at)
    html = list_html(listed, sources, cluster, area, first + 1, len(rows), _PAGE, kb.build, there, say)
    st.html(Ready(html))


def _home(
    kb: KnowledgeBase,
    cluster: int | None,
    area: Area | None,
    here: Address,
    say: Words,
) -> None:
    words = [*command_words(kb, here)]
    given = [f"where={here.filters!r}"] if here.filters else []
    if cluster is not None:
        words += ["--cluster", str(cluster)]
        given.append(f"cluster={cluster}")
    if area is not None:
        words += ["--area", str(area)]
        given.append(f'area="{area}"')
    command = shell_line("policykb", "map", *words)
    made = partial(_table, command, here.filters, cluster, area)
    expression = f"kb.map({', '.join(given)}).to_frame()"
    take_home(kb, made, here, say, command=command, expression=expression, key="map")
    with st.expander(say("map_picture")):
        svg = _svg(str(kb.folder), kb.build, here.filters, cluster, area, say.lang, kb)
        picture_home(svg, "map", say, key="map", build=kb.build, note=say("map_picture_note"))


def _table(command: str, where: Filters, cluster: int | None, area: Area | None, kb: KnowledgeBase) -> Any:
    return map_table(kb, command=command, where=where, cluster=cluster, area=area)


def _area(here: Address) -> tuple[Area | None, str | None]:
    """Return the area of the address, or why it is none."""
    if not here.area:
        return None, None
    try:
        return Area.read(here.area), None
    except ValueError as error:
        return None, str(error)


@st.cache_resource(max_entries=64, show_spinner=False)
def _groups(
    folder: str,  # noqa: ARG001 - part of the key, as the build is
    build: str,  # noqa: ARG001
    where: Filters,
    _kb: KnowledgeBase,
) -> tuple[NDArray[np.bool_], tuple[tuple[Cluster, Sources], ...]]:
    """Return which points are in the sub-corpus, and what stands behind each group there."""
    whole = _kb.map()
    inside = select(_kb, whole, where)
    return inside, sources_by_cluster(_kb, whole, inside)


@st.cache_resource(max_entries=16, show_spinner=False)
def _svg(
    folder: str,  # noqa: ARG001 - part of the key, as the build is
    build: str,  # noqa: ARG001
    where: Filters,
    cluster: int | None,
    area: Area | None,
    lang: Lang,
    _kb: KnowledgeBase,
) -> str:
    """Return the picture for a file; of 50,000 points making it takes 0.2 s."""
    whole, say = _kb.map(), Words(lang)
    title = say("map_picture_title", name=name_of(where))
    desc = say("map_picture_desc", count=f"{len(whole):,}")
    chosen = select(_kb, whole, where, cluster, area)
    if where or cluster is not None or area is not None:
        counts = {"chosen": f"{int(chosen.sum()):,}", "count": f"{len(whole):,}"}
        title = say("map_picture_chosen", title=title, **counts)
        what = [name_of(where)] * bool(where)
        what += [say("map_group_of", number=cluster)] * (cluster is not None) + [say("map_area")] * (area is not None)
        desc = say("map_picture_chosen_desc", desc=desc, what=say("map_picture_and").join(what), **counts)
    return map_svg(whole, chosen, title, desc)


def _listed(kb: KnowledgeBase, whole: PassageMap, rows: NDArray[np.int64]) -> list[Listed]:
    clusters = {one.number: one for one in whole.clusters}
    place = np.searchsorted(whole.rows, rows)
    told = zip(
        references_at(kb, rows.tolist()), whole.cluster[place].tolist(), whole.copies[place].tolist(), strict=True
    )
    return [Listed(reference, clusters[number], copies) for reference, number, copies in told]


def _block(
    whole: PassageMap,
    inside: NDArray[np.bool_],
    is_sub: bool,
    cluster: Cluster | None,
    area: Area | None,
    here: Address,
    say: Words,
) -> bytes:
    """Return what the script draws: the length of a text of JSON, the text, then x, y, group and membership of all.

    Numbers are little-endian; x and y are hundredths of a unit in two bytes, the others have a byte each.
    """
    corners = np.array(area.numbers).reshape(-1, 2).tolist() if area else None
    told = {
        "points": len(whole),
        "groups": [{"number": one.number, "terms": one.terms, "x": one.x, "y": one.y} for one in whole.clusters],
        "looks": [look_of(one.number) for one in whole.clusters],
        "chosen": cluster.number if cluster else 0,
        "isSub": is_sub,
        "area": corners,
        "here": here.to(area=None, at=1).href,
        "words": {name: say(f"map_{name}") for name in _SAID},
    }
    text = json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")
    text += b" " * (-len(text) % 4)
    places = [np.round(axis.astype(np.float64) * 100).astype("<u2").tobytes() for axis in (whole.x, whole.y)]
    marks = [whole.cluster.astype(np.uint8).tobytes(), inside.astype(np.uint8).tobytes()]
    return b"".join([len(text).to_bytes(4, "little"), text, *places, *marks])


@st.fragment
def _plot(block: bytes, build: str, here: Address, lang: Lang) -> None:
    """Draw the map, and the card of the point that the pointer rests on; a card draws no more than this anew."""
    said = _component()(key="pk_map_plot", data=block, on_point_change=_noted)
    point = said.get("point")
    kb = shelf().open(build)  # not the base: Streamlit keeps what a fragment is called with
    whole = kb.map()
    if isinstance(point, int) and 0 <= point < len(whole):
        one = _listed(kb, whole, whole.rows[point : point + 1])[0]
        st.html(card_html(point, one, build, here, Words(lang)))


def _noted() -> None:
    """Do nothing: what the pointer rests on is read from the state."""


@cache
def _component() -> Any:
    signs = "".join(
        f'<button type="button" data-do="{name}" data-say="{name}" data-sign="1">{sign}</button>'
        for name, sign in (("in", "+"), ("out", "−"))
    )
    tools = "".join(
        f'<button type="button" data-tool="{name}" data-say="{name}" aria-pressed="false"></button>'
        for name in ("move", "box", "lasso")
    )
    buttons = (
        f'{tools}<span class="pk-plot-gap"></span>{signs}<button type="button" data-do="all" data-say="all"></button>'
    )
    html = (
        f'<div class="pk pk-plot"><div class="pk-plot-tools" role="toolbar">{buttons}'
        '<span class="pk-plot-hint pk-hint"></span></div><canvas role="img" tabindex="0"></canvas>'
        f'<div class="pk-plot-tones" aria-hidden="true">{"<i></i>" * (len(TONES) + 1)}</div>'
        '<a class="pk-go" href="?" target="_self" hidden tabindex="-1"></a></div>'
    )
    script = _SCRIPT.read_text(encoding="utf-8")
    return st.components.v2.component("policykb_map", html=html, js=script, isolate_styles=False)
