"""Similar passages: against all cosines by numpy, copies folded, and what is left out."""

from __future__ import annotations

import json

import numpy as np
import pytest
from click.testing import CliRunner

from index.filters import Filters
from index.kb import KnowledgeBase
from index.store import StoreError
from search_app.cli import main


def brute_force(kb: KnowledgeBase, row: int, k: int, keep: np.ndarray) -> list[int]:
    vectors = kb.vectors.rows(np.arange(len(kb.text_of)))
    cosines = vectors @ vectors[row]
    found: list[int] = []
    for one in np.lexsort((np.arange(len(cosines)), -cosines)).tolist():
        texts = {int(kb.text_of[other]) for other in (row, *found)}
        if keep[one] and kb.article_of[one] != kb.article_of[row] and int(kb.text_of[one]) not in texts:
            found.append(one)
    return found[:k]


@pytest.mark.parametrize("row", [0, 17, 101, 180])
def test_the_nearest_are_those_of_all_cosines(sample_kb: KnowledgeBase, row: int) -> None:
    everything = np.ones(len(sample_kb.text_of), dtype=bool)
    found = sample_kb.similar(row, k=200)  # more than there are: every text of the other articles, in order
    assert [one.row for one in found] == brute_force(sample_kb, row, 200, everything)
    assert [one.row for one in sample_kb.similar(row, k=3)] == [one.row for one in found[:3]]
    vectors = sample_kb.vectors.rows([row, found[0].row])
    assert found[0].cosine == pytest.approx(float(vectors[0] @ vectors[1]), abs=1e-6)


def test_filters_hold_and_the_article_itself_only_when_asked(sample_kb: KnowledgeBase) -> None:
    where = Filters(schemes=("大病保险",))
    keep = sample_kb.catalogue.columns["scheme"].having(["大病保险"])[sample_kb.article_of]
    found = sample_kb.similar(17, k=5, where=where)
    assert [one.row for one in found] == brute_force(sample_kb, 17, 5, keep)
    own = sample_kb.similar(17, k=200, same_article=True)
    assert {one.article_id for one in own} > {one.article_id for one in sample_kb.similar(17, k=200)}
    assert found.of.passage_id not in {one.passage_id for one in own}


def test_copies_are_folded_and_counted(sample_kb: KnowledgeBase) -> None:
    groups: dict[str, list[int]] = {}
    for row in sample_kb.records.query(
        "SELECT group_id, row FROM passage_duplicates JOIN passages ON passages.id = passage_id"
    ):
        groups.setdefault(row["group_id"], []).append(row["row"])
    rows = next(iter(groups.values()))
    away = next(row for row in range(len(sample_kb.text_of)) if sample_kb.article_of[row] not in
                sample_kb.article_of[rows])  # fmt: skip
    found = sample_kb.similar(away, k=200)
    shown = [one for one in found if one.row in rows]
    assert [one.copies for one in shown] == [len(rows) - 1]
    assert found.sources.passages == sum(one.copies + 1 for one in found)
    assert not set(rows) & {one.row for one in sample_kb.similar(rows[0], k=200)}  # its own copies say nothing new


def test_a_passage_may_be_a_hit_an_id_or_a_row(sample_kb: KnowledgeBase) -> None:
    hit = sample_kb.search("异地就医备案", k=1)[0]
    by_hit, by_id, by_row = (sample_kb.similar(one, k=2) for one in (hit, hit.passage_id, hit.row))
    assert by_hit == by_id == by_row
    frame = by_hit.to_frame()
    assert frame["of"].tolist() == [hit.passage_id] * 2
    assert frame["passage_id"].tolist() == [one.passage_id for one in by_hit]
    with pytest.raises(StoreError, match="found no passage nobody"):
        sample_kb.similar("nobody")
    with pytest.raises(ValueError, match="at least 1, found 0"):
        sample_kb.similar(hit, k=0)


def test_the_command_prints_what_python_returns(sample_kb: KnowledgeBase) -> None:
    passage = sample_kb.search("异地就医备案", k=1)[0].passage_id
    done = CliRunner().invoke(main, ["similar", passage, "--kb", str(sample_kb.folder), "-k", "2", "--json"])
    assert json.loads(done.stdout) == json.loads(json.dumps(sample_kb.similar(passage, k=2).as_dict()))
    told = CliRunner().invoke(main, ["similar", passage, "--kb", str(sample_kb.folder), "-k", "2"])
    assert told.exit_code == 0
    assert sample_kb.similar(passage, k=2)[1].text in told.stdout
    table = CliRunner().invoke(
        main, ["similar", passage, "--kb", str(sample_kb.folder), "-k", "2", "--format", "jsonl"]
    )
    lines = [json.loads(line) for line in table.stdout.splitlines()]
    assert [line["rank"] for line in lines] == [1, 2]
    assert f"--build {sample_kb.build}" in lines[0]["command"]


def test_nothing_near_keeps_the_columns(sample_kb: KnowledgeBase) -> None:
    none = sample_kb.similar(17, where=Filters(regions="西藏"))
    assert len(none.to_frame()) == 0
    assert list(none.to_frame().columns) == list(sample_kb.similar(17).to_frame().columns)
