"""The corpus card in words: sections of facts, bars, points and prose, of which every face makes its own form.

What is counted stands in index/explore/corpus_card.py. Texts here are plain; who puts them into markup escapes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from index.catalogue import NONE
from index.explore.card_shape import BINS, CorpusCard
from index.explore.corpus_citation import bibtex, gbt7714
from index.explore.subcorpus import WHOLE, name_of
from ingest.doubtful import DOUBTFUL_BELOW
from search_app.corpus_card_blocks import Bar, Bars, Block, Facts, Points, Prose, Section, Source
from search_app.phrases import phrase
from search_app.rules import rule_name
from search_app.words import Words

# As much of a long list as a page of a paper holds; --format json has all.
_MOST = 15
# All provinces there are and those that are unknown; a generation of years.
_MOST_PLACES, _MOST_YEARS = 35, 30
_MOST_SKIPPED = 20
_ASKED = ("why", "how", "rights", "people", "keep")


@dataclass(frozen=True, slots=True)
class Naming:
    """What the collector calls the collection, and who she is; empty where unknown."""

    title: str = ""
    author: str = ""


def card_title(naming: Naming, say: Words) -> str:
    """Return the title of a card."""
    return say("corpus_title", title=naming.title or say("corpus_untitled"))


def card_sections(card: CorpusCard, naming: Naming, say: Words) -> tuple[Section, ...]:
    """Return the sections of a card in the order in which they are read."""
    parts: Mapping[str, tuple[Block, ...]] = {
        "summary": _summary(card, say),
        "composition": _composition(card, say),
        "coverage": _coverage(card, say),
        "provenance": _provenance(card, say),
        "cleaning": _cleaning(card, say),
        "copies": _copies(card, say),
        "limits": (Points(tuple(say(f"corpus_limit_{one.name}", **_told(one.values)) for one in card.limits)),),
        "model": _model(card, say),
        "collector": (
            Prose(say("corpus_collector_note"), is_note=True),
            Points(
                tuple(say(f"corpus_ask_{what}") for what in ("why", "how", "rights", "people", "keep")), is_open=True
            ),
        ),
        "reproduce": _reproduce(card, naming, say),
    }
    return tuple(Section(name, say(f"corpus_{name}"), blocks) for name, blocks in parts.items())


def _summary(card: CorpusCard, say: Words) -> tuple[Block, ...]:
    text = say(
        "corpus_summary_text",
        pages=f"{card.pages:,}",
        articles=f"{card.articles:,}",
        passages=f"{card.passages:,}",
        sites=f"{card.independent.sites:,}",
        chars=f"{card.kept_chars:,}",
        noise=share(card.removed_chars, card.page_chars),
        texts=f"{card.independent.texts:,}",
        published=f"{card.dates['published'].articles:,}",
        captured=f"{card.dates['captured'].articles:,}",
        undated=f"{card.dates['unknown'].articles:,}",
        gaps=len(card.coverage.gaps),
        build=card.build,
        date=card.made.at[:10],
    )
    part = (Prose(say("corpus_part_of", name=name_of(card.filters))),) if card.filters else ()
    return (*part, Prose(text))


def _composition(card: CorpusCard, say: Words) -> tuple[Block, ...]:
    independent = card.independent
    counts = {
        "pages": card.pages,
        "articles": card.articles,
        "originals": independent.articles,
        "passages": card.passages,
        "texts": independent.texts,
        "kept_chars": card.kept_chars,
        "sites": independent.sites,
    }
    rows = [(say(f"corpus_{name}"), f"{count:,}") for name, count in counts.items()]
    rows.append((say("corpus_language"), say("corpus_language_value")))
    rows.append(
        (say("corpus_formats"), _listed((say.name("corpus_format", name), n) for name, n in card.formats.items()))
    )
    rows.append((say("corpus_encodings"), _listed(card.encodings.items())))
    kinds = [Bar(say.name("source", kind), n, _counted(n, card.articles)) for kind, n in card.sources.items()]
    return (
        Facts(tuple(rows)),
        Bars(say("corpus_source_kinds"), tuple(kinds), whole=card.articles),
        Prose(say("corpus_source_note"), is_note=True),
    )


def _coverage(card: CorpusCard, say: Words) -> tuple[Block, ...]:
    coverage, gaps = card.coverage, card.coverage.gaps
    unknown = {"regions": "coverage_nowhere", "years": "coverage_undated", "schemes": "coverage_no_scheme"}
    names = {"regions": coverage.provinces, "years": coverage.years, "schemes": coverage.schemes}
    most = {"regions": _MOST_PLACES, "years": _MOST_YEARS, "schemes": _MOST}
    told = say("corpus_gaps", count=len(gaps), names="、".join(gaps)) if gaps else say("corpus_no_gaps")
    blocks: list[Block] = [Prose(say("corpus_coverage_note"), is_note=True)]
    for part, counts in names.items():
        known = {name: count for name, count in counts.items() if count}
        blocks.append(_bars(say(f"corpus_{part}"), known, card.articles, say(unknown[part]), most[part]))
        blocks += [Prose(told)] if part == "regions" else []
    blocks.append(_bars(say("corpus_by_site"), coverage.sites, card.articles, say("coverage_no_site"), _MOST))
    return tuple(blocks)


def _provenance(card: CorpusCard, say: Words) -> tuple[Block, ...]:
    places = [
        Bar(say(f"corpus_region_{kind}"), count, _counted(count, card.articles))
        for kind, count in card.regions_from.items()
    ]
    dates = []
    for kind, days in card.dates.items():
        span = say("corpus_from_to", first=days.first, last=days.last) if days.first else ""
        told = _counted(days.articles, card.articles)
        dates.append(Bar(say(f"corpus_date_{kind}"), days.articles, f"{told} · {span}" if span else told))
    return (
        Bars(say("corpus_region_from"), tuple(places), whole=card.articles),
        Bars(say("corpus_date"), tuple(dates), whole=card.articles),
    )


def _cleaning(card: CorpusCard, say: Words) -> tuple[Block, ...]:
    rows = [
        (say("corpus_page_chars"), f"{card.page_chars:,}"),
        (say("corpus_kept"), _counted(card.kept_chars, card.page_chars)),
        (say("corpus_removed"), _counted(card.removed_chars, card.page_chars)),
        (say("corpus_doubtful", least=DOUBTFUL_BELOW), _counted(card.doubtful, card.articles)),
    ]
    if any(card.made.overruled.values()):
        told = "、".join(say(f"corpus_overruled_{name}", count=n) for name, n in card.made.overruled.items() if n)
        rows.append((say("corpus_overruled"), told))
    rules = [
        Bar(
            rule_name(one.rule, say),
            one.chars,
            f"{share(one.chars, card.page_chars)} · {say('corpus_places', count=f'{one.count:,}')}",
        )
        for one in card.removed
    ]
    sites = [
        Bar(
            say("coverage_no_site") if one.site == NONE else one.site,
            one.removed / one.chars if one.chars else 0,
            f"{share(one.removed, one.chars)} · {one.removed:,}",
            is_foreign=one.site != NONE,
        )
        for one in card.sites
    ]
    sure = [
        Bar(f"{place / BINS:.1f}–{(place + 1) / BINS:.1f}", count, f"{count:,}")
        for place, count in enumerate(card.confidence)
        if any(card.confidence[: place + 1])
    ]
    skipped: tuple[Block, ...] = (Prose(say("corpus_nothing_skipped")),)
    if card.skipped:
        lines = [f"{path}: {phrase(reason, say.lang)}" for path, reason in card.skipped]
        more = [say("corpus_more", count=len(lines) - _MOST_SKIPPED)] if len(lines) > _MOST_SKIPPED else []
        skipped = (Prose(say("corpus_skipped")), Points((*lines[:_MOST_SKIPPED], *more)))
    return (
        Facts(tuple(rows)),
        _cut(Bars(say("corpus_by_rule"), tuple(rules), whole=card.page_chars)),
        _cut(
            Bars(say("corpus_noise_by_site"), tuple(sites), whole=1),
            keeps_last=any(one.site == NONE for one in card.sites),
        ),
        Bars(say("corpus_confidence"), tuple(sure), whole=card.articles),
        *skipped,
    )


def _copies(card: CorpusCard, say: Words) -> tuple[Block, ...]:
    copies = card.duplicates
    rows = [
        (
            say(f"corpus_{name}_groups"),
            say("corpus_in_groups", count=f"{count:,}", groups=f"{groups:,}", share=share(count, of)),
        )
        for name, count, groups, of in (
            ("article", copies.articles, copies.article_groups, card.articles),
            ("passage", copies.passages, copies.passage_groups, card.passages),
        )
    ]
    rows.append((say("corpus_generated"), _counted(card.generated, card.articles)))
    rows += [(say.name("corpus_trace", kind), f"{count:,}") for kind, count in card.traces.items() if count]
    return Facts(tuple(rows)), Prose(say("corpus_trace_note"), is_note=True)


def _model(card: CorpusCard, say: Words) -> tuple[Block, ...]:
    model, gate = card.model, card.gate
    rows = [
        (say("corpus_model_name"), f"{model.name} · {say('corpus_dims', dim=model.dim)}"),
        (say("corpus_fingerprint"), model.fingerprint),
    ]
    if model.index_recall is not None:
        rows.append((say("corpus_index_recall"), f"{model.index_recall:.3f}"))
    if model.measured:
        on = say("corpus_measured_on_value", count=model.questions, gold=model.gold)
        rows.append((say("corpus_measured_on"), on))
        rows += [(say.name("corpus_measure", name), f"{value:.3f}") for name, value in model.measured.items()]
    if gate:
        verdict = say("corpus_gate_passed" if gate["passed"] else "corpus_gate_refused", questions=gate["questions"])
        figures = (gate["figures"] or {}).items()
        told = "、".join(f"{say.name('measure', name)} {value:.3f}" for name, value in figures if value is not None)
        rows.append((say("corpus_gate"), f"{verdict} · {told}" if told else verdict))
    else:
        rows.append((say("corpus_gate"), say("corpus_gate_none")))
    return (Facts(tuple(rows)), *(() if model.measured else (Prose(say("corpus_unmeasured")),)))


def _reproduce(card: CorpusCard, naming: Naming, say: Words) -> tuple[Block, ...]:
    made = card.made
    tables = "、".join(f"{name} {digest[:12]}" for name, digest in made.lexicon) or say("corpus_none")
    rows = (
        (say("corpus_build"), f"{card.build} · policykb {made.policykb}"),
        (say("corpus_made"), made.at),
        (say("corpus_filters"), name_of(card.filters) if card.filters else WHOLE if say.lang == "zh" else "none"),
        (say("corpus_inputs"), made.pages_sha256),
        (say("corpus_code"), made.code),
        (say("corpus_lexicon"), tables),
    )
    title = naming.title or say("corpus_untitled")
    return (
        Facts(rows),
        Prose(say("corpus_inputs_note"), is_note=True),
        Prose(say("corpus_cite")),
        Source(gbt7714(card, title=title, author=naming.author)),
        Source(bibtex(card, title=title, author=naming.author)),
        Prose(say("corpus_after"), is_note=True),
    )


def share(part: float, whole: float) -> str:
    """Return a share in percent with one decimal place; 0.0 % of nothing."""
    return f"{100 * part / whole if whole else 0:.1f} %"


def _counted(count: int, whole: int) -> str:
    return f"{count:,} · {share(count, whole)}"


def _told(values: Mapping[str, str | int | float]) -> dict[str, str]:
    """Return values for a sentence: shares in percent, counts with their thousands parted."""
    return {
        name: share(value, 1) if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else value
        for name, value in values.items()
    }


def _listed(counts: Iterable[tuple[str, int]]) -> str:
    return " · ".join(f"{name} {count:,}" for name, count in counts)


def _bars(caption: str, counts: Mapping[str, int], whole: int, unknown: str, most: int) -> Bars:
    bars = [
        Bar(unknown if name == NONE else name, count, _counted(count, whole), is_foreign=name != NONE)
        for name, count in counts.items()
    ]
    return _cut(Bars(caption, tuple(bars), whole=whole), most, keeps_last=NONE in counts)


def _cut(bars: Bars, most: int = _MOST, *, keeps_last: bool = False) -> Bars:
    """Return the first bars and say how many there are more; the last one, of what is unknown, may stay."""
    if len(bars.bars) <= most:
        return bars
    shown = (*bars.bars[: most - 1], bars.bars[-1]) if keeps_last else bars.bars[:most]
    return replace(bars, bars=shown, left=len(bars.bars) - most)
