"""One suite for every engine: what stores words and vectors elsewhere finds, scores and explains as this process does.

The sample corpus and generated collections are loaded into shards of Qdrant in this process (one, and four), into the
client's own imitation of a server (one, and four of them with a part each), and into the server that
POLICYKB_QDRANT_URL names, where it does.
"""

from __future__ import annotations

import copy
import os
import random
import shutil
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.bank.bank import lend
from index.build.build import rebuild
from index.embedded import EmbeddedLook
from index.engine import Asked, Engine
from index.evidence import share_read
from index.filters import Filters, allowed_articles, allowed_rows
from index.kb import KnowledgeBase, open_kb
from index.model import load_embedder
from index.ranking import Mode
from index.search import MODES
from index.store import StoreError
from index.store.qdrant.collections import drop_build, name_of
from index.store.qdrant.fields import conditions
from index.store.qdrant.place import Place
from index.store.qdrant.points import Points, Server, Shape
from index.store.qdrant.sharded import Sharded
from index.store.qdrant.upload import upload
from index.store.terms import query_grams

pytest.importorskip("qdrant_edge", reason="the extra `qdrant` is not installed")
pytest.importorskip("qdrant_client", reason="the extra `qdrant` is not installed")

# The base and where it is loaded; `parts:` are imitations of servers. Each takes a tenth of a second for a search.
PAIRS = (
    pytest.param(("sample", "edge:{folder}?shards=4"), id="sample-edge-4"),
    pytest.param(("generated", "edge:{folder}"), id="generated-edge"),
    pytest.param(("sample", "edge:{folder}"), id="sample-edge", marks=pytest.mark.slow),
    pytest.param(("generated", "edge:{folder}?shards=4"), id="generated-edge-4", marks=pytest.mark.slow),
    pytest.param(("sample", "local:{folder}"), id="sample-client", marks=pytest.mark.slow),
    pytest.param(("generated", "parts:{folder}"), id="generated-client-4", marks=pytest.mark.slow),
    pytest.param(("sample", os.environ.get("POLICYKB_QDRANT_URL", "")), id="sample-server"),
    pytest.param(("generated", os.environ.get("POLICYKB_QDRANT_URL", "")), id="generated-server"),
)
# An everyday question whose words the bank and the lexicon know, an official one, one word, a place and a year, typed
# slips and phrases, and what nothing answers.
QUESTIONS = (
    "灵活就业人员医保断缴三个月还能报销吗",
    "异地就医备案",
    "生育津贴",
    "湖北2025年居民医保缴费标准",
    "“待遇等待期” 断缴 -居民",
    "今天天气怎么样",
)
FILTERS = (
    Filters(regions="湖北"),
    Filters(regions=("湖北省/武汉市", "江苏")),
    Filters(regions="-"),
    Filters(schemes="职工医保"),
    Filters(schemes=("-", "生育保险")),
    Filters(years=("2025", "2024")),
    Filters(years="-"),
    Filters(sites="-"),
    Filters(confidence="sure"),
    Filters(confidence="doubtful"),
    Filters(since="2025"),
    Filters(since="2025-04", until="2025-05"),
    Filters(until="2025-04-13"),
    Filters(until="2024", schemes="职工医保"),
    Filters(regions="火星"),
)


def generated_pages(folder: Path, count: int = 60, parts: tuple[int, int] = (2, 6), *, headed: bool = False) -> Path:
    """Write pages with places, years and schemes at random, and copies among them: the same ones every time.

    Each has from `parts` to `parts` paragraphs; where they are `headed`, most become passages of their own.
    """
    folder.mkdir()
    chance = random.Random(8)
    places = ("湖北省武汉市", "江苏省", "江苏省南京市", "四川省成都市", "全国")
    schemes = ("职工医保", "居民医保", "生育保险", "失业保险")
    matters = ("断缴后的待遇等待期", "异地就医备案", "住院报销比例", "缴费基数", "门诊慢特病认定", "灵活就业参保")
    for number in range(count):
        place, scheme, matter = (chance.choice(values) for values in (places, schemes, matters))
        year = chance.choice((2023, 2024, 2025))
        lines = [f"{place}{scheme}{matter}{year}年第{number % 45}号"]
        for part in range(chance.randint(*parts)):
            words = "，".join(
                chance.choice(matters) + chance.choice("可按应须") + chance.choice(schemes) for _ in range(5)
            )
            beginning = f"{part + 1}、{chance.choice(matters)}如何办理\n\n" if headed else f"{part + 1}、"
            lines.append(
                f"{beginning}{year}年起，{place}参加{scheme}的人员，{words}，满{chance.randint(1, 24)}个月的办理。"
            )
        (folder / f"p{number:02}.txt").write_text("\n\n".join(lines), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def generated_kb(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    """The generated pages as a knowledge base."""
    folder = tmp_path_factory.mktemp("generated")
    rebuild([generated_pages(folder / "pages")], folder / "kb", embedder=load_embedder("bundled"))
    return open_kb(folder / "kb")


@pytest.fixture(scope="module", params=PAIRS)
def pair(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[KnowledgeBase, Place]]:
    """A base whose files are read in this process, and where it has been loaded."""
    name, url = request.param
    if not url:
        pytest.skip("POLICYKB_QDRANT_URL names no server")
    base: KnowledgeBase = request.getfixturevalue(f"{name}_kb")
    kind, _, folder = url.format(folder=tmp_path_factory.mktemp("qdrant")).partition(":")
    place = InParts(f"local:{folder}") if kind == "parts" else Place(f"{kind}:{folder}", "policykb-test")
    upload(base, place.server(), place.prefix, "exact")
    yield base, place
    drop_build(place.server(), place.prefix, base.build)


@pytest.fixture(scope="module")
def base(pair: tuple[KnowledgeBase, Place]) -> KnowledgeBase:
    """The base that is read in this process."""
    return pair[0]


@pytest.fixture(scope="module")
def place(pair: tuple[KnowledgeBase, Place]) -> Place:
    """Where it has been loaded."""
    return pair[1]


@pytest.fixture(scope="module")
def served(base: KnowledgeBase, place: Place) -> KnowledgeBase:
    """The same base, with words and vectors asked for where it was loaded."""
    return at(base, place)


class InParts(Place):
    """Four imitations of servers in a folder, with a part of every collection each."""

    def server(self) -> Server:
        return ServersInParts([Place(f"{self.url}/{number}").server() for number in range(4)])


class ServersInParts:
    """Several servers as one; what is noted of a collection is noted on each."""

    def __init__(self, parts: list[Server]) -> None:
        self.parts, self.where = parts, parts[0].where

    def __getattr__(self, name: str) -> Any:
        return getattr(self.parts[0], name)  # what is said of names alone

    def create(self, name: str, shape: Shape, facts: Mapping[str, Any]) -> Points:
        return Sharded([part.create(name, shape, facts) for part in self.parts])

    def open(self, name: str) -> Points | None:
        found = [points for part in self.parts if (points := part.open(name)) is not None]
        return Sharded(found) if found else None

    def note(self, name: str, facts: Mapping[str, Any]) -> None:
        for part in self.parts:
            part.note(name, facts)

    def drop(self, name: str) -> None:
        for part in self.parts:
            part.drop(name)


def at(base: KnowledgeBase, place: Place) -> KnowledgeBase:
    """Return a base that is served from a place; what it has read from its files stays."""
    other = copy.copy(base)
    other.__dict__.pop("engine", None)
    other.place = place
    return other


def assert_alike(found: Any, expected: Any, where: str = "") -> None:
    """Assert that two values of JSON are the same, but for a ten-thousandth in numbers."""
    if isinstance(expected, dict):
        assert found.keys() == expected.keys(), where
        for name in expected:
            assert_alike(found[name], expected[name], f"{where}.{name}")
    elif isinstance(expected, list | tuple):
        assert len(found) == len(expected), where
        for place, (one, other) in enumerate(zip(found, expected, strict=True)):
            assert_alike(one, other, f"{where}[{place}]")
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, abs=1e-4), where
    else:
        assert found == expected, where


def ranked(
    kb: KnowledgeBase, query: str, mode: Mode, filters: Filters | None, *, diverse: bool = False
) -> list[dict[str, Any]]:
    """Return hits as they are shown, those of one score in the order of their ids."""
    hits = [hit.as_dict() for hit in kb.search(query, mode=mode, filters=filters, diverse=diverse, k=20)]
    hits.sort(key=lambda hit: (-round(hit["score"], 4), hit["passage_id"]))
    return [{**hit, "rank": rank} for rank, hit in enumerate(hits)][:10]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("query", QUESTIONS)
def test_hits_and_reasons_are_those_of_this_process(
    base: KnowledgeBase, served: KnowledgeBase, query: str, mode: Mode
) -> None:
    expected = ranked(base, query, mode, None)
    assert expected or query.startswith("今天") or mode == "lexical"
    assert_alike(ranked(served, query, mode, None), expected)


@pytest.mark.parametrize("query", QUESTIONS[::3])
def test_what_says_something_new_comes_first_as_in_this_process(
    base: KnowledgeBase, served: KnowledgeBase, query: str
) -> None:
    expected = ranked(base, query, "hybrid", None, diverse=True)
    assert any("diversity" in hit["reasons"]["legs"] for hit in expected)
    assert_alike(ranked(served, query, "hybrid", None, diverse=True), expected)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[KnowledgeBase, KnowledgeBase]:
    """A base of which the rough sum leaves out the commonest grams, read in this process and served by four shards."""
    folder = tmp_path_factory.mktemp("large")
    rebuild(
        [generated_pages(folder / "pages", 30, (270, 270), headed=True)],
        folder / "kb",
        embedder=load_embedder("bundled"),
    )
    base = open_kb(folder / "kb")
    assert share_read(len(base.article_of)) < 1
    place = Place(f"edge:{folder / 'qdrant'}?shards=4")
    upload(base, place.server(), place.prefix, "exact")
    return base, at(base, place)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("query", "kinds"), [("江苏省2025年异地就医备案满17个月", {True, False}), ("职工医保", {True})]
)
def test_what_a_large_collection_does_not_read_is_not_read_there(
    large: tuple[KnowledgeBase, KnowledgeBase], query: str, kinds: set[bool], mode: Mode
) -> None:
    base, served = large
    vocabulary = base.passage_terms.vocabulary
    places, known = vocabulary.find(query_grams(query).keys)
    is_common = vocabulary.frequency(places[known]) > share_read(len(base.article_of)) * len(base.article_of)
    assert set(is_common.tolist()) == kinds
    for filters in (None, Filters(regions="江苏")):
        assert_alike(ranked(served, query, mode, filters), ranked(base, query, mode, filters))
    assert_same_rows(base, asked_of(base, query), served, 100, None)


@pytest.mark.parametrize("filters", FILTERS, ids=repr)
def test_filters_keep_what_they_keep_in_this_process(
    base: KnowledgeBase, served: KnowledgeBase, place: Place, filters: Filters
) -> None:
    allowed, where = allowed_rows(base, filters), conditions(filters)
    for kind, count in (("passages", len(allowed)), ("articles", int(allowed_articles(base.catalogue, filters).sum()))):
        points = place.server().open(name_of(place.prefix, base.build, kind))
        assert points is not None
        assert points.count(where) == count
    if len(allowed):
        vector = base.query_vector("医保")
        rows = served.engine.nearest(vector, len(base.article_of), allowed, filters)[1]
        np.testing.assert_array_equal(np.sort(rows), allowed)
    for query in QUESTIONS[:1]:
        assert_alike(ranked(served, query, "hybrid", filters), ranked(base, query, "hybrid", filters))


def asked_of(base: KnowledgeBase, query: str, *, filters: Filters | None = None) -> Asked:
    """Return a question with meaning and words of the bank."""
    lent = lend(base.bank.near(query))
    return Asked(
        query_grams(query), base.query_vector(query), 0.3, lent.grams if lent else None, 0.2 if lent else 0, filters
    )


def assert_same_rows(
    base: KnowledgeBase, asked: Asked, served: KnowledgeBase, k: int, allowed: np.ndarray | None
) -> None:
    """Assert that both pick the same rows, but for those that share the last place."""
    looks = [kb.engine.look(asked) for kb in (base, served)]
    ours, theirs = (look.pick(k, allowed) for look in looks)
    assert len(ours) == len(theirs)
    differing = set(ours.tolist()) ^ set(theirs.tolist())
    if differing:
        look, rows = looks[0], np.array([*differing, ours[-1]])
        assert isinstance(look, EmbeddedLook)
        assert look._meaning is not None
        scores = look._mixed(look._own.of(rows), look._meaning.cosines(rows), look._lent and look._lent.of(rows))
        assert scores.tolist() == pytest.approx([scores[-1]] * len(rows), abs=1e-6)


@pytest.mark.parametrize("k", [1, 7, 100])
@pytest.mark.parametrize("query", QUESTIONS[::2])
def test_the_rough_sum_picks_the_same_rows(base: KnowledgeBase, served: KnowledgeBase, query: str, k: int) -> None:
    asked = asked_of(base, query)
    rows = np.arange(len(base.article_of))
    assert_same_rows(base, asked, served, k, None)
    for allowed in (rows[::3], rows[rows != 5], rows[:2]):
        assert_same_rows(base, asked, served, k, allowed)
    filters = Filters(schemes="职工医保")
    asked = asked_of(base, query, filters=filters)
    assert_same_rows(base, asked, served, k, allowed_rows(base, filters))


def test_rows_are_allowed_without_being_named(
    base: KnowledgeBase, served: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.store.qdrant.engine._NAMED", 3)
    monkeypatch.setattr("index.store.qdrant.threshold.FIRST", 5)
    rows = np.arange(len(base.article_of))
    for allowed in (rows[::3], rows[-20:]):
        assert_same_rows(base, asked_of(base, QUESTIONS[0]), served, 10, allowed)
        expected = base.engine.nearest(base.query_vector("医保"), 10, allowed, None)
        found = served.engine.nearest(base.query_vector("医保"), 10, allowed, None)
        np.testing.assert_allclose(found[0], expected[0], atol=1e-6)
        np.testing.assert_array_equal(found[1], expected[1])


def test_cosines_weights_and_vectors_are_those_of_this_process(base: KnowledgeBase, served: KnowledgeBase) -> None:
    query = QUESTIONS[0]
    grams, rows = query_grams(query), np.array([3, 0, 17, 3, len(base.article_of) - 1])
    one, other = base.engine, served.engine
    np.testing.assert_allclose(other.vectors_of(rows), one.vectors_of(rows), atol=1e-7)
    for ours, theirs in zip(
        one.look(asked_of(base, query)).cosines(rows), other.look(asked_of(base, query)).cosines(rows), strict=True
    ):
        assert ours is not None
        assert theirs is not None
        np.testing.assert_allclose(theirs, ours, atol=1e-6)
    for kind in ("passage_terms", "context_terms", "article_terms"):
        ours, theirs = getattr(one, kind), getattr(other, kind)
        texts = rows if kind != "article_terms" else base.article_of[rows]
        assert (len(theirs), theirs.k1) == (len(ours), ours.k1)
        np.testing.assert_allclose(theirs.stored(grams.keys, texts), ours.stored(grams.keys, texts), atol=1e-6)
        assert ours.stored(grams.keys, texts).any()
        np.testing.assert_array_equal(theirs.occurs(grams.keys), ours.occurs(grams.keys))
        assert_alike(theirs.matches_of(grams, texts.tolist()), ours.matches_of(grams, texts.tolist()))


def test_answers_and_comparisons_are_those_of_this_process(base: KnowledgeBase, served: KnowledgeBase) -> None:
    for query in QUESTIONS[:2]:
        assert_alike(served.ask(query).as_dict(), base.ask(query).as_dict())
    question = "医保断缴后等待期是多久"
    assert_alike(served.compare(question, by="region").as_dict(), base.compare(question, by="region").as_dict())


def test_a_serving_machine_needs_neither_postings_nor_vectors(
    base: KnowledgeBase, place: Place, tmp_path: Path, as_few_files: Callable[[Path, Path], Path]
) -> None:
    folder = as_few_files(base.folder, tmp_path / "kb")
    expected = ranked(base, QUESTIONS[0], "hybrid", None)
    assert_alike(ranked(KnowledgeBase(folder, base.build, None, place), QUESTIONS[0], "hybrid", None), expected)
    with pytest.raises(StoreError, match="policykb rebuild"):
        KnowledgeBase(folder, base.build).search(QUESTIONS[0])


@pytest.fixture
def as_few_files() -> Callable[[Path, Path], Path]:
    """Copy a base without what a server holds for it."""

    def few(base: Path, place: Path) -> Path:
        shutil.copytree(base, place, ignore=shutil.ignore_patterns("cache", "*.faiss"))
        for file in place.glob("builds/*/terms/*/*"):
            if file.name not in ("terms.json", "keys.npy", "starts.npy"):
                file.unlink()
        return place

    return few


def test_many_ask_at_once(base: KnowledgeBase, served: KnowledgeBase) -> None:
    expected = {query: ranked(base, query, "hybrid", None) for query in QUESTIONS}
    with ThreadPoolExecutor(4) as threads:
        for query, found in threads.map(lambda one: (one, ranked(served, one, "hybrid", None)), QUESTIONS):
            assert_alike(found, expected[query])


def test_an_engine_is_what_ranking_asks_for(served: KnowledgeBase) -> None:
    engine: Engine = served.engine
    assert engine.has_vectors
    assert engine.article_of is not None
