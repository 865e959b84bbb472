"""The quality gate: by hand on few questions, and on real builds made worse on purpose."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.build.build import rebuild
from index.build.gate import SMALLEST, Change, compare_trials, find_gold, gold_of, judge
from index.build.manifest import read_manifest, write_manifest
from index.build.trial import First, Standing, Trial, Tried, try_build
from index.gold import GoldError, GoldQuestion, Quote, read_gold
from index.marks import Mark
from index.model import load_embedder
from index.model.embedder import Embedder, TableEmbedder, quantise
from index.outcomes import Found, Question, Said
from index.store.vectors import Vectors, write_vectors
from search_app.judged import verdict_lines

CORPUS = Path(__file__).resolve().parents[1] / "corpus"


def tried(
    name: object,
    rank: int | None = 1,
    *,
    verdict: str = "answered",
    says: bool | None = None,
    standing: Standing = "said",
) -> Tried:
    """A question that one sentence answers: found at `rank`, and said where it is found unless told otherwise."""
    question = Question(str(name), f"问题{name}", "everyday", "answered", (Mark(),))
    sentences = (("句", frozenset({0})),) if (rank is not None if says is None else says) else ()
    return Tried(
        Found(question, (rank,)),
        Said(question, verdict, None, sentences),
        First(verdict, "题", f"p{rank}", "文", "句" if sentences else None),
        (standing,),
    )


def unanswerable(name: object, *, invents: bool) -> Tried:
    question = Question(str(name), f"问题{name}", "unanswerable", "not_stated", ())
    verdict = "answered" if invents else "not_stated"
    said = Said(question, verdict, None, (("句", frozenset()),) if invents else ())
    return Tried(Found(question, ()), said, First(verdict, None, None, None, None), ())


GOLD = (GoldQuestion("any", "问题", "everyday", "answered", (Quote("a.txt", "句"),)),)


def compared(new: Iterable[Tried], old: Iterable[Tried]) -> Any:
    return compare_trials(Trial("new", tuple(new)), Trial("old", tuple(old)), GOLD)


def all_found(count: int) -> list[Tried]:
    return [tried(n) for n in range(count)]


def with_lost(count: int, lost: int, **fields: Any) -> list[Tried]:
    return [tried(n, None, **fields) for n in range(lost)] + [tried(n) for n in range(lost, count)]


class TestByHand:
    def test_a_build_that_answers_alike_passes(self) -> None:
        verdict = compared(all_found(10), all_found(10))
        assert (verdict.passed, verdict.reason, verdict.questions, verdict.worse) == (True, "no measure fell", 10, ())
        assert verdict.figures["mrr@10"] == verdict.before["mrr@10"] == 1

    def test_a_build_that_lost_four_of_ten_answers_is_refused_and_says_which(self) -> None:
        verdict = compared(with_lost(10, 4, verdict="not_stated"), all_found(10))
        assert not verdict.passed
        assert verdict.fell == ("mrr@10", "recall@5", "included", "verdict_right")
        assert verdict.reason.startswith("mrr@10 went from 1.000 to 0.600 (95% interval -0.700 to -0.100); recall@5")
        assert [change.id for change in verdict.worse] == ["0", "1", "2", "3"]
        first = verdict.worse[0]
        assert first == Change("0", "问题0", "answered", True, (1, None), ("answered", "not_stated"), (True, False), ())
        assert first.happened() == (
            "was at rank 1, now not found; verdict answered -> not_stated, answered is right; said a marked sentence"
            " before"
        )

    def test_the_one_that_lost_most_stands_first(self) -> None:
        new = [tried(0, 2), tried(1, None), tried(2, 3), *all_found(10)[3:]]
        assert [change.id for change in compared(new, all_found(10)).worse] == ["1", "2", "0"]

    def test_one_of_ten_may_be_luck_and_is_listed_all_the_same(self) -> None:
        verdict = compared(with_lost(10, 1), all_found(10))
        assert verdict.passed
        assert [change.id for change in verdict.worse] == ["0"]

    @pytest.mark.parametrize(("lost", "passes"), [(1, True), (2, True), (3, False), (5, False)])
    def test_five_questions_are_enough_to_refuse_a_build_that_lost_most(self, lost: int, passes: bool) -> None:
        assert compared(with_lost(5, lost), all_found(5)).passed is passes

    @pytest.mark.parametrize(("lost", "passes"), [(15, True), (25, False)])
    def test_a_certain_fall_that_nobody_notices_passes(self, lost: int, passes: bool) -> None:
        verdict = compared(with_lost(1000, lost), all_found(1000))
        assert verdict.differences["mrr@10"].high < 0
        assert (-verdict.differences["mrr@10"].difference < SMALLEST) is passes
        assert verdict.passed is passes

    def test_a_better_build_passes(self) -> None:
        verdict = compared(all_found(10), with_lost(10, 6))
        assert (verdict.passed, verdict.worse) == (True, ())
        assert verdict.differences["included"].difference == pytest.approx(0.6)

    def test_a_build_that_invents_is_refused(self) -> None:
        honest = [unanswerable(n, invents=False) for n in range(6)]
        verdict = compared([unanswerable(n, invents=True) for n in range(6)], honest)
        assert verdict.fell == ("verdict_right", "invented")
        assert verdict.worse[0].happened().endswith("now says something that no page says")
        assert compared(honest, [unanswerable(n, invents=True) for n in range(6)]).passed

    def test_a_question_whose_page_is_gone_is_left_out_and_named(self) -> None:
        verdict = compared(with_lost(10, 4, standing="gone"), all_found(10))
        assert (verdict.passed, verdict.questions, verdict.worse) == (True, 6, ())
        assert verdict.left_out == dict.fromkeys("0123", "a page is gone from the corpus")

    def test_where_most_pages_are_gone_at_once_the_build_is_refused(self) -> None:
        verdict = compared(with_lost(10, 6, standing="gone"), all_found(10))
        assert not verdict.passed
        assert verdict.reason == "the pages of 6 of 10 questions are gone from the corpus"

    def test_a_question_whose_page_came_later_says_nothing(self) -> None:
        old = with_lost(10, 6, standing="gone")
        verdict = compared(all_found(10), old)
        assert (verdict.passed, verdict.questions) == (True, 4)
        assert verdict.left_out["0"] == "the published build did not have the page"
        assert compared(old, old).reason == "no measure fell"
        assert set(compared(old, old).left_out.values()) == {"the corpus has no such page"}

    @pytest.mark.parametrize(
        ("standing", "why"),
        [
            ("cut", "its page says it, but its article does not any more"),
            ("unsaid", "the page is there but does not say it any more"),
            ("skipped", "its page could not be read and was skipped"),
        ],
    )
    def test_a_page_that_lost_its_sentence_is_a_miss_with_its_own_reason(self, standing: Standing, why: str) -> None:
        verdict = compared(with_lost(10, 4, standing=standing), all_found(10))
        assert (verdict.passed, verdict.questions, verdict.left_out) == (False, 10, {})
        assert verdict.worse[0].why == (why,)
        assert verdict.worse[0].happened().endswith(why)

    def test_gold_that_no_build_can_answer_says_nothing(self) -> None:
        typing_slip = [tried(0, None, standing="unsaid"), *all_found(3)[1:]]
        assert compared(typing_slip, typing_slip).left_out == {"0": "its page says it in neither build"}
        gone = [tried(0, None, standing="gone")]
        assert compared(gone, gone).reason == "none of the questions can be judged"

    def test_a_verdict_is_the_same_each_time_and_goes_into_the_log(self) -> None:
        verdict, again = (compared(with_lost(10, 4), all_found(10)) for _ in range(2))
        line = json.dumps(verdict.as_dict(), ensure_ascii=False)
        assert line == json.dumps(again.as_dict(), ensure_ascii=False)
        kept = json.loads(line)
        assert kept["rule"] == {"confidence": 0.95, "resamples": 10000, "smallest": 0.02, "most_gone": 0.5}
        assert kept["worse"][0]["rank"] == [1, None]
        assert kept["differences"]["mrr@10"]["losses"] == 4

    def test_the_terminal_shows_why(self) -> None:
        shown = "\n".join(verdict_lines(compared(with_lost(10, 4), all_found(10)), limit=3))
        assert "quality gate: REFUSED, mrr@10 went from 1.000 to 0.600" in shown
        assert "4 questions got worse" in shown
        assert "and 1 more" in shown


# Everyday questions of the sample gold whose answer words alone do not find first: there the vectors show.
# fmt: off
BY_MEANING = frozenset([
    "q09", "q12", "q16", "q28", "q31", "q38", "q42", "q44", "q53", "q60", "q61", "q68", "q87", "q101", "q102",
    "q113", "q123", "q136", "q161", "q179", "q192", "q193",
])
# fmt: on


class Base:
    """A base whose published build is good, and the way to worse ones in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kb = folder / "kb"
        self.embedder = load_embedder("bundled")
        lines = (CORPUS / "gold" / "questions.jsonl").read_text("utf-8").splitlines()
        self.gold = folder / "questions"
        self.gold.mkdir()
        chosen = [line for line in lines if json.loads(line)["id"] in BY_MEANING]
        (self.gold / "questions.jsonl").write_text("\n".join(chosen), "utf-8")
        shutil.copytree(CORPUS / "pages", folder / "good" / "pages")
        self.good = rebuild([folder / "good" / "pages"], self.kb, embedder=self.embedder).build

    def judge(self, build: str, published: str | None = None) -> Any:
        return judge(self.kb, build, published or self.good, self.gold, embedder=self.embedder)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Base:
    return Base(tmp_path_factory.mktemp("gate"))


def test_a_first_build_passes_and_its_figures_are_kept(base: Base) -> None:
    told: list[tuple[str, int, int]] = []
    verdict = judge(base.kb, base.good, None, base.gold, embedder=base.embedder, progress=lambda *at: told.append(at))
    assert verdict.passed
    assert verdict.reason.startswith("nothing was published before")
    assert verdict.figures["recall@5"] > 0.9
    assert (verdict.questions, verdict.left_out, verdict.differences) == (len(BY_MEANING), {}, None)
    assert told[-1] == ("gate", len(BY_MEANING), len(BY_MEANING))
    told.clear()
    again = judge(base.kb, base.good, None, base.gold, progress=lambda *at: told.append(at))
    assert (again, told) == (verdict, [])  # a build is asked once


def test_a_cleaner_that_eats_paragraphs_is_refused_and_the_mended_one_published(base: Base) -> None:
    pages = base.folder / "emptied" / "pages"
    shutil.copytree(CORPUS / "pages", pages)
    # Every third line or element of a page is gone.
    for page in sorted([*pages.glob("*.txt"), *pages.glob("*.html")]):
        mark = b"\n" if page.suffix == ".txt" else b"<p"
        pieces = page.read_bytes().split(mark)
        page.write_bytes(mark.join(piece for n, piece in enumerate(pieces) if n < 3 or n % 3))
    emptied = rebuild([pages], base.kb, embedder=base.embedder).build
    verdict = base.judge(emptied)
    assert not verdict.passed
    assert {"recall@5", "included"} <= set(verdict.fell)
    assert verdict.figures["recall@5"] < verdict.before["recall@5"] - 0.1
    assert "the page is there but does not say it any more" in {why for change in verdict.worse for why in change.why}
    assert base.judge(base.good, emptied).passed


@pytest.mark.slow
def test_overrules_that_remove_the_answers_are_refused(base: Base) -> None:
    pages = base.folder / "overruled" / "pages"
    shutil.copytree(CORPUS / "pages", pages)
    lines = [
        f"{answer.path}\tremove\t{answer.quote}\t试验"
        for question in read_gold(base.gold)
        for answer in question.answers
    ]
    (pages.parent / "overrules.tsv").write_text("\n".join(lines), "utf-8")
    verdict = base.judge(rebuild([pages], base.kb, embedder=base.embedder).build)
    assert not verdict.passed
    assert {"mrr@10", "recall@5", "included"} <= set(verdict.fell)
    cut = [change for change in verdict.worse if change.why]
    assert {change.why for change in cut} == {("its page says it, but its article does not any more",)}
    assert len(cut) > len(BY_MEANING) / 2


def test_vectors_in_another_order_are_refused(base: Base) -> None:
    folder = base.kb / "builds" / "shuffled"
    shutil.copytree(base.kb / "builds" / base.good, folder)
    vectors = Vectors.open(folder / "vectors.faiss")
    rows = vectors.rows(np.random.default_rng(0).permutation(len(vectors)))
    del vectors
    write_vectors(rows, folder / "vectors.faiss")
    manifest = read_manifest(folder)
    (folder / "manifest.json").unlink()
    write_manifest(folder, {key: manifest[key] for key in manifest if key not in ("format", "files")})
    verdict = base.judge("shuffled")
    assert not verdict.passed
    assert "recall@5" in verdict.fell
    assert {change.why for change in verdict.worse} == {()}


@pytest.mark.slow
def test_a_bad_model_is_refused_and_a_good_one_after_it_published(base: Base) -> None:
    good = base.embedder
    assert isinstance(good, TableEmbedder)
    model = random_model(good, base.folder / "model", seed=0)
    bad = rebuild([base.folder / "good" / "pages"], base.kb, embedder=model).build
    verdict = base.judge(bad)
    assert not verdict.passed
    assert {"mrr@10", "recall@5"} <= set(verdict.fell)
    assert base.judge(base.good, bad).passed

    # Trained anew in its place: the bad build can be asked no more, and what is known of it still counts.
    random_model(good, base.folder / "model", seed=1)
    assert base.judge(base.good, bad).differences["recall@5"].difference > 0.1
    for kept in (base.kb / "gate").glob(f"{bad}-*"):
        kept.unlink()
    verdict = base.judge(base.good, bad)
    assert (verdict.passed, verdict.published, verdict.differences) == (True, bad, None)
    assert verdict.reason.startswith("the published build cannot be asked: ")


def random_model(like: TableEmbedder, folder: Path, *, seed: int) -> Embedder:
    vectors = np.random.default_rng(seed).standard_normal((len(like.keys), like.dim)).astype(np.float32)
    TableEmbedder(like.keys, *quantise(vectors), name="random").save(folder)
    return load_embedder(str(folder))


def test_a_damaged_file_of_outcomes_is_made_anew(base: Base) -> None:
    gold = read_gold(base.gold)[:2]
    trial = try_build(base.kb, base.good, gold, embedder=base.embedder)
    (kept,) = (file for file in (base.kb / "gate").iterdir() if len(json.loads(file.read_text())["tried"]) == 2)
    text = kept.read_text("utf-8")
    for damaged in (text.replace('"ranks"', '"rank"'), text.replace('"code": "', '"code": "0')):
        kept.write_text(damaged, "utf-8")
        assert plain(try_build(base.kb, base.good, gold, embedder=base.embedder)) == plain(trial)
        assert kept.read_text("utf-8") == text


def plain(trial: Trial) -> list[tuple[object, ...]]:
    return [(t.question.id, t.found.ranks, t.said.verdict, t.said.sentences, t.first, t.standing) for t in trial.tried]


def pages_at(folder: Path, pages: dict[str, str]) -> Path:
    for name, text in pages.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


PAGE = "失业金申领须知\n\n失业保险金从办理失业登记的当月起计算，按月打入本人社保卡。\n\n申领失业保险金要带身份证原件。"
OTHER = "生育津贴申领须知\n\n生育津贴由经办机构在十个工作日内拨付给用人单位。\n\n申领生育津贴要交出生医学证明。"


def test_one_quote_of_a_part_is_enough(tmp_path: Path) -> None:
    pages = pages_at(tmp_path / "pages", {"a.txt": PAGE, "b.txt": OTHER})
    build = rebuild([pages], tmp_path / "kb", embedder=load_embedder("bundled")).build
    there, gone = Quote("a.txt", "申领失业保险金要带身份证原件。", 1), Quote("c.txt", "没有这一页。", 1)
    changed = Quote("b.txt", "这一句改掉了。", 2)
    questions = (
        GoldQuestion("one", "申领失业保险金要带什么", "", "answered", (gone, there)),
        GoldQuestion("two", "申领失业保险金要带什么", "", "answered", (there, changed, replace(gone, part=2))),
        GoldQuestion(
            "own", "申领失业保险金要带什么", "", "answered", (replace(there, part=None), replace(gone, part=None))
        ),
    )
    one, two, own = try_build(tmp_path / "kb", build, questions).tried
    assert (one.standing, len(one.found.ranks), one.rank) == (("said",), 1, 1)
    assert (two.standing, two.found.ranks) == (("said", "unsaid"), (1, None))
    assert (own.standing, own.found.ranks) == (("said", "gone"), (1, None))


def gold_at(folder: Path, answers: Sequence[tuple[str, str]]) -> Path:
    folder.mkdir(parents=True)
    lines = [
        {"id": f"q{n}", "text": quote, "verdict": "answered", "answers": [{"path": path, "quote": quote}]}
        for n, (path, quote) in enumerate(answers)
    ]
    (folder / "questions.jsonl").write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    return folder


class TestPages:
    """What becomes of a marked sentence when its page moves, changes, cannot be read or goes."""

    def judge(self, folder: Path, before: dict[str, str], after: dict[str, str]) -> Any:
        gold = gold_at(folder / "questions", [("a.txt", "申领失业保险金要带身份证原件。")])
        embedder = load_embedder("bundled")
        pages = pages_at(folder / "pages", before)
        published = rebuild([pages], folder / "kb", embedder=embedder).build
        for page in before:
            (pages / page).unlink()
        pages_at(pages, after)
        build = rebuild([pages], folder / "kb", embedder=embedder).build
        return judge(folder / "kb", build, published, gold, embedder=embedder)

    def test_the_same_page_under_another_path_is_followed(self, tmp_path: Path) -> None:
        verdict = self.judge(tmp_path, {"a.txt": PAGE, "b.txt": OTHER}, {"new/place.txt": PAGE, "b.txt": OTHER})
        assert (verdict.passed, verdict.questions, verdict.left_out, verdict.worse) == (True, 1, {}, ())

    def test_a_deleted_page_is_left_out(self, tmp_path: Path) -> None:
        verdict = self.judge(tmp_path, {"a.txt": PAGE, "b.txt": OTHER}, {"b.txt": OTHER})
        assert verdict.left_out == {"q0": "a page is gone from the corpus"}
        assert verdict.reason == "the pages of 1 of 1 questions are gone from the corpus"

    def test_a_page_that_cannot_be_read_any_more_is_a_miss(self, tmp_path: Path) -> None:
        verdict = self.judge(tmp_path, {"a.txt": PAGE, "b.txt": OTHER}, {"a.txt": "\0\1\2" * 50, "b.txt": OTHER})
        assert not verdict.passed
        assert verdict.worse[0].why == ("its page could not be read and was skipped",)


def test_gold_lies_beside_the_folder_of_pages_and_never_in_the_current_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = pages_at(tmp_path / "corpus" / "pages", {"sub/a.txt": PAGE})
    monkeypatch.chdir(tmp_path)
    gold_at(tmp_path / "corpus" / "pages" / "gold", [("a.txt", "句")])
    elsewhere = tmp_path / "far" / "away"
    elsewhere.mkdir(parents=True)
    assert find_gold([pages]) is None
    beside = gold_at(tmp_path / "corpus" / "gold", [("a.txt", "句")])
    assert find_gold([Path("corpus/pages")]) == beside
    assert find_gold([elsewhere / "pages", pages]) == beside
    assert find_gold([pages / "sub" / "a.txt"]) == pages / "gold"
    monkeypatch.chdir(tmp_path / "corpus")
    assert find_gold([elsewhere]) is None


def test_the_gold_of_a_build_is_found_by_where_its_pages_came_from(tmp_path: Path) -> None:
    beside = gold_at(tmp_path / "corpus" / "gold", [("a.txt", "句")])
    pages = pages_at(tmp_path / "corpus" / "pages", {"sub/a.txt": PAGE, "b.txt": OTHER})
    build = rebuild([pages], tmp_path / "kb", embedder=load_embedder("bundled")).build
    assert gold_of(tmp_path / "kb", build) == beside
    shutil.rmtree(beside)
    assert gold_of(tmp_path / "kb", build) is None


def test_without_gold_a_build_is_not_judged_and_broken_gold_stops(tmp_path: Path) -> None:
    verdict = judge(tmp_path, "new", "old", None)
    assert (verdict.passed, verdict.reason) == (True, "no gold, not judged")
    (tmp_path / "questions.jsonl").write_text("{}", "utf-8")
    with pytest.raises(GoldError, match=r"questions\.jsonl, line 1"):
        judge(tmp_path, "new", "old", tmp_path)
