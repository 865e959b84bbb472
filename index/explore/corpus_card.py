"""The corpus card: what a collection holds, lacks, how it was made and what must not be concluded from it, in figures.

After Datasheets for Datasets (Gebru et al. 2021) and Data Statements (Bender and Friedman 2018): of their questions
those that a build can answer by itself. Why the pages were chosen, who may use them and what the rights are only their
collector can say. Every figure is a count of the build or stands in a file that came with it; with `where` it is of a
sub-corpus, but for what is told of the whole build (`skipped`, `made`, `model`, `gate`). Words are left to search_app.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.build.builds import PUBLISHED, REFUSED
from index.build.journal import read
from index.catalogue import NONE
from index.covered import covered
from index.explore.card_columns import HINTED, NAMED, NOWHERE, CardColumns, card_columns
from index.explore.card_limits import limits_of
from index.explore.card_shape import BINS, CorpusCard, Days, Duplicates, Made, Model, Removed, SiteShare
from index.explore.independent import sources_of
from index.filters import Filters, allowed_articles
from ingest.doubtful import DOUBTFUL_BELOW
from ingest.traces import HARMLESS

if TYPE_CHECKING:
    from index.kb import KnowledgeBase


def corpus_card(kb: KnowledgeBase, where: Filters | None = None, *, most: int | None = None) -> CorpusCard:
    """Return the card of a build, of the articles that meet `where` if it is given.

    A build of more than `most` passages that is not prepared raises NotPrepared; with None it is read in half a minute.
    """
    columns, catalogue, where = card_columns(kb, most=most), kb.catalogue, where or Filters()
    among = allowed_articles(catalogue, where)
    # All pages belong to the whole corpus, also those that hold no article.
    pages = np.append(among, not where)
    rows = np.flatnonzero(among[kb.article_of])
    coverage = covered(kb.build, catalogue, among)
    kinds = {name: _counts(columns, name, among) for name in columns.kinds}
    independent = sources_of(kb, rows)
    telling = [place for place, kind in enumerate(columns.names["traces"]) if kind not in HARMLESS]
    traced = columns.traces[among]
    sure = columns.confidence[among]
    removed = tuple(
        Removed(rule, int(count), int(chars))
        for rule, count, chars in zip(
            columns.names["rules"],
            columns.removed[pages].sum(axis=0),
            columns.removed_chars[pages].sum(axis=0),
            strict=True,
        )
        if count
    )
    card = CorpusCard(
        build=kb.build,
        filters=where,
        pages=int(np.count_nonzero(among)) if where else kb.head["counts"]["pages"],
        articles=int(np.count_nonzero(among)),
        passages=len(rows),
        page_chars=int(columns.page_chars[pages].sum()),
        kept_chars=int(columns.kept_chars[pages].sum()),
        removed_chars=sum(one.chars for one in removed),
        removed=tuple(sorted(removed, key=lambda one: (-one.chars, one.rule))),
        sites=_sites(kb, columns, among),
        coverage=coverage,
        regions_from={name: kinds["region"].get(name, 0) for name in (NAMED, HINTED, NOWHERE)},
        dates={kind: _days(kb, columns, among, kind) for kind in ("published", "captured", "unknown")},
        sources=kinds["source"],
        formats=kinds["format"],
        encodings=kinds["encoding"],
        duplicates=Duplicates(*_groups(kb.original_of[rows], kb.article_of[rows]), *_groups(kb.text_of[rows], rows)),
        independent=independent,
        traces={kind: int(traced[:, place].sum()) for place, kind in enumerate(columns.names["traces"])},
        generated=int(np.count_nonzero(traced[:, telling].any(axis=1))),
        # Hundredths are what the cleaner says; a tenth of 0.7 must not fall into 0.6 for 0.7 * 10 < 7.
        confidence=tuple(
            np.bincount(np.minimum(np.rint(sure * 100).astype(int) * BINS // 100, BINS - 1), minlength=BINS).tolist()
        ),
        doubtful=int(np.count_nonzero(sure < np.float32(DOUBTFUL_BELOW))),
        skipped=tuple((item["path"], item["reason"]) for item in kb.head["skipped"]),
        warnings=len(kb.head["warnings"]),
        made=_made(kb, columns.pages_sha256),
        model=_model(kb),
        gate=_gate(kb),
    )
    return replace(card, limits=limits_of(card))


def _counts(columns: CardColumns, name: str, among: NDArray[np.bool_]) -> dict[str, int]:
    """Return how many articles are of each kind, the most frequent first."""
    counts = np.bincount(columns.kinds[name][among], minlength=len(columns.names[name])).tolist()
    found = {kind: count for kind, count in zip(columns.names[name], counts, strict=True) if count}
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _sites(kb: KnowledgeBase, columns: CardColumns, among: NDArray[np.bool_]) -> tuple[SiteShare, ...]:
    """Return the sites, those of most characters first and NONE last."""
    column = kb.catalogue.columns["site"]
    articles = columns.page_chars[:-1], columns.removed_chars[:-1].sum(axis=1)
    counts, chars, removed = (
        column.table @ (numbers * among) for numbers in (np.ones(len(among), dtype=int), *articles)
    )
    found = [
        SiteShare(site, int(counts[place]), int(chars[place]), int(removed[place]))
        for site, place in column.places.items()
        if counts[place]
    ]
    return tuple(sorted(found, key=lambda one: (one.site == NONE, -one.chars, one.site)))


def _days(kb: KnowledgeBase, columns: CardColumns, among: NDArray[np.bool_], kind: str) -> Days:
    names = columns.names["date"]
    if kind not in names:
        return Days(0, None, None)
    chosen = among & (columns.kinds["date"] == names.index(kind))
    dates = kb.catalogue.dates[chosen]
    dates = dates[dates >= 0]
    days = kb.catalogue.days
    first, last = (days[dates.min()], days[dates.max()]) if len(dates) else (None, None)
    return Days(int(np.count_nonzero(chosen)), first, last)


def _groups(numbers: NDArray[np.int64], members: NDArray[np.int64]) -> tuple[int, int]:
    """Return how many groups of two or more there are, and their members: `numbers` says the group of each member."""
    chosen = np.unique(members, return_index=True)[1]
    sizes = np.unique(numbers[chosen], return_counts=True)[1]
    return int(np.count_nonzero(sizes > 1)), int(sizes[sizes > 1].sum())


def _made(kb: KnowledgeBase, pages_sha256: str) -> Made:
    inputs, made = kb.manifest["inputs"], kb.head["made"]
    return Made(
        at=made["at"],
        policykb=made.get("policykb", "unknown"),
        pages_sha256=pages_sha256,
        code=inputs["code"],
        lexicon=tuple((name, digest) for name, digest in inputs.get("lexicon", ())),
        overruled=dict(kb.head["overruled"]),
    )


def _model(kb: KnowledgeBase) -> Model:
    built, calibration = kb.head["model"], kb.calibration
    recall = kb.head["vectors"].get("recall") or {}
    is_own = calibration.is_own
    return Model(
        name=built["name"],
        fingerprint=built["fingerprint"],
        dim=built["dim"],
        measured=dict(calibration.measured or {}) if is_own else {},
        questions=calibration.questions if is_own else 0,
        gold=calibration.gold if is_own else "",
        index_recall=recall.get("found"),
    )


def _gate(kb: KnowledgeBase) -> Mapping[str, Any] | None:
    """Return the last verdict of the gate on this build, with its figures, from the log of the base."""
    try:
        events = read(kb.folder)
    except OSError:
        return None
    for event in reversed(events):
        gate = event.get("gate")
        if event["event"] in (PUBLISHED, REFUSED) and event.get("build") == kb.build and isinstance(gate, dict):
            names = ("passed", "reason", "published", "questions", "figures")
            return json.loads(json.dumps({name: gate.get(name) for name in names})) if gate.get("questions") else None
    return None
