"""What a reader reports becomes a line of overrules.tsv; the line is read back as it was meant, and a rebuild obeys it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from index.build.build import rebuild
from index.kb import KnowledgeBase, open_kb
from index.mistakes import mistake_at
from index.model import load_embedder
from index.reading import Reading
from ingest.overrules import overrule_blocks, overrule_place, read_overrules
from ingest.page import Page, page_from_bytes

BODY = "参保登记由单位在三十日内办理,逾期的要说明原因,并补交这段时间的费用。"
LINES = ("参保登记须知", BODY, "登记时要带上证照原件。", "展开阅读全文", "关注我们领取办事指南", "关注我们领取办事指南")


def reading(kb: KnowledgeBase, path: str = "a.txt") -> Reading:
    found = kb.article(kb.records.query("SELECT id FROM pages WHERE path = ?", (path,))[0]["id"])
    assert found is not None
    return found


@pytest.fixture
def build(tmp_path: Path) -> Callable[..., KnowledgeBase]:
    """Build the page with these overrules: `build(lines)`."""

    def made(*lines: str) -> KnowledgeBase:
        (tmp_path / "pages").mkdir(exist_ok=True)
        (tmp_path / "pages" / "a.txt").write_text("\n\n".join(LINES), encoding="utf-8")
        (tmp_path / "overrules.tsv").write_text("\n".join(lines), encoding="utf-8")
        report = rebuild([tmp_path / "pages"], tmp_path / "kb", embedder=load_embedder("bundled"))
        assert [item for item in report.warnings if "overrules" in item["warning"]] == []
        return open_kb(tmp_path / "kb")

    return made


def test_the_line_of_a_removal_gives_it_back_at_the_next_rebuild(build: Callable[..., KnowledgeBase]) -> None:
    before = reading(build())
    removal = next(one for one in before.removals if one["rule"] == "read_more")
    place = (removal["start"] + 1, removal["start"] + 3)
    mistake = mistake_at(before, *place, kept_why="属于\t正文\n", removed_why="x")
    assert mistake is not None
    assert (mistake.action, mistake.start, mistake.end) == ("keep", removal["start"], removal["end"])
    assert mistake.lines == ("a.txt\tkeep\t展开阅读全文\t属于 正文",)
    after = reading(build(*mistake.lines))
    assert [one["rule"] for one in after.removals] == [
        one["rule"] for one in before.removals if one["rule"] != "read_more"
    ]
    assert after.keeps(removal["start"], removal["start"] + 6)


def test_the_line_of_kept_text_removes_its_lines_at_the_next_rebuild(build: Callable[..., KnowledgeBase]) -> None:
    before = reading(build())
    start = before.text.index("三十日")
    end = before.text.index("登记时") + 2
    mistake = mistake_at(before, start, end, kept_why="x", removed_why="广告")
    assert mistake is not None
    assert mistake.action == "remove"
    after = reading(build(*mistake.lines))
    by_hand = [after.text[one["start"] : one["end"]].split() for one in after.removals if one["rule"] == "overruled"]
    assert by_hand == [[BODY, "登记时要带上证照原件。"]]
    assert {one["evidence"] for one in after.removals if one["rule"] == "overruled"} == {"overrules.tsv line 1: 广告"}
    undone = mistake_at(after, start, end, kept_why="x", removed_why="x")
    assert undone is not None
    assert (undone.lines, undone.undo) == ((), "delete line 1 of overrules.tsv")


def test_of_two_equal_lines_the_one_that_was_meant_goes(build: Callable[..., KnowledgeBase]) -> None:
    before = reading(build())
    second = before.text.rindex("关注我们")
    mistake = mistake_at(before, second, second + 4, kept_why="x", removed_why="广告")
    assert mistake is not None
    assert mistake.lines == ("a.txt\tremove 2\t关注我们领取办事指南\t广告",)
    after = reading(build(*mistake.lines))
    assert [one["start"] for one in after.removals if one["rule"] == "overruled"] == [second]


def test_a_place_ends_where_the_next_removal_begins_and_beyond_the_page_is_none(
    build: Callable[..., KnowledgeBase],
) -> None:
    page = reading(build())
    removal = page.removals[0]
    mistake = mistake_at(page, removal["start"] - 5, removal["end"], kept_why="x", removed_why="x")
    assert mistake is not None
    assert (mistake.action, mistake.end) == ("remove", removal["start"])
    for start, end in ((-1, 4), (4, 4), (0, len(page.text) + 1)):
        assert mistake_at(page, start, end, kept_why="x", removed_why="x") is None


@pytest.mark.parametrize("path", ["a\tb.txt", "a\nb.txt", " a.txt", "a.txt ", "a\udc80.txt", "a/../b.txt"])
def test_a_path_the_file_cannot_name_gives_no_line(build: Callable[..., KnowledgeBase], path: str) -> None:
    page = replace(reading(build()), path=path)
    mistake = mistake_at(page, 0, 4, kept_why="x", removed_why="x")
    assert mistake is not None
    assert (mistake.lines, mistake.undo) == ((), None)


def test_where_there_is_nothing_to_see_there_is_no_line() -> None:
    assert overrule_place("甲\n\u200b \n乙", "a.txt", 2, 4, "remove", "x") == ()
    assert overrule_place("甲\n\u200b \n乙", "a.txt", 2, 4, "keep", "x") == ()


pages = st.lists(
    st.text(st.sampled_from("医保卡在哪办… .一\u200b12#\t\"'<|"), min_size=1, max_size=70).filter(
        lambda text: any(c not in " \u200b\t" for c in text)
    ),
    min_size=1,
    max_size=6,
)
paths = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0/"), min_size=1, max_size=12)


@settings(deadline=None)
@given(pages, paths, st.text(max_size=20), st.sampled_from(["keep", "remove"]), st.data())
def test_what_is_written_is_what_is_read(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], path: str, why: str, action: str, data: st.DataObject
) -> None:
    made: Page = page_from_bytes("\n".join(texts).encode(), path="x.txt")
    block = data.draw(st.sampled_from(made.blocks))
    start = data.draw(st.integers(block.start, block.end - 1))
    place = (block.start, block.end) if action == "keep" else (start, data.draw(st.integers(start + 1, block.end)))
    assume(" ".join(why.split()))
    lines = overrule_place(made.text, path, *place, action, why)
    is_sound = path == path.strip() and not set(path) & set("\t\n") and path not in (".", "..")
    assert bool(lines) == is_sound
    if not lines:
        return
    file = tmp_path_factory.getbasetemp() / "overrules.tsv"
    file.write_bytes("".join(f"{line}\n" for line in lines).encode())
    read = read_overrules(file)
    assert {(one.path, one.action, one.why) for one in read} == {(path, action, " ".join(why.split()))}
    touched, missed = overrule_blocks(made, read)
    assert missed == ()
    assert made.blocks.index(block) in touched
