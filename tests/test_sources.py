"""What kind of source a page has, by rules that a person can read and add to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ingest.clean import clean
from ingest.corpus import find_corpus
from ingest.facts.sources import KINDS, Source, SourcesError, byline_names, read_rules, source_kind
from ingest.page import read_page


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://www.gov.cn/zhengce/1.html", "government"),
        ("http://ybj.hunan.gov.cn:8080/a", "government"),
        ("HTTPS://YBJ.HUNAN.GOV.CN/a", "government"),
        ("ybj.hunan.gov.cn/a", "government"),
        ("https://mp.weixin.qq.com/s/x", "official_account"),
        ("https://news.qq.com/a", "news"),
        ("https://www.qq.com/a", "content_site"),
        ("https://cs.bendibao.com/a", "content_site"),
        ("https://wenda.example.com/a", "content_site"),
        ("https://notgov.cn/a", "unknown"),
        ("https://gov.cn.example.com/a", "unknown"),
        ("https://example.com/gov.cn", "unknown"),
        ("https://[broken", "unknown"),
    ],
)
def test_a_host_says_the_kind(url: str, kind: str) -> None:
    assert source_kind(url).kind == kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("示例市人民政府", "government"),
        ("示例市医疗保障局", "government"),
        ("示例区社会保险事业管理中心", "government"),
        ("国家税务总局示例市税务局", "government"),
        ("示例日报", "news"),
        ("示例县融媒体中心", "news"),
        ("示例医保微信公众号", "official_account"),
        ("示例本地宝", "content_site"),
        ("示例保险经纪公司", "unknown"),
        ("医保局里的故事", "unknown"),
    ],
)
def test_a_name_says_the_kind(name: str, kind: str) -> None:
    assert source_kind(publisher=name).kind == kind
    assert source_kind(site=name).kind == kind
    assert source_kind(names=[name]).kind == kind


def test_the_evidence_says_what_was_seen_and_which_rule_fits() -> None:
    assert source_kind("https://a.gov.cn/1") == Source("government", "host a.gov.cn fits host gov.cn")
    assert source_kind(publisher="示例日报") == Source("news", "publisher 示例日报 fits *日报")
    assert source_kind() == Source("unknown", "no address, publisher, site or byline")
    assert source_kind("https://x.example", "某站") == Source("unknown", "no rule fits x.example, 某站")


def test_the_host_goes_before_names_and_a_publisher_before_a_byline() -> None:
    assert source_kind("https://www.sohu.com/a", None, "示例市医疗保障局").kind == "content_site"
    assert source_kind(None, None, "示例日报", ["示例市医疗保障局"]).kind == "news"


def test_a_byline_alone_makes_no_government_page() -> None:
    copied = source_kind("https://www.example.com/a", names=["示例市医疗保障局"])
    assert copied == Source("unknown", "host www.example.com fits no rule; a byline names 示例市医疗保障局")
    assert source_kind("https://www.example.com/a", names=["示例日报"]).kind == "news"


def test_own_rules_go_before_the_bundled_ones(tmp_path: Path) -> None:
    table = tmp_path / "sources.tsv"
    table.write_text("# ours\n\nnews\thost\tgov.cn\tfor the test\ngovernment\tname\t示例中心\n", encoding="utf-8")
    rules = read_rules([table])
    assert source_kind("https://a.gov.cn", rules=rules).kind == "news"
    assert source_kind("https://mp.weixin.qq.com/s", rules=rules).kind == "official_account"
    assert source_kind(publisher="示例中心", rules=rules).kind == "government"
    assert source_kind(publisher="示例中心").kind == "unknown"


@pytest.mark.parametrize("line", ["gov\thost\tgov.cn", "news\turl\tx", "news\thost\t", "news host gov.cn"])
def test_a_line_that_is_no_rule_is_named(tmp_path: Path, line: str) -> None:
    table = tmp_path / "sources.tsv"
    table.write_text(f"# ours\n{line}\n", encoding="utf-8")
    with pytest.raises(SourcesError, match=r"sources\.tsv, line 2: found"):
        read_rules([table])


def test_the_bundled_rules_are_rules() -> None:
    rules = read_rules()
    assert {rule.kind for rule in rules} == set(KINDS)
    assert len({(rule.place, rule.pattern) for rule in rules}) == len(rules)  # a second one would never be reached


def test_bylines_name_who_a_text_is_from() -> None:
    text = "示例须知\n文章来源：《示例日报》 作者：张三 2025-04-13\n发布机构：示例市医疗保障局\n正文说，数据来源：抽样调查。"
    found = list(byline_names(text, [(0, len(text))]))
    assert [name for name, _, _ in found] == ["示例日报", "示例市医疗保障局"]
    assert all(text[start:end] == name for name, start, end in found)


@pytest.mark.parametrize(
    "line", ["来源：网络", "来源：2025-04-13", "来源：https://a.cn", "作者：张三", "来源：", "来源：发布时间：2025"]
)
def test_what_is_no_name(line: str) -> None:
    assert list(byline_names(f"示例须知\n{line}", [(0, 100)])) == []


def test_an_account_is_called_so() -> None:
    text = "示例须知\n公众号：示例医保\n正文。"
    assert list(byline_names(text, [(0, len(text))])) == [("示例医保公众号", 9, 13)]


def test_a_byline_in_the_middle_or_in_removed_text_names_no_one() -> None:
    body = "\n".join(f"第{n}条 内容。" for n in range(60))
    text = f"示例须知\n{body}\n来源：示例日报\n{body}"
    assert list(byline_names(text, [(0, len(text))])) == []
    short = "示例须知\n来源：示例日报\n正文。"
    assert list(byline_names(short, [(0, 5), (13, len(short))])) == []


def test_a_table_beside_the_corpus_goes_before_the_bundled_rules(tmp_path: Path) -> None:
    pages = tmp_path / "corpus" / "pages"
    pages.mkdir(parents=True)
    (pages / "a.txt").write_text(
        "标题\n\n来源：东湖社保小站\n\n参保人员应当按时缴费，逾期需要等待三个月。\n", encoding="utf-8"
    )
    sidecar = {"path": "a.txt", "url": "https://news.example.gov.cn/a"}
    (pages / "pages.jsonl").write_text(json.dumps(sidecar) + "\n", encoding="utf-8")

    def kind() -> str:
        corpus = find_corpus([pages])
        (file,) = corpus.found.pages
        page = read_page(file.file, path=file.path, sidecar=corpus.found.sidecar)
        return clean(page, source_rules=corpus.source_rules).source.kind

    assert kind() == "government"
    (tmp_path / "corpus" / "sources.tsv").write_text("news\thost\tnews.example.gov.cn\n", encoding="utf-8")
    assert kind() == "news"
    (tmp_path / "corpus" / "sources.tsv").write_text("newspaper\thost\tnews.example.gov.cn\n", encoding="utf-8")
    with pytest.raises(SourcesError, match=r"sources\.tsv, line 1"):
        kind()
