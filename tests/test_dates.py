"""Dates in every form that pages use, and which of them says when a page was published."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.facts.dates import find_dates, iso_date, published_day, updated_day, validity
from ingest.facts.years import read_years

DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 31))
FIGURES = "〇一二三四五六七八九"


def numeral(number: int) -> str:
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else FIGURES[tens] + "十") + (FIGURES[ones] if ones else "")


def published(text: str, *bylines: str, latest: str | None = None) -> tuple[str, str] | None:
    """Return the value and the quote of the day that `text` was published."""
    places = [(text.index(line), text.index(line) + len(line)) for line in bylines]
    day = published_day(text, [(0, len(text))], places, latest=latest)
    return (day.value, text[day.start : day.end]) if day else None


@pytest.mark.parametrize(
    "text",
    [
        "2025年4月3日",
        "2025 年 4 月 3 日",
        "２０２５年４月３日",
        "2025-04-03 08:00",
        "2025-04-03T08:00:00+08:00",
        "2025/4/3",
        "2025.04.03",
        "2025－04－03",
        "发布于20250403",
        "二〇二五年四月三日",
        "二零二五年四月三日",
        "二○二五年四月三日",
        "二O二五年四月三号",
    ],
)
def test_reads_a_day_in_every_form(text: str) -> None:
    assert iso_date(text) == "2025-04-03"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("二〇二四年十二月三十一日", "2024-12-31"),
        ("二〇二四年十月二十日", "2024-10-20"),
        ("二〇二四年十一月卅日", "2024-11-30"),
        ("二〇二四年一月卅一日", "2024-01-31"),
        ("一九九八年二月廿一日", "1998-02-21"),
        ("二〇〇九年元月十日", "2009-01-10"),
    ],
)
def test_reads_numerals(text: str, value: str) -> None:
    assert iso_date(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "2025年2月31日",
        "2025-13-01",
        "2025年4月",
        "电话021-20250413",
        "编号20250413001",
        "12025-01-01",
        "",
        "二五年四月三日",
    ],
)
def test_reads_no_day_where_there_is_none(text: str) -> None:
    assert iso_date(text) is None


@settings(deadline=None)
@given(DAYS)
def test_every_form_of_a_day_gives_the_day(day: date) -> None:
    year = "".join(FIGURES[int(figure)] for figure in str(day.year))
    wide = str(day.year).translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})
    for text in (
        f"{day.year}年{day.month}月{day.day}日",
        f"{wide}年{day.month}月{day.day}日",
        f"{day:%Y-%m-%d}",
        f"{day:%Y%m%d}",
        f"{year}年{numeral(day.month)}月{numeral(day.day)}日",
    ):
        (found,) = find_dates(f"前{text}后")
        assert (found.value, found.start, found.end) == (day.isoformat(), 1, 1 + len(text))


@settings(deadline=None)
@given(st.text(alphabet="二〇一十廿卅年月日号2025-/.１０年 \n", max_size=40))
def test_a_date_found_is_a_slice_that_reads_the_same(text: str) -> None:
    for day in find_dates(text):
        assert iso_date(text[day.start : day.end]) == day.value


def test_years_in_figures_and_numerals_have_their_places() -> None:
    text = "2024年起，到２０２６年，二〇二七年再看；2025-03-01也是，电话12024年没有。"
    assert [year for year, _, _ in read_years(text)] == ["2024", "2026", "2027", "2025"]
    assert [text[start:end] for _, start, end in read_years(text)] == ["2024", "２０２６", "二〇二七", "2025"]


def test_a_label_in_a_byline_says_what_a_day_is() -> None:
    text = "须知\n更新时间：2025-05-01 发布时间：2025-04-13 08:00 截止日期：2025-06-30\n正文。"
    line = text.split("\n")[1]
    assert published(text, line) == ("2025-04-13", "发布时间：2025-04-13")
    assert updated_day(text, [(0, len(text))]) is not None


def test_a_bare_date_in_a_byline_counts_and_one_with_another_meaning_does_not() -> None:
    assert published("须知\n示例网 2025-04-13 08:00\n正文。", "示例网 2025-04-13 08:00") == ("2025-04-13", "2025-04-13")
    for line in ("更新时间：2025-04-13", "截止日期：2025-04-13", "施行日期：2025年4月13日", "2025年4月13日起施行"):
        assert published(f"须知\n{line}\n正文。", line) is None


def test_a_bare_date_outside_bylines_is_no_publication() -> None:
    assert published("须知\n2025-04-13\n正文。") is None
    assert published("须知\n正文说，2025年4月13日起调整。") is None


def test_registration_data_of_a_government_page() -> None:
    table = "索引号：4300-20240101-001\n发文机关：示例市医疗保障局\n成文日期：{}\n{}文号：示医保发〔2025〕3号\n示例通知\n正文。"
    both = table.format("2025年3月1日", "发布日期：2025年03月05日\n")
    assert published(both) == ("2025-03-05", "发布日期：2025年03月05日")
    assert published(table.format("二〇二五年三月一日", "")) == ("2025-03-01", "成文日期：二〇二五年三月一日")
    assert published(table.format("\n2025-03-01", "")) == ("2025-03-01", "成文日期：\n2025-03-01")  # a cell a line


def test_several_labelled_days_are_a_list_and_prove_nothing() -> None:
    text = "公告列表\n甲 发布日期：2025-03-01\n乙 发布日期：2025-03-02\n"
    assert published(text) is None
    assert published(text.replace("03-02", "03-01")) == ("2025-03-01", "发布日期：2025-03-01")


def test_a_signature_stands_under_an_office_at_the_end() -> None:
    body = "示例通知\n本通知自2025年6月1日起施行。\n"
    assert published(f"{body}示例市医疗保障局\n二〇二五年四月十三日\n（此件公开发布）") == (
        "2025-04-13",
        "二〇二五年四月十三日",
    )
    assert published(f"{body}示例市医疗保障局  2025年4月13日") == ("2025-04-13", "2025年4月13日")
    assert published(f"{body}他说得对。\n2025年4月13日") is None
    assert published(f"{body}示例市医疗保障局\n2025-04-13") is None  # as a meta line of a recommendation has it


def test_a_signature_in_front_of_an_attachment() -> None:
    tail = "\n".join(f"第{n}条 内容。" for n in range(20))
    signed = "示例通知\n正文。\n示例市人民政府\n2025年4月13日\n"
    assert published(f"{signed}附件：示例办法\n{tail}") == ("2025-04-13", "2025年4月13日")
    assert published(f"{signed}{tail}") is None  # an entry of a chronicle looks the same


def test_the_footer_of_a_printed_document() -> None:
    assert published("示例通知\n正文。\n示例市人民政府秘书处 2025年4月13日印发") == ("2025-04-13", "2025年4月13日")


def test_nothing_is_published_after_it_was_fetched() -> None:
    text = "须知\n发布时间：2025-04-13\n正文。"
    assert published(text, "发布时间：2025-04-13", latest="2025-04-13") is not None
    assert published(text, "发布时间：2025-04-13", latest="2025-04-12") is None


def test_removed_text_says_nothing() -> None:
    text = "须知\n发布时间：2025-04-13\n正文。"
    assert published_day(text, [(0, 3), (text.index("正"), len(text))]) is None
    # nor does a removed label lend its meaning to a kept date
    apart = "须知\n发布时间：\n2025-04-13\n正文。"
    assert published_day(apart, [(0, 3), (apart.index("2025"), len(apart))]) is None


def test_validity_is_what_a_document_says_of_itself() -> None:
    text = "本办法自2025年6月1日起施行，有效期至2030年5月31日。另一办法自2024年1月1日起施行。"
    found = [(kind, day.value) for kind, day in validity(text, [(0, len(text))])]
    assert found == [("effective", "2025-06-01"), ("expires", "2030-05-31")]
    assert list(validity("个人待遇有效期至2030年5月31日。", [(0, 20)])) == []
