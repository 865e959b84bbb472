"""A question becomes hits: filters, ranking, boosts, folding of near-duplicates, and what a person may ask for besides.

What the evidence is and how it is mixed stands in `ranking`, what a named place or year does in `boosts`, why a hit
stands where it stands in `reasons`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, get_args

from index.bank.bank import lend
from index.boosts import boost_in, read_named
from index.catalogue import About, facts_of
from index.context import embedded_text
from index.diversity import diversify
from index.filters import Filters, allowed_rows
from index.hits import Hit, Hits, Sort
from index.lexicon.lexicon import Expansion
from index.ranking import Mode, Ranked, pool
from index.reasons import Leg, Reasons, explain_each, word_marks
from index.rerank import READ, rerank
from index.store.terms import query_grams

if TYPE_CHECKING:
    from index.kb import KnowledgeBase
    from index.model.transformer import Reranker
    from index.question.question import Question
    from index.store.terms import Grams

__all__ = [
    "Filters",
    "Hit",
    "Hits",
    "Leg",
    "Reasons",
    "Sort",
    "allowed_rows",
    "hit_of",
    "other_wordings",
    "search",
    "word_marks",
]

MODES: tuple[Mode, ...] = ("hybrid", "dense", "lexical")
SORTS: tuple[Sort, ...] = get_args(Sort)
# Passages with the same words are folded after ranking, so a little more than k is ranked.
FOLD_MARGIN = 10
# Of the passages folded into a hit so many are named; how many there are is said in full.
MAX_DUPLICATES = 20
# A group is shown by its preferred member where that scores about as well as its best one for this question.
AS_GOOD = 0.9
# Hits among which diversity chooses, for each that is wanted.
_CHOICE = 4
# What an official wording counts beside the everyday word that was typed. With the first weights 0.2
# to 0.5 put the right passage first for 30 of our 42 questions, 1 for 26 and 0 for 27 (docs/decisions.md).
EXPANSION_WEIGHT = 0.4


def search(
    kb: KnowledgeBase,
    query: str,
    *,
    k: int = 10,
    mode: Mode = "hybrid",
    filters: Filters | None = None,
    boosts: bool = True,
    diverse: bool = False,
    reranker: Reranker | None = None,
    sort: Sort = "relevance",
    read: Question | None = None,
) -> Hits:
    """Return at most `k` passages for `query`, best first; of a group of near-duplicates one is shown.

    Filters apply before ranking. `boosts` raise and lower by the place, year and scheme the query names. `reranker`
    orders the best hits anew, `diverse` puts hits that say something new before those that say the same again. Quoted
    phrases must stand in a hit, words behind a minus must not. `sort` by date puts the same `k` hits in the order of
    their dates, the newest first; their ranks stay. An empty query has no hits, nor in lexical mode one of which no
    word is known. `read` is the query as `kb.read_question` reads it, where it has done so already.
    """
    if mode not in MODES:
        raise ValueError(f"mode is one of {', '.join(MODES)}, found {mode!r}")
    if sort not in SORTS:
        raise ValueError(f"sort is one of {', '.join(SORTS)}, found {sort!r}")
    if k < 1:
        raise ValueError(f"k counts passages, at least 1, found {k}")
    question = read or kb.read_question(query)
    allowed = allowed_rows(kb, filters) if filters else None
    if question.is_empty or (allowed is not None and not len(allowed)):
        return Hits(kb.build, query, (), question.suggestion, sort)
    text = question.text
    expansions = kb.expansions(question)
    also = (*other_wordings(expansions), *((word.terms[0], word.factor) for word in question.corrections))
    grams = query_grams(text, also)
    asked = read_named(text, (place.region for place in kb.lexicon.places(text)))
    meant = question.mended or text
    vector = kb.query_vector(meant) if mode != "lexical" else None
    in_table = vector if vector is not None and kb.embedder is kb.table else None
    lent = lend(kb.bank.near(meant, in_table)) if mode == "hybrid" else None
    needed = max(k, READ if reranker else 0, _CHOICE * k if diverse else 0)
    wanted = needed + FOLD_MARGIN
    while True:
        found = pool(
            text,
            vector,
            kb.engine,
            weights=kb.weights,
            mode=mode,
            k=wanted,
            allowed=allowed,
            filters=filters,
            grams=grams,
            lent=lent,
        )
        if boosts and len(found.rows):
            found = boost_in(kb, found, asked)
        ranked = found.best(wanted)
        folded = _fold(kb, ranked, question)
        if len(folded) >= needed or len(ranked) < wanted:
            break
        wanted *= 4  # many copies of few texts: look further down
    if reranker:
        folded = _reranked(kb, text, folded, reranker)
    if diverse:
        folded = _diverse(kb, folded[: _CHOICE * k], k)
    hits = _hits(kb, text, (*expansions, *question.corrections), grams, folded[:k])
    if sort == "date":
        hits.sort(key=lambda hit: hit.as_of or "", reverse=True)  # hits of one day, and of none, stay as they rank
    return Hits(kb.build, query, tuple(hits), question.suggestion, sort)


def _fold(kb: KnowledgeBase, ranked: Sequence[Ranked], question: Question) -> list[Ranked]:
    """Return the ranked passages that have the phrases asked for, one for each group of near-duplicates, by its score.

    That is the group's preferred member among those that score about as well as the best of them.
    """
    if question.phrases or question.excluded:
        ranked = _that_match(kb, ranked, question)
    folds = kb.records.folds([item.row for item in ranked])
    best: dict[int | str, Ranked] = {}
    chosen: dict[int | str, tuple[Ranked, int]] = {}
    for item in ranked:
        group, place = folds.get(item.row, (item.row, 0))
        first = best.setdefault(group, item)
        if item is first or (place < chosen[group][1] and item.score >= AS_GOOD * first.score):
            chosen[group] = item, place
    return sorted((item for item, _ in chosen.values()), key=lambda item: -item.score)


def _that_match(kb: KnowledgeBase, ranked: Sequence[Ranked], question: Question) -> list[Ranked]:
    """Return the passages that have the phrases asked for and no excluded word, in the text or above it."""
    passages = kb.records.passages([item.row for item in ranked])
    texts = {row: "\n".join((one["title"], *one["heading_path"], one["text"])) for row, one in passages.items()}
    return [item for item in ranked if question.matches(texts[item.row])]


def _hits(
    kb: KnowledgeBase, text: str, expansions: Sequence[Expansion], grams: Grams, shown: Sequence[Ranked]
) -> list[Hit]:
    """Return the ranked passages as hits with their reasons: only of what is shown are texts and facts read."""
    rows = [item.row for item in shown]
    by_row = kb.records.passages(rows)
    passages = [by_row[row] for row in rows]
    groups = [passage["group_id"] for passage in passages if passage["group_id"]]
    copies = kb.records.copies(groups, limit=MAX_DUPLICATES + 1)
    alone: tuple[int, list[str]] = (1, [])
    matches = kb.engine.passage_terms.matches_of(grams, rows)
    about = facts_of(kb.records, (passage["article_id"] for passage in passages))
    reasons = explain_each(text, expansions, shown, [passage["text"] for passage in passages], matches)
    return [
        hit_of(number, item, passage, copies.get(passage["group_id"], alone), why, about[passage["article_id"]])
        for number, (item, passage, why) in enumerate(zip(shown, passages, reasons, strict=True), start=1)
    ]


def _reranked(kb: KnowledgeBase, query: str, found: Sequence[Ranked], reranker: Reranker) -> list[Ranked]:
    passages = kb.records.passages([item.row for item in found[:READ]])
    read = (passages[item.row] for item in found[:READ])
    texts = [embedded_text(passage["title"], passage["heading_path"], passage["text"]) for passage in read]
    return [item for _, item in rerank(query, found, texts, reranker)]


def _diverse(kb: KnowledgeBase, found: Sequence[Ranked], k: int) -> list[Ranked]:
    return [item for _, item in diversify(found, kb.engine.vectors_of([item.row for item in found]), k)]


def other_wordings(expansions: Sequence[Expansion]) -> tuple[tuple[str, float], ...]:
    """Return the wordings the lexicon offers with their factors: the more for a word, the less each counts."""
    return tuple(
        (term, EXPANSION_WEIGHT * expansion.factor / len(expansion.terms) ** 0.5)
        for expansion in expansions
        for term in expansion.terms
    )


def hit_of(
    number: int,
    item: Ranked,
    passage: Mapping[str, Any],
    copies: tuple[int, Sequence[str]],
    reasons: Reasons,
    about: About,
) -> Hit:
    """Return a ranked passage as a hit; `copies` are how many its group has, itself among them, and ids of some."""
    count, listed = copies
    return Hit(
        rank=number,
        score=float(item.score),
        row=item.row,
        passage_id=passage["id"],
        article_id=passage["article_id"],
        title=passage["title"],
        heading_path=passage["heading_path"],
        text=passage["text"],
        path=passage["path"],
        start=passage["start"],
        end=passage["end"],
        as_of=passage["as_of"],
        as_of_kind=passage["as_of_kind"],
        url=passage["url"],
        site=passage["site"],
        duplicates=tuple(copy for copy in listed if copy != passage["id"])[:MAX_DUPLICATES],
        reasons=reasons,
        duplicate_count=count - 1,
        regions=about.regions,
        schemes=about.schemes,
        years=about.years,
        confidence=passage["confidence"],
    )
