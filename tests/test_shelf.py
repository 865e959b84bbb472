"""The builds that a server holds open, on real builds of a few sample pages."""

from __future__ import annotations

import gc
import shutil
import time
from pathlib import Path

import pytest

from index.between import changed_pages, same_words
from index.build.build import rebuild
from index.build.lease import is_in_use
from index.build.publish import build_folder, publish, read_current
from index.kb import KnowledgeBase, open_kb
from index.model import load_embedder
from index.reading import Reading
from index.store import StoreError
from search_app.shelf import NoSuchBuild, Shelf

SAMPLES = Path(__file__).resolve().parents[1] / "corpus" / "pages"
GAP, FAMILY = "resident-insurance-gap.txt", "family-account.txt"
SENTENCE = "这段时间的医疗费用居民医保不予支付。"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[str, str, str]]:
    """A base with three builds in the order of their making; the second moved a sentence, the third has it in a
    recommendation only."""
    folder = tmp_path_factory.mktemp("three")
    pages = folder / "pages"
    pages.mkdir()
    for name in (GAP, FAMILY):
        shutil.copy(SAMPLES / name, pages)
    text = (pages / GAP).read_text(encoding="utf-8")
    heading = "二、等待期怎么算"
    assert SENTENCE in text
    assert heading in text
    builds = []
    for version in (
        text,
        text.replace(heading, f"新加的一段说明,让后面的文字都往后移动。\n\n{heading}"),
        text.replace(SENTENCE, "").replace("反复长口腔溃疡,", f"反复长口腔溃疡,{SENTENCE}"),
    ):
        (pages / GAP).write_text(version, encoding="utf-8")
        rebuild([pages], folder / "kb", embedder=load_embedder("bundled"))
        builds.append(read_current(folder / "kb"))
        (pages / FAMILY).unlink(missing_ok=True)
    return folder / "kb", (builds[0], builds[1], builds[2])


@pytest.fixture
def base(made: tuple[Path, tuple[str, str, str]], tmp_path: Path) -> tuple[Path, tuple[str, str, str]]:
    """A copy of it, the first build published."""
    folder = Path(shutil.copytree(made[0], tmp_path / "kb"))
    publish(folder, made[1][0])
    return folder, made[1]


def until_shown(shelf: Shelf, build: str) -> list[KnowledgeBase]:
    """Return what readers were given, until it is `build`."""
    given = [shelf.published(patience_s=0)]
    for _ in range(2000):
        if given[-1].build == build:
            return given
        time.sleep(0.01)
        given.append(shelf.published(patience_s=0))
    pytest.fail(f"{build} was never shown")


def test_readers_go_on_with_the_old_build_until_the_new_one_is_loaded(base: tuple[Path, tuple[str, str, str]]) -> None:
    folder, (first, second, _) = base
    shelf = Shelf(folder)
    old = shelf.published()
    assert old.build == first
    publish(folder, second)
    given = until_shown(shelf, second)
    assert given[0] is old
    assert all(kb is old for kb in given[:-1])
    assert {"records", "vectors", "passage_terms", "embedder", "vocabulary"} <= given[-1].__dict__.keys(), (
        "loaded whole"
    )
    assert shelf.published() is given[-1]
    assert shelf.open(first) is old, "a link to the old build opens it from the shelf"


def test_a_new_build_that_cannot_be_read_is_not_shown(base: tuple[Path, tuple[str, str, str]]) -> None:
    folder, (first, second, _) = base
    shelf = Shelf(folder)
    old = shelf.published()
    vectors = build_folder(folder, second) / "vectors.faiss"
    whole = vectors.read_bytes()
    vectors.write_bytes(b"damaged")
    publish(folder, second)
    assert shelf.published() is old
    with pytest.raises(StoreError, match=r"vectors\.faiss"):
        Shelf(folder).published()
    vectors.write_bytes(whole)
    assert shelf.published(patience_s=60).build == second, "tried again, and taken over when it is mended"
    assert old.build == first


def test_what_leaves_the_shelf_is_closed_when_its_last_reader_lets_go(base: tuple[Path, tuple[str, str, str]]) -> None:
    folder, (first, second, third) = base
    shelf = Shelf(folder)
    shelf.published()
    for build in (second, third):
        shelf.open(build)
    gc.collect()
    used = {build: is_in_use(build_folder(folder, build)) for build in (first, second, third)}
    assert used == {first: True, second: False, third: True}, "the published one stays"
    reader = shelf.open(second)
    shelf.open(third)
    assert is_in_use(build_folder(folder, second)), "somebody reads in it"
    assert reader.search("等待期", k=1)[0].path == GAP
    del reader
    gc.collect()
    assert not is_in_use(build_folder(folder, second))


def test_a_build_that_is_gone_or_damaged_is_told_apart(base: tuple[Path, tuple[str, str, str]]) -> None:
    folder, (_, second, third) = base
    shelf = Shelf(folder)
    records = build_folder(folder, second) / "records.sqlite"
    whole = records.read_bytes()
    records.write_bytes(b"damaged")
    with pytest.raises(StoreError, match=r"records\.sqlite"):
        shelf.open(second)
    records.write_bytes(whole)
    assert shelf.open(second).build == second
    shutil.rmtree(build_folder(folder, third))
    with pytest.raises(NoSuchBuild):
        shelf.open(third)


def gap(kb: KnowledgeBase) -> Reading:
    reading = kb.article(kb.records.query("SELECT id FROM pages WHERE path = ?", (GAP,))[0]["id"])
    assert reading is not None
    return reading


def test_the_words_of_a_place_are_found_again_in_another_build(made: tuple[Path, tuple[str, str, str]]) -> None:
    folder, builds = made
    first, second, third = (open_kb(folder, build=build) for build in builds)
    one, two, three = (gap(kb) for kb in (first, second, third))
    start = one.text.index(SENTENCE)
    end = start + len(SENTENCE)
    there = same_words(one, start, end, two)
    assert there is not None
    assert there[0] > start, "it moved"
    assert two.text[slice(*there)] == SENTENCE
    assert SENTENCE in three.text
    assert same_words(one, start, end, three) is None, "what was removed is not the same place"
    assert same_words(one, start, start, two) is None
    removal = next(r for r in one.removals if r["rule"].startswith("snippet"))
    again = same_words(one, removal["start"], removal["end"], two)
    assert again is not None
    assert not two.keeps(*again), "a removed place leads to a removed place"
    pairs = ((first, second), (second, third), (first, first))
    # Two pages differ from the first to the second: one changed, one is gone.
    assert [changed_pages(left.manifest, right.manifest) for left, right in pairs] == [2, 1, 0]


def test_of_equal_words_the_nearest_is_meant(made: tuple[Path, tuple[str, str, str]]) -> None:
    folder, builds = made
    kb, other = (open_kb(folder, build=build) for build in builds[:2])
    one, two = gap(kb), gap(other)
    word = "等待期"
    places = [place for place in range(len(one.text)) if one.text.startswith(word, place)]
    kept = [place for place in places if one.keeps(place, place + len(word))]
    assert len(kept) > 2
    last = same_words(one, kept[-1], kept[-1] + len(word), two)
    assert last is not None
    assert last[0] > kept[-1]
