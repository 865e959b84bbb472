"""Facts stand where they say they stand, and the capture date is never taken for the day of publication."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.facts.named import read_regions
from ingest.facts.read import Fact, article_facts, capture_date, iso_date, read_facts
from ingest.page import Page, page_from_bytes

TEXT = "2024年起,湖北省城乡居民医保与职工医疗保险可以转移。2025年3月1日前完成。"


def page_of(text: str, **said: str) -> Page:
    return page_from_bytes(text.encode(), path="a.txt", sidecar={"a.txt": said})


def facts_of(page: Page, kind: str, **given: object) -> list[tuple[str, str]]:
    """Return value and quote of the facts of one kind, all of the page kept."""
    facts = read_facts(page, spans=[(0, len(page.text))], **given)  # type: ignore[arg-type]
    return [(fact.value, fact.quote) for fact in facts if fact.kind == kind]


def test_every_fact_is_its_own_evidence() -> None:
    facts = article_facts(TEXT, [(0, len(TEXT))])
    assert [(fact.kind, fact.value) for fact in facts] == [
        ("region", "湖北省"),
        ("scheme", "居民医保"),
        ("scheme", "职工医保"),
        ("year", "2024"),
        ("year", "2025"),
    ]
    assert all(TEXT[fact.start : fact.end] == fact.quote for fact in facts)


def test_facts_come_from_kept_spans_only() -> None:
    assert [fact.value for fact in article_facts(TEXT, [(TEXT.index("2025"), len(TEXT))])] == ["2025"]


def test_the_shared_date_of_snippets_is_the_capture_date() -> None:
    text = "标题 2025-04-13 标题 2025-04-13"
    fact = capture_date(text, [("2025-04-13", 0, 13), ("2025-04-13", 14, 27)])
    assert fact is not None
    assert (fact.kind, fact.value, fact.quote) == ("captured", "2025-04-13", "2025-04-13")
    assert text[fact.start : fact.end] == "2025-04-13"


def test_snippets_of_different_days_or_one_snippet_prove_no_date() -> None:
    text = "2025-04-13 2025-04-14"
    assert capture_date(text, [("2025-04-13", 0, 10), ("2025-04-14", 11, 21)]) is None
    assert capture_date(text, [("2025-04-13", 0, 10)]) is None


def test_what_most_snippets_share_must_be_a_date() -> None:
    text = "刚刚 刚刚 刚刚 刚刚 2025-04-13"
    just_now = [("刚刚", place, place + 2) for place in (0, 3, 6, 9)]
    assert capture_date(text, [*just_now, ("2025-04-13", 12, 22)]) is None
    assert capture_date(text, just_now) is None


def test_the_shared_date_is_found_in_any_form() -> None:
    text = "标题 二〇二五年四月十三日 标题 2025/4/13"
    assert capture_date(text, [("2025-04-13", 0, 14), ("2025-04-13", 15, 27)]) == Fact(
        "captured", "2025-04-13", 3, 13, "二〇二五年四月十三日"
    )


def test_reads_dates_in_words() -> None:
    assert iso_date("发布时间：2025年4月3日 08:00") == "2025-04-03"
    assert iso_date("2025-13-45") is None
    assert iso_date("2025年2月31日") is None


def test_the_day_of_publication_comes_from_metadata_then_from_the_text() -> None:
    html = "<html><head>{}</head><body><h1>示例须知</h1><p>发布时间：2025-04-13</p><p>正文在这里。</p></body></html>"
    meta = '<meta name="PubDate" content="2025-04-10 09:00">'
    with_meta = page_from_bytes(html.format(meta).encode(), path="a.html")
    assert facts_of(with_meta, "published") == [("2025-04-10", "2025-04-10")]
    assert [f.start for f in read_facts(with_meta, spans=[(0, 5)]) if f.kind == "published"] == [-1]
    without = page_from_bytes(html.format("").encode(), path="a.html")
    assert facts_of(without, "published") == [("2025-04-13", "发布时间：2025-04-13")]


def test_a_date_of_snippets_is_captured_and_never_published() -> None:
    text = "示例须知\n正文。\n甲\n2025-04-13\n乙\n2025-04-13\n"
    cut = text.index("甲")
    snippets = [("2025-04-13", cut, cut + 12), ("2025-04-13", cut + 13, len(text))]
    facts = read_facts(page_of(text), spans=[(0, cut)], snippets=snippets)
    assert [(fact.kind, fact.value) for fact in facts] == [("captured", "2025-04-13")]


def test_without_snippets_the_fetch_date_is_the_capture_date() -> None:
    assert facts_of(page_of("示例须知\n正文。", fetched="2025-05-01T08:00"), "captured") == [
        ("2025-05-01", "2025-05-01T08:00")
    ]
    assert facts_of(page_of("示例须知\n正文。", fetched="neulich"), "captured") == []


def test_a_day_after_the_capture_is_no_publication() -> None:
    text = "示例须知\n发布时间：2025-06-01\n正文。"
    assert facts_of(page_of(text, fetched="2025-05-01"), "published") == []
    assert facts_of(page_of(text, fetched="2025-06-01"), "published") == [("2025-06-01", "发布时间：2025-06-01")]


def test_places_are_paths_and_shared_names_stay_open() -> None:
    page = page_of("示例须知\n长沙市岳麓区的居民。\n朝阳区的居民。")
    assert facts_of(page, "region") == [("湖南省/长沙市", "长沙市"), ("湖南省/长沙市/岳麓区", "岳麓区")]
    assert facts_of(page, "region_open") == [("北京市/朝阳区|吉林省/长春市/朝阳区", "朝阳区")]


def test_the_publisher_tells_places_apart_and_is_only_a_hint_itself() -> None:
    page = page_of("示例须知\n朝阳区的居民。", publisher="北京市医保局")
    assert facts_of(page, "region") == [("北京市/朝阳区", "朝阳区")]
    assert facts_of(page, "region_hint") == [("北京市", "北京市医保局")]


def test_a_paper_hints_at_its_place_and_an_office_states_it() -> None:
    page = page_of("示例须知\n来源：湖南日报\n发布机构：武汉市医疗保障局\n正文可在渝快办查看。")
    assert facts_of(page, "region_hint") == [("湖南省", "湖南"), ("重庆市", "渝快办")]
    assert facts_of(page, "region") == [("湖北省/武汉市", "武汉市")]
    assert facts_of(page, "publisher") == [("湖南日报", "湖南日报"), ("武汉市医疗保障局", "武汉市医疗保障局")]


def test_a_change_is_no_publication() -> None:
    page = page_of("示例须知\n更新时间：2025-04-13\n正文。")
    assert facts_of(page, "updated") == [("2025-04-13", "更新时间：2025-04-13")]
    assert facts_of(page, "published", bylines=[(5, 20)]) == []


def test_validity_is_a_fact_of_its_own() -> None:
    page = page_of("示例办法\n本办法自2025年6月1日起施行，有效期至2030年5月31日。")
    assert facts_of(page, "effective") == [("2025-06-01", "2025年6月1日")]
    assert facts_of(page, "expires") == [("2030-05-31", "2030年5月31日")]
    assert facts_of(page, "published") == []


def test_regions_of_a_text_without_a_page() -> None:
    assert list(read_regions("长沙市，朝阳区，湘医保")) == [("湖南省/长沙市", 0, 3)]


PIECES = [
    "2025年4月13日",
    "发布时间：",
    "长沙市",
    "朝阳区",
    "来源：",
    "湖南日报",
    "职工医保",
    "湘医保",
    "本办法自",
    "起施行",
    "。",
    "\n",
    " ",
]


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=20), st.data())
def test_evidence_is_a_slice_of_kept_text(parts: list[str], data: st.DataObject) -> None:
    text = "须知" + "".join(parts)
    cut = sorted(data.draw(st.lists(st.integers(0, len(text)), min_size=4, max_size=4)))
    spans = [(cut[0], cut[1]), (cut[2], cut[3])]
    for fact in read_facts(page_of(text), spans=spans):
        assert text[fact.start : fact.end] == fact.quote
        assert any(start <= fact.start and fact.end <= end for start, end in spans)
