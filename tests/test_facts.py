"""Facts stand where they say they stand, and the capture date is never taken for the day of publication."""

from ingest.facts import article_facts, capture_date, iso_date

TEXT = "2024年起,湖北省城乡居民医保与职工医疗保险可以转移。2025年3月1日前完成。"


def test_every_fact_is_its_own_evidence() -> None:
    facts = article_facts(TEXT, [(0, len(TEXT))])
    assert [(fact.kind, fact.value) for fact in facts] == [
        ("region", "湖北"),
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


def test_reads_dates_in_words() -> None:
    assert iso_date("发布时间：2025年4月3日 08:00") == "2025-04-03"
    assert iso_date("2025-13-45") is None
    assert iso_date("2025年2月31日") is None
