"""The passages as HTML: badges with ages, why each was found, neighbours and near-identical passages, and no markup."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from html import unescape
from html.parser import HTMLParser

import pytest

from index.around import Around, Neighbour
from index.beside import Beside, Standing
from index.boosts import Named
from index.copies import Twin
from index.hits import Hit
from index.kb import KnowledgeBase
from index.reasons import Leg, Reasons
from index.references import Reference
from index.telling import PIECES, Fit, Piece, Telling, tell_hit
from search_app.views.address import Address
from search_app.views.badges_html import age_words, badges_html, date_badge_html, is_old
from search_app.views.copies_html import WITH_DIFFERENCES
from search_app.views.passages_html import passages_html
from search_app.views.why_html import because_html
from search_app.words import LANGS, TABLE, Words

TODAY = date(2026, 11, 22)
ZH, EN = Words("zh"), Words("en")
NASTY = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</summary></details><b>{words}</b> &lt;i&gt;",
    "javascript:alert(1)",
)


def made(**changes: object) -> Hit:
    legs = {"passage": Leg(2.0, 0.5, 0.3), "region": Leg(-1.0, -1.0, -0.1), "dense": Leg(0.4, 0.4, 0.2)}
    hit = Hit(
        rank=2, score=0.4, row=0, passage_id="a1.1", article_id="a1", title="断缴以后", heading_path=("等待期",),
        text="断缴的,等待期3个月。", path="a.txt", start=7, end=19, as_of="2025-04-13", as_of_kind="captured", url=None,
        site="问保网", duplicates=(), reasons=Reasons(legs, (("等待期", 0.6), ("断缴", 0.4)), ((4, 7),)),
    )  # fmt: skip
    return replace(hit, **changes)  # type: ignore[arg-type]


def twin(number: int = 2, text: str = "断缴的,等待期4个月。", **changes: object) -> Twin:
    one = Twin(f"a{number}.1", f"a{number}", "断缴怎么办", "b.txt", "", "2026-11-20", "captured", 3, 15, text)
    return replace(one, **changes)  # type: ignore[arg-type]


def shown(hit: Hit, say: Words = ZH, **beside: object) -> str:
    stands_beside = Beside(**beside)  # type: ignore[arg-type]
    return passages_html(
        [hit], "b1", Address(q="等待期"), say, nearest=False, folded=False, beside=stands_beside, today=TODAY
    )


def words_of(html: str) -> str:
    """What a reader sees, without what only a screen reader hears."""
    return unescape(re.sub(r"<[^>]*>", "", re.sub(r'<span class="pk-spoken"[^>]*>.*?</span>', "", html)))


@pytest.mark.parametrize(
    ("as_of", "zh", "en"),
    [
        ("2025-04-13", "1 年 7 个月前", "1 year 7 months ago"),
        ("2025-04-23", "1 年 6 个月前", "1 year 6 months ago"),
        ("2024-11-22", "2 年前", "2 years ago"),
        ("2026-10-22", "1 个月前", "1 month ago"),
        ("2026-10-23", "30 天前", "30 days ago"),
        ("2026-11-21", "1 天前", "1 day ago"),
        ("2026-11-22", "今天", "today"),
        ("2026-11-23", "", ""),
        ("2025-04", "1 年 6 个月前", "1 year 6 months ago"),
        ("2024", "1 年 10 个月前", "1 year 10 months ago"),
        ("2026", "", ""),
        ("2026-11", "", ""),
        ("2027", "", ""),
        ("2026-02-31", "8 个月前", "8 months ago"),
        ("昨天", "", ""),
        (None, "", ""),
    ],
)
def test_the_age_of_a_date_in_words(as_of: str | None, zh: str, en: str) -> None:
    assert (age_words(as_of, TODAY, ZH), age_words(as_of, TODAY, EN)) == (zh, en)


def test_a_page_is_old_from_a_year_on() -> None:
    assert [is_old(day, TODAY) for day in ("2025-11-22", "2025-11-23", "2026-11-23", None)] == [
        True,
        False,
        False,
        False,
    ]


def test_a_date_badge_says_which_date_it_is_and_warns_in_words() -> None:
    old = date_badge_html("2025-04-13", "captured", TODAY, ZH)
    assert words_of(old).split() == ["!", "抓取于", "2025-04-13", "·", "1", "年", "7", "个月前"]
    assert 'class="pk-badge pk-date pk-old"' in old
    assert '<span class="pk-spoken">已超过一年</span>' in old
    new = date_badge_html("2026-11-02", "published", TODAY, ZH)
    assert words_of(new) == "发布于 2026-11-02 · 20 天前"
    assert "pk-old" not in new
    assert words_of(date_badge_html("2026-11-02", "published", None, EN)) == "published 2026-11-02"
    assert words_of(date_badge_html(None, None, TODAY, ZH)) == "日期不明"


def test_badges_name_source_places_and_schemes_and_what_speaks_against() -> None:
    hit = made(regions=("湖南省", "湖南省/长沙市"), schemes=("居民医保", "大病保险", "医疗救助"), confidence=0.3)
    html = badges_html(hit, Standing("government", "", (), has_traces=True), Address(), "b1", TODAY, ZH)
    badges = re.findall(r"<li>(.*?)</li>", html)
    assert [words_of(one).strip() for one in badges[1:]] == [
        "政府机关", "湖南省长沙市", "居民医保、大病保险 等 3 个", "清洗存疑", "有文本生成器痕迹",
    ]  # fmt: skip
    assert 'href="?view=article&amp;build=b1&amp;article=a1&amp;ledger=1"' in badges[4]
    assert '<span class="pk-spoken">地区：</span>' in badges[2]
    sound = badges_html(made(), Standing("unknown", "", (), has_traces=False), Address(), "b1", TODAY, EN)
    assert sound.count("<li>") == 1


def test_the_list_explains_its_warning_once() -> None:
    assert words_of(shown(made())).count("一般每年调整") == 1
    assert "一般每年调整" not in shown(made(as_of="2026-11-01"))


def test_why_is_one_sentence_in_both_languages() -> None:
    told = Telling(
        both=("断缴", "等待期"), text_words=("补缴",), title_words=(), wordings=(("断了", "中断缴费"),),
        fits=(Fit("region", True, ("湖南省",), ("湖南省",)), Fit("year", False, ("2026",), ("2024", "2025"))),
        pieces=(Piece("words", 0.3, 75), Piece("meaning", 0.1, 25)),
    )  # fmt: skip
    assert words_of(because_html(told, ZH)) == (
        "标题和正文里都有“断缴”“等待期”；正文里有“补缴”；另一种说法“中断缴费”也算；讲的正是问到的湖南省；"
        "涉及的是 2024、2025 年，不是问到的 2026 年；最主要的依据：字词与问题相同。"
    )
    assert words_of(because_html(told, EN)) == (
        "Title and text both have “断缴”, “等待期”; the text has “补缴”; “中断缴费” counts as well, being another wording; "
        "it is about 湖南省, the place asked about; it is about 2024, 2025, not about 2026; "
        "what counted most: words of the question."
    )
    by_meaning = Telling((), (), (), (), (), (Piece("meaning", 0.4, 100),))
    assert words_of(because_html(by_meaning, ZH)) == "用词不同，是靠意思相近找到的；最主要的依据：意思与问题相近。"


def test_the_bars_are_the_telling_and_the_numbers_lie_one_click_deeper() -> None:
    hit = made()
    told = tell_hit(hit, "断缴等待期", Named(frozenset({"北京市"})), {"passage": 0.06})
    html = shown(hit, telling={hit.passage_id: told})
    why = html[html.index('<details class="pk-why">') : html.index("</details></details>")]
    above, _, numbers = why.partition('<details class="pk-numbers">')
    bars = re.findall(
        r'pk-leg">(.*?)</span><span class="pk-figure">(.*?)</span><span class="(.*?)".*?width:(\d+)%', above
    )
    assert bars == [
        ("字词与问题相同", "60%", "pk-bar", "100"),
        ("意思与问题相近", "50%", "pk-bar", "83"),
        ("换了说法的字词", "15%", "pk-bar", "25"),
        ("地区不符", "−25%", "pk-bar pk-off", "42"),
    ]
    assert sum(int(percent.replace("−", "-")[:-1]) for _, percent, _, _ in bars) == 100
    assert "0.300" not in above
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall(r"<tr>(.*?)</tr>", numbers)]
    assert cells[1:] == [
        ["这一段里有问题中的字词", "2.00", "0.50", "0.300"],
        ["这一段的意思与问题相近", "0.40", "0.40", "0.200"],
        ["讲的是别的地区", "−1.00", "−1.00", "−0.100"],
        ["总分", "0.400"],
    ]
    assert "其中来自另一种说法：0.060" in numbers
    assert "等待期 60%" in words_of(numbers)


@pytest.mark.parametrize("lang", LANGS)
def test_every_leg_and_every_part_has_words(lang: str, sample_kb: KnowledgeBase) -> None:
    say = Words(lang)  # type: ignore[arg-type]
    legs = [leg for members in PIECES.values() for leg in members]
    questions = ("2024年上海居民医保缴费标准", "异地就医备案")  # who asks for a year does not want the newest page
    found = {leg for asked in questions for hit in sample_kb.search(asked, k=20) for leg in hit.reasons.legs}
    assert found > {"passage", "dense", "bank", "region", "year", "scheme", "recency"}
    assert found <= set(legs)
    fits = ("region", "year", "scheme")
    keys = [f"leg_{leg}" for leg in legs] + [f"piece_{piece}" for piece in PIECES] + [f"why_{fit}" for fit in fits]
    keys += [f"{kind}_{fit}_less" for kind in ("leg", "piece", "why") for fit in fits]
    assert set(keys) <= set(TABLE)
    told = [say.name("piece", piece) for piece in PIECES]
    assert len(set(told)) == len(PIECES)


def test_neighbours_stand_in_order_around_the_place_of_the_found_one() -> None:
    around = Around(
        (Neighbour("a1.0", ("一、缴费",), 0, 6, "先缴费。\n\n  再看病。"),),
        (Neighbour("a1.2", (), 20, 26, "最后。"),),
        2,
        3,
    )
    html = shown(made(), around={"a1.1": around})
    details = html[html.index('<details class="pk-around">') :]
    details = details[: details.index("</details>")]
    items = [words_of(item) for item in re.findall(r"<li.*?</li>", details)]
    assert items == ["第 1 段 › 一、缴费先缴费。\n再看病。", "第 2 段 · 就是上面找到的这一段", "第 3 段最后。"]
    assert "本文第 2 段，共 3 段" in details
    assert details.count('aria-current="true"') == 1
    assert "pk-around" not in shown(made(), around={"a1.1": Around((), (), 1, 1)})


def test_near_identical_passages_tell_their_words_by_sign_and_element() -> None:
    hit = made(duplicates=("a2.1",), duplicate_count=1)
    html = shown(hit, copies={"a1.1": (twin(),)})
    assert "另有 1 个内容几乎相同的段落" in html
    diff = html[html.index('<p class="pk-diff"') :].partition("</p>")[0]
    assert re.findall(r"<(del|ins)><b aria-hidden=\"true\">(.)</b>(.*?)</\1>", diff) == [
        ("del", "−", "3"),
        ("ins", "+", "4"),
    ]
    assert words_of(diff) == "断缴的,等待期−3+4个月。"
    assert [words_of(one) for one in re.findall(r'<span class="pk-spoken" lang="zh-CN">(.*?)</span>', diff)] == [
        "只在上面：", "只在这一段：",
    ]  # fmt: skip
    assert (
        'href="?q=%E7%AD%89%E5%BE%85%E6%9C%9F&amp;view=article&amp;build=b1&amp;article=a2&amp;start=3&amp;end=15"'
        in html
    )
    assert "article=a1&amp;other=a2" in html
    assert "抓取于 2026-11-20 · 2 天前" in words_of(html)


def test_differences_are_bounded_and_equal_stretches_shortened() -> None:
    long = "参保人员应当按时足额缴费,逾期的从次月起停止享受待遇,补缴以后恢复。"
    copies = tuple(twin(n, f"{long}等待期4个月。{long}") for n in range(2, 8))
    hit = made(
        text=f"{long}等待期3个月。{long}", duplicates=tuple(one.passage_id for one in copies), duplicate_count=25
    )
    html = shown(hit, EN, copies={"a1.1": copies})
    assert html.count('<p class="pk-diff"') == WITH_DIFFERENCES
    assert html.count("断缴怎么办") == len(copies)
    assert "25 more passages that say nearly the same" in html
    assert "19 more are not listed." in html
    diff = words_of(html[html.index('<p class="pk-diff"') :].partition("</p>")[0])
    assert diff == "…受待遇,补缴以后恢复。等待期−3+4个月。参保人员应当按时足额缴…"
    same = shown(made(duplicates=("a2.1",)), copies={"a1.1": (twin(text=made().text),)})
    assert "字词完全相同。" in same
    assert "pk-diff" not in same
    assert "identical" not in shown(made(), EN)


def test_a_passage_has_a_link_of_its_build_and_a_line_to_cite_it() -> None:
    reference = Reference(
        "a1.1", "a1", "断缴以后", "问保网", None, None, "2025-04-13", "https://a.example/1", "a.txt", "b1"
    )
    html = shown(made(), references={"a1.1": reference})
    copied = [(kind, unescape(text)) for kind, text in re.findall(r'data-pk-copy-(\w+)="(.*?)"', html)]
    link = "?view=article&build=b1&article=a1&start=7&end=19"
    assert copied == [("link", link), ("text", json.dumps(reference.gbt7714(), ensure_ascii=False))]
    assert re.findall(r'<button type="button".*?aria-label="(.*?)">(.*?)</button>', html) == [
        ("复制第 2 段的链接", "复制链接"), ("复制第 2 段的引文", "复制引文"),
    ]  # fmt: skip
    assert shown(made()).count("<button") == 1


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("nasty", NASTY)
def test_nothing_beside_a_passage_becomes_markup(nasty: str, lang: str) -> None:
    legs = {"passage": Leg(2.0, 0.5, 0.3), nasty: Leg(1.0, 1.0, 0.1), "region": Leg(-1.0, -1.0, -0.1)}
    hit = made(
        title=nasty, heading_path=(nasty,), text=f"{nasty}。等待期", path=nasty, site=nasty, url=nasty, as_of=nasty,
        regions=(nasty,), schemes=(nasty, nasty, nasty), confidence=0.1, duplicates=("a2.1",), duplicate_count=3,
        reasons=Reasons(legs, ((nasty, 1.0),), ((0, 4),), ((nasty, nasty),)),
    )  # fmt: skip
    told = tell_hit(hit, nasty, Named(frozenset({nasty})), {})
    told = replace(told, both=(nasty,), title_words=(nasty,), fits=(Fit("region", False, (nasty,), (nasty,)),))
    html = shown(
        hit,
        Words(lang),  # type: ignore[arg-type]
        around={"a1.1": Around((Neighbour("a1.0", (nasty,), 0, 3, nasty),), (), 2, 2)},
        copies={"a1.1": (twin(text=f"{nasty}。缴费", title=nasty, path=nasty, site=nasty, as_of=nasty),)},
        articles={"a1": Standing(nasty, nasty, (nasty,), has_traces=True)},
        telling={"a1.1": told},
        references={"a1.1": Reference("a1.1", "a1", nasty, nasty, nasty, nasty, nasty, nasty, nasty, nasty)},
    )
    elements: list[tuple[str, dict[str, str | None]]] = []
    text: list[str] = []
    reader = HTMLParser(convert_charrefs=True)
    reader.handle_starttag = lambda tag, attrs: elements.append((tag, dict(attrs)))  # type: ignore[method-assign]
    reader.handle_data = text.append  # type: ignore[method-assign, assignment]
    reader.feed(html)
    reader.close()
    known = "section h2 h3 p ol ul li a span bdi b i small mark div details summary table thead tbody tfoot tr th td ins del button"
    assert {tag for tag, _ in elements} <= set(known.split())
    for tag, attributes in elements:
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
        href = attributes.get("href")
        assert href is None or href.startswith("?"), href
    assert "".join(text).count(nasty) > 8
