"""What a knowledge base offers to researchers: the methods of `KnowledgeBase` that explore, each handed to its file.

`where` is a sub-corpus: the filters that its articles meet; None is the whole corpus.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from index.conflicts.conflicts import Conflicts
    from index.explore.answer_changes import SavedAnswers
    from index.explore.card_shape import CorpusCard
    from index.explore.collocates import Collocates
    from index.explore.compare import Comparison
    from index.explore.concordance import Concordance, Order
    from index.explore.dispersion import Dispersion, Frequencies
    from index.explore.keyness import Keyness
    from index.explore.occurrences import Letters
    from index.explore.passage_map import PassageMap
    from index.explore.similar import Similar
    from index.explore.statements import Grouped
    from index.explore.subcorpus import Subcorpus
    from index.explore.text import CorpusText
    from index.explore.trends import By, Trend
    from index.explore.words import WordCounts
    from index.filters import Filters
    from index.hits import Hit
    from index.kb import KnowledgeBase


class Exploring:
    """Mixed into KnowledgeBase, which has all that is read here."""

    @property
    def _kb(self) -> KnowledgeBase:
        return cast("KnowledgeBase", self)

    @cached_property
    def corpus_text(self) -> CorpusText:
        """All passages in one string."""
        from index.explore.text import corpus_text

        return corpus_text(self._kb)

    @cached_property
    def letters(self) -> Letters:
        """The characters of `corpus_text` in arrays."""
        from index.explore.occurrences import letters_of

        return letters_of(self.corpus_text)

    def kwic(
        self,
        pattern: str,
        *,
        regex: bool = False,
        width: int = 20,
        sort: Order = "page",
        where: Filters | None = None,
        limit: int | None = 1_000,
        offset: int = 0,
    ) -> Concordance:
        """Return every place of a phrase or pattern with what stands around it; see `explore.concordance`.

        >>> kb.kwic("断缴", width=4)[0].match
        '断缴'
        >>> kb.kwic("[0-9]+个月", regex=True, sort="right").to_frame()  # doctest: +SKIP
        """
        from index.explore.concordance import concordance

        return concordance(
            self._kb, pattern, regex=regex, width=width, sort=sort, where=where, limit=limit, offset=offset
        )

    @cached_property
    def text_of(self) -> NDArray[np.int64]:
        """A number for the text of each passage, shape (passages,): the same for near-identical ones."""
        from index.explore.independent import text_numbers

        return text_numbers(self._kb)

    @cached_property
    def original_of(self) -> NDArray[np.int64]:
        """A number for the article of each passage, shape (passages,): the same for near-identical articles."""
        from index.explore.independent import original_numbers

        return original_numbers(self._kb)

    @cached_property
    def site_of(self) -> NDArray[np.int64]:
        """A number for the site of each passage, shape (passages,); -1 where the site is unknown."""
        from index.explore.independent import site_numbers

        return site_numbers(self._kb)

    def similar(
        self, passage: str | int | Hit, *, k: int = 10, where: Filters | None = None, same_article: bool = False
    ) -> Similar:
        """Return the passages nearest in meaning to a passage: its id, its row or a hit. Copies are folded.

        >>> near = kb.similar(kb.search("异地就医备案")[0], k=3)
        >>> [one.rank for one in near]
        [1, 2, 3]
        """
        from index.explore.similar import similar

        return similar(self._kb, passage, k=k, where=where, same_article=same_article)

    def compare(
        self,
        question: str,
        by: str = "region",
        *,
        where: Filters | None = None,
        values: Sequence[str] | None = None,
        across: str | None = None,
    ) -> Comparison:
        """Return what each region, year, scheme or site says to a question, verbatim in every cell, or nothing.

        >>> found = kb.compare("医保断缴后等待期是多久", by="region", values=["江苏省", "湖北省"])
        >>> [(cell.value, cell.state) for cell in found.cells]
        [('江苏省', 'stated'), ('湖北省', 'not_stated')]
        """
        from index.explore.compare import compare

        return compare(self._kb, question, by, where=where, values=values, across=across)

    @cached_property
    def passage_chars(self) -> NDArray[np.int64]:
        """How many characters each passage has, by row."""
        from index.explore.subcorpus import passage_chars

        return passage_chars(self._kb)

    def subcorpus(self, where: Filters | None = None) -> Subcorpus:
        """Return what meets the filters, under its name, with its size and how much of it is no copy.

        >>> kb.subcorpus().name, kb.subcorpus().articles
        ('全部', 42)
        """
        from index.explore.subcorpus import subcorpus

        return subcorpus(self._kb, where)

    def saved_answers(self, since: str | None = None) -> SavedAnswers:
        """Return the answers to the saved questions, and what changed since the build before, or the build `since`.

        >>> kb.saved_answers().to_frame()["name"].tolist()[:2]
        ['断缴等待期', '湖南缴费标准']
        """
        from index.explore.answer_changes import saved_answers

        return saved_answers(self._kb, since=since)

    @cached_property
    def article_chars(self) -> NDArray[np.int64]:
        """How many characters the passages of each article have, by row."""
        from index.explore.subcorpus import article_chars

        return article_chars(self._kb)

    @cached_property
    def article_originals(self) -> NDArray[np.int64]:
        """A number for each article, by row: the same for near-identical ones."""
        from index.explore.subcorpus import article_originals

        return article_originals(self._kb)

    @cached_property
    def words(self) -> WordCounts:
        """The words of the build, found without a dictionary and in the lexicon, with their counts."""
        from index.explore.words import word_counts

        return word_counts(self._kb)

    def frequencies(self, where: Filters | None = None, *, most: int | None = None) -> Frequencies:
        """Return the words of a sub-corpus, the most frequent first, each with its dispersion (Gries' DP).

        >>> kb.frequencies()[0].word
        '医保'
        """
        from index.explore.dispersion import frequencies

        return frequencies(self._kb, where, most=most)

    def dispersion(self, word: str, where: Filters | None = None) -> Dispersion:
        """Return how often a word or phrase stands in a sub-corpus, how evenly, and where.

        >>> stands = kb.dispersion("断缴")
        >>> stands.frequency.count, stands.frequency.articles, round(stands.frequency.dp_norm, 2)
        (26, 11, 0.75)
        """
        from index.explore.dispersion import dispersion

        return dispersion(self._kb, word, where)

    def keyness(self, where: Filters | None = None, *, min_texts: int = 3, max_p: float = 0.05) -> Keyness:
        """Return the words that a sub-corpus uses more or less than the rest: log-likelihood and effect sizes.

        >>> from index.filters import Filters
        >>> [word.word for word in kb.keyness(Filters(schemes=("失业保险",))).positive[:3]]
        ['失业', '失业保险', '失业保险金']
        """
        from index.explore.keyness import keyness

        return keyness(self._kb, where, min_texts=min_texts, max_p=max_p)

    def collocates(self, word: str, *, window: int = 10, where: Filters | None = None) -> Collocates:
        """Return the words within `window` characters of a word or phrase: log-likelihood, log-Dice, MI.

        >>> [(row.word, row.count) for row in kb.collocates("断缴", window=5)[:2]]
        [('超过', 5), ('个月', 7)]
        """
        from index.explore.collocates import collocates

        return collocates(self._kb, word, window=window, where=where)

    def trend(self, word: str, by: By = "captured", where: Filters | None = None) -> Trend:
        """Return the relative frequency of a word or phrase by date (`captured`) or by `year` mentioned.

        >>> [(point.period, point.count, point.articles) for point in kb.trend("断缴", by="year").points[-5:-3]]
        [('2024', 19, 21), ('2025', 2, 16)]
        """
        from index.explore.trends import trend

        return trend(self._kb, word, by, where)

    def map(self, where: Filters | None = None, *, cluster: int | None = None, area: str | None = None) -> PassageMap:
        """Return the map of passages, or its points in a sub-corpus, a group, an area (`"10,20,30,40"`, a box).

        Raises NotPrepared, ValueError for an area that is none.

        >>> found = kb.map()
        >>> len(found) == len(found.within(0, 0, 100, 100))
        True
        """
        from index.explore.area import Area
        from index.explore.passage_map import select

        whole, within = self._whole_map, Area.read(area) if area else None
        return whole.only(select(self._kb, whole, where, cluster, within))

    @cached_property
    def _whole_map(self) -> PassageMap:
        from index.explore.passage_map import passage_map

        return passage_map(self._kb)

    def card(self, where: Filters | None = None) -> CorpusCard:
        """Return the corpus card: every count of the collection, or of a part of it, and what its limits are.

        >>> kb.card().removed_chars + kb.card().kept_chars == kb.card().page_chars
        True
        """
        from index.explore.corpus_card import corpus_card

        return corpus_card(self._kb, where)

    def conflicts(
        self,
        where: Filters | None = None,
        matter: str | None = None,
        *,
        kind: str | None = None,
        difference: str | None = None,
    ) -> Conflicts:
        """Return the matters for which the sources give different numbers, the surest first; see `conflicts`.

        >>> kb.conflicts(matter="个人缴费")[0].matter
        '个人缴费'
        """
        from index.conflicts.conflicts import conflicts

        return conflicts(self._kb, where, matter, kind=kind, difference=difference)

    def statements(self, where: Filters | None = None) -> pd.DataFrame:
        """Return every number that says how much, how long, how old or when, with its sentence: one row each.

        >>> bool((kb.statements()["unit"] == "%").any())
        True
        """
        from index.conflicts.conflicts import statements

        return statements(self._kb, where)

    @cached_property
    def grouped_statements(self) -> Grouped:
        """The statements that contradict each other, as they were prepared."""
        from index.explore.statements import grouped

        return grouped(self._kb)
