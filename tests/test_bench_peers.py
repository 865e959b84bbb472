"""The bench beside peers: its corpus, its stores, its figures and what it writes; policykb and FAISS take part for real."""

from __future__ import annotations

import copy
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "bench"))
from peers import asking, measuring, report, verdicts  # noqa: E402 - a script of the bench, found by the line above
from peers.corpus import ONE_ARTICLE, make_corpus  # noqa: E402
from peers.exchange import Corpus, Where, read_corpus, write_corpus  # noqa: E402
from peers.store import load_store  # noqa: E402
from peers.stores import policykb_store  # noqa: E402

from index.store.recording import Cleaned, rows_of  # noqa: E402
from ingest.clean import Article  # noqa: E402
from ingest.facts.read import Fact  # noqa: E402
from ingest.facts.sources import Source  # noqa: E402
from ingest.page import page_from_bytes  # noqa: E402
from ingest.passages import Passage as Cut  # noqa: E402

PASSAGES, QUESTIONS = 200, 10
TAKING_PART = ("policykb_store", "faiss_script")


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return make_corpus(PASSAGES, QUESTIONS)


@pytest.fixture(scope="module")
def measured(corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a run on a small corpus measures, by the processes of a real run."""
    folder = tmp_path_factory.mktemp("peers")
    write_corpus(folder / "corpus", corpus)
    results = measuring.Results(folder / "results.json")
    seats = measuring.seats(TAKING_PART, folder, Path(sys.executable), PASSAGES, 10_000, results)
    measuring.build_all(seats, results)
    asking.ask_all(seats, corpus, results)
    results.keep("about", report.describe_run(PASSAGES, corpus))
    kept: dict[str, Any] = json.loads((folder / "results.json").read_text("utf-8"))
    return kept


def test_a_corpus_is_the_same_every_time_and_comes_back_from_its_files(corpus: Corpus, tmp_path: Path) -> None:
    write_corpus(tmp_path, corpus)
    again, read = make_corpus(PASSAGES, QUESTIONS), read_corpus(tmp_path)
    assert again.passages == read.passages == corpus.passages
    assert read.questions == corpus.questions
    assert read.wheres == corpus.wheres
    assert np.array_equal(again.vectors, read.vectors)
    assert np.array_equal(read.question_vectors, corpus.question_vectors)
    part = read_corpus(tmp_path, 7)
    assert part.passages == corpus.passages[:7]
    assert part.vectors.shape == (7, corpus.vectors.shape[1])


def test_a_larger_corpus_begins_with_the_smaller_one(corpus: Corpus) -> None:
    assert make_corpus(50, 3).passages == corpus.passages[:50]


def test_passages_carry_what_is_embedded_and_the_place_and_year_of_their_title(corpus: Corpus) -> None:
    assert [each.row for each in corpus.passages] == list(range(PASSAGES))
    assert len({each.id for each in corpus.passages}) == PASSAGES
    for each in corpus.passages:
        assert each.title.startswith(f"{each.region}{each.year}年")
        assert each.indexed.endswith(each.text)
        assert each.title in each.indexed
    assert np.allclose(np.linalg.norm(corpus.vectors, axis=1), 1, atol=1e-5)


def test_filters_keep_about_what_they_say_and_one_fewer_than_the_hits_asked_for(corpus: Corpus) -> None:
    kept = {where.name: len(where.rows(corpus.passages)) / PASSAGES for where in corpus.wheres}
    assert 0.5 <= kept["about 50 %"] < 0.7
    assert 0.05 <= kept["about 5 %"] < 0.12  # a site has some eight passages
    assert 0.005 <= kept["about 0.5 %"] < 0.05
    (single,) = (where for where in corpus.wheres if where.name == "one article")
    assert single.values == (ONE_ARTICLE,)
    rows = single.rows(corpus.passages)
    assert 0 < len(rows) < asking.K
    assert {corpus.passages[row].article for row in rows} == {corpus.passages[0].article}


@pytest.mark.parametrize("name", [*TAKING_PART, "policykb_ranking"])
def test_a_store_finds_the_nearest_keeps_to_filters_and_gives_texts(name: str, corpus: Corpus, tmp_path: Path) -> None:
    store = load_store(name)
    store.build(tmp_path, corpus.passages, corpus.vectors)
    store.open(tmp_path)
    least = corpus.vectors.nbytes // (2 if name.startswith("policykb") else 1)  # ours are float16
    assert store.about.disk(tmp_path, corpus.vectors.nbytes)["vectors"] >= least
    for number, (question, vector) in enumerate(zip(corpus.questions, corpus.question_vectors, strict=True)):
        exact = np.argsort(-(corpus.vectors @ vector), kind="stable")[:10]
        near = store.dense(vector, 10)
        assert [row for row, _ in near] == exact.tolist()
        where = corpus.wheres[number % len(corpus.wheres)]
        allowed = set(where.rows(corpus.passages).tolist())
        found = store.filtered(question, vector, 10, where)
        assert len(found) == min(10, len(allowed))
        assert {row for row, _ in found} <= allowed
        for row, text in (*near, *found, *store.hybrid(question, vector, 10)):
            assert text in (corpus.passages[row].text, corpus.passages[row].indexed)


def test_recall_counts_each_near_row_once_and_a_tie_as_near() -> None:
    vectors = np.zeros((14, 2), dtype=np.float32)
    vectors[:, 0] = [*np.linspace(1, 0.5, 10), 0.5, 0.1, 0.1, 0.1]
    question = np.array([[1, 0]], dtype=np.float32)
    assert asking.recall([(0, list(range(10)))], question, vectors) == 1
    assert asking.recall([(0, [*range(9), 10])], question, vectors) == 1  # as near as the last of the ten
    assert asking.recall([(0, [*range(8), 12, 13])], question, vectors) == pytest.approx(0.8)
    assert asking.recall([(0, [0] * 10)], question, vectors) == pytest.approx(0.1)


def test_completeness_tells_what_is_missing_and_what_should_not_be_there() -> None:
    told = asking.completeness([(0, [1, 2, 3]), (1, [1, 9])], [1, 2, 3])
    assert told == {"exist": 6, "came": 4, "outside": 1, "short": 1, "allowed": 3}
    assert asking.completeness([(0, list(range(10)))], list(range(50)))["exist"] == 10


@pytest.mark.slow
def test_a_run_measures_every_store_and_policykb_loses_no_hit(measured: dict[str, Any]) -> None:
    seats = {f"{name}-{PASSAGES}" for name in TAKING_PART}
    assert measured["asked"].keys() == measured["builds"].keys() == seats
    for key, row in measured["asked"].items():
        assert row["dense"]["answered"] == row["hybrid"]["answered"] == QUESTIONS, key
        assert row["dense"]["recall"] == 1
        for where in ("about 50 %", "about 5 %", "about 0.5 %", "one article"):
            assert row[where]["came"] == row[where]["exist"] > 0, key
            assert row[where]["outside"] == row[where]["short"] == 0


@pytest.mark.slow
def test_a_store_that_fails_is_named_and_the_rest_goes_on(corpus: Corpus, tmp_path: Path) -> None:
    write_corpus(tmp_path / "corpus", corpus)
    results = measuring.Results(tmp_path / "results.json")
    python = Path(sys.executable)
    bad, good = (
        measuring.Seat(name, PASSAGES, python, tmp_path / name, tmp_path / "corpus", True)
        for name in ("no_such_store", "faiss_script")
    )
    measuring.build_all([bad, good], results)
    asking.ask_all([bad, good], corpus, results)
    assert "no_such_store" in results.kept["builds"][bad.key]["failed"]
    assert "no_such_store" in results.kept["asked"][bad.key]["failed"]
    assert results.kept["builds"][good.key]["wall"] > 0
    assert results.kept["asked"][good.key]["dense"]["recall"] == 1


@pytest.mark.slow
def test_the_report_holds_what_was_measured_between_its_markers(measured: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "README.md"
    file.write_text(f"# Title\n\nBefore.\n\n{report.BEGIN}\nlast year's\n{report.END}\n\nAfter.\n", "utf-8")
    report.write_between(file, report.tables(measured))
    text = file.read_text("utf-8")
    assert text.startswith("# Title\n\nBefore.\n\n")
    assert text.endswith("\n\nAfter.\n")
    assert "last year's" not in text
    ours = measured["asked"][f"policykb_store-{PASSAGES}"]
    assert f"| policykb | 200 | **{ours['hybrid']['cpu']:.2f}** | 1 | **{ours['hybrid']['p50']:.2f}** |" in text
    hybrid, dense = (text.partition(f"## {kind} search")[2].partition("## ")[0] for kind in ("Hybrid", "Dense"))
    assert "FAISS script" in dense
    assert "FAISS script" not in hybrid  # it does not rank by words
    exist = ours["one article"]["exist"]
    assert f"{exist} of {exist}" in text
    assert "filtered questions never return fewer hits than exist. Measured: policykb returned every one" in text
    report.write_between(file, report.tables(measured))
    assert file.read_text("utf-8") == text


def peer_like_ours(measured: dict[str, Any], factor: float) -> dict[str, Any]:
    """The measured figures with a peer that takes `factor` times what policykb took of everything."""
    kept = copy.deepcopy(measured)
    kept["stores"]["lance_store"] = {**kept["stores"]["policykb_store"], "name": "Peer", "built_by": None}

    def scaled(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: each if name == "recall" else scaled(each) for name, each in value.items()}
        return value * factor if isinstance(value, float) else value

    for part in ("builds", "asked"):
        kept[part][f"lance_store-{PASSAGES}"] = scaled(kept[part][f"policykb_store-{PASSAGES}"])
    return kept


@pytest.mark.slow
def test_a_peer_that_is_faster_is_said_to_win_and_the_promise_not_to_hold(measured: dict[str, Any]) -> None:
    kept = peer_like_ours(measured, 0.5)
    won = "\n".join(verdicts.wins(kept))
    assert "**A peer wins** in hybrid search at 200 passages. Peer: CPU 0.5, p50 0.5, p95 0.5." in won
    assert "Peer: CPU 0.5, wall 0.5" in next(line for line in won.splitlines() if "in building at 200" in line)
    promised = "\n".join(verdicts.promises(kept))
    assert "(Peer at 200 passages). Measured: the whole search 0.5 times by CPU, 0.5 by wall time; **does" in promised
    assert "Measured, index stages: 0.5 times by CPU, 0.5 by wall time; **does not hold**" in promised


@pytest.mark.slow
def test_a_peer_that_is_slower_wins_nothing_and_the_promise_holds(measured: dict[str, Any]) -> None:
    kept = peer_like_ours(measured, 4.0)
    assert "Peer" not in "\n".join(verdicts.wins(kept))
    promised = "\n".join(verdicts.promises(kept))
    assert "the whole search 4 times by CPU, 4 by wall time; holds." in promised
    assert "Measured, index stages: 4 times by CPU, 4 by wall time; holds." in promised
    assert "first answer 8 times" not in promised  # nothing was started
    assert "policykb returned every one; holds." in promised


@pytest.mark.slow
def test_a_promise_that_only_the_clock_keeps_is_said_to_hold_by_wall_time_alone(measured: dict[str, Any]) -> None:
    kept = peer_like_ours(measured, 4.0)
    kept["builds"][f"lance_store-{PASSAGES}"]["cpu"] /= 2
    kept["asked"][f"lance_store-{PASSAGES}"]["hybrid"]["p50"] /= 2
    promised = "\n".join(verdicts.promises(kept))
    assert "index stages: 2 times by CPU, 4 by wall time; holds by wall time, **not by CPU**" in promised
    assert "the whole search 4 times by CPU, 2 by wall time; holds by CPU, **not by wall time**" in promised


@pytest.mark.slow
def test_a_store_that_returns_too_few_or_foreign_hits_is_named(measured: dict[str, Any]) -> None:
    kept = peer_like_ours(measured, 4.0)
    kept["asked"][f"lance_store-{PASSAGES}"]["one article"] |= {"came": 3, "exist": 9, "outside": 2}
    told = "\n".join(verdicts.promises(kept))
    assert "Peer returned 3 of 9 hits and 2 hits that the filter excludes with the filter 'one article'" in told
    kept["asked"][f"policykb_store-{PASSAGES}"]["about 5 %"] |= {"came": 1}
    assert "**does not hold**" in next(line for line in verdicts.promises(kept) if "fewer hits than exist" in line)


def test_wheres_compare_by_value() -> None:
    """They are keys of what is kept for a filter."""
    assert len({Where("a", "site", ("x",)), Where("a", "site", ("x",))}) == 1


@pytest.mark.slow
def test_a_run_that_was_stopped_asks_only_what_it_did_not_ask(corpus: Corpus, tmp_path: Path) -> None:
    write_corpus(tmp_path / "corpus", corpus)
    results = measuring.Results(tmp_path / "results.json")
    seat = measuring.Seat(
        "faiss_script", PASSAGES, Path(sys.executable), tmp_path / "store", tmp_path / "corpus", is_own=True
    )
    measuring.build_all([seat], results)
    asking.ask_all([seat], corpus, results)
    file = tmp_path / asking.FILE
    whole = file.read_text("utf-8").splitlines()
    assert len(whole) == asking.ROUNDS * (2 + len(corpus.wheres))
    file.write_text("\n".join(whole[:-7]) + "\n" + whole[-7][:40], "utf-8")  # the last line was not finished
    asking.ask_all([seat], corpus, results)
    again = file.read_text("utf-8").splitlines()
    assert again[:-7] == whole[:-7]
    assert [json.loads(line)["rows"] for line in again] == [json.loads(line)["rows"] for line in whole]


@pytest.mark.slow
def test_other_code_of_policykb_keeps_the_stores_of_the_peers_alone(measured: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text(json.dumps({**measured, "quality": {"a": {}}}), "utf-8")
    (tmp_path / asking.FILE).write_text("{}\n", "utf-8")
    results = measuring.Results(tmp_path / "results.json")
    asking.forget_policykb(results)
    assert results.kept["builds"].keys() == {f"faiss_script-{PASSAGES}"}
    assert not results.kept["asked"]
    assert not results.kept["quality"]
    assert not (tmp_path / asking.FILE).exists()


@pytest.mark.slow
def test_policykb_is_given_the_rows_that_cleaning_makes(corpus: Corpus) -> None:
    rows = next(policykb_store._rows(corpus.passages))
    own = [passage for passage in corpus.passages if passage.article == corpus.passages[0].article]
    text = rows["pages"][0][-1]
    slices = rows["slices"]
    assert [text[start:end] for *_, start, end in slices] == [passage.text for passage in own]
    page = replace(page_from_bytes(text.encode(), path="p.txt"), id=own[0].article, path=f"{own[0].article}.txt")
    page = replace(page, sha256=rows["pages"][0][2], text=text, site=own[0].site, blocks=())
    facts = tuple(Fact(kind, value, start, end, quote) for _, kind, value, start, end, quote in rows["facts"])
    article = Article(
        id=page.id,
        path=page.path,
        title=own[0].title,
        short_answer=None,
        body=(),
        headings=(),
        sections=(),
        spans=((0, len(text)),),
        body_text=text,
        facts=facts,
        removals=(),
        confidence=1.0,
        doubts=(),
        heading_texts={},
        source=Source("unknown", ""),
    )
    cut = zip(own, slices, strict=True)
    passages = [
        Cut(each.id, page.id, (each.heading,) if each.heading else (), *row[2:], each.text) for each, row in cut
    ]
    assert {name: made for name, made in rows_of(Cleaned(page, article, passages)).items() if made} == {
        name: made for name, made in rows.items() if made
    }


def test_policykb_tells_its_parts_apart(measured: dict[str, Any]) -> None:
    row = measured["builds"][f"policykb_store-{PASSAGES}"]
    assert list(row["stages"]) == ["records", "vectors", "lists and words", "publishing"]
    assert 0 < sum(row["stages"].values()) <= row["cpu"]
    assert all(size > 0 for size in row["disk"].values())
    texts = measured["builds"][f"faiss_script-{PASSAGES}"]["disk"]["texts"]
    # The tables of all the rest, each a page of 32 kB at least, are not among them.
    assert row["disk"]["texts"] < 4 * texts


def test_plain_vectors_in_one_file_with_texts_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(bytes(40_960))
    about = load_store("faiss_script").about
    one = replace(about, files=(("data", "texts"),), holds_plain_vectors=True)
    assert one.disk(tmp_path, 30_000) == {"vectors": 30_000, "words": 0, "texts": 10_960, "other": 0}
