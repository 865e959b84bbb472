"""A person's word against the rules: what the file says, which place it means, what it changes, what it misses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.build.build import rebuild
from index.kb import open_kb
from index.model import load_embedder
from ingest.clean import clean
from ingest.find import find_pages
from ingest.ledger import Ruling, tile
from ingest.overrules import (
    Overrule,
    OverruleError,
    find_overrules,
    obey_overrules,
    overrule_blocks,
    overrule_lines,
    read_overrules,
    undo,
)
from ingest.page import Page, page_from_bytes

LINES = (
    "参保登记须知",
    "返回顶部",
    "登记时带上身份证原件。",
    "推荐甲",
    "推荐甲的摘要写到一半就",
    "生活 2025-05-06",
    "返回顶部",
    "关注我们领取办事指南",
)
ITEM = Ruling("snippet", "the shape", 0.9, 3, {"title": "推荐甲", "summary": "", "category": "", "date": ""})


def page(*lines: str) -> Page:
    return page_from_bytes("\n\n".join(lines or LINES).encode(), path="a/须知.txt")


def overrule(action: str = "keep", quote: str = "推荐甲的摘要", place: int | None = None, line: int = 3) -> Overrule:
    return Overrule("a/须知.txt", action, quote, "本页正文", line, place)


def rulings() -> dict[int, Ruling]:
    return {
        1: Ruling("tip", "says so", 0.9, 1),
        **dict.fromkeys((3, 4, 5), ITEM),
        6: Ruling("tip", "says so", 0.9, 6),
    }


def write(folder: Path, text: str) -> Path:
    file = folder / "overrules.tsv"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_file_is_read_line_by_line(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        "\ufeff# 说明\r\n\r\na.txt\tkeep\t身份证\t正文\r\n./b/../c.html\tRemove 2\t关注…指南\t广告\t又一列\r\n",
    )
    assert read_overrules(file) == (
        Overrule("a.txt", "keep", "身份证", "正文", 3),
        Overrule("c.html", "remove", "关注…指南", "广告 又一列", 4, 2),
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a.txt keep 身份证 正文", "found 1 filled columns"),
        ("a.txt\tkeep\t身份证\t ", "found 3 filled columns"),
        ("a.txt\tdelete\t身份证\t正文", "found 'delete'"),
        ("a.txt\tkeep 0\t身份证\t正文", "found 'keep 0'"),
        ("a.txt\tkeep all\t身份证\t正文", "found 'keep all'"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_with_the_way_out(tmp_path: Path, line: str, said: str) -> None:
    file = write(tmp_path, f"# first\n{line}\n")
    with pytest.raises(OverruleError) as error:
        read_overrules(file)
    assert f"{file} line 2: {said}" in str(error.value)
    assert "put # in front" in str(error.value)


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    file = tmp_path / "overrules.tsv"
    file.write_bytes("a.txt\tkeep\t身份证\t正文".encode("gb18030"))
    with pytest.raises(OverruleError, match="save the file as UTF-8"):
        read_overrules(file)


def test_the_file_lies_beside_the_folder_of_pages_and_a_page_alone_finds_it(tmp_path: Path) -> None:
    pages = tmp_path / "corpus" / "pages"
    (pages / "a").mkdir(parents=True)
    (pages / "a" / "须知.txt").write_text("参保登记须知", encoding="utf-8")
    (pages / "b.txt").write_text("另一页", encoding="utf-8")
    write(pages.parent, "a/须知.txt\tkeep\t登记\t正文\nb.txt\tremove\t另\t广告\nno.txt\tkeep\t无\t没有\n")
    whole = find_overrules(find_pages([pages]))
    assert {path: [o.line for o in lines] for path, lines in whole.by_path.items()} == {"a/须知.txt": [1], "b.txt": [2]}
    assert [str(missed) for missed in whole.missed] == [
        "overrules.tsv line 3: there is no page no.txt; mend the path or delete the line"
    ]
    alone = find_overrules(find_pages([pages / "a" / "须知.txt"]))
    assert [o.line for o in alone.of("须知.txt")] == [1]
    assert alone.missed == (), "a page alone says nothing about the lines of the others"
    assert find_overrules(find_pages([tmp_path / "corpus"])).by_path == {}, "pages under another name are other pages"


@pytest.mark.parametrize(
    ("quote", "blocks"),
    [
        ("登记时 带上", [2]),
        ("带上身份证原件。推荐甲", [2, 3]),
        ("推荐甲的…05-06", [4, 5]),
        ("推荐甲的...2025-05-06", [4, 5]),
    ],
)
def test_a_quote_finds_its_blocks_through_white_space_and_ellipsis(quote: str, blocks: list[int]) -> None:
    made = page(*LINES[:2], "登记\u200b时带上\u3000身份证原件。", *LINES[3:])
    touched, missed = overrule_blocks(made, [overrule(quote=quote)])
    assert (sorted(touched), missed) == (blocks, ())


def test_an_ellipsis_that_stands_in_the_page_is_taken_as_it_is() -> None:
    made = page("标题", "未完…待续。后面还有待续。", "待续")
    touched, _ = overrule_blocks(made, [overrule(quote="未完…待续")])
    assert sorted(touched) == [1]


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (overrule(quote="没有这句话"), "the quote stands in 0 places of the page, not in 1"),
        (overrule(quote="返回顶部"), "the quote stands in 2 places; quote more, or write keep 1, 2, …"),
        (overrule(quote="返回顶部", place=3), "the quote stands in 2 places of the page, not in 3"),
    ],
)
def test_a_quote_without_a_single_place_changes_nothing_and_says_so(made: Overrule, reason: str) -> None:
    before = rulings()
    changed = dict(before)
    missed = obey_overrules(page(), [made], changed).missed
    assert [str(m) for m in missed] == [f"overrules.tsv line 3: {reason}"]
    assert changed == before


def test_the_number_of_the_place_tells_equal_lines_apart() -> None:
    changed = rulings()
    assert obey_overrules(page(), [overrule(quote="返回顶部", place=2)], changed).missed == ()
    assert sorted(changed) == [1, 3, 4, 5]


def test_keeping_one_line_of_an_item_keeps_the_whole_item() -> None:
    changed = rulings()
    assert obey_overrules(page(), [overrule(quote="摘要写到一半")], changed).missed == ()
    assert sorted(changed) == [1, 6]


def test_a_removal_by_hand_carries_file_line_and_reason_and_the_page_stays_whole() -> None:
    made = page()
    changed = rulings()
    assert obey_overrules(made, [overrule("remove", "关注我们…指南", line=7)], changed).missed == ()
    spans, removals = tile(made, changed, "参保登记须知", "登记时带上身份证原件。")
    by_hand = removals[-1]
    assert (by_hand.rule, by_hand.confidence) == ("overruled", 1.0)
    assert by_hand.evidence == "overrules.tsv line 7: 本页正文"
    assert made.text[by_hand.start : by_hand.end] == "关注我们领取办事指南"
    pieces = sorted([*spans, *((r.start, r.end) for r in removals)])
    assert [start for start, _ in pieces] == [0, *(end for _, end in pieces[:-1])]
    assert pieces[-1][1] == len(made.text)


def test_the_last_line_wins_and_the_one_before_it_is_named() -> None:
    for first, last, goes in (("remove", "keep", False), ("keep", "remove", True), ("remove", "remove", True)):
        changed = rulings()
        lines = [overrule(first, "身份证", line=4), overrule(last, "身份证", line=5)]
        obeyed = obey_overrules(page(), lines, changed)
        assert (2 in changed) == goes
        assert [str(m) for m in obeyed.missed] == [
            "overrules.tsv line 4: overruled again in line 5; delete one of them"
        ]
        assert obeyed.done == (lines[1],)
        assert obeyed.kept == (frozenset() if goes else {2})


def test_a_line_overruled_in_part_still_does_its_part() -> None:
    changed = rulings()
    lines = [overrule("remove", "身份证原件。…写到一半", line=1), overrule("keep", "身份证原件。", line=2)]
    obeyed = obey_overrules(page(), lines, changed)
    assert (obeyed.missed, obeyed.done, obeyed.kept) == ((), tuple(lines), {2})
    assert [changed[index].rule for index in (3, 4)] == ["overruled", "overruled"]


def test_an_idle_line_is_named() -> None:
    obeyed = obey_overrules(page(), [overrule("keep", "身份证", line=2)], rulings())
    assert [str(m) for m in obeyed.missed] == ["overrules.tsv line 2: nothing is removed there; delete the line"]
    assert (obeyed.done, obeyed.kept) == ((), frozenset())


def test_what_was_kept_by_hand_is_counted_and_in_no_doubt() -> None:
    body = ["参保登记由单位在三十日内办理,逾期的要说明原因,并补交这段时间的费用。", "登记时要带上证照原件。"] * 2
    cut = "挑选水果时先看颜色再闻气味,成熟的果实表皮光亮,用手轻按略有弹性,还要留意果蒂是否"
    items = [line for n in range(4) for line in (f"第{n}种水果怎么挑", f"{n}{cut}", "生活 2025-05-06")]
    made = page("参保登记须知", *body, "相关推荐", *items)
    plain = clean(made)
    kept = clean(made, overrules=[overrule(quote="相关推荐"), overrule(quote=items[0]), overrule(quote="没有")])
    assert (plain.overruled, [o.quote for o in kept.overruled]) == ((), ["相关推荐", items[0]])
    assert "相关推荐" in kept.body_text
    assert items[1] in kept.body_text
    assert kept.doubts == plain.doubts
    assert kept.confidence == plain.confidence == 1.0
    assert isinstance(plain.confidence, float)


def test_the_way_back_from_a_removal_by_hand_is_to_delete_its_line() -> None:
    assert undo("overrules.tsv line 12: 第 3 行: 广告") == "delete line 12 of overrules.tsv"
    assert undo("stands beside overrules.tsv line 12: x") is None


def test_one_line_quotes_more_where_a_short_end_stands_in_the_stretch_before() -> None:
    items = [
        line for n in range(9) for line in (f"第{n}种水果怎么挑", f"第{n}种要看颜色" * 6, "生活百科频道 2025-05-06")
    ]
    made = page("标题", *items, "正文在后面继续写。")
    spans = [(made.blocks[n].start, made.blocks[n + 3].start) for n in range(1, 28, 3)]
    (line,) = overrule_lines(made.text, made.path, spans, "keep", "正文")
    quote = line.split("\t")[2]
    assert len(quote) == 20 + len("…") + 30
    touched, missed = overrule_blocks(made, [Overrule(made.path, "keep", quote, "正文", 1)])
    assert (sorted(touched), missed) == (list(range(1, 28)), ())


def test_a_long_stretch_is_quoted_shortly_though_its_end_stands_in_it_before() -> None:
    items = [line for n in range(9) for line in (f"第{n}种水果怎么挑", "摘要" * 40, "生活百科频道 2025-05-06 浏览")]
    made = page("标题", *items, "正文在后面继续写。")
    start, end = made.blocks[1].start, made.blocks[27].end
    (line,) = overrule_lines(made.text, made.path, [(start, end)], "keep", "正文")
    assert len(line.split("\t")[2]) <= 121
    spans = [(made.blocks[n].start, made.blocks[n + 3].start) for n in range(1, 28, 3)]
    lines = overrule_lines(made.text, made.path, spans, "keep", "正文")
    assert len(lines) == 9, "no short end is alone, so each removal has its own line"
    touched = set()
    for number, text in enumerate(lines, 1):
        _, action, quote, why = text.split("\t")
        assert (len(quote) <= 121, action) == (True, "keep")
        blocks, missed = overrule_blocks(made, [Overrule(made.path, action, quote, why, number)])
        assert missed == ()
        touched |= set(blocks)
        assert (number - 1) * 3 + 1 in blocks
        assert max(blocks) < number * 3 + 1
    assert 28 not in touched


def test_a_ready_made_line_is_read_back_and_finds_exactly_its_stretch(
    dump: Callable[..., Page], tmp_path: Path
) -> None:
    made = dump(snippets=12)
    for first, last in ((0, 0), (3, 3), (5, 7), (8, 10)):
        start, end = made.blocks[first].start, made.blocks[last].end
        file = write(tmp_path, *overrule_lines(made.text, made.path, [(start, end)], "keep", "正文"))
        touched, missed = overrule_blocks(made, read_overrules(file))
        assert (sorted(touched), missed) == (list(range(first, last + 1)), ())


words = st.text(st.sampled_from("医保卡在哪办… .一\u200b12#"), min_size=1, max_size=70).filter(
    lambda text: any(c not in " \u200b" for c in text)
)


@given(st.lists(words, min_size=1, max_size=6), st.data())
def test_a_ready_made_line_always_finds_its_line(texts: list[str], data: st.DataObject) -> None:
    made = page(*texts)
    index = data.draw(st.integers(0, len(made.blocks) - 1))
    block = made.blocks[index]
    (made_line,) = overrule_lines(made.text, "#odd.txt", [(block.start, block.end)], "remove", "广告")
    cells = made_line.split("\t")
    action, _, place = cells[1].partition(" ")
    line = Overrule(cells[0], action, cells[2], cells[3], 1, int(place) if place else None)
    touched, missed = overrule_blocks(made, [line])
    assert (index in touched, missed) == (True, ())
    assert cells[0] == "./#odd.txt"


def test_a_rebuild_obeys_the_file_reports_it_and_has_another_id(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    body = "参保登记由单位在三十日内办理,逾期的要说明原因,并补交这段时间的费用。"
    (pages / "a.txt").write_text(f"参保登记须知\n\n{body}\n\n展开阅读全文\n\n参保小贴士记得收藏", encoding="utf-8")
    embedder = load_embedder("bundled")
    plain = rebuild([pages], tmp_path / "kb", embedder=embedder)
    write(
        tmp_path,
        "a.txt\tkeep\t展开阅读全文\t正文\na.txt\tremove\t参保小贴士记得收藏\t广告\na.txt\tkeep\t没有这句\t正文\nb.txt\tkeep\t无\t无\n",
    )
    ruled = rebuild([pages], tmp_path / "kb", embedder=embedder)
    assert ruled.build != plain.build
    assert (plain.overruled, ruled.overruled) == ({"keep": 0, "remove": 0}, {"keep": 1, "remove": 1})
    kb = open_kb(tmp_path / "kb")
    ledger = kb.removals()
    assert list(zip(ledger["rule"], ledger["text"], ledger["evidence"], strict=True)) == [
        ("overruled", "参保小贴士记得收藏", "overrules.tsv line 2: 广告")
    ]
    assert "展开阅读全文" in "".join(kb.passages()["text"])
    told = " ".join(item["warning"] for item in ruled.warnings)
    assert "overrules.tsv line 3: the quote stands in 0 places" in told
    assert "overrules.tsv line 4: there is no page b.txt" in told
    assert rebuild([pages], tmp_path / "kb", embedder=embedder).build == ruled.build
    write(tmp_path, "a.txt keep\n")
    with pytest.raises(OverruleError):
        rebuild([pages], tmp_path / "kb", embedder=embedder)
    assert open_kb(tmp_path / "kb").build == ruled.build
