"""The way in from Python: open a knowledge base, search it, ask it, look at its tables.

    from index import open_kb
    kb = open_kb("kb")
    kb.ask("医保断缴三个月还能报销吗")
    kb.search("灵活就业 医保", k=5).to_frame()

An opened base is one build and never changes; open it again to see a newer one. Its parts stand in `opened`, its tables
in `frames`, what explores in `explore.exploring`; docs/tutorial.ipynb shows them at work, docs/reference.md lists all.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.explore.exploring import Exploring
from index.frames import Frames
from index.lexicon.lexicon import Expansion
from index.ngrams import gram_keys
from index.question.question import Question, read_question
from index.ranking import Mode
from index.search import Filters, Hits, Sort, search

if TYPE_CHECKING:
    from index.answer import Answer
    from index.answering.card import DeskCard
    from index.around import Around
    from index.beside import Beside
    from index.duplicates import CopyGroup, Elsewhere
    from index.facets import Facets
    from index.hits import Hit
    from index.model.transformer import Reranker
    from index.question.official import OfficialWording
    from index.reading import Reading, SeeAlsoLink


@dataclass(frozen=True, slots=True)
class Outline:
    """How an article is built. `sections` are dicts with `heading`, `level`, `path`, `start`, `end`, in page order.

    `chatter` are the spans where a text generator speaks of itself: no sentence there answers anything.
    """

    short_answer: str | None
    sections: tuple[dict[str, Any], ...]
    chatter: tuple[tuple[int, int], ...] = ()


class KnowledgeBase(Exploring, Frames):
    """One build of a knowledge base, opened for reading. Safe to share between threads.

    `open_kb` opens one. `where` and `filters` are `index.filters.Filters`: a sub-corpus of articles.

    >>> kb.search("异地就医备案", k=5).to_frame()["title"].iloc[0]
    '异地就医备案怎么办，没备案还能报销吗'
    """

    def search(
        self,
        query: str,
        *,
        k: int = 10,
        mode: Mode = "hybrid",
        filters: Filters | None = None,
        diverse: bool = False,
        reranker: Reranker | None = None,
        sort: Sort = "relevance",
    ) -> Hits:
        """Return at most `k` passages for `query`, best first, with the reasons of each; see `index.search.search`.

        >>> hits = kb.search("生育津贴", k=3, filters=Filters(schemes="生育保险"))
        >>> [(hit.rank, "生育保险" in hit.schemes) for hit in hits]
        [(1, True), (2, True), (3, True)]
        >>> hits.to_frame()[["rank", "title", "score"]]  # doctest: +SKIP
        """
        return search(self, query, k=k, mode=mode, filters=filters, diverse=diverse, reranker=reranker, sort=sort)

    def facets(self, filters: Filters | None = None, hits: Sequence[Hit] | None = None) -> Facets:
        """Return what may be filtered by, with counts of articles; see `index.facets.facets`.

        >>> counts = kb.facets().to_frame()
        >>> int(counts.loc[counts["value"] == "职工医保", "articles"].iloc[0]) > 10
        True
        """
        from index.facets import facets

        return facets(self, filters, hits)

    def ask(self, question: str, *, filters: Filters | None = None) -> Answer:
        """Return verbatim sentences that answer `question`, each cited, and the verdict; see `index.answer.Answer`.

        >>> found = kb.ask("没赶上居民医保集中缴费期，等待期是多久？")
        >>> found.verdict
        'answered'
        >>> found.sentences[0].text
        '没赶上集中缴费期,或者中间断过保的,缴费之后先有3个月的固定待遇等待期,这段时间的医疗费用居民医保不予支付。'
        >>> place = found.citations[found.sentences[0].citations[0] - 1]
        >>> kb.article(place.article_id).text[place.start : place.end] == found.sentences[0].text
        True
        >>> kb.ask("今天天气怎么样").verdict
        'outside'
        """
        from index.answer import answer

        return answer(self, question, filters=filters)

    def desk_card(self, question: str, *, filters: Filters | None = None) -> DeskCard | None:
        """Return the desk card on `question`, or None where nothing is answered.

        >>> card = kb.desk_card("异地就医怎么备案")
        >>> "steps" in card.as_dict()["slots"]
        True
        """
        from index.answering.card import desk_card

        return desk_card(self, self.ask(question, filters=filters))

    def article(self, article_id: str) -> Reading | None:
        """Return an article whole, with its page's text and its ledger, or None where the build has none of that id.

        >>> article = kb.article(kb.search("异地就医备案", k=1)[0].article_id)
        >>> article.path
        'cross-province-care.html'
        """
        from index.reading import read_article

        return read_article(self.records, article_id)

    def see_also(self, article_id: str) -> tuple[SeeAlsoLink, ...]:
        """Return the articles that the recommendations on an article's page are proved to lead to, in page order."""
        from index.reading import read_see_also

        return read_see_also(self.records, article_id)

    def duplicates(self, member: str | None = None) -> tuple[CopyGroup, ...]:
        """Return the groups of near-duplicate articles, or the group of one article or passage by its id.

        >>> all(len(group.copies) > 1 for group in kb.duplicates())
        True
        """
        from index.duplicates import group_of, read_groups

        if member is None:
            return read_groups(self.records)
        found = (group_of(self.records, "article", member), group_of(self.records, "passage", member))
        return tuple(group for group in found if group is not None)

    def elsewhere(self, passage_id: str, quote: str) -> tuple[Elsewhere, ...]:
        """Return where near-duplicates of a passage say the sentence `quote` as well, each with its own place."""
        from index.duplicates import find_elsewhere

        return find_elsewhere(self.records, passage_id, quote)

    def around(self, passage_id: str, before: int = 1, after: int = 1) -> Around | None:
        """Return the passages before and after one in its article, None where the build has none of that id.

        >>> kb.around(kb.search("异地就医备案", k=1)[0].passage_id).total > 3
        True
        """
        from index.around import around

        return around(self.records, passage_id, before, after)

    def beside(self, query: str, hits: Sequence[Hit]) -> Beside:
        """Return what stands beside the hits of `query`: neighbours, copies, and why each was found."""
        from index.beside import read_beside

        return read_beside(self, query, hits)

    def outline(self, article_id: str) -> Outline:
        """Return short answer and sections of an article; an article that does not exist has neither.

        >>> outline = kb.outline(kb.search("异地就医备案", k=1)[0].article_id)
        >>> [section["heading"] for section in outline.sections][:2]
        ['谁需要备案', '怎么备案']
        """
        from ingest.traces import HARMLESS

        rows = self.records.query("SELECT short_answer, sections FROM articles WHERE id = ?", (article_id,))
        if not rows:
            return Outline(None, ())
        traces = self.records.query('SELECT kind, start, "end" FROM traces WHERE article_id = ?', (article_id,))
        chatter = tuple((row["start"], row["end"]) for row in traces if row["kind"] not in HARMLESS)
        return Outline(rows[0]["short_answer"], tuple(json.loads(rows[0]["sections"])), chatter)

    def article_text(self, article_id: str) -> str:
        """Return the passages of an article, one after the other: what is searched, without the noise of the page."""
        rows = self.records.with_texts(
            'SELECT article_id, start, "end" FROM passages WHERE article_id = ? ORDER BY row', (article_id,)
        )
        return "\n".join(row["text"] for row in rows)

    def knows(self, pair: str) -> bool:
        """Say whether two neighbouring characters (search form) stand so in a passage or in the bundled table.

        >>> kb.knows("医保"), kb.knows("龘龘")
        (True, False)
        """
        key = gram_keys([pair])[0][-1:]
        return bool(self.engine.passage_terms.occurs(key)[0] or self.table.rows_of(key)[0] >= 0)

    def read_question(self, typed: str) -> Question:
        """Return what was typed, read: phrases, excluded words, numbers in the other script, slips mended."""
        return read_question(typed, self.vocabulary, self.knows)

    def expansions(self, question: Question) -> tuple[Expansion, ...]:
        """Return what the words of a question may also be called, as typed and as mended, without the corrections.

        >>> kb.expansions(kb.read_question("断保"))[0].terms[:2]
        ('中断缴费', '停缴')
        """
        found = [*self.lexicon.expand(question.text), *question.numbers]
        if question.mended:
            found += [question.on_text(expansion) for expansion in self.lexicon.expand(question.mended)]
        return tuple(sorted(dict.fromkeys(found), key=lambda expansion: expansion.start))

    def official_wordings(self, typed: str) -> tuple[OfficialWording, ...]:
        """Return which words of a question official texts of this collection put differently, and how."""
        from index.question.official import official_wordings

        occurs = self.engine.passage_terms.occurs
        return official_wordings(typed, self.lexicon, lambda wording: bool(occurs(gram_keys([wording])[0]).all()))


def open_kb(
    folder: str | Path = "kb",
    *,
    build: str | None = None,
    model: str | None = None,
    store: str | None = None,
    url: str | None = None,
) -> KnowledgeBase:
    """Open the published build of a base, or the one that `build` names: an id, letters it begins with, `previous`.

    `model` names a model other than the one the manifest names, for a base whose model folder has moved; one that gives
    other vectors is refused. `store` (`embedded` or `qdrant`) and `url` say where words and vectors are read from, by
    themselves where the last rebuild put them (docs/qdrant.md). Raises StoreError where there is no base, no such
    build, or a damaged one.

    >>> open_kb(kb.folder, build=kb.build[:6]).build == kb.build
    True
    """
    from index.build.served import current_served, place_of

    base = Path(folder)
    place = place_of(base, store, url)
    if not build:
        return KnowledgeBase(base, current_served(base, place), model, place)
    from index.build.names import resolve_build  # and all that looks after builds

    return KnowledgeBase(base, resolve_build(base, build), model, place)
