"""Questions that got a "no": what is noted, what is masked, how they are counted, and that the log stays bounded."""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from index import unanswered
from index.kb import KnowledgeBase
from index.unanswered import clear_unanswered, masked, note, read_unanswered, why_no
from search_app.cli import main

CARD, PERSON, PHONE = "6222021234567890123", "430102199001011234", "13800138000"


def lines(kb: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (kb / "unanswered.jsonl").read_text(encoding="utf-8").splitlines()]


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["unanswered", *map(str, words)], catch_exceptions=False)


@pytest.mark.parametrize(
    ("typed", "noted"),
    [
        (f"我的身份证{PERSON}能备案吗", "我的身份证***能备案吗"),
        ("身份证43010219900101123X", "身份证***"),
        ("４３０１０２１９９００１０１１２３４的人", "***的人"),
        (f"手机{PHONE}没收到短信", "手机***没收到短信"),
        ("打138-0013 8000没人接", "打***没人接"),
        ("138\u200b0013\u200d8000", "***"),
        ("6222 0212 3456 7890 123扣了两次", "***扣了两次"),
        ("座机0731-88888888", "座机***"),
        ("一三八〇〇一三八〇〇〇", "***"),
        ("写信到zhang.san@example.com行吗", "写信到***行吗"),
        ("电话\n  138 0013 8000", "电话 ***"),
    ],
)
def test_what_may_be_a_persons_is_masked(typed: str, noted: str) -> None:
    assert masked(typed) == noted


@pytest.mark.parametrize(
    "typed",
    [
        "2024年3月到2025年6月断缴",
        "2023 2024 2025年的标准",
        "2024-01-01到2025-12-31能报吗",
        "12345和12333打哪个",
        "国发〔2024〕12号",
        "最多1,000,000元还是100000元",
        "一二三档怎么选",
    ],
)
def test_figures_of_policies_stay(typed: str) -> None:
    assert masked(typed) == typed


@given(
    st.text(st.characters(exclude_categories=["Nd", "Cf", "Cs"]), max_size=20), st.sampled_from([CARD, PERSON, PHONE])
)
def test_no_number_survives_in_any_words(around: str, number: str) -> None:
    assert number not in masked(f"{around}{number}{around}")


def test_a_line_says_what_was_asked_when_and_of_which_build(tmp_path: Path) -> None:
    note(
        tmp_path, "b1", "跨省生育津贴", "not_stated", nearest="生育保险", filters={"region": ["湖南省"], "until": None}
    )
    (line,) = lines(tmp_path)
    assert line.pop("at")[10] == "T"
    assert line == {
        "build": "b1",
        "question": "跨省生育津贴",
        "verdict": "not_stated",
        "filters": {"region": ["湖南省"]},
        "nearest": "生育保险",
    }
    assert stat.S_IMODE((tmp_path / "unanswered.jsonl").stat().st_mode) & 0o027 == 0, "nobody else may read it"


def test_a_long_question_is_cut_after_it_is_masked(tmp_path: Path) -> None:
    note(tmp_path, "b1", "医" * 495 + CARD, "outside")
    assert lines(tmp_path)[0]["question"] == "医" * 495 + "***"


def test_filters_are_masked_and_bounded(tmp_path: Path) -> None:
    note(tmp_path, "b1", "医保", "outside", filters={"site": [CARD, "县" * 99, *"abcdef"], "since": "2025-01"})
    assert lines(tmp_path)[0]["filters"] == {"site": ["***", "县" * 60, "a", "b", "c"], "since": "2025-01"}


def test_questions_are_counted_whatever_their_signs(tmp_path: Path) -> None:
    note(tmp_path, "b1", "社保卡丢了，补办要钱吗？", "outside", nearest="旧的")
    note(tmp_path, "b1", "别的问题", "no_hits")
    note(tmp_path, "b2", "社保卡丢了 补办要钱吗", "not_stated", nearest="新的")
    note(tmp_path, "b2", "社保卡丢了 补办要钱吗", "not_stated", filters={"year": ["2024"]})
    found = read_unanswered(tmp_path)
    assert [(one.count, one.question, dict(one.filters)) for one in found] == [
        (2, "社保卡丢了 补办要钱吗", {}),
        (1, "社保卡丢了 补办要钱吗", {"year": ["2024"]}),
        (1, "别的问题", {}),
    ]
    assert (found[0].verdict, found[0].build, found[0].nearest) == ("not_stated", "b2", "新的"), "as it was last"


def test_questions_of_signs_alone_are_told_apart(tmp_path: Path) -> None:
    for question in ("？", "！", "？"):
        note(tmp_path, "b1", question, "no_hits")
    assert [(one.question, one.count) for one in read_unanswered(tmp_path)] == [("？", 2), ("！", 1)]


def test_the_log_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unanswered, "MAX_BYTES", 2000)
    for number in range(60):
        note(tmp_path, "b1", f"第{number}问", "outside")
    size = sum(file.stat().st_size for file in tmp_path.iterdir())
    assert size < 2 * 2000 + 400
    questions = {one.question for one in read_unanswered(tmp_path)}
    assert "第59问" in questions
    assert "第0问" not in questions


def test_lines_that_are_not_ours_are_passed_over(tmp_path: Path) -> None:
    note(tmp_path, "b1", "第一问", "outside")
    with (tmp_path / "unanswered.jsonl").open("a", encoding="utf-8") as log:
        log.write(
            '{"at": 3}\n[]\n{"at": "x", "build": "b", "question": "q", "verdict": "answered", "filters": {}}\ntorn'
        )
    note(tmp_path, "b1", "第二问", "outside")
    assert sorted(one.question for one in read_unanswered(tmp_path)) == ["第一问", "第二问"]


def test_many_readers_write_whole_lines(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: note(tmp_path, "b1", f"第{number}问" * 20, "outside"), range(100)))
    assert len(lines(tmp_path)) == 100


def test_a_log_that_leads_elsewhere_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "kb").mkdir()
    (tmp_path / "mine.txt").write_text("")
    (tmp_path / "kb" / "unanswered.jsonl").symlink_to(tmp_path / "mine.txt")
    with pytest.raises(OSError, match="symbolic link"):
        note(tmp_path / "kb", "b1", "问", "outside")
    assert (tmp_path / "mine.txt").read_text() == ""


def test_which_no_it_is(sample_kb: KnowledgeBase) -> None:
    hits = sample_kb.search("职工医保断缴", k=1)
    assert [why_no(verdict, hits) for verdict in ("answered", "partly", "not_stated", "outside", None)] == [
        None,
        None,
        "not_stated",
        "outside",
        None,
    ]
    assert why_no("outside", ()) == why_no(None, ()) == "no_hits"


def test_the_command_lists_and_clears(tmp_path: Path) -> None:
    for question in ("怎么异地备案", "怎么异地备案", "\x1b[31m红"):
        note(tmp_path, "b1", question, "not_stated", nearest="异地就医")
    told = json.loads(run("--kb", tmp_path, "--json", "-n", "1").stdout)
    assert {name: told[name] for name in ("asked", "different")} == {"asked": 3, "different": 2}
    assert [(one["question"], one["count"]) for one in told["questions"]] == [("怎么异地备案", 2)]
    shown = run("--kb", tmp_path).stdout
    assert "2 questions without an answer, asked 3 times" in shown
    assert "nearest: 异地就医" in shown
    assert "\x1b[31m红" not in shown, "a question cannot steer the terminal"
    assert json.loads(run("--kb", tmp_path, "--clear", "--json").stdout) == {"kb": str(tmp_path), "cleared": 3}
    assert list(tmp_path.iterdir()) == []
    assert "no question without an answer is noted" in run("--kb", tmp_path).stdout


def test_without_a_base_the_way_out_is_named(tmp_path: Path) -> None:
    result = run("--kb", tmp_path / "nowhere")
    assert result.exit_code == 1
    assert "policykb rebuild" in result.stderr


def test_a_log_that_cannot_be_read_is_one_line(as_anyone: Path) -> None:
    note(as_anyone, "b1", "问", "outside")
    (as_anyone / "unanswered.jsonl").chmod(0)
    result = run("--kb", as_anyone)
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "check its owner and rights" in result.stderr


def test_clearing_nothing_is_no_error(tmp_path: Path) -> None:
    assert clear_unanswered(tmp_path) == 0
