"""What changed between two builds, and the names people give builds."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from index.build import journal
from index.build.build import rebuild
from index.build.diff import BuildDiff, _shown, diff
from index.build.names import resolve_build
from index.build.publish import build_folder, publish
from index.gold import read_gold
from index.model import load_embedder
from index.saved import find_searches
from index.store import StoreError
from index.store.records import Records
from search_app.cli import main

CLAIM = "申领失业保险金要带身份证原件，到失业前参保地的经办机构办理。"
BEFORE = {
    "jobless.txt": "失业金申领须知\n\n失业保险金从办理失业登记的当月起计算，按月打入本人社保卡。\n\n" + CLAIM,
    "birth.txt": "生育津贴申领须知\n\n生育津贴由经办机构在十个工作日内拨付给用人单位。\n\n申领生育津贴要交出生医学证明。",
    "card.txt": "社保卡补办指南\n\n社保卡丢失后可以在网上先挂失，再到合作银行网点补办新卡。",
    "cut.txt": "异地就医备案指南\n\n备案可以在网上办理，当天生效。\n\n长按识别二维码，关注我们的公众号，了解更多办事指南。",
    "gone.txt": "旧的通知\n\n本通知所说的阶段性补贴已经停止受理。",
}
AFTER = {
    "jobless.txt": BEFORE["jobless.txt"].replace(CLAIM, "失业前参保地的经办机构受理申请，要带户口簿。"),
    "birth.txt": BEFORE["birth.txt"].replace("十个工作日", "五个工作日"),
    "moved/card.txt": BEFORE["card.txt"],
    "cut.txt": BEFORE["cut.txt"],
    "new.txt": "公积金提取指南\n\n租房提取住房公积金，每年可以申请一次，要带身份证和租赁合同。",
}
QUESTIONS = [
    {
        "id": "q1",
        "text": "申领失业保险金要带什么",
        "verdict": "answered",
        "answers": [{"path": "jobless.txt", "quote": CLAIM}],
    },
    {"id": "q2", "text": "红烧肉怎么做", "verdict": "outside", "answers": []},
]
SEARCHES = '{"query": "租房提取住房公积金", "name": "租房"}\n\n{"query": "社保卡丢失怎么补办"}\n'


class Two:
    """A base with two builds, the second with other pages and an overrule; gold and saved searches beside."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kb = folder / "kb"
        self.pages = folder / "corpus" / "pages"
        self.before = self.build(BEFORE)
        (self.pages.parent / "overrules.tsv").write_text("cut.txt\tremove\t长按识别二维码…办事指南。\t广告\n", "utf-8")
        self.after = self.build(AFTER)
        publish(self.kb, self.after)  # whatever a gate would say
        self.gold = self.pages.parent / "gold"
        self.gold.mkdir()
        lines = [json.dumps(question, ensure_ascii=False) for question in QUESTIONS]
        (self.gold / "questions.jsonl").write_text("\n".join(lines), "utf-8")
        (self.kb / "searches.jsonl").write_text(SEARCHES, "utf-8")

    def build(self, pages: dict[str, str]) -> str:
        for page in self.pages.rglob("*.txt"):
            page.unlink()
        for name, text in pages.items():
            (self.pages / name).parent.mkdir(parents=True, exist_ok=True)
            (self.pages / name).write_text(text, "utf-8")
        return rebuild([self.pages], self.kb, embedder=load_embedder("bundled")).build


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Two:
    return Two(tmp_path_factory.mktemp("diff"))


@pytest.fixture(scope="module")
def found(two: Two) -> BuildDiff:
    return diff(two.kb, two.before, two.after, gold=read_gold(two.gold), searches=find_searches(two.kb))


def paths(found: BuildDiff) -> dict[str, list[str]]:
    return {name: [item["path"] for item in some.items] for name, some in found.pages.items()}


def test_pages_are_told_apart_by_path_and_bytes(found: BuildDiff) -> None:
    assert paths(found) == {
        "added": ["new.txt"],
        "removed": ["gone.txt"],
        "moved": ["moved/card.txt"],
        "changed": ["jobless.txt", "birth.txt"],  # the one that lost most of its article first
        "recleaned": ["cut.txt"],
    }
    assert found.pages["moved"].items[0]["was"] == "card.txt"
    before, after = found.pages["recleaned"].items[0]["chars"]
    assert before - after >= len("长按识别二维码，关注我们的公众号，了解更多办事指南。")


def test_a_passage_that_changed_is_shown_as_it_was_and_is(found: BuildDiff) -> None:
    changed = {item["path"]: item for item in found.passages["changed"].items}
    assert "十个工作日" in changed["birth.txt"]["before"]
    assert "五个工作日" in changed["birth.txt"]["after"]
    assert changed["birth.txt"]["title"] == "生育津贴申领须知"
    assert changed["cut.txt"]["before"] != changed["cut.txt"]["after"]
    assert "二维码" not in changed["cut.txt"]["after"]
    assert {item["path"] for item in found.passages["added"].items} == {"new.txt", "moved/card.txt"}
    assert {item["path"] for item in found.passages["removed"].items} == {"gone.txt", "card.txt"}


def test_removals_and_inputs_that_changed_are_told(found: BuildDiff) -> None:
    assert found.removals["overruled"] == (0, 1)
    assert found.inputs == {"overrules": ("0 pages", "1 pages, 1 other than before")}


def test_questions_and_searches_that_begin_differently_are_told(found: BuildDiff, two: Two) -> None:
    answers = found.answers
    assert (answers.questions, answers.searches, answers.notes) == (2, 2, ())
    (question,) = answers.changed_questions.items
    assert question["id"] == "q1"
    assert question["before"]["sentence"] == CLAIM
    assert question["after"]["sentence"] != CLAIM
    assert question["worse"].endswith("the page is there but does not say it any more")
    (search,) = answers.changed_searches.items  # the page on cards only moved
    assert (search["name"], "passage" in search["changed"]) == ("租房", True)
    assert search["after"]["title"] == "公积金提取指南"
    assert answers.verdict is not None
    assert (answers.verdict.build, answers.verdict.published) == (two.after, two.before)
    assert not answers.verdict.passed


def test_the_other_way_round_is_the_mirror_image(found: BuildDiff, two: Two) -> None:
    back = diff(two.kb, two.after, two.before)
    assert paths(back)["added"] == ["gone.txt"]
    assert paths(back)["removed"] == ["new.txt"]
    assert [item["was"] for item in back.pages["moved"].items] == ["moved/card.txt"]
    assert {name: some.count for name, some in back.passages.items()} == {
        "added": found.passages["removed"].count,
        "removed": found.passages["added"].count,
        "changed": found.passages["changed"].count,
    }
    same = diff(two.kb, two.after, two.after)
    assert {some.count for some in (*same.pages.values(), *same.passages.values())} == {0}
    assert (same.removals, same.inputs) == ({}, {})


def test_a_passage_is_shown_without_a_look_at_all_others(two: Two) -> None:
    asked: list[str] = []
    with closing(Records(build_folder(two.kb, two.after) / "records.sqlite")) as records:
        id_, text = (records.query("SELECT id, text FROM passages WHERE row = 2")[0][name] for name in ("id", "text"))
        records._connection.set_trace_callback(asked.append)
        shown = _shown(records, None, id_)
        records._connection.set_trace_callback(None)
        plan = [row["detail"] for sql in asked for row in records.query(f"EXPLAIN QUERY PLAN {sql}")]
    assert (shown["id"], shown["text"]) == (id_, text)
    assert any("articles_by_id" in line for line in plan)
    assert not any(line.startswith("SCAN") for line in plan)


def test_a_limit_bounds_examples_and_not_counts(two: Two) -> None:
    few = diff(two.kb, two.before, two.after, limit=1)
    assert (few.pages["changed"].count, len(few.pages["changed"].items)) == (2, 1)
    assert few.passages["added"].count > len(few.passages["added"].items) == 1


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)


def test_the_command_takes_the_build_before_and_the_gold_beside_the_pages(two: Two, found: BuildDiff) -> None:
    result = run("diff", "--kb", two.kb, "--all", "--json")
    assert (result.exit_code, result.stdout.count("\n")) == (0, 1)
    assert json.loads(result.stdout) == json.loads(json.dumps(found.as_dict()))


def test_the_command_shows_counts_first_and_then_examples(two: Two) -> None:
    shown = run("diff", two.before[:4], "--kb", two.kb, "-n", "1").stdout
    lines = shown.splitlines()
    assert lines[0] == f"from build {two.before} to build {two.after}"
    assert lines[1] == "  pages     1 added, 1 removed, 1 moved, 2 changed, 1 cleaned otherwise"
    assert lines[3] == "  gold      1 of 2 questions begin differently"
    assert lines[4] == "  searches  1 of 2 begin differently"
    for line in (
        "  overrules: 0 pages -> 1 pages, 1 other than before",
        "  > card.txt -> moved/card.txt",
        "  and 1 more; --all shows all",
        "  ~ q1 申领失业保险金要带什么",
        f"    - said: {CLAIM}",
    ):
        assert line in lines
    assert "quality gate: REFUSED" in shown


def test_without_gold_nothing_is_judged(two: Two) -> None:
    result = json.loads(run("diff", "--kb", two.kb, "--no-gold", "--json").stdout)
    assert (result["questions"]["asked"], result["gate"], result["searches"]["asked"]) == (0, None, 2)


def test_a_build_is_named_by_a_word_or_its_first_letters(two: Two) -> None:
    assert resolve_build(two.kb, "current") == two.after
    assert resolve_build(two.kb, "previous") == two.before
    assert resolve_build(two.kb, two.before[:5]) == two.before
    assert resolve_build(two.kb, two.after) == two.after
    for word, what in (("nosuch", "no build 'nosuch'"), ("", "no build ''"), ("../x", "no build '../x'")):
        with pytest.raises(StoreError, match=what):
            resolve_build(two.kb, word)
    assert "name one of" in run("diff", "nosuch", "--kb", two.kb).stderr
    assert run("diff", "nosuch", "--kb", two.kb).exit_code == 1


def test_letters_that_fit_two_builds_are_refused_and_a_whole_id_is_not(tmp_path: Path) -> None:
    for name in ("abc1", "abc12"):
        folder = tmp_path / "builds" / name
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_text("{}")
    assert resolve_build(tmp_path, "abc1") == "abc1"
    with pytest.raises(StoreError, match="'abc' may be abc1 or abc12"):
        resolve_build(tmp_path, "abc")


def test_a_build_whose_model_is_gone_is_compared_without_its_answers(two: Two) -> None:
    manifest = two.kb / "builds" / two.before / "manifest.json"
    text = manifest.read_text("utf-8")
    content: Any = json.loads(text)
    content["model"]["fingerprint"] = "0" * 64
    try:
        manifest.write_text(json.dumps(content), "utf-8")
        found = diff(two.kb, two.before, two.after, searches=find_searches(two.kb))
    finally:
        manifest.write_text(text, "utf-8")
    assert (found.answers.searches, found.pages["added"].count) == (0, 1)
    assert found.answers.notes[0].startswith("questions and searches were not asked: ")
    assert "model" in found.inputs


def test_the_log_says_which_build_was_the_previous_one(two: Two) -> None:
    publish(two.kb, two.before)
    journal.append(two.kb, "published", build=two.after)
    journal.append(two.kb, "published", build=two.before)
    assert resolve_build(two.kb, "previous") == two.after
