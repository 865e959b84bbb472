"""What repeats on a site is learned from its pages, and only furniture is found by it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from ingest.learning.repeats import RepeatLearner, SiteRepeats, lines_of, site_of
from ingest.learning.tally import Tally
from ingest.page import Page, page_from_bytes

NAVIGATION = ("本站首页", "新闻动态", "办事大厅", "政策文件", "互动交流")
FOOTER = ("关于本站", "联系方式", "网站地图", "无障碍说明")
NOTICE = "样例说明：本文为测试所写，具体规定以经办机构的答复为准。"
WORDS = "参保缴费待遇报销备案转移续接窗口材料审核登记账户年限住院门诊结算凭证单位职工居民补助标准比例时限".replace(
    " ", ""
)


def prose(seed: str) -> str:
    """Return a sentence of its own for each seed, without meaning."""
    chance = random.Random(seed)
    return "，".join("".join(chance.sample(WORDS, 9)) for _ in range(4)) + "。"


def body(number: int) -> tuple[str, ...]:
    return (
        f"第{number}类人员{prose(f't{number}')[:9]}怎么办",
        "一、办理条件",
        prose(f"a{number}"),
        "办理材料",
        prose(f"b{number}"),
        prose(f"c{number}"),
        NOTICE,
    )


def dump_page(number: int, lines: Sequence[str], *, folder: str = "site") -> Page:
    return page_from_bytes("\n\n".join(lines).encode(), path=f"{folder}/page{number:03}.txt")


def html_page(number: int, inner: str, *, path: str = "") -> Page:
    markup = (
        "<!doctype html><html><head><title>x</title>"
        f"<link rel=canonical href='http://www.example.gov.cn/{number}.html'></head><body>{inner}</body></html>"
    )
    return page_from_bytes(markup.encode(), path=path or f"saved/{number}.html")


def learn_repeats(pages: Sequence[Page]) -> SiteRepeats:
    learner = RepeatLearner()
    for page in pages:
        learner.add(lines_of(page))
    return learner.finish()


def removed(repeats: SiteRepeats, page: Page, gone: Sequence[int] = ()) -> list[str]:
    found = repeats.findings(page, gone)
    return [page.text[page.blocks[index].start : page.blocks[index].end] for index in found]


def site(make: Callable[[int], Sequence[str]], count: int = 24, *, folder: str = "site") -> list[Page]:
    return [dump_page(number, make(number), folder=folder) for number in range(count)]


def test_navigation_and_footer_of_a_dump_are_learned_and_the_article_stays() -> None:
    pages = site(lambda number: (*NAVIGATION, *body(number), *FOOTER))
    repeats = learn_repeats(pages)
    for page in pages:
        assert removed(repeats, page) == [*NAVIGATION, *FOOTER]


def test_the_evidence_counts_pages_and_names_the_site() -> None:
    pages = site(lambda number: (*(NAVIGATION if number % 8 else ()), *body(number)))
    finding = learn_repeats(pages).findings(pages[1])[0]
    assert finding.rule == "repeated"
    assert finding.evidence == (
        "this line stands on 21 of 24 pages of the folder site, in a row of 5 such lines, where the page begins or ends"
    )
    assert 0.7 <= finding.confidence <= 0.95


def test_nothing_is_learned_from_fewer_than_twenty_pages() -> None:
    pages = site(lambda number: (*NAVIGATION, *body(number), *FOOTER), count=19)
    assert [removed(learn_repeats(pages), page) for page in pages] == [[]] * 19


def test_standing_headings_sentences_and_notices_stay_wherever_they_stand() -> None:
    closing = "具体办法以参保地的规定为准，办理前请先咨询当地的经办机构。"
    pages = site(lambda number: (*body(number), closing, NOTICE))
    repeats = learn_repeats(pages)
    assert {len(repeats.standing(page)) for page in pages} == {5}  # they are known to repeat
    assert [removed(repeats, page) for page in pages] == [[]] * 24


def test_a_notice_above_a_learned_footer_and_furniture_stays() -> None:
    pages = site(lambda number: (*body(number), *FOOTER, "更多"))
    repeats = learn_repeats(pages)
    last = len(pages[0].blocks) - 1
    assert removed(repeats, pages[0], gone=(last,)) == list(FOOTER)


def test_numbered_items_that_many_guides_share_stay() -> None:
    shared = ("办理材料", "1. 身份证原件", "2. 户口簿原件", "3. 银行卡复印件", "4. 申请表一份", "5. 近期照片两张")
    pages = site(lambda number: (*body(number), *shared))
    assert [removed(learn_repeats(pages), page) for page in pages] == [[]] * 24


def test_a_site_where_every_article_was_copied_loses_no_article() -> None:
    article = body(1)
    pages = site(lambda number: (*NAVIGATION, *(article if number % 2 else body(number)), *FOOTER), count=40)
    repeats = learn_repeats(pages)
    for page in pages:
        assert set(removed(repeats, page)) <= {*NAVIGATION, *FOOTER}


def test_amounts_make_different_lines_and_counters_do_not() -> None:
    def lines(number: int) -> Sequence[str]:
        head = ("本站首页", f"您是第{number * 37 + 1000}位访客", "新闻动态", "办事大厅")
        return (
            *head,
            *body(number),
            f"缴费基数下限{3000 + number}元",
            f"缴费基数上限{20000 + number}元",
            "以上为月标准",
        )

    pages = site(lines)
    repeats = learn_repeats(pages)
    assert removed(repeats, pages[3]) == ["本站首页", "您是第1111位访客", "新闻动态", "办事大厅"]
    assert "缴费基数下限0元" not in {repeat.wording for repeat in repeats.standing(pages[3])}


@pytest.mark.parametrize("byline", ["发布时间：2024-05-{:02}", "2024-05-{:02}", "发文机关：示例市医疗保障局"])
def test_a_byline_stays_although_it_repeats_with_its_date_masked(byline: str) -> None:
    pages = site(lambda n: ("本站首页", "新闻动态", "办事大厅", byline.format(n + 1), *body(n)))
    assert removed(learn_repeats(pages), pages[0]) == ["本站首页", "新闻动态", "办事大厅"]


def test_what_other_rules_removed_lengthens_the_edge() -> None:
    box = ("扫码关注本站", "下载手机应用", "客户服务中心")
    pages = site(lambda n: (*body(n), *box, prose(f"x{n}"), prose(f"y{n}")))
    repeats = learn_repeats(pages)
    last = len(pages[0].blocks) - 1
    assert removed(repeats, pages[0]) == []
    assert removed(repeats, pages[0], gone=(last - 1, last)) == list(box)


def test_short_lines_in_an_order_of_their_own_on_each_page_stay() -> None:
    subjects = ("医疗保障", "社会救助", "就业创业", "养老服务", "住房公积金", "户籍办理")
    pages = site(lambda n: (*body(n), *random.Random(n).sample(subjects, 5)))
    repeats = learn_repeats(pages)
    assert len(repeats.standing(pages[0])) == 8
    assert [removed(repeats, page) for page in pages] == [[]] * 24


def test_removed_lines_above_make_a_top_edge_too() -> None:
    pages = site(lambda n: (prose(f"x{n}"), *NAVIGATION, *body(n)))
    repeats = learn_repeats(pages)
    assert removed(repeats, pages[0]) == []
    assert removed(repeats, pages[0], gone=(0,)) == list(NAVIGATION)


def test_a_page_with_hardly_anything_else_keeps_everything() -> None:
    pages = site(lambda n: (*NAVIGATION, *body(n), *FOOTER))
    bare_page = dump_page(99, (*NAVIGATION, "办理时限为十五日。", *FOOTER))
    assert removed(learn_repeats([*pages, bare_page]), bare_page) == []


@pytest.mark.parametrize(("box", "goes"), [("<div class=z9>{}</div>", True), ("{}", False)])
def test_a_box_with_nothing_else_in_it_tells_more_than_lines_of_the_article(box: str, goes: bool) -> None:
    lines = ("关于本站", "联系方式", "网站地图")
    foot = box.format("".join(f"<p>{line}</p>" for line in lines))
    pages = [
        html_page(n, "".join(f"<p>{line}</p>" for line in body(n)) + (foot if n % 5 < 3 else "")) for n in range(24)
    ]
    assert removed(learn_repeats(pages), pages[0]) == (list(lines) if goes else [])


HOURS, PLACE, PHONE = "工作时间：周一至周五 9:00-12:00 14:00-17:30", "地址：示例大厦二楼服务区", "监督电话：12345"


@pytest.mark.parametrize(
    "said",
    [
        (HOURS, PLACE, PHONE),
        ("办公时间 工作日 08:30～17:00", "窗口在示例大厦二楼", "服务热线 0000-1234567"),
        ("受理时间", "周一至周六全天", "咨询电话", "12345转2", "办公地址", "示例路的示例大厦"),
        ("联系电话（工作日）:00001234567", "邮政编码：000000", "電話：00001234567"),
        ("每人每年缴纳400元", "按基数的8%缴纳", "15个工作日内办结"),
    ],
)
def test_hours_address_and_phone_of_an_office_stay_although_they_end_every_page(said: tuple[str, ...]) -> None:
    pages = site(lambda n: (*NAVIGATION, *body(n), *said))
    repeats = learn_repeats(pages)
    assert {removed_line for page in pages for removed_line in removed(repeats, page)} == set(NAVIGATION)


def test_a_lone_label_is_no_statement_and_goes_with_its_stretch() -> None:
    pages = site(lambda n: (*body(n), "办公地址", "咨询电话", "意见与建议"))
    assert removed(learn_repeats(pages), pages[0]) == ["办公地址", "咨询电话", "意见与建议"]


def test_kept_prose_ends_a_stretch_at_the_bottom_for_all_that_stands_above() -> None:
    law = "《示例条例》第八条：单位应当自用工之日起三十日内为职工办理登记。"
    tail = ("市民来信选登", "手机应用", "法律依据", law, "关注本站公众号", "下载手机应用", "意见与建议")
    pages = site(lambda n: (*body(n), *tail))
    assert removed(learn_repeats(pages), pages[0]) == ["关注本站公众号", "下载手机应用", "意见与建议"]


def test_a_kept_line_below_means_that_a_stretch_is_not_at_the_edge() -> None:
    box = ("扫码关注本站", "下载手机应用", "客户服务中心")
    pages = site(lambda n: (*body(n), *box, PHONE))
    assert removed(learn_repeats(pages), pages[0]) == []
    pages = site(lambda n: (*body(n), *box, "办理条件" if n % 2 else "办理流程"))
    assert removed(learn_repeats(pages), pages[0]) == []


def test_a_line_above_kept_prose_or_a_statement_is_its_heading_and_stays() -> None:
    pages = site(lambda n: (*NAVIGATION, "办理条件", prose(f"p{n}"), *body(n)))
    assert removed(learn_repeats(pages), pages[0]) == list(NAVIGATION)
    pages = site(lambda n: (*NAVIGATION, "联系我们的窗口", HOURS, *body(n)))
    assert removed(learn_repeats(pages), pages[0]) == list(NAVIGATION)


def test_statements_among_links_and_copyright_of_the_site_go_and_above_them_stay() -> None:
    foot = ("网站地图", HOURS, PLACE, PHONE, "版权所有：示例网")
    pages = site(lambda n: (*body(n), *foot))
    last = len(pages[0].blocks) - 1
    assert removed(learn_repeats(pages), pages[0], gone=(last - 4, last)) == [HOURS, PLACE, PHONE]
    pages = site(lambda n: (*body(n), HOURS, PLACE, PHONE, "版权所有：示例网"))
    assert removed(learn_repeats(pages), pages[0], gone=(len(pages[0].blocks) - 1,)) == []


@pytest.mark.parametrize(("place", "goes"), [("bottom-footer", True), ("x7", False)])
def test_statements_in_a_box_that_says_foot_go(place: str, goes: bool) -> None:
    said = (HOURS, PLACE, PHONE)
    foot = f"<div class={place}>{''.join(f'<p>{line}</p>' for line in said)}</div>"
    pages = html_site("", foot)
    assert removed(learn_repeats(pages), pages[0]) == (list(said) if goes else [])


@pytest.mark.parametrize(("links", "goes"), [(3, True), (2, False)])
def test_statements_under_a_menu_go_and_under_the_links_of_a_service_stay(links: int, goes: bool) -> None:
    menu = "".join(f"<p><a href=/{number}>{word}</a></p>" for number, word in enumerate(NAVIGATION[:links]))
    said = (HOURS, PLACE, PHONE)
    pages = html_site("", f"<div class=x7>{menu}{''.join(f'<p>{line}</p>' for line in said)}</div>")
    lines = removed(learn_repeats(pages), pages[0])
    assert [line for line in lines if line in said] == (list(said) if goes else [])


def test_a_link_that_reads_like_a_statement_is_part_of_its_menu() -> None:
    words = ("本站首页", "收费标准：按部门查询")  # too few to be known as a menu
    menu = "<div class=a1>" + "".join(f"<p><a href=/{n}>{word}</a></p>" for n, word in enumerate(words)) + "</div>"
    pages = html_site(menu, "")
    assert removed(learn_repeats(pages), pages[0]) == list(words)


def test_the_contact_of_the_site_itself_is_no_statement_of_a_service() -> None:
    foot = ("关注本站公众号", "示例网客服热线 000-000-1234", "本站投稿邮箱：a@example.org")
    said = {f"site/page{n:03}.txt": {"site": "示例网"} for n in range(24)}
    pages = [
        page_from_bytes("\n\n".join((*body(n), *foot)).encode(), path=f"site/page{n:03}.txt", sidecar=said)
        for n in range(24)
    ]
    assert removed(learn_repeats(pages), pages[0]) == list(foot)


def test_a_repeat_is_never_certain() -> None:
    menu = "<div class=a1>" + "".join(f"<p><a href=/{n}>{word}</a></p>" for n, word in enumerate(NAVIGATION)) + "</div>"
    pages = html_site(menu, "")
    found = learn_repeats(pages).findings(pages[0])
    assert [finding.confidence for finding in found.values()] == [0.9] * 5


def html_site(menu: str, foot: str, count: int = 24) -> list[Page]:
    def inner(number: int) -> str:
        title, *rest = body(number)
        heads = {"一、办理条件", "办理材料"}
        article = "".join(f"<div class=t><h2>{x}</h2></div>" if x in heads else f"<p>{x}</p>" for x in rest)
        return f"{menu}<div class=con><h1>{title}</h1>{article}</div>{foot}"

    return [html_page(number, inner(number)) for number in range(count)]


def test_a_menu_and_a_foot_of_a_tree_without_telling_names_are_learned() -> None:
    menu = "<div class=a1>" + "".join(f"<a href=/{n}>{word}</a><br>" for n, word in enumerate(NAVIGATION)) + "</div>"
    foot = "<div class=a2><p>关于本站</p><p>联系方式</p><p>网站地图</p></div>"
    pages = html_site(menu, foot)
    repeats = learn_repeats(pages)
    assert [removed(repeats, page) for page in pages] == [[*NAVIGATION, "关于本站", "联系方式", "网站地图"]] * 24


def test_a_lone_link_in_the_middle_stays_and_at_the_edge_goes() -> None:
    link = "<p><a href=/old>查看政策原文</a></p>"
    pages = [
        html_page(
            number, f"<p><a href=/>返回上级栏目</a></p><p>{prose(f'a{number}')}</p>{link}<p>{prose(f'b{number}')}</p>"
        )
        for number in range(24)
    ]
    assert removed(learn_repeats(pages), pages[5]) == ["返回上级栏目"]


def test_sites_do_not_teach_one_another() -> None:
    known = site(lambda n: (*NAVIGATION, *body(n)), folder="one")
    other = site(lambda n: (*NAVIGATION, *body(n + 100)), count=5, folder="two")
    repeats = learn_repeats([*known, *other])
    assert removed(repeats, known[0]) == list(NAVIGATION)
    assert removed(repeats, other[0]) == []


@pytest.mark.parametrize(
    ("url", "named", "expected"),
    [
        ("http://www.example.gov.cn/a/1.html", "示例网", "example.gov.cn"),
        ("http://[broken", "示例网", "示例网"),
        (None, "示例网", "示例网"),
        (None, None, "the folder deep/er"),
    ],
)
def test_the_host_goes_before_the_name_and_the_folder_comes_last(
    url: str | None, named: str | None, expected: str
) -> None:
    said = {key: value for key, value in (("url", url), ("site", named)) if value}
    page = page_from_bytes("标题\n\n正文。".encode(), path="deep/er/x.txt", sidecar={"deep/er/x.txt": said})
    assert site_of(page) == expected


def test_the_order_of_pages_does_not_matter() -> None:
    pages = site(lambda n: (*NAVIGATION, *body(n), *FOOTER))
    first, second = learn_repeats(pages), learn_repeats(pages[::-1])
    assert first.pages == second.pages == {"the folder site": 24}
    assert np.array_equal(first.keys, second.keys)
    assert np.array_equal(first.counts, second.counts)


def test_a_tally_on_disk_counts_as_one_in_memory() -> None:
    chance = np.random.default_rng(5)
    batches = [chance.integers(0, 2**64, 40, dtype=np.uint64, endpoint=False) for _ in range(50)]
    batches += [np.array([7, 2**63 + 9], dtype=np.uint64)] * 12
    small, large = Tally(buffered=64), Tally()
    for batch in batches:
        small.add(batch)
        large.add(batch)
    for tally in (small, large):
        keys, counts = tally.frequent(12)
        assert (keys.tolist(), counts.tolist()) == ([7, 2**63 + 9], [12, 12])
