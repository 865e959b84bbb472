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

_Found = tuple[Ranked, dict[str, Any]]


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
) -> Hits:
    """Return at most `k` passages for `query`, best first; of a group of near-duplicates one is shown.

    Filters apply before ranking. `boosts` raise and lower by the place, year and scheme the query names. `reranker`
    orders the best hits anew, `diverse` puts hits that say something new before those that say the same again. Quoted
    phrases must stand in a hit, words behind a minus must not. `sort` by date puts the same `k` hits in the order of
    their dates, the newest first; their ranks stay. An empty query has no hits, nor in lexical mode one of which no
    word is known.
    """
    if mode not in MODES:
        raise ValueError(f"mode is one of {', '.join(MODES)}, found {mode!r}")
    if sort not in SORTS:
        raise ValueError(f"sort is one of {', '.join(SORTS)}, found {sort!r}")
    if k < 1:
        raise ValueError(f"k counts passages, at least 1, found {k}")
    question = kb.read_question(query)
    allowed = allowed_rows(kb, filters) if filters else None
    if question.is_empty or (allowed is not None and not len(allowed)):
        return Hits(kb.build, query, (), question.suggestion, sort)
    text = question.text
    expansions = (*kb.expansions(question), *question.corrections)
    also = (
        *other_wordings(kb.expansions(question)),
        *((word.terms[0], word.factor) for word in question.corrections),
    )
    asked = read_named(text, (place.region for place in kb.lexicon.places(text)))
    vector = kb.query_vector(question.mended or text) if mode != "lexical" else None
    lent = lend(kb.bank.near(question.mended or text)) if mode == "hybrid" else None
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
            also=also,
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
        folded = _reranked(text, folded, reranker)
    if diverse:
        folded = _diverse(kb, folded[: _CHOICE * k], k)
    shown = folded[:k]
    groups = [passage["group_id"] for _, passage in shown if passage["group_id"]]
    copies = kb.records.copies(groups, limit=MAX_DUPLICATES + 1)
    alone: tuple[int, list[str]] = (1, [])
    matches = kb.engine.passage_terms.matches_of(query_grams(text, also), [item.row for item, _ in shown])
    about = facts_of(kb.records, (passage["article_id"] for _, passage in shown))
    items, texts = [item for item, _ in shown], [passage["text"] for _, passage in shown]
    reasons = explain_each(text, expansions, items, texts, matches)
    hits = [
        hit_of(
            number + 1,
            item,
            passage,
            copies.get(passage["group_id"], alone),
            reasons[number],
            about[passage["article_id"]],
        )
        for number, (item, passage) in enumerate(shown)
    ]
    if sort == "date":
        hits.sort(key=lambda hit: hit.as_of or "", reverse=True)  # hits of one day, and of none, stay as they rank
    return Hits(kb.build, query, tuple(hits), question.suggestion, sort)


def _fold(kb: KnowledgeBase, ranked: Sequence[Ranked], question: Question) -> list[_Found]:
    """Return the ranked passages that have the phrases asked for, one for each group of near-duplicates, by its score.

    That is the group's preferred member among those that score about as well as the best of them.
    """
    passages = kb.records.passages([item.row for item in ranked])
    best: dict[str, Ranked] = {}
    chosen: dict[str, _Found] = {}
    for item in ranked:
        passage = passages[item.row]
        if not question.matches("\n".join((passage["title"], *passage["heading_path"], passage["text"]))):
            continue
        group = passage["group_id"] or passage["id"]
        first = best.setdefault(group, item)
        if item is first or (passage["place"] < chosen[group][1]["place"] and item.score >= AS_GOOD * first.score):
            chosen[group] = (item, passage)
    return sorted(chosen.values(), key=lambda pair: -pair[0].score)


def _reranked(query: str, found: Sequence[_Found], reranker: Reranker) -> list[_Found]:
    texts = [embedded_text(p["title"], p["heading_path"], p["text"]) for _, p in found[:READ]]
    order = rerank(query, [item for item, _ in found], texts, reranker)
    return [(item, found[at][1]) for at, item in order]


def _diverse(kb: KnowledgeBase, found: Sequence[_Found], k: int) -> list[_Found]:
    ranked = [item for item, _ in found]
    order = diversify(ranked, kb.engine.vectors_of([item.row for item in ranked]), k)
    return [(item, found[at][1]) for at, item in order]


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
