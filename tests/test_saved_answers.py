"""Answers to saved questions: kept with the build, compared from build to build, told by command and page."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner

from index.answer import Citation, Sentence
from index.build.build import rebuild
from index.build.diff import diff
from index.explore.answer_changes import Reworded, SavedAnswers, compare_answers, saved_answers
from index.explore.prepared import FOLDER, NotPrepared
from index.explore.saved_answers import SavedAnswer, answers_of, kept_answers
from index.filters import Filters
from index.kb import KnowledgeBase, open_kb
from index.model import load_embedder
from index.saved import SearchesError, find_searches
from search_app.changed import saved_line
from search_app.cli import main
from search_app.views.address import Address, read_address
from search_app.views.explore.saved_html import saved_html
from search_app.when import Clock
from search_app.words import Words

GAP = "居民医保断缴须知\n\n居民医保断缴后重新参保，缴费之后先有3个月的固定待遇等待期，等待期内的医疗费用不予报销。"
BIRTH = "生育津贴申领须知\n\n生育津贴由经办机构在十个工作日内拨付给用人单位。"
CARD = "社保卡补办指南\n\n社保卡丢失后可以在网上先挂失，再到合作银行网点补办新卡。"
QUESTIONS = (
    '{"name": "等待期", "query": "居民医保断缴后重新参保，等待期是多久"}\n'
    '{"name": "补卡", "query": "社保卡丢失后怎么补办"}\n'
    '{"name": "津贴", "query": "生育津贴几个工作日内拨付"}\n'
)
WAS = "居民医保断缴后重新参保，缴费之后先有3个月的固定待遇等待期，等待期内的医疗费用不予报销。"


class Story:
    """A base that is built anew as its pages change; its questions lie beside them and are asked after each build."""

    def __init__(self, folder: Path) -> None:
        self.kb, self.pages = folder / "kb", folder / "corpus" / "pages"
        self.pages.mkdir(parents=True)
        self.questions = self.pages.parent / "searches.jsonl"
        self.questions.write_text(QUESTIONS, "utf-8")

    def build(self, **pages: str) -> SavedAnswers:
        for page in self.pages.rglob("*.txt"):
            page.unlink()
        for name, text in pages.items():
            place = self.pages / f"{name.replace('__', '/')}.txt"
            place.parent.mkdir(exist_ok=True)
            place.write_text(text, "utf-8")
        rebuild([self.pages], self.kb, embedder=load_embedder("bundled"))
        return open_kb(self.kb).saved_answers()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Story, list[SavedAnswers]]:
    """Three builds: the first, one with 6 months for 3, one in which a page has moved and one has gone."""
    story = Story(tmp_path_factory.mktemp("story"))
    longer = GAP.replace("3个月", "6个月")
    return story, [
        story.build(gap=GAP, birth=BIRTH, card=CARD),
        story.build(gap=longer, birth=BIRTH, card=CARD),
        story.build(gap=longer, moved__card=CARD),
    ]


def changes(found: SavedAnswers) -> dict[str, tuple[str, ...]]:
    return {item.now.name: item.differing.what for item in found.items}


def test_a_figure_that_changes_is_told_as_the_sentence_before_and_after(
    told: tuple[Story, list[SavedAnswers]],
) -> None:
    first, second, _ = told[1]
    assert first.before is None
    assert [item.before for item in first.items] == [None, None, None]
    assert changes(second) == {"等待期": ("sentences",), "补卡": (), "津贴": ()}
    (item,) = second.changed
    assert item.differing.reworded == (Reworded(WAS, WAS.replace("3个月", "6个月")),)
    assert (item.differing.came, item.differing.went) == ((), ())
    assert item.before is not None
    assert (item.before.build, item.since.build, item.since_first) == (first.build.build, second.build.build, False)


def test_a_page_that_moved_and_one_that_went_are_told_apart(told: tuple[Story, list[SavedAnswers]]) -> None:
    first, second, third = told[1]
    assert {name: what for name, what in changes(third).items() if name != "津贴"} == {
        "等待期": (),
        "补卡": ("sources",),
    }
    by_name = {item.now.name: item for item in third.items}
    assert "sentences" in by_name["津贴"].differing.what
    assert any("十个工作日" in text for text in by_name["津贴"].differing.went)
    (moved,) = by_name["补卡"].differing.resourced
    assert ([one.path for one in moved.before], [one.path for one in moved.after]) == (["card.txt"], ["moved/card.txt"])
    assert (by_name["等待期"].since.build, by_name["等待期"].since_first) == (second.build.build, False)
    assert third.before == second.build
    assert [one.build for one in third.earlier] == [second.build.build, first.build.build]
    # Compared with the first build, the figure is other as well.
    since = open_kb(told[0].kb).saved_answers(since=first.build.build)
    assert changes(since)["等待期"] == ("sentences",)


def test_the_same_build_and_questions_give_the_same_bytes(told: tuple[Story, list[SavedAnswers]]) -> None:
    story, _ = told
    kb = open_kb(story.kb)
    (folder,) = (kb.path / FOLDER).glob("answers-*")
    before = (folder / "answers.jsonl").read_bytes()
    shutil.rmtree(folder)
    answers_of(kb)
    assert (folder / "answers.jsonl").read_bytes() == before
    (folder / "answers.jsonl").write_bytes(before[:100])  # damaged: asked anew
    assert [one.name for one in answers_of(kb)] == ["等待期", "补卡", "津贴"]
    assert (folder / "answers.jsonl").read_bytes() == before


def test_other_questions_are_asked_anew_and_a_new_one_has_no_past(tmp_path: Path) -> None:
    story = Story(tmp_path)
    first = story.build(gap=GAP, card=CARD)
    (old,) = (open_kb(story.kb).path / FOLDER).glob("answers-*")
    lines = QUESTIONS.splitlines()
    renamed = lines[0].replace('"等待期"', '"等多久"')
    story.questions.write_text(f'{renamed}\n{{"query": "怎么挂失社保卡"}}\n', "utf-8")
    again = open_kb(story.kb).saved_answers()
    assert [item.now.name for item in again.items] == ["等多久", "怎么挂失社保卡"]
    assert not old.exists()
    found = story.build(gap=GAP.replace("3个月", "6个月"), card=CARD)
    assert [(item.now.name, item.before is None, item.is_changed) for item in found.items] == [
        ("等多久", False, True),
        ("怎么挂失社保卡", False, False),
    ]
    story.questions.write_text(f'{renamed}\n{{"query": "补办新卡去哪里"}}\n', "utf-8")
    new = open_kb(story.kb).saved_answers().items[1]
    assert (new.before, new.differing.what, new.since_first) == (None, (), True)
    # A figure that comes back stands so since it came back, not since it was first said.
    back = story.build(gap=GAP, card=CARD, birth=BIRTH)
    item = next(item for item in back.items if item.now.name == "等多久")
    assert (item.is_changed, item.since.build, item.since_first) == (True, back.build.build, False)
    earliest = open_kb(story.kb).saved_answers(since=first.build.build)
    assert [item.is_changed for item in earliest.items if item.now.name == "等多久"] == [False]


def test_a_base_without_its_corpus_keeps_the_questions_it_was_asked(
    told: tuple[Story, list[SavedAnswers]], tmp_path: Path
) -> None:
    story, (_, _, third) = told
    shutil.copytree(story.kb, tmp_path / "kb")
    aside = story.pages.parent.rename(tmp_path / "aside")
    try:
        found = open_kb(tmp_path / "kb").saved_answers()
    finally:
        aside.rename(story.pages.parent)
    assert changes(found) == changes(third)
    other = Story(tmp_path / "other")
    other.questions.unlink()
    assert other.build(gap=GAP).items == ()


def test_a_broken_file_names_its_line_and_the_way_out(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.build(gap=GAP)
    story.questions.write_text(QUESTIONS + '{"name": "x"}\n', "utf-8")
    with pytest.raises(SearchesError, match=r"searches\.jsonl, line 4: found no query; expected one object a line"):
        open_kb(story.kb).saved_answers()


def test_a_base_that_cannot_be_written_answers_all_the_same_and_a_large_one_says_what_to_do(
    as_anyone: Path,
) -> None:
    story = Story(as_anyone / "story")
    found = story.build(gap=GAP, card=CARD)
    shutil.rmtree(open_kb(story.kb).path / FOLDER)
    place = open_kb(story.kb).path
    place.chmod(0o555)
    try:
        kb = open_kb(story.kb)
        assert changes(kb.saved_answers()) == changes(found)
        assert not (place / FOLDER).exists()
        with pytest.raises(NotPrepared, match="policykb prepare"):
            saved_answers(kb, most=1)
    finally:
        place.chmod(0o755)


def test_what_is_compared_is_what_a_reader_would_call_another_answer() -> None:
    def answer(*texts: str, path: str = "a.txt", as_of: str = "2025-01-01", verdict: str = "answered") -> SavedAnswer:
        cited = tuple(
            Citation(n, f"p{n}", "a", "标题", (), path, 0, 5, text, as_of, "captured", "b")
            for n, text in enumerate(texts, 1)
        )
        sentences = tuple(Sentence(text, (n,)) for n, text in enumerate(texts, 1))
        return SavedAnswer("x", "x", Filters(), "b", verdict, 0.9, sentences, cited, ())

    one, two = "缴费满六个月后享受待遇。", "在网上先挂失社保卡。"
    assert compare_answers(answer(one, two), answer(two, one.replace("。", "． ").replace("．", "。"))).what == ()
    assert compare_answers(answer(one), answer(one, as_of="2025-06-01")).what == ("sources",)
    assert compare_answers(answer(one), answer(one, verdict="partly")).what == ("verdict",)
    found = compare_answers(answer(one), answer(two, one.replace("六", "三")))
    assert (found.reworded, found.came, found.went) == ((Reworded(one, one.replace("六", "三")),), (two,), ())
    assert compare_answers(answer(one), answer(two)).reworded == ()


def test_diff_reads_what_was_kept_and_asks_nothing(told: tuple[Story, list[SavedAnswers]]) -> None:
    story, (first, second, _) = told
    asked: list[str] = []
    found = diff(
        story.kb,
        first.build.build,
        second.build.build,
        searches=find_searches(story.kb, [story.pages]),
        progress=lambda stage, done, total: asked.append(stage),
    )
    assert asked == []
    (item,) = found.as_dict()["saved"]["items"]
    assert (item["name"], item["what"], item["reworded"][0]["before"]) == ("等待期", ("sentences",), WAS)
    result = CliRunner().invoke(main, ["diff", first.build.build, second.build.build, "--kb", str(story.kb)])
    lines = result.output.splitlines()
    assert "  answers   1 of 3 saved questions are answered differently" in lines
    place = lines.index("saved questions that are answered differently: 1")
    assert lines[place + 1] == "  ~ 等待期"
    assert [line.strip()[:1] for line in lines[place + 2 : place + 4]] == ["-", "+"]
    assert "6个月" in lines[place + 3]


def test_the_frame_has_a_row_a_question_and_changed_ones_come_first(told: tuple[Story, list[SavedAnswers]]) -> None:
    first, second, _ = told[1]
    assert saved_line(first) == "3 saved questions answered; no earlier answers to compare with"
    assert saved_line(second) == "1 of 3 saved questions are answered differently now: 等待期"
    frame = second.to_frame()
    assert list(frame["name"]) == ["等待期", "补卡", "津贴"]
    assert list(frame["changed"]) == ["sentences", "", ""]
    assert frame.loc[0, "answer_before"] == WAS
    assert frame.loc[0, "path"] == "gap.txt"
    assert json.loads(json.dumps(second.as_dict()))["changed"] == 1


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_shows_before_beside_now_with_links_into_both_builds(
    told: tuple[Story, list[SavedAnswers]], lang: str
) -> None:
    story, (first, second, _) = told
    say = Words(lang)  # type: ignore[arg-type]
    clock = Clock(say, datetime.now(UTC))
    html = saved_html(second, Address(view="explore", part="saved"), clock, say)
    soup = BeautifulSoup(html, "html.parser")
    assert [soup.select("del")[0].get_text()[-1], soup.select("ins")[0].get_text()[-1]] == ["3", "6"]
    links = [read_address_of(str(one["href"])) for one in soup.select(".pk-saved-sides .pk-saved-cites a")]
    assert [link.build for link in links] == [first.build.build, second.build.build]
    page = open_kb(story.kb, build=second.build.build).article(str(links[1].article))
    assert page is not None
    assert page.text[links[1].start : links[1].end] == WAS.replace("3个月", "6个月")
    assert len(soup.select("details .pk-saved-item")) == 2


def test_what_a_question_or_a_page_says_never_becomes_markup(tmp_path: Path) -> None:
    story = Story(tmp_path)
    evil = '<img src=x onerror="alert(1)">'
    line = json.dumps({"query": f"居民医保断缴后重新参保，等待期是多久 {evil}", "name": evil}, ensure_ascii=False)
    story.questions.write_text(line, "utf-8")
    story.build(gap=GAP)
    found = story.build(gap=GAP.replace("3个月", f"6个月{evil}"))
    say = Words("zh")
    soup = BeautifulSoup(saved_html(found, Address(), Clock(say, datetime.now(UTC)), say), "html.parser")
    assert soup.select("img, script") == []
    assert evil in soup.get_text()


def read_address_of(href: str) -> Address:
    from urllib.parse import parse_qs

    return read_address(parse_qs(href.removeprefix("?")))


def test_answers_are_kept_by_what_was_asked(sample_kb: KnowledgeBase) -> None:
    answers = answers_of(sample_kb)
    assert len(answers) == 6  # corpus/searches.jsonl
    kept = kept_answers(sample_kb.folder, sample_kb.build)
    assert list(kept.values()) == list(answers)
    for answer in answers:
        again = sample_kb.ask(answer.query, filters=answer.filters or None)
        assert (again.verdict, again.sentences, again.citations) == (answer.verdict, answer.sentences, answer.citations)
        assert answer.verdict == "answered"
    assert (sample_kb.path / FOLDER).is_dir()
