"""What of a cleaning needs a person's eye: pages and removals worst first, totals by rule and by site.

Reads the records of a build, or of pages cleaned on the spot (`records_of`). Decided here is the order, and what
is sure enough to be left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from index.store.recording import Cleaned, write_records
from index.store.records import Records
from ingest.clean import Article
from ingest.doubtful import DOUBTFUL_BELOW
from ingest.overrules import RULE, overrule_lines, undo
from ingest.page import Page
from ingest.passages import split_passages

# Removals as sure as this or less are listed: 0.8 say the rules that see one plain sign (a place, a row of links), less
# the runs that a few weak signs made.
UNSURE_TO = 0.8
WHY = "part of the article"
_EXCERPT_CHARS = 60
_ANY = "1"
# The site by name, else the host of the address.
_REST = "substr(url, instr(url, '://') + 3)"
_SITE = f"coalesce(site, substr({_REST}, 1, instr({_REST} || '/', '/') - 1), '')"


@dataclass(frozen=True, slots=True)
class DoubtfulPage:
    """A page whose cleaning is in doubt; a page without an article has confidence 0 and no title.

    `id` is that of the page and of its article. `site` is empty where unknown.
    """

    id: str
    path: str
    site: str
    title: str
    confidence: float
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnsureRemovals:
    """Removals of one page by one rule on one evidence: how they begin, and the lines that keep them.

    What a person removed has no such lines: `undo` says what takes it back.
    """

    path: str
    site: str
    rule: str
    confidence: float
    evidence: str
    removals: int
    chars: int
    text: str
    overrules: tuple[str, ...]
    undo: str | None = None


@dataclass(frozen=True, slots=True)
class RuleTotal:
    """What one rule removed; `confidence` is that of its least sure removal."""

    rule: str
    removals: int
    chars: int
    pages: int
    confidence: float


@dataclass(frozen=True, slots=True)
class SiteTotal:
    """The pages of one site, how many of them are doubtful, and what was removed from them (`share` from 0 to 1)."""

    site: str
    pages: int
    doubtful: int
    removals: int
    share: float


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found: all totals, and the worst of the pages and removals."""

    pages: int
    doubtful: int
    removals: int
    worst_pages: tuple[DoubtfulPage, ...]
    worst_removals: tuple[UnsureRemovals, ...]
    rules: tuple[RuleTotal, ...]
    sites: tuple[SiteTotal, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return everything under its own name, for JSON."""
        return asdict(self)


def audit(
    records: Records,
    *,
    skipped: Mapping[str, str],
    count: int,
    site: str | None = None,
    rule: str | None = None,
    up_to: float = UNSURE_TO,
) -> Audit:
    """Return the `count` worst pages and removals and all totals, of one site or rule only where one is named.

    `skipped` says by path why a page has no article. Removals count as unsure up to `up_to`; with a rule named all of
    its removals do. Order: least sure first, then the longest, then by path.
    """
    where, values = _conditions(site, rule)
    sites = _sites(records, where, values)
    bound = 1.0 if rule else up_to
    groups = records.query(
        f"SELECT page_id, path, {_SITE} AS named, rule, evidence, removals.confidence, count(*) AS removals,"
        " sum(end - start) AS chars FROM removals JOIN pages ON pages.id = page_id"
        f" WHERE removals.confidence <= ? AND rule != 'no_article' AND {where}"
        " GROUP BY page_id, rule, evidence, removals.confidence"
        " ORDER BY removals.confidence, chars DESC, path, rule, min(start) LIMIT ?",
        (bound, *values, count),
    )
    totals = records.query(
        "SELECT rule, count(*) AS removals, sum(end - start) AS chars, count(DISTINCT page_id) AS pages,"
        f" min(removals.confidence) AS confidence FROM removals JOIN pages ON pages.id = page_id WHERE {where}"
        " GROUP BY rule ORDER BY chars DESC, rule",
        values,
    )
    rules = tuple(RuleTotal(**row) for row in totals)
    return Audit(
        pages=sum(total.pages for total in sites),
        doubtful=sum(total.doubtful for total in sites),
        removals=sum(total.removals for total in rules),
        worst_pages=_worst_pages(records, skipped, where, values, count),
        worst_removals=tuple(_unsure(records, group) for group in groups),
        rules=rules,
        sites=sites,
    )


def worst_pages(records: Records, *, skipped: Mapping[str, str], count: int) -> tuple[DoubtfulPage, ...]:
    """Return the `count` worst pages as `audit` does, quickly also of a large build."""
    return _worst_pages(records, skipped, *_conditions(None, None), count)


def count_doubtful(records: Records) -> int:
    """Return how many pages are as doubtful as `audit` counts them, quickly also of a large build."""
    sql = (
        f"SELECT count(*) AS n FROM pages LEFT JOIN articles USING (id) WHERE ifnull(confidence, 0) < {DOUBTFUL_BELOW}"
    )
    return int(records.query(sql)[0]["n"])


def _conditions(site: str | None, rule: str | None) -> tuple[str, tuple[str, ...]]:
    conditions = [(f"{_SITE} = ?", site), ("rule = ?", rule)]
    used = [(sql, value) for sql, value in conditions if value is not None]
    return " AND ".join([_ANY, *(sql for sql, _ in used)]), tuple(value for _, value in used if value is not None)


def _chosen(where: str) -> str:
    """Return the condition that a page, or a removal on it, meets `where`; all pages do where nothing is asked."""
    inner = (
        "SELECT pages.id FROM pages LEFT JOIN removed ON page = pages.number"
        f" LEFT JOIN reasons ON reasons.number = reason WHERE {where}"
    )
    return where if where == _ANY else f"pages.id IN ({inner})"


def _worst_pages(
    records: Records, skipped: Mapping[str, str], where: str, values: Sequence[str], count: int
) -> tuple[DoubtfulPage, ...]:
    rows = records.query(
        f"SELECT pages.id, path, {_SITE} AS named, title, ifnull(confidence, 0) AS confidence, doubts"
        " FROM pages LEFT JOIN articles ON articles.id = pages.id"
        f" WHERE (title IS NULL OR doubts != '[]' OR confidence < {DOUBTFUL_BELOW}) AND {_chosen(where)}"
        " ORDER BY ifnull(confidence, 0), path LIMIT ?",
        (*values, count),
    )
    return tuple(
        DoubtfulPage(
            row["id"],
            row["path"],
            row["named"],
            row["title"] or "",
            row["confidence"],
            (skipped.get(row["path"], "no article is left"),)
            if row["title"] is None
            else tuple(json.loads(row["doubts"])),
        )
        for row in rows
    )


def _sites(records: Records, where: str, values: Sequence[str]) -> tuple[SiteTotal, ...]:
    removed = records.query(
        f"SELECT {_SITE} AS named, count(*) AS removals, sum(end - start) AS chars FROM removals"
        f" JOIN pages ON pages.id = page_id WHERE {where} GROUP BY named",
        values,
    )
    by_site = {row["named"]: row for row in removed}
    held = records.query(f"SELECT {_SITE} AS named, sum(length(text)) AS chars FROM pages GROUP BY named")
    chars = {row["named"]: row["chars"] for row in held}
    pages = records.query(
        f"SELECT {_SITE} AS named, count(*) AS pages, sum(ifnull(confidence, 0) < {DOUBTFUL_BELOW}) AS doubtful"
        f" FROM pages LEFT JOIN articles ON articles.id = pages.id WHERE {_chosen(where)} GROUP BY named",
        values,
    )
    totals = []
    for site in pages:
        row = by_site.get(site["named"], {"removals": 0, "chars": 0})
        share = round(row["chars"] / chars[site["named"]], 4)
        totals.append(SiteTotal(site["named"], site["pages"], site["doubtful"], row["removals"], share))
    return tuple(sorted(totals, key=lambda total: (-total.doubtful, -total.pages, total.site)))


def _unsure(records: Records, group: Mapping[str, Any]) -> UnsureRemovals:
    members = records.query(
        "SELECT start, end FROM removals WHERE page_id = ? AND rule = ? AND evidence = ? AND confidence = ?"
        " ORDER BY start",
        [group[name] for name in ("page_id", "rule", "evidence", "confidence")],
    )
    text = records.query("SELECT text FROM pages WHERE id = ?", (group["page_id"],))[0]["text"]
    by_hand = undo(group["evidence"]) if group["rule"] == RULE else None
    spans = [(member["start"], member["end"]) for member in members]
    words = " ".join(text[members[0]["start"] : members[0]["end"]].split())
    return UnsureRemovals(
        group["path"],
        group["named"],
        group["rule"],
        group["confidence"],
        group["evidence"],
        group["removals"],
        group["chars"],
        f"{words[:_EXCERPT_CHARS]}…" if len(words) > _EXCERPT_CHARS else words,
        () if by_hand else overrule_lines(text, group["path"], spans, "keep", WHY),
        by_hand,
    )


@contextmanager
def records_of(cleaned: Iterator[tuple[Page, Article]]) -> Iterator[Records]:
    """Yield the records of pages that are in no base, as a build would hold them; they vanish afterwards."""
    with TemporaryDirectory(prefix="policykb-audit-") as folder:
        file = Path(folder) / "records.sqlite"
        entries = (Cleaned(page, article, split_passages(page.text, article)) for page, article in cleaned)
        write_records(file, entries)
        records = Records(file)
        try:
            yield records
        finally:
            records.close()
