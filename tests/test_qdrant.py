"""A base on Qdrant: loaded, resumed, published, rolled back, cleared away; and what is said where something is amiss."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from index.build.build import rebuild
from index.build.builds import roll_back
from index.build.prune import clear
from index.build.publish import publish, read_current
from index.build.served import FILE, current_served, place_of
from index.build.serving import Serving
from index.filters import Filters
from index.kb import KnowledgeBase, open_kb
from index.model import load_embedder
from index.store import StoreError
from index.store.qdrant import threshold
from index.store.qdrant.collections import Expected, builds_of, name_of, published_on, whole_collections
from index.store.qdrant.engine import Served
from index.store.qdrant.fields import DAY, conditions
from index.store.qdrant.place import Place, close_servers
from index.store.qdrant.points import ROW, Ask, Point, Points, ServerError, Shape, Sparse
from index.store.qdrant.threshold import Leg, highest
from index.store.qdrant.upload import point_id, upload
from index.store.qdrant.words import ServedWords, StoredWords
from search_app.cli import main

pytest.importorskip("qdrant_edge", reason="the extra `qdrant` is not installed")
pytest.importorskip("qdrant_client", reason="the extra `qdrant` is not installed")

TEXT = "灵活就业参保须知\n\n灵活就业人员可以参加职工医保，每月缴费{}元，由本人承担。\n"
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    yield
    close_servers()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(f"edge:{tmp_path / 'qdrant'}")


@pytest.fixture
def made(tmp_path: Path, place: Place) -> Callable[[int], str]:
    """Rebuild a base of one page that names a sum, served from `place`, and return the build."""

    def make(yuan: int) -> str:
        (tmp_path / "pages").mkdir(exist_ok=True)
        (tmp_path / "pages" / "page.txt").write_text(TEXT.format(yuan), encoding="utf-8")
        return rebuild([tmp_path / "pages"], tmp_path / "kb", embedder=load_embedder(), serving=Serving(place)).build

    return make


# --- which passages are the best -------------------------------------------------------------------------------------


class Table:
    """Scores of legs in memory: what a server would tell, and how much of it was asked for."""

    def __init__(self, scores: Sequence[np.ndarray], article_of: np.ndarray, allowed: np.ndarray) -> None:
        self.tables, self.article_of, self.allowed = scores, article_of, allowed
        self.legs = [
            Leg(np.array([n], dtype=np.float32), 1.0 + n, of_articles=len(table) != len(article_of))
            for n, table in enumerate(scores)
        ]

    def best(self, legs: Sequence[Leg], count: int) -> list[tuple[np.ndarray, np.ndarray]]:
        found = []
        for leg in legs:
            scores = self.tables[int(leg.vector[0])]  # type: ignore[index]
            rows = np.arange(len(scores)) if leg.of_articles else np.flatnonzero(self.allowed)
            order = rows[np.lexsort((rows, -scores[rows]))][:count]
            found.append((order, scores[order]))
        return found

    def scores(self, legs: Sequence[tuple[Leg, np.ndarray]]) -> list[np.ndarray]:
        return [self.tables[int(leg.vector[0])][rows] for leg, rows in legs]  # type: ignore[index]

    def rows_of(self, leg: Leg, passages: np.ndarray) -> np.ndarray:
        return self.article_of[passages] if leg.of_articles else passages

    def passages_of(self, leg: Leg, rows: np.ndarray) -> np.ndarray:
        return np.flatnonzero(np.isin(self.article_of, rows)) if leg.of_articles else rows

    def may_be_found(self, passages: np.ndarray) -> np.ndarray:
        return self.allowed[passages]


@given(st.integers(0, 10_000), st.integers(1, 12), st.integers(1, 90))
def test_the_highest_sums_are_proved(seed: int, k: int, size: int) -> None:
    chance = np.random.default_rng(seed)
    article_of = np.sort(chance.integers(0, max(1, size // 3), size))
    # Few values, so that many are equal; below zero as cosines may be, which counts as zero.
    tables = [chance.integers(-2, 9, count).astype(np.float32) for count in (size, size // 3 + 1, size)]
    source = Table(tables, article_of, chance.random(size) < 0.7)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threshold, "FIRST", 3)
        rows, sums = highest(source, source.legs, k)
    every = sum(
        leg.share * np.maximum(table[source.rows_of(leg, np.arange(size))], 0)
        for leg, table in zip(source.legs, tables, strict=True)
    )
    every = np.where(source.allowed, every, 0)
    order = np.lexsort((np.arange(size), -every))[:k]
    order = order[every[order] > 0]
    np.testing.assert_allclose(sums, every[order])
    np.testing.assert_allclose(every[rows], sums)
    np.testing.assert_array_equal(rows, order)


# --- walking a graph -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def walked(few_kb: KnowledgeBase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Points]]:
    """An engine that walks a graph over 3,000 vectors in 60 heaps, and its points; article i is passage i."""
    from index.store.qdrant import edge  # needs the extra

    chance = np.random.default_rng(0)
    heaps = chance.normal(size=(60, 32))
    vectors = heaps[chance.integers(0, 60, 3_000)] + chance.normal(size=(3_000, 32)) / 2
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    schemes, years = (chance.integers(0, count, 3_000).tolist() for count in (4, 4))
    days = (20240000 + 100 * chance.integers(1, 13, 3_000) + chance.integers(1, 29, 3_000)).tolist()
    word = Sparse(np.ones(1, dtype=np.int64), np.ones(1, dtype=np.float32))
    server = edge.EdgeFolder(tmp_path_factory.mktemp("graph"))
    with pytest.MonkeyPatch.context() as patch:  # far fewer vectors than a graph pays for
        patch.setattr(edge, "_INDEX_KB", 10)
        patch.setattr(edge, "_FULL_SCAN_KB", 10)
        points = server.create("graph", Shape(32, (ROW, DAY), ("scheme", "year"), "graph"), {})
    payloads = (
        {ROW: row, "scheme": [str(schemes[row])], "year": [str(years[row])], DAY: days[row]} for row in range(3_000)
    )
    points.put([Point(str(UUID(int=row)), payload, word, vectors[row]) for row, payload in enumerate(payloads)])
    points.settle()
    words = ServedWords(few_kb.passage_terms.vocabulary, StoredWords(points))
    yield Served(points, points, words, words, words, article_of=np.arange(3_000), compares="graph"), points
    server.close()


def test_a_graph_is_walked_where_nothing_restricts_the_search(walked: tuple[Served, Points]) -> None:
    engine, points = walked
    vectors = engine.vectors_of(range(3_000))
    found, walking = [], []
    for asked in np.random.default_rng(1).normal(size=(30, 32)).astype(np.float32):
        nearest = np.argsort(-(vectors @ asked), kind="stable")[:100]
        rows = engine.nearest(asked, 100, None, None)[1]
        assert len(rows) == 100
        found.append(len(np.intersect1d(rows, nearest)) / 100)
        np.testing.assert_array_equal(np.sort(points.ask([Ask(asked, 100)])[0][0]), np.sort(nearest))
        walking.append(len(np.intersect1d(points.ask([Ask(asked, 100, exact=False)])[0][0], nearest)) / 100)
    assert np.mean(walking) < 1  # there is a graph, and it is walked
    assert np.mean(found) >= 0.98  # threads build it, a little different each time


@pytest.mark.parametrize(
    "filters",
    [
        Filters(schemes="1"),
        Filters(schemes="1", years="2"),
        Filters(since="2024-03", until="2024-03"),
        Filters(schemes="1", years="2", since="2024-03-10", until="2024-03-20"),
        None,
    ],
    ids=repr,
)
def test_a_restricted_search_finds_all_there_is_however_vectors_are_searched(
    walked: tuple[Served, Points], filters: Filters | None
) -> None:
    engine, points = walked
    vectors = engine.vectors_of(range(3_000))
    allowed = points.ask([Ask(vectors[0], 3_000, conditions(filters))])[0][0] if filters else np.arange(0, 3_000, 7)
    allowed = np.sort(allowed)
    assert 0 < len(allowed) < 1_000
    for asked in vectors[::300]:
        cosines = vectors[allowed] @ asked
        order = np.lexsort((allowed, -cosines))[:100]
        scores, rows = engine.nearest(asked, 100, allowed, filters)
        assert len(rows) == min(100, len(allowed))
        np.testing.assert_allclose(scores, cosines[order], atol=1e-6)
        np.testing.assert_array_equal(np.sort(rows), np.sort(allowed[order]))


# --- loading ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def few_kb(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    """A base of four pages."""
    folder = tmp_path_factory.mktemp("few")
    (folder / "pages").mkdir()
    for yuan in range(300, 304):
        (folder / "pages" / f"{yuan}.txt").write_text(TEXT.format(yuan), encoding="utf-8")
    rebuild([folder / "pages"], folder / "kb", embedder=load_embedder())
    return open_kb(folder / "kb")


def test_loading_twice_sends_nothing_and_anew_the_same_points(few_kb: KnowledgeBase, place: Place) -> None:
    server, expected = place.server(), Expected.of(few_kb.manifest)
    every = expected.passages + expected.articles
    told: list[tuple[int, int]] = []
    assert upload(few_kb, server, "x", "exact", progress=lambda *seen: told.append(seen)) == every
    assert told[-1] == (every, every)
    assert upload(few_kb, server, "x", "exact") == 0
    assert upload(few_kb, server, "x", "exact", fresh=True) == every
    assert whole_collections(server, "x", expected)[0].count() == expected.passages
    with pytest.raises(
        ServerError, match="searched by 'exact', not 'graph'; run `policykb rebuild --store qdrant --full`"
    ):
        upload(few_kb, server, "x", "graph")
    assert upload(few_kb, server, "x", "graph", fresh=True) == every
    assert whole_collections(server, "x", expected)[2] == "graph"


def test_a_point_has_the_id_that_its_passage_gives_it() -> None:
    assert point_id("passages", "p1") == "3a2f136e-af5d-5a4f-b411-9010fc816773"
    assert point_id("articles", "p1") != point_id("passages", "p1")


def test_an_upload_that_is_killed_goes_on_where_it_ended(sample_kb: KnowledgeBase, place: Place) -> None:
    """A process is ended in the middle of its work, without a chance to put anything in order."""
    code = f"""
import os
from pathlib import Path
from index.kb import KnowledgeBase
from index.store.qdrant import upload as uploading
from index.store.qdrant.place import Place
uploading._BATCH = uploading._PORTION = 16
kb = KnowledgeBase(Path({str(sample_kb.folder)!r}), {sample_kb.build!r})
uploading.upload(kb, Place({place.url!r}).server(), "x", "exact",
    progress=lambda done, total: os._exit(9) if done >= 64 else None)
"""
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, capture_output=True, text=True)
    assert ended.returncode == 9, ended.stderr
    server, expected = place.server(), Expected.of(sample_kb.manifest)
    with pytest.raises(
        ServerError, match=rf"half loaded, \d+ of {expected.passages} points; run .* it goes on where it"
    ):
        whole_collections(server, "x", expected)
    upload(sample_kb, server, "x", "exact")
    assert whole_collections(server, "x", expected)[0].count() == expected.passages
    assert upload(sample_kb, server, "x", "exact") == 0


class Flaky:
    """A collection whose connection is lost for the first `failures` times that something is stored."""

    def __init__(self, points: Points, failures: int) -> None:
        self._points, self.failures = points, failures

    def __getattr__(self, name: str) -> Any:
        return getattr(self._points, name)

    def put(self, points: Sequence[Point]) -> None:
        if self.failures:
            self.failures -= 1
            raise ServerError("the connection was lost", may_pass=True)
        self._points.put(points)


def test_a_lost_connection_is_waited_for_ever_longer(
    few_kb: KnowledgeBase, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, waits = place.server(), []
    create = server.create
    monkeypatch.setattr(server, "create", lambda *values: Flaky(create(*values), 3))
    upload(few_kb, server, "x", "exact", wait=waits.append)
    assert waits[:3] == [1, 2, 4]
    assert len(whole_collections(server, "x", Expected.of(few_kb.manifest))) == 3
    monkeypatch.setattr(server, "create", lambda *values: Flaky(create(*values), 99))
    with pytest.raises(ServerError, match="the connection was lost"):
        upload(few_kb, server, "y", "exact", wait=waits.append)


# --- publication -----------------------------------------------------------------------------------------------------


def test_builds_are_published_rolled_back_and_cleared_away_on_the_server(
    made: Callable[[int], str], tmp_path: Path, place: Place
) -> None:
    kb, server = tmp_path / "kb", place.server()
    first, second = made(300), made(310)
    assert published_on(server, place.prefix) == read_current(kb) == second
    assert builds_of(server, place.prefix) == sorted((first, second))
    assert "310" in open_kb(kb).search("每月缴费")[0].text
    assert type(open_kb(kb).engine).__name__ == "Served"
    assert type(open_kb(kb, store="embedded").engine).__name__ == "Embedded"
    assert roll_back(kb).build == first
    assert published_on(server, place.prefix) == read_current(kb) == first
    assert "300" in open_kb(kb).search("每月缴费")[0].text
    assert "310" in open_kb(kb, build=second).search("每月缴费")[0].text
    clear(kb, keep=0)
    assert builds_of(server, place.prefix) == [first]
    with pytest.raises(ServerError, match=f"no collection policykb_{second}_passages; builds there .*: {first}; run"):
        whole_collections(server, place.prefix, Expected(second, 1, 1, 256, ""))


def test_a_folder_and_a_server_that_disagree_are_told(
    made: Callable[[int], str], tmp_path: Path, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    kb = tmp_path / "kb"
    first, second = made(300), made(310)
    publish(kb, first)  # as an older version would, or a copy of the folder
    monkeypatch.setattr("index.build.served._PATIENCE_S", 0)
    with pytest.raises(StoreError, match=f"CURRENT names the build {first}, the aliases at edge:.* name {second}; run"):
        current_served(kb, place)
    assert "300" in open_kb(kb, store="embedded").search("每月缴费")[0].text
    assert made(310) == second
    assert current_served(kb, place) == second


def test_another_bases_prefix_is_left_alone(made: Callable[[int], str], tmp_path: Path, place: Place) -> None:
    first = made(300)
    other = tmp_path / "other"
    other.mkdir()
    (other / "page.txt").write_text(TEXT.format(999), encoding="utf-8")
    with pytest.raises(StoreError, match=f"another base is published .build {first}.; name a prefix of your own"):
        rebuild([other], tmp_path / "kb2", embedder=load_embedder(), serving=Serving(place))
    own = Place(place.url, "mine")
    build = rebuild([other], tmp_path / "kb2", embedder=load_embedder(), serving=Serving(own)).build
    assert published_on(place.server(), "mine") == build
    assert published_on(place.server(), place.prefix) == first


def test_where_a_base_is_served_from_is_remembered_without_the_key(
    made: Callable[[int], str], tmp_path: Path, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLICYKB_QDRANT_API_KEY", "a-secret-of-ours")
    kb = tmp_path / "kb"
    assert place_of(kb) is None
    made(300)
    assert json.loads((kb / FILE).read_text("utf-8")) == {"store": "qdrant", "url": place.url, "prefix": "policykb"}
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and b"a-secret-of-ours" in file.read_bytes()]
    assert place_of(kb) == place
    assert place_of(kb, url="edge:elsewhere") == Place(f"edge:{Path.cwd() / 'elsewhere'}")
    monkeypatch.setenv("POLICYKB_STORE", "embedded")
    assert place_of(kb) is None
    monkeypatch.delenv("POLICYKB_STORE")
    rebuild([tmp_path / "pages"], kb, embedder=load_embedder(), serving=Serving(None))
    assert place_of(kb) is None
    with pytest.raises(StoreError, match="no Qdrant server is known yet; name one with --url"):
        place_of(kb, "qdrant")


def test_commands_read_and_write_on_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "page.txt").write_text(TEXT.format(300), encoding="utf-8")
    kb, url = str(tmp_path / "kb"), f"edge:{tmp_path / 'shards'}"
    for name in ("POLICYKB_STORE", "POLICYKB_URL"):
        monkeypatch.delenv(name, raising=False)

    def run(*words: str, code: int = 0) -> Any:
        done = CliRunner().invoke(main, [*words, "--kb", kb])
        assert done.exit_code == code, done.output
        return json.loads(done.stdout) if "--json" in words else done.output

    report = run("rebuild", str(tmp_path / "pages"), "--store", "qdrant", "--url", url, "--no-prepare", "--json")
    assert report["sent"] == 2
    assert run("search", "每月缴费", "--json")["hits"][0]["text"].endswith("由本人承担。")
    assert run("ask", "灵活就业每月缴费多少", "--store", "embedded", "--json")["build"] == report["build"]
    status = run("status", "--json")
    assert (status["healthy"], status["store"]) == (True, {"url": url, "prefix": "policykb"})
    server = Place(url).server()
    server.drop(name_of("policykb", report["build"], "articles"))
    status = run("status", "--json", code=1)
    assert f"no collection policykb_{report['build']}_articles" in status["problems"][0]
    assert run("rebuild", str(tmp_path / "pages"), "--no-prepare", "--json")["sent"] == 1
    assert run("status", "--json")["healthy"]
    assert "expected http://HOST:6333" in run("search", "缴费", "--url", "ftp://x", code=1)


def test_a_folder_named_from_here_is_found_from_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "page.txt").write_text(TEXT.format(300), encoding="utf-8")
    for name in ("POLICYKB_STORE", "POLICYKB_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    kb = str(tmp_path / "kb")

    def run(*words: str) -> Any:
        done = CliRunner().invoke(main, [*words, "--kb", kb, "--json"])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    run("rebuild", "page.txt", "--store", "qdrant", "--url", "edge:shards?shards=2", "--no-prepare")
    close_servers()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert run("status")["store"]["url"] == f"edge:{tmp_path / 'shards'}?shards=2"
    assert len(run("search", "每月缴费")["hits"]) == 1
    assert not any((tmp_path / "elsewhere").iterdir())
    assert Place("local:x").url == f"local:{Path.cwd() / 'x'}"
    assert Place("local::memory:").url == "local::memory:"


# --- what is said where something is amiss ---------------------------------------------------------------------------


def test_collections_that_are_not_what_the_build_needs_are_told(few_kb: KnowledgeBase, place: Place) -> None:
    server, expected = place.server(), Expected.of(few_kb.manifest)
    with pytest.raises(
        ServerError, match=r"no collection .*; builds there under 'policykb': none; run .* --store embedded"
    ):
        KnowledgeBase(few_kb.folder, few_kb.build, None, place).search("医保")
    upload(few_kb, server, "policykb", "exact")
    name = name_of("policykb", expected.build, "passages")
    for fact, value, message in (
        ("dim", 768, "holds vectors of 768 numbers, the model of the build gives 256; run .* --full"),
        ("model", "f" * 64, "was made with the model ffffffffffff, the build with"),
        ("format", 0, "has format 0, this version reads 1"),
    ):
        facts = server.facts(name)
        assert facts is not None
        server.note(name, {fact: value})
        with pytest.raises(ServerError, match=message):
            whole_collections(server, "policykb", expected)
        server.note(name, {fact: facts[fact]})
    whole_collections(server, "policykb", expected)
    fewer = Expected(expected.build, expected.passages + 1, expected.articles, expected.dim, expected.model)
    with pytest.raises(ServerError, match=f"holds {expected.passages} points, expected {expected.passages + 1}; run"):
        whole_collections(server, "policykb", fewer)


@pytest.fixture
def answering(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of an HTTP server on this machine that answers every request with one status, or never for 0."""
    released = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if request.param == 0:
                released.wait(30)
                return
            self.send_response(request.param)
            self.end_headers()
            self.wfile.write(b'{"status":{"error":"no"}}')

        def log_message(self, *values: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    released.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("answering", "message", "may_pass"),
    [
        (401, r"refused \(401\); the key in \$POLICYKB_QDRANT_API_KEY is not set: set the one", False),
        (403, r"refused \(403\)", False),
        (503, r"answered 503", True),
        (0, r"no answer \(ReadTimeout.*check that Qdrant runs there", True),
    ],
    indirect=["answering"],
)
def test_what_a_server_answers_is_told_in_one_line(
    answering: str, message: str, may_pass: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("POLICYKB_QDRANT_API_KEY", raising=False)
    monkeypatch.setattr("index.store.qdrant.place.TIMEOUT_S", 1)
    with pytest.raises(ServerError, match=message) as told:
        Place(answering).server().names()
    assert told.value.may_pass == may_pass
    assert "\n" not in str(told.value)


def test_a_server_that_is_not_there_is_told() -> None:
    with pytest.raises(ServerError, match=r"http://127.0.0.1:9: no answer .ConnectError.*check that Qdrant runs there"):
        Place("http://127.0.0.1:9").server().names()


@pytest.mark.parametrize(("url", "library"), [("edge:x", "qdrant_edge"), ("http://localhost:1", "qdrant_client")])
def test_a_missing_extra_is_told(url: str, library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("index.store.qdrant.edge", "index.store.qdrant.client"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ServerError, match=rf"{library} is not installed.*pip install 'policykb\[qdrant\]'"):
        Place(url).server()


@pytest.mark.parametrize("url", ["", "localhost:6333", "edge:", "http://", "edge:x?shards=0"])
def test_a_url_that_is_none_is_told(url: str) -> None:
    with pytest.raises(ServerError, match=r"the URL is .*, expected"):
        Place(url).server()
    with pytest.raises(ServerError, match="the prefix is 'A_b', expected small letters"):
        Place("edge:x", "A_b")


def test_another_process_reads_a_folder_that_is_open_here(few_kb: KnowledgeBase, place: Place) -> None:
    upload(few_kb, place.server(), "x", "exact")
    code = f"""
from index.store.qdrant.place import Place
print(Place({place.url!r}).server().open({name_of("x", few_kb.build, "passages")!r}).count())
"""
    other = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, capture_output=True, text=True)
    assert (other.returncode, other.stdout.strip()) == (0, str(few_kb.manifest["counts"]["passages"])), other.stderr
