from hypothesis import given
from hypothesis import strategies as st

from ingest.block import Block
from ingest.lines import WHITE, read_lines


def test_one_block_for_each_line_that_is_not_empty() -> None:
    text = "标题\n\n  1. 单位参保人员  \r\n\t\t• 线下办理\n\u3000\u3000第一条 内容"
    blocks = read_lines(text)
    assert [text[b.start : b.end] for b in blocks] == ["标题", "1. 单位参保人员", "• 线下办理", "第一条 内容"]
    assert [b.indent for b in blocks] == [0, 2, 8, 4]
    assert blocks[0] == Block(0, 2, kind="line", path="", indent=0, link_share=0.0)


def test_white_at_the_ends_is_all_that_shows_nothing() -> None:
    text = "\ufeff\u200b 甲\u200b乙 \u2060\u200d\n\u200b\u3000\ufeff\n\xa0丙\u2003"
    blocks = read_lines(text)
    assert [text[b.start : b.end] for b in blocks] == ["甲\u200b乙", "丙"]
    assert [b.indent for b in blocks] == [1, 1]  # what has no width counts no column


def test_every_white_character_of_unicode_is_white() -> None:
    assert [c for c in map(chr, range(0x110000)) if c.isspace() and c not in WHITE] == []


def test_no_text_no_blocks() -> None:
    assert read_lines("") == ()
    assert read_lines(" \n\u3000\r\n") == ()


@given(st.text(st.sampled_from("甲乙a1 \t\n\r\u3000\u200b\ufeff\u2028\x0b\x1c。")))
def test_blocks_are_in_order_apart_and_hold_all_that_shows(text: str) -> None:
    covered: list[int] = []
    for block in read_lines(text):
        covered.extend(range(block.start, block.end))
        assert text[block.start : block.end].strip(WHITE) == text[block.start : block.end]
    assert covered == sorted(set(covered))
    assert [i for i, c in enumerate(text) if c not in WHITE and i not in set(covered)] == []
