"""Statements laid side by side: what is one matter, what parts two of them, and what a page and a frame show."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from index.build.build import rebuild
from index.conflicts.statements import read_statements
from index.conflicts.values import Value, differ
from index.explore.prepared import made
from index.explore.statements import PART
from index.filters import Filters
from index.kb import KnowledgeBase, open_kb
from index.model import load_embedder
from index.ngrams import fold
from index.table import Origin, table_file, table_of_frame

if TYPE_CHECKING:
    from index.conflicts.conflicts import Conflicts

_WAIT = "职工医保中断缴费超过3个月的，自补缴到账之日起{}后享受医保待遇。"


_CASES = "首次参加职工医保的，等待期为1个月；断缴后续保的，等待期为3个月。"
_TWICE = "灵活就业人员参加职工医保的，从缴费到账的当月开始计算，待遇等待期统一定为{}。"
_YEARS = "{}退休人员的职工医保缴费年限，男职工累计缴费须满{}年，才能不再缴费而享受退休待遇。"
# Beside the page that says 3个月: what does not contradict it, and why.
_CHANGED = {
    "the same number": _WAIT.format("3个月"),
    "days, as near as a month is long": _WAIT.format("90日"),
    "another condition": _WAIT.format("6个月").replace("超过3个月", "不超过2个月"),
    "another insurance": _WAIT.format("6个月").replace("职工医保", "城乡居民医保"),
    "an example": _WAIT.format("6个月").replace("自补缴", "例如自补缴"),
    "another matter": _WAIT.format("6个月").replace("后享受医保待遇", "内办理参保登记"),
}
_LONG = (
    "参保人换了单位，原单位停保以后，由新单位在当月接着申报，个人不用跑窗口。"
    "没有单位的，带身份证到社区的医保服务站登记，选好缴费档次，绑定银行卡，每月二十日前存够钱。"
    "中断期间看病的钱先由自己垫付，发票、清单和出院小结都要留好，以后能不能报销由经办机构按规定审核。"
)
_TERM = "城乡居民医保的集中缴费期统一安排在年底，本年度的集中缴费期到{}截止，过后不再受理。"
# One build has all pages, each on a site of its own, and a test asks for some of the sites.
_PAGES = {
    "three months": _WAIT.format("3个月"),
    "six months": _WAIT.format("6个月"),
    "six months, copied": _WAIT.format("6个月"),
    "cases": _CASES,
    "cases of a kind": "职工医保的待遇等待期，材料齐全的为3个月，材料不齐的为6个月。",
    "beside the cases": "职工医保断缴后续保的，等待期为6个月。",
    "twice": "\n\n".join((_TWICE.format("4个月"), "下面再说一遍怎么算。", _TWICE.format("7个月"))),
    "Changsha": _YEARS.format("长沙市", 25),
    "Chengdu": _YEARS.format("成都市", 30),
    "edited copy, three": _LONG + _WAIT.format("3个月"),
    "edited copy, six": _LONG + _WAIT.format("6个月"),
    "until November": _TERM.format("11月30日"),
    "until December": _TERM.format("12月20日"),
    **_CHANGED,
}
_TITLES = {"Changsha": "长沙市职工医保退休缴费年限", "Chengdu": "成都市职工医保退休缴费年限"}


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    """The pages of `_PAGES`, the site of each named as it is there."""
    folder = tmp_path_factory.mktemp("conflicts")
    (folder / "pages").mkdir()
    sites = []
    for sign, (name, text) in zip("甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申", _PAGES.items(), strict=True):
        title = _TITLES.get(name, f"第{sign}篇：医保怎么接着缴")
        lines = [title, f"这里说明第{sign}处窗口的办理顺序和要带的证件，先取号再等叫号。", text]
        (folder / "pages" / f"{sign}.txt").write_text("\n\n".join(lines), encoding="utf-8")
        sites.append(json.dumps({"path": f"{sign}.txt", "site": name}, ensure_ascii=False))
    (folder / "pages" / "pages.jsonl").write_text("\n".join(sites), encoding="utf-8")
    rebuild([folder / "pages"], folder / "kb", embedder=load_embedder("bundled"))
    return open_kb(folder / "kb")


def _between(kb: KnowledgeBase, *sites: str) -> Conflicts:
    return kb.conflicts(Filters(sites=sites))


def test_two_pages_with_different_numbers_for_one_matter_are_a_group(kb: KnowledgeBase) -> None:
    (group,) = _between(kb, "three months", "six months")
    assert (group.matter, group.kind, group.difference, group.texts) == ("待遇等待期", "waiting", "open", 2)
    assert [(case.told, case.unit, case.contradicts) for case in group.cases] == [("3", "月", (1,)), ("6", "月", (0,))]
    assert group.cases[0].statements[0].condition == "职工医保中断缴费超过3个月的"


@pytest.mark.parametrize("changed", _CHANGED)
def test_one_thing_changed_and_there_is_no_contradiction(kb: KnowledgeBase, changed: str) -> None:
    assert (kb.statements(Filters(sites=(changed,)))["unit"].isin(["月", "日"])).any()  # it is read
    assert len(_between(kb, "three months", changed)) == 0


def test_cases_of_one_rule_are_no_contradiction_but_stand_beside_it(kb: KnowledgeBase) -> None:
    assert len(_between(kb, "cases")) == 0
    assert len(_between(kb, "cases of a kind")) == 0  # no word of ours parts them, but one page gives both
    (group,) = _between(kb, "cases", "beside the cases")
    assert [(case.told, bool(case.contradicts)) for case in group.cases] == [("1", False), ("3", True), ("6", True)]


def test_an_article_that_disagrees_with_itself_counts(kb: KnowledgeBase) -> None:
    (group,) = _between(kb, "twice")
    assert [(case.told, case.unit) for case in group.cases] == [("4", "月"), ("7", "月")]


def test_a_copy_with_another_number_contradicts_what_it_was_copied_from(kb: KnowledgeBase) -> None:
    copies = ("edited copy, three", "edited copy, six")
    one, other = kb.passages().query("text.str.contains('每月二十日前存够钱')")["row"]
    assert kb.original_of[one] == kb.original_of[other], "the articles are near-duplicates"
    (group,) = _between(kb, *copies)
    assert [case.told for case in group.cases] == ["3", "6"]


def test_dates_and_numbers_stand_in_one_table(kb: KnowledgeBase, tmp_path: Path) -> None:
    frame = _between(kb, "until November", "until December", "three months", "six months").to_frame()
    dates = frame[frame["unit"] == "date"]
    assert (dates["value"].tolist(), dates["told"].tolist()) == ([1130.0, 1220.0], ["11-30", "12-20"])
    assert set(frame["unit"]) == {"date", "月"}
    origin = Origin(kb.build, "policykb conflicts", Filters())
    (tmp_path / "x.parquet").write_bytes(table_file(kb, table_of_frame(frame, "conflicts", origin), "parquet"))
    assert pd.read_parquet(tmp_path / "x.parquet")["value"].tolist() == frame["value"].tolist()


def test_blank_words_ask_for_no_matter(kb: KnowledgeBase) -> None:
    assert [group.id for group in kb.conflicts(matter=" ")] == [group.id for group in kb.conflicts()]


def test_copies_do_not_raise_a_group(kb: KnowledgeBase) -> None:
    (group,) = _between(kb, "three months", "six months")
    (copied,) = _between(kb, "three months", "the same number", "six months", "six months, copied")
    assert copied.score == group.score


def test_groups_kept_without_the_base_are_read_from_it_again(kb: KnowledgeBase) -> None:
    kept = _between(kb, "three months", "six months").read_from(None)
    with pytest.raises(ValueError, match="hold no build open"):
        kept[0]
    assert kept.read_from(kb)[0].matter == "待遇等待期"


def test_places_and_years_are_told_and_not_hidden(kb: KnowledgeBase) -> None:
    both = ("Changsha", "Chengdu")
    (group,) = _between(kb, *both)
    assert group.difference == "place"
    assert [case.statements[0].place for case in group.cases] == ["湖南省长沙市", "四川省成都市"]
    one_side = Filters(sites=both, regions=("湖南省",))
    assert len(kb.statements(one_side)) > 0
    assert len(kb.conflicts(one_side)) == 0  # alone it contradicts nothing
    assert kb.conflicts(Filters(sites=both), difference="open").to_frame().empty


def test_a_sentence_that_is_copied_counts_once(kb: KnowledgeBase) -> None:
    (group,) = _between(kb, "three months", "six months", "six months, copied")
    assert [(case.texts, len(case.statements), case.statements[0].copies) for case in group.cases] == [
        (1, 1, 0),
        (1, 1, 1),
    ]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (Value(180, None, "日", "exact", ""), Value(6, None, "月", "exact", ""), False),
        (Value(90, None, "日", "exact", ""), Value(6, None, "月", "exact", ""), True),
        (Value(12, None, "月", "exact", ""), Value(1, None, "年", "exact", ""), False),
        (Value(10, None, "工作日", "exact", ""), Value(14, None, "日", "exact", ""), False),
        (Value(15, None, "年", "at_least", ""), Value(20, None, "年", "at_least", ""), True),
        (Value(15, None, "年", "at_least", ""), Value(20, None, "年", "exact", ""), False),
        (Value(15, None, "年", "exact", ""), Value(20, None, "年", "at_least", ""), True),
        (Value(50, 70, "%", "exact", ""), Value(60, None, "%", "exact", ""), False),
        (Value(5, None, "%", "exact", ""), Value(5, None, "‰", "exact", ""), True),
        (Value(20, None, "元", "exact", "次"), Value(60, None, "元", "exact", "日"), False),
        (Value(1130, None, "date", "at_most", ""), Value(1231, None, "date", "at_most", ""), True),
        (Value(20241130, None, "date", "at_most", ""), Value(20251231, None, "date", "at_most", ""), False),
    ],
)
def test_when_two_values_cannot_both_be_right(left: Value, right: Value, expected: bool) -> None:
    assert differ(left, right) is expected
    assert differ(right, left) is expected


def test_what_a_number_is_of_and_for_whom() -> None:
    text = fold("在职职工住院报销比例：三级医院85%，二级医院90%。断缴6个月以上的，等待期6个月。")
    found = [
        (s.matter, text[s.figure.start : s.figure.end], text[slice(*s.condition)] if s.condition else None, s.is_rule)
        for s in read_statements(text)
    ]
    assert found == [
        ("报销比例", "85%", "三级医院", True),
        ("报销比例", "90%", "二级医院", True),
        ("断缴时长", "6个月", None, False),
        ("待遇等待期", "6个月", "断缴6个月以上的", True),
    ]


def test_the_seeds_waiting_periods_stand_in_one_group(seeds_kb: KnowledgeBase) -> None:
    group = next(group for group in seeds_kb.conflicts() if "等待期" in group.matter)
    assert {(case.told, case.unit) for case in group.cases} >= {("90", "日"), ("180", "日"), ("6", "月")}
    against = {(group.cases[place].told, group.cases[place].unit) for place in group.cases[0].contradicts}
    assert against == {("6", "月")}  # 180 days are six months, and 90 and 180 days are cases of one rule
    assert group.sources.articles == 2


def test_a_quote_is_a_slice_of_its_page(sample_kb: KnowledgeBase) -> None:
    frame = sample_kb.conflicts().to_frame()
    texts = {row["id"]: row["text"] for row in sample_kb.records.query("SELECT id, text FROM pages")}
    assert list(frame.columns[:10]) == [
        *("build", "group", "matter", "value", "unit", "condition", "quote", "article_id", "start", "end"),
    ]
    assert len(frame) > 15
    for row in frame.itertuples():
        assert texts[row.article_id][row.start : row.end] == row.quote
        assert row.start <= row.number_start < row.number_end <= row.end
    whole = sample_kb.statements()
    assert list(whole.columns[:3]) == ["build", "matter", "value"]
    assert set(whole["build"]) == set(frame["build"]) == {sample_kb.build}
    assert len(whole) > 400
    for row in whole.itertuples():
        assert texts[row.article_id][row.start : row.end] == row.quote


def test_the_sample_pages_that_differ_are_found(sample_kb: KnowledgeBase) -> None:
    found = sample_kb.conflicts()
    assert [case.told for case in found[0].cases] == ["3", "5"]  # years in Beijing before one may buy a home
    assert found[0].difference == "open"
    told = {(group.matter, group.difference) for group in found}
    assert {("个人缴费", "year"), ("缴费年限", "place")} <= told
    within = sample_kb.conflicts(matter="每人每年380元", kind="money")
    assert {group.matter for group in within} == {"个人缴费", "财政补助", "筹资标准"}
    with pytest.raises(ValueError, match="expected one of waiting"):
        sample_kb.conflicts(kind="colour")


def test_what_was_asked_comes_before_what_only_mentions_it(sample_kb: KnowledgeBase) -> None:
    found = sample_kb.conflicts(matter="个人缴费")
    names = ["个人缴费" in group.matter for group in found]
    assert (names[0], names[-1]) == (True, False)
    assert names == sorted(names, reverse=True)
    mentions = next(group for group in found if "个人缴费" not in group.matter)
    assert any("个人缴费" in fold(one.quote) for case in mentions.cases for one in case.statements)
    assert mentions.score > found[0].score  # by score alone it would come first


def test_the_same_build_gives_the_same_bytes(sample_kb: KnowledgeBase, tmp_path: Path) -> None:
    folder = made(sample_kb, PART)
    again = tmp_path / "again"
    again.mkdir()
    PART.make(sample_kb, again, lambda stage, done, total: None)
    files = sorted(path.name for path in folder.iterdir())
    assert files == ["grouped.parquet", "pairs.npz", "statements.parquet"]
    for name in files:
        assert (folder / name).read_bytes() == (again / name).read_bytes()
