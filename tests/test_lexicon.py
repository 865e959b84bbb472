"""Everyday words find official ones, names their places; a user's table adds to ours; a broken one names its line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from index.build.build import rebuild
from index.kb import KnowledgeBase, open_kb
from index.lexicon.lexicon import Lexicon, read_lexicon
from index.lexicon.tables import BUNDLED, Entry, LexiconError, Name, read_table, user_tables
from index.model import load_embedder
from index.search import search
from ingest.facts.read import article_facts

SMALL = Lexicon(
    (
        Entry("words", ("中断缴费", "停缴"), ("断缴", "断了")),
        Entry("words", ("余额",), ("里面的钱", "的钱")),
        Entry("words", ("补缴",), ("补上",), ("医保", "社保")),
        Entry("broader", ("慢性病",), ("高血压",)),
        Entry("short", ("城镇居民社会养老保险", "城镇居民基本医疗保险"), ("城居保",)),
        Entry("words", ("用人单位", "单位"), ("公司",)),
    ),
    (
        Name("app", ("湘医保",), "湖南省"),
        Name("app", ("京通",), "北京市"),
        Name("app", ("国家医保服务平台", "国家医保app"), "全国"),
        Name("scheme", ("苏惠保", "苏州惠民保"), "江苏省/苏州市", ("惠民保",)),
    ),
)


@pytest.fixture(scope="module")
def bundled() -> Lexicon:
    return read_lexicon()


def told(lexicon: Lexicon, question: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(e.word, e.terms) for e in lexicon.expand(question)]


def test_everyday_words_become_official_ones_where_they_stand() -> None:
    found = SMALL.expand("医保断了里面的钱呢")
    assert [(e.word, e.start, e.end, e.terms, e.factor) for e in found] == [
        ("断了", 2, 4, ("中断缴费", "停缴"), 1.0),
        ("里面的钱", 4, 8, ("余额",), 1.0),  # not 的钱, which is shorter
    ]


def test_official_wordings_know_their_siblings_and_not_themselves() -> None:
    assert told(SMALL, "停缴以后") == [("停缴", ("中断缴费",))]


def test_a_wording_that_holds_the_word_is_no_other_wording() -> None:
    assert told(SMALL, "单位") == []
    assert told(SMALL, "用人单位") == [("用人单位", ("单位",))]
    assert told(SMALL, "公司") == [("公司", ("用人单位", "单位"))]


def test_a_word_with_a_context_needs_it_elsewhere_in_the_question() -> None:
    assert told(SMALL, "作业没写要补上吗") == []
    assert told(SMALL, "社保要补上吗") == [("补上", ("补缴",))]
    own = Lexicon((Entry("words", ("补缴",), ("补上医保",), ("医保",)),))
    assert told(own, "要补上医保吗") == []  # the word does not vouch for itself
    assert told(SMALL, "社保补缴") == []  # an official wording alone in its line has no other


def test_a_wider_term_counts_half_and_in_one_direction() -> None:
    assert [(e.word, e.terms, e.factor) for e in SMALL.expand("高血压")] == [("高血压", ("慢性病",), 0.5)]
    assert SMALL.expand("慢性病") == ()


def test_a_word_with_other_wordings_and_wider_terms_comes_twice() -> None:
    both = Lexicon((Entry("broader", ("慢性病", "高压"), ("高血压",)), Entry("words", ("高压",), ("高血压",))))
    assert [(e.terms, e.factor) for e in both.expand("高血压")] == [(("高压",), 1.0), (("慢性病",), 0.5)]


def test_a_short_form_and_its_full_names_find_each_other() -> None:
    assert told(SMALL, "城居保") == [("城居保", ("城镇居民社会养老保险", "城镇居民基本医疗保险"))]
    # the two full names are different schemes
    assert told(SMALL, "城镇居民基本医疗保险怎么交") == [("城镇居民基本医疗保险", ("城居保",))]


def test_full_width_and_case_do_not_matter() -> None:
    assert told(SMALL, "国家医保ＡＰＰ") == [("国家医保app", ("国家医保服务平台",))]


def test_a_latin_word_is_not_found_inside_another() -> None:
    own = Lexicon((Entry("short", ("按病组付费",), ("drg",)),))
    assert told(own, "医院用DRG吗") == [("drg", ("按病组付费",))]
    assert told(own, "drgs") == told(own, "xdrg") == told(own, "drg2") == []


def test_a_name_takes_its_place_and_says_nothing_of_the_words_in_it() -> None:
    own = Lexicon((*SMALL.entries, Entry("words", ("医疗保险",), ("医保",))), SMALL.names)
    assert told(own, "湘医保") == []
    assert told(own, "湖南医保") == [("医保", ("医疗保险",))]


def test_names_give_their_places() -> None:
    assert [(p.name, p.start, p.end, p.region, p.kind, p.about) for p in SMALL.places("湘医保和苏惠保")] == [
        ("湘医保", 0, 3, "湖南省", "app", ()),
        ("苏惠保", 4, 7, "江苏省/苏州市", "scheme", ("惠民保",)),
    ]
    assert SMALL.places("国家医保服务平台") == ()  # of the whole country
    assert [p.region for p in SMALL.places("用京通查医保")] == ["北京市"]
    assert SMALL.places("北京通州区") == ()


def test_a_scheme_is_called_by_its_other_names_and_half_by_its_general_one() -> None:
    assert [(e.terms, e.factor) for e in SMALL.expand("苏惠保")] == [(("苏州惠民保",), 1.0), (("惠民保",), 0.5)]
    assert SMALL.expand("惠民保") == ()


def test_both_scripts_find_an_entry_and_an_entry_may_be_written_in_either(tmp_path: Path) -> None:
    found = SMALL.expand("醫保斷了裡面的錢呢")
    assert [(e.start, e.terms) for e in found] == [(2, ("中断缴费", "停缴")), (4, ("余额",))]
    file = tmp_path / "own.tsv"
    file.write_text("健保費|保險費\t保費|繳健保\n", encoding="utf-8")
    for question in ("要繳健保嗎", "要缴健保吗"):
        assert [(e.start, e.terms) for e in read_lexicon([file]).expand(question)] == [(1, ("健保费", "保险费"))]


def test_a_user_table_names_its_columns_and_adds_to_ours(tmp_path: Path) -> None:
    file = tmp_path / "own.tsv"
    file.write_text(
        "\ufeff# ours, as Excel writes it\r\n灵活缴\t随心缴|想缴就缴\t医保\r\n"
        "# app\tregion\tpurpose\r\n岳麓办\t湖南/长沙\t政务服务\t\r\n星办\t430100\r\n"
        "# short\tfull\r\n市医经办\t市医疗保障经办中心\r\n",
        encoding="utf-8",
        newline="",
    )
    assert list(read_table(file)) == [
        Entry("words", ("灵活缴",), ("随心缴", "想缴就缴"), ("医保",)),
        Name("app", ("岳麓办",), "湖南省/长沙市", ("政务服务",)),
        Name("app", ("星办",), "湖南省/长沙市"),
        Entry("short", ("市医疗保障经办中心",), ("市医经办",)),
    ]
    both = read_lexicon([*BUNDLED, file])
    assert ("市医经办", ("市医疗保障经办中心",)) in told(both, "市医经办电话")
    assert told(both, "断缴")[0][1][0] == "中断缴费"
    assert [p.region for p in both.places("岳麓办")] == ["湖南省/长沙市"]


def test_a_named_context_stands_for_its_words(tmp_path: Path) -> None:
    file = tmp_path / "own.tsv"
    file.write_text("@钱\t医保|社保\n补缴\t补上\t@钱|公积金\n", encoding="utf-8")
    assert list(read_table(file)) == [Entry("words", ("补缴",), ("补上",), ("医保", "社保", "公积金"))]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("没有制表符", "columns parted by tabs: official, everyday, context"),
        ("左边\t", "none empty"),
        ("\t右边", "none empty"),
        ("一组\t二组\t三组\t四组", "columns"),
        ("一组\t二组\t|", "none empty"),
        ("补缴\t补", "'补', expected two characters"),
        ("补缴\t补上\t@没有", "'@没有'"),
        ("@空\t", "@name, a tab and words"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, line: str, said: str) -> None:
    file = tmp_path / "own.tsv"
    file.write_text(f"# 表\n停缴\t断了\n{line}\n", encoding="utf-8")
    with pytest.raises(LexiconError, match=r"own\.tsv, line 3: ") as caught:
        read_lexicon([*BUNDLED, file])
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("region", "said"), [("火星", "no region"), ("朝阳区", "北京市/朝阳区 or 吉林省/长春市/朝阳区")]
)
def test_a_region_that_is_none_or_several_is_named(tmp_path: Path, region: str, said: str) -> None:
    file = tmp_path / "own.tsv"
    file.write_text(f"# app\tregion\tpurpose\n朝办\t{region}\n", encoding="utf-8")
    with pytest.raises(LexiconError, match=r"own\.tsv, line 2: ") as caught:
        read_lexicon([file])
    assert said in str(caught.value)


def test_a_table_in_another_encoding_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "own.tsv"
    file.write_bytes("停缴\t断了\n".encode("gb18030"))
    with pytest.raises(LexiconError, match=r"own\.tsv: cannot be read .* expected a UTF-8 table"):
        read_lexicon([file])


def test_tables_of_a_user_lie_beside_the_folder_of_pages(tmp_path: Path) -> None:
    pages = tmp_path / "site" / "pages"
    pages.mkdir(parents=True)
    page = pages / "a.txt"
    page.write_text("页", encoding="utf-8")
    assert user_tables([pages]) == ()
    own = tmp_path / "site" / "lexicon"
    own.mkdir()
    assert user_tables([pages]) == ()  # no table in it
    for name in ("b.tsv", "a.tsv", "notes.txt"):
        (own / name).write_text("停缴\t断了\n", encoding="utf-8")
    assert user_tables([pages]) == (own / "a.tsv", own / "b.tsv")
    assert user_tables([page, pages]) == (own / "a.tsv", own / "b.tsv")  # a page alone is treated like its folder


def test_our_tables_are_whole(bundled: Lexicon) -> None:
    here = [line for file in BUNDLED for line in read_table(file)]
    assert len(here) >= 600
    assert len(bundled.groups) >= 250
    names = Counter(name for line in bundled.names for name in line.names)
    assert [name for name, count in names.items() if count > 1] == []  # each in one place
    lines = Counter((e.kind, e.terms, e.words) for e in bundled.entries)
    assert [line for line, count in lines.items() if count > 1] == []


@pytest.mark.parametrize(
    ("question", "word", "term"),
    [
        ("断缴三个月还能报吗", "断缴", "中断缴费"),
        ("失业了谁帮我交", "帮我交", "代缴"),
        ("医保断了还能报吗", "医保断", "中断缴费"),
        ("门槛费多少", "门槛费", "起付标准"),
        ("居保怎么领", "居保", "城乡居民基本养老保险"),
        ("城乡居民基本养老保险怎么领", "城乡居民基本养老保险", "居保"),
        ("DRG是什么", "drg", "按疾病诊断相关分组"),
        ("得了高血压门诊能报吗", "高血压", "慢性病"),
        ("怎么办异地备案", "异地备案", "异地就医备案"),
    ],
)
def test_our_tables_know_the_field(bundled: Lexicon, question: str, word: str, term: str) -> None:
    assert term in dict(told(bundled, question))[word]


@pytest.mark.parametrize(
    "sentence",
    [
        "今天天气很好",
        "红烧肉怎么做好吃",
        "电脑中断连接以后恢复不了",
        "我判断了一下他没交作业",
        "孩子发烧三十九度怎么办",
        "高血压患者平时吃什么好",
        "公司年会在哪里举行",
        "手机屏幕断了一条线",
    ],
)
def test_our_tables_are_silent_elsewhere(bundled: Lexicon, sentence: str) -> None:
    assert bundled.expand(sentence) == ()
    assert bundled.places(sentence) == ()


@pytest.mark.parametrize(
    ("text", "regions"),
    [
        ("湘医保怎么交费", ["湖南省"]),
        ("沪惠保今年多少钱", ["上海市"]),
        ("苏惠保和惠蓉保", ["江苏省/苏州市", "四川省/成都市"]),
        ("随申办和粤省事", ["上海市", "广东省"]),
        ("国家医保服务平台怎么备案", []),
    ],
)
def test_our_names_give_places(bundled: Lexicon, text: str, regions: list[str]) -> None:
    assert [place.region for place in bundled.places(text)] == regions


def test_the_lexicon_finds_what_the_words_alone_do_not(make_kb: Callable[..., KnowledgeBase]) -> None:
    kb = make_kb(
        "停止缴费的后果\n\n停止缴费满三个月的,自第四个月起不再享受统筹基金支付,重新缴纳后恢复。",
        "图书馆开放时间\n\n市图书馆周一闭馆,其余各日上午九点开馆,读者凭证入馆,座位先到先得。",
    )
    question = "脱保咋整"
    kb.lexicon = Lexicon()
    assert [hit.title for hit in search(kb, question, mode="lexical")] == []
    kb.lexicon = read_lexicon()
    (hit,) = search(kb, question, mode="lexical")
    assert hit.title == "停止缴费的后果"
    assert ("脱保", "停止缴费") in hit.reasons.synonyms


def test_a_rebuild_applies_the_tables_of_a_user(tmp_path: Path) -> None:
    pages = tmp_path / "site" / "pages"
    pages.mkdir(parents=True)
    text = "停止缴费的后果\n\n停止缴费满三个月的,自第四个月起不再享受统筹基金支付,可在岳麓办上重新缴纳。"
    (pages / "a.txt").write_text(text, encoding="utf-8")
    embedder, kb = load_embedder("bundled"), tmp_path / "kb"
    first = rebuild([pages], kb, embedder=embedder)
    assert [hit.title for hit in open_kb(kb).search("歇菜了", mode="lexical")] == []

    own = tmp_path / "site" / "lexicon"
    own.mkdir()
    table = own / "own.tsv"
    table.write_text("停止缴费\t歇菜了\n# app\tregion\tpurpose\n岳麓办\t湖南省/长沙市\n", encoding="utf-8")
    second = rebuild([pages], kb, embedder=embedder)
    assert second.build != first.build
    opened = open_kb(kb)
    assert [hit.title for hit in opened.search("歇菜了", mode="lexical")] == ["停止缴费的后果"]
    hints = opened.facts().query("kind == 'region_hint'")
    assert [(row.value, row.quote) for row in hints.itertuples()] == [("湖南省/长沙市", "岳麓办")]
    start, end = int(hints.start.iloc[0]), int(hints.end.iloc[0])
    assert text[start:end] == "岳麓办"

    table.unlink()  # the build keeps what it was made with
    assert [hit.title for hit in open_kb(kb).search("歇菜了", mode="lexical")] == ["停止缴费的后果"]
    assert rebuild([pages], kb, embedder=embedder).build == first.build

    table.write_text("停止缴费\n", encoding="utf-8")
    with pytest.raises(LexiconError, match=r"own\.tsv, line 1: "):
        rebuild([pages], kb, embedder=embedder)
    assert open_kb(kb).build == first.build


@pytest.mark.parametrize(
    ("text", "hints", "regions"),
    [
        ("市民可投保沪惠保。", ["上海市"], []),
        ("打开i深圳办理。", ["广东省/深圳市"], ["广东省/深圳市"]),  # the place in a name counts by itself
        ("北京普惠健康保", ["北京市"], ["北京市"]),
        ("北京通州", [], ["北京市"]),
        ("可用湘税社保缴费,也可用随申办。", ["湖南省", "上海市"], []),
    ],
)
def test_the_facts_of_a_page_know_the_same_names(text: str, hints: list[str], regions: list[str]) -> None:
    facts = article_facts(text, [(0, len(text))])
    assert [fact.value for fact in facts if fact.kind == "region_hint"] == hints
    assert [fact.value for fact in facts if fact.kind == "region"] == regions
