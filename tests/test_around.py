"""What stands before and after a passage in its article, for one passage and for all hits of a page."""

from __future__ import annotations

import pytest

from index.around import Around, around, around_all
from index.kb import KnowledgeBase


def article_of(kb: KnowledgeBase, least: int) -> list[dict[str, object]]:
    """The passages of the first article that has at least so many, in page order."""
    rows = kb.records.query(
        "SELECT * FROM passages WHERE article_id = (SELECT article_id FROM passages GROUP BY article_id"
        " HAVING count(*) >= ? ORDER BY min(row) LIMIT 1) ORDER BY start",
        (least,),
    )
    assert len(rows) >= least
    return rows


def ids(told: Around) -> tuple[list[str], list[str]]:
    return [one.passage_id for one in told.before], [one.passage_id for one in told.after]


def test_a_passage_in_the_middle_has_one_on_either_side(sample_kb: KnowledgeBase) -> None:
    first, found, last, *_ = rows = article_of(sample_kb, 5)
    told = sample_kb.around(str(found["id"]))
    assert told is not None
    assert ids(told) == ([first["id"]], [last["id"]])
    assert (told.place, told.total) == (2, len(rows))
    assert told.after[0].text == last["text"]
    page = sample_kb.article(str(found["article_id"]))
    assert page is not None
    assert [page.text[one.start : one.end] for one in told.before] == [first["text"]]


def test_the_ends_of_an_article_are_no_way_into_the_next_one(sample_kb: KnowledgeBase) -> None:
    rows = [str(row["id"]) for row in article_of(sample_kb, 5)]
    first, last = (around(sample_kb.records, one, before=2, after=2) for one in (rows[0], rows[-1]))
    assert first is not None
    assert last is not None
    assert ids(first) == ([], rows[1:3])
    assert ids(last) == (rows[-3:-1], [])
    assert (first.place, last.place, last.total) == (1, len(rows), len(rows))


def test_all_hits_at_once_are_what_each_one_is_alone(sample_kb: KnowledgeBase) -> None:
    hits = sample_kb.search("断缴以后还能报销吗", k=10)
    every = around_all(sample_kb.records, [hit.passage_id for hit in hits])
    assert every == {hit.passage_id: sample_kb.around(hit.passage_id) for hit in hits}
    assert sample_kb.beside("断缴以后还能报销吗", hits).around == every


def test_unknown_passages_and_counts_that_make_no_sense(sample_kb: KnowledgeBase) -> None:
    assert sample_kb.around("nobody") is None
    assert around_all(sample_kb.records, []) == {}
    with pytest.raises(ValueError, match="found 1 and -1"):
        sample_kb.around("nobody", after=-1)
