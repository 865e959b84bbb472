"""What the collection covers, as pictures to look at: a table of provinces and years in shades, and bars."""

from __future__ import annotations

from math import sqrt

from index.catalogue import NONE
from index.covered import Covered
from search_app.render import escape
from search_app.views.address import Address
from search_app.views.bars_html import Bar, bars_html
from search_app.words import Words

# Columns of the table, the years that most articles name; the bars have all years. More do not fit beside the names.
_YEARS = 5
_ALL_YEARS = 30
_SITES = 15
# Shades from few articles to many; the figure stands in the cell as well.
_SHADES = 5


def covered_html(found: Covered, here: Address, say: Words) -> str:
    """Return provinces by year, the provinces without articles, and bars of schemes and sites."""
    schemes = [_bar(name, count, say("coverage_no_scheme")) for name, count in found.schemes.items()]
    sites = [_bar(name, count, say("coverage_no_site")) for name, count in found.sites.items()]
    years = [_bar(name, count, say("coverage_undated")) for name, count in found.years.items()]
    return (
        f'<p class="pk-meta">{escape(say("coverage_note"))}</p>{_table(found, here, say)}{_gaps(found, say)}'
        f'<div class="pk-op-two"><div>{bars_html(say("coverage_schemes"), schemes, say)}</div>'
        f"<div>{bars_html(say('coverage_years'), years, say, most=_ALL_YEARS)}</div>"
        f"<div>{bars_html(say('coverage_sites'), sites, say, most=_SITES)}</div></div>"
    )


def _bar(name: str, count: int, unknown: str) -> Bar:
    return Bar(unknown if name == NONE else name, count, f"{count:,}", is_foreign=name != NONE)


def _gaps(found: Covered, say: Words) -> str:
    if not found.gaps:
        return f"<p>{escape(say('coverage_no_gaps'))}</p>"
    names = "、".join(found.gaps)
    return (
        f'<p class="pk-op-gaps"><strong>{escape(say("coverage_gaps", count=len(found.gaps)))}</strong> '
        f'<span lang="zh-CN">{escape(names)}</span></p>'
    )


def _table(found: Covered, here: Address, say: Words) -> str:
    dated = [year for year in found.years if year != NONE]
    most_named = sorted(dated, key=lambda year: -found.years[year])[:_YEARS]
    columns = [*(year for year in dated if year in most_named), *([NONE] if NONE in found.years else [])]
    rows = {name: [by_year.get(year, 0) for year in columns] for name, by_year in found.by_year.items()}
    most = max((cell for cells in rows.values() for cell in cells), default=0) or 1
    names = (say("coverage_undated") if year == NONE else year for year in columns)
    head = "".join(
        f'<th scope="col">{escape(words)}</th>' for words in (say("coverage_province"), say("coverage_all"), *names)
    )
    body = "".join(_row(name, found.provinces[name], cells, most, here, say) for name, cells in rows.items())
    return (
        f'<div class="pk-wide" tabindex="0" role="region" aria-label="{escape(say("coverage_map"))}">'
        f'<table class="pk-heat"><caption>{escape(say("coverage_map"))}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _row(name: str, count: int, cells: list[int], most: int, here: Address, say: Words) -> str:
    if name == NONE:
        head = escape(say("coverage_nowhere"))
    else:
        there = Address(lang=here.lang, region=(name,))
        head = f'<a class="pk-go" href="{escape(there.href)}" target="_self" lang="zh-CN">{escape(name)}</a>'
    shaded = "".join(f'<td class="pk-heat-{_shade(cell, most)}">{f"{cell:,}" if cell else ""}</td>' for cell in cells)
    return f'<tr><th scope="row">{head}</th><td>{count:,}</td>{shaded}</tr>'


def _shade(cell: int, most: int) -> int:
    """Return 0 for no article, else 1 to `_SHADES`; by the root, so that a few beside thousands are seen."""
    return max(1, round(_SHADES * sqrt(cell / most))) if cell else 0
