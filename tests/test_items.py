"""Items of every grammar are read, what looks like them in an article stays, and a large page takes linear time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from ingest.page import Page, page_from_bytes
from ingest.snippets.find import MIN_CONFIDENCE, Run, find_runs

# A sample article, written for these tests.
BODY = (
    "失业金怎么领取",
    "领取失业保险金的前提是缴费满一年,并且不是因为本人意愿中断就业,同时已经办理失业登记。",
    "符合条件的人可以在解除劳动关系之日起六十日内提出申请,线上线下都能办理。",
    "领取期限按累计缴费年限计算,最长不超过二十四个月,标准由各省份确定。",
    "重新就业以后应当停止领取,并及时告知经办机构,多领的部分要退回。",
)
OTHERS = (
    (
        "阳台上的月季怎么修剪",
        "修剪月季要在花谢之后进行,从残花往下数第二片五叶处斜剪,留外侧的芽点,剪口涂上草木灰,等新芽冒出两厘米再追",
    ),
    (
        "红烧排骨要焯水吗",
        "排骨冷水下锅焯水可以去掉血沫和腥味,水开后煮三分钟捞出,用温水冲洗干净沥干,炒糖色时火要小,最后大火收",
    ),
    (
        "手机充电越来越慢的原因",
        "充电变慢常见的原因是接口积灰、数据线老化或者充电头功率不匹配,可以先用牙签清理接口,如果仍然很慢,多半",
    ),
    (
        "猫咪为什么总是踩奶",
        "踩奶是猫咪幼年时的动作,成年以后放松或者撒娇的时候也会这样做,如果伴随吸吮毛毯,可能断奶过早,平时多陪",
    ),
    (
        "新房装修多久可以入住",
        "一般建议通风三到六个月,具体要看用了多少板材和胶水,夏天温度高释放快,可以缩短一些,绿植和活性炭只能",
    ),
    (
        "黄山旅游最佳时间是几月",
        "黄山一年四季景色不同,春天看杜鹃,夏天避暑,秋天看红叶,冬天看雾凇和云海,出发前先查询,山上住宿要提前",
    ),
)
TITLES = [title for title, _ in OTHERS]
SUMMARIES = [summary for _, summary in OTHERS]


def page_of(*lines: str, end: str = "\n") -> Page:
    return page_from_bytes(("\n\n".join(lines) + end).encode(), path="page.txt")


def sure(page: Page) -> list[Run]:
    return [run for run in find_runs(page.text, page.blocks) if run.confidence >= MIN_CONFIDENCE]


def removed(page: Page) -> list[str]:
    """Return the lines of all sure runs, markers with them."""
    indices: set[int] = set()
    for run in sure(page):
        indices |= {index for item in run.snippets for index in range(item.first, item.last + 1)}
        indices |= {run.marker} if run.marker is not None else set()
    return [page.text[page.blocks[index].start : page.blocks[index].end] for index in sorted(indices)]


def fields(page: Page) -> list[tuple[str, str, str, str]]:
    return [(s.title, s.summary, s.category, s.date) for run in sure(page) for s in run.snippets]


def block(order: Callable[[int, str, str], Sequence[str]]) -> list[str]:
    return [line for number, (title, summary) in enumerate(OTHERS) for line in order(number, title, summary)]


@pytest.mark.parametrize("marker", [(), ("相关推荐",), ("大家都在搜",)])
def test_titles_with_cut_summaries_need_no_meta_line(marker: tuple[str, ...]) -> None:
    lines = block(lambda n, t, s: [t, s])
    page = page_of(*BODY, *marker, *lines)
    assert removed(page) == [*marker, *lines]
    assert fields(page) == [(t, s, "", "") for t, s in OTHERS]


def test_titles_only_go_below_a_marker() -> None:
    page = page_of(*BODY, "猜你喜欢", *TITLES)
    assert removed(page) == ["猜你喜欢", *TITLES]


def test_titles_only_go_at_the_end_of_the_page_if_they_ask_about_other_things() -> None:
    assert removed(page_of(*BODY, *TITLES)) == TITLES
    places = ["一楼大厅三号窗口", "二楼社保专窗", "街道便民服务中心", "税务自助机旁", "园区代办点"]
    assert removed(page_of(*BODY, *places)) == []


@pytest.mark.parametrize(
    ("write", "date"),
    [
        (lambda t: f"{t} 2025-03-18", "2025-03-18"),
        (lambda t: f"[2025-03-18] {t}", "2025-03-18"),
        (lambda t: f"2025/3/18 {t}", "2025-03-18"),
        (lambda t: f"{t}（03-18）", "03-18"),
        (lambda t: f"{t} Mar 18, 2025", "2025-03-18"),
        (lambda t: f"{t}\t昨天 08:30", "昨天"),
    ],
)
def test_reads_a_title_and_its_date_on_one_line(write: Callable[[str], str], date: str) -> None:
    page = page_of(*BODY, "最新文章", *map(write, TITLES))
    assert fields(page) == [(t, "", "", date) for t in TITLES]


def test_reads_an_item_on_one_line() -> None:
    page = page_of(*BODY, *(f"{t}\t{s}\t生活\t2025-03-18" for t, s in OTHERS))
    assert fields(page) == [(t, s, "生活", "2025-03-18") for t, s in OTHERS]


def test_reads_a_summary_with_its_meta_line_behind_it() -> None:
    page = page_of(*BODY, *block(lambda n, t, s: [t, f"{s}… 生活 2025-03-18"]))
    assert fields(page) == [(t, f"{s}…", "生活", "2025-03-18") for t, s in OTHERS]


@pytest.mark.parametrize(
    "meta",
    [
        "Mar 18, 2025",
        "3天前",
        "昨天 08:30",
        "20250318",
        "阅读 1.2万",
        "1.2w阅读 3评论",
        "来源：生活报",
        "点赞 12",
        "3 days ago",
    ],
)
def test_reads_items_whatever_the_meta_line_says(meta: str) -> None:
    lines = block(lambda n, t, s: [t, s, meta])
    assert removed(page_of(*BODY, *lines)) == lines


def test_reads_the_meta_line_first_and_on_several_lines() -> None:
    first = page_of(*BODY, *block(lambda n, t, s: ["生活 2025-03-18", t, s]))
    assert fields(first) == [(t, s, "生活", "2025-03-18") for t, s in OTHERS]
    parted = page_of(*BODY, *block(lambda n, t, s: [t, s, "2025-03-18", "生活", "阅读 12"]))
    assert fields(parted) == [(t, s, "生活", "2025-03-18") for t, s in OTHERS]
    above = page_of(*BODY, "相关推荐", *block(lambda n, t, s: ["生活", t, s, "2025-03-18"]))
    assert fields(above) == [(t, s, "生活", "2025-03-18") for t, s in OTHERS]


@pytest.mark.parametrize(
    "decorate",
    [
        lambda n, item: [str(n + 1), *item],
        lambda n, item: ["图片", *item],
        lambda n, item: [*item, "阅读全文>>"],
        lambda n, item: [*item, "--------"],
        lambda n, item: [*item, "分享 收藏 评论"],
        lambda n, item: [*item, *(["广告"] if n == 2 else [])],
    ],
)
def test_decoration_goes_with_its_item(decorate: Callable[[int, list[str]], list[str]]) -> None:
    lines = block(lambda n, t, s: decorate(n, [t, s, "生活 2025-03-18"]))
    page = page_of(*BODY, "热门推荐", *lines)
    assert removed(page) == ["热门推荐", *lines]
    assert [title for title, *_ in fields(page)] == TITLES


@pytest.mark.parametrize(
    "marker", ["你可能还想知道", "更多>>", "相关阅读 RELATED", "看过本文的人还看了", "同城热点", "本站热力推送"]
)
def test_a_marker_goes_with_its_block(marker: str) -> None:
    lines = block(lambda n, t, s: [t, s, "生活 2025-03-18"])
    assert removed(page_of(*BODY, marker, *lines)) == [marker, *lines]


def test_a_short_last_line_of_the_article_is_no_marker() -> None:
    lines = block(lambda n, t, s: [t, s, "生活 2025-03-18"])
    assert removed(page_of(*BODY, "某市就业服务中心", *lines)) == lines


def test_one_item_alone_goes_only_below_a_marker() -> None:
    item = [*OTHERS[0], "生活 2025-03-18"]
    assert removed(page_of(*BODY, "相关推荐", *item)) == ["相关推荐", *item]
    alone = page_of(*BODY, *item)
    assert removed(alone) == []
    assert [run.confidence for run in find_runs(alone.text, alone.blocks)] == [0.5]


@pytest.mark.parametrize("kept", [1, 2, 5, 12, 30])
@pytest.mark.parametrize("order", ["tsm", "tms", "mts"])
def test_an_item_cut_off_by_the_end_of_the_page_goes_too(kept: int, order: str) -> None:
    write = {
        "tsm": lambda n, t, s: [t, s, "生活 2025-03-18"],
        "tms": lambda n, t, s: [t, "生活 2025-03-18", s],
        "mts": lambda n, t, s: ["生活 2025-03-18", t, s],
    }[order]
    lines = block(write)
    # the last item begins at -3; what is left of it grows with `kept`
    cut = (
        [*lines[:-3], lines[-3]]
        if kept == 1
        else [*lines[:-2], lines[-2][:kept]]
        if kept < 12
        else [*lines[:-1], lines[-1][:kept]]
    )
    assert removed(page_of(*BODY, *cut, end="")) == cut


def test_the_last_lines_of_an_article_behind_a_block_stay() -> None:
    lines = block(lambda n, t, s: [t, s, "生活 2025-03-18"])
    for rest in (
        ["线下渠道", "各街道便民服务中心均可办理,周末不休息"],
        ["怎样停止领取", "重新就业以后应当停止领取,并告知经办机构"],
        ["咨询电话12333"],
    ):
        assert removed(page_of(*BODY, *lines, *rest)) == lines


def test_an_article_below_a_block_is_no_item_that_was_cut() -> None:
    lines = block(lambda n, t, s: [t, s, "生活 2025-03-18"])
    below = ["灵活就业参保怎么办", "灵活就业人员持身份证到社保窗口登记即可参保。"]
    assert removed(page_of("相关推荐", *lines, *below, end="")) == ["相关推荐", *lines]
    assert removed(page_of(*BODY, *lines, *below, end="")) == lines


def test_text_goes_on_behind_a_block_without_meta_lines() -> None:
    lines = block(lambda n, t, s: [t, s])
    rest = [
        "怎样停止领取",
        "重新就业以后应当停止领取,并及时告知经办机构。",
        "二、续领",
        "失业时间不满的,可以继续领取剩余的月份。",
    ]
    assert removed(page_of(*BODY, "相关推荐", *lines, *rest)) == ["相关推荐", *lines]


QUESTIONS = (
    ("退休年龄是多少?", "男职工原法定退休年龄为六十周岁,女职工为五十或者五十五周岁,现在逐步延迟。"),
    ("缴费不满十五年怎么办?", "可以延长缴费到满足最低年限,也可以转入居民养老保险,按其规定领取。"),
    ("养老金每年都涨吗?", "国家根据物价和工资情况适时调整,具体办法由各地公布。"),
    ("在外地退休怎么领?", "待遇由最后符合条件的参保地发放,打到本人的社保卡里。"),
    ("丢了工作还能缴吗?", "可以灵活就业身份继续缴费,基数在上下限之间自选。"),
)
CONTENT = {
    "questions and answers": [line for pair in QUESTIONS for line in pair],
    "notices of one day": [
        line
        for name in ("关于调整缴费基数的公告", "关于停办部分业务的公告", "关于启用新版证明的公告")
        for line in (name, "请各单位按时完成,逾期影响结算的由单位承担,具体安排见附件。", "2024-07-01")
    ],
    "documents with dates": [f"关于{name}的通知 202{year}-03-18" for year, name in enumerate(("门诊共济", "异地结算", "缴费基数", "目录调整", "费率"))],
    "documents of one day": [f"《{name}》 2024-03-18" for name in ("基金监督管理条例", "药品目录管理办法", "定点机构管理办法", "费率规定")],
    "a table of dates": [line for place in ("城东区", "城西区", "高新区", "临江县", "白水县") for line in (place, "2025-02-28")],
    "contacts": [
        line
        for number, place in enumerate(("东江区", "西岭区", "南湖区", "北原区"))
        for line in (f"{place}经办中心", f"{place}建设路{number}号二楼", f"0731-888800{number}")
    ],
    "fees": [line for pair in (("成年居民", "四百元"), ("在校学生", "三百八十元"), ("低保对象", "一百元")) for line in pair],
    "verses": ["一张小卡手中拿", "看病住院全靠它", "年年按时把费缴", "平平安安你我他", "众人拾柴火焰高", "互助共济暖万家"],
    "paragraphs without end marks": [
        "社会保障卡既是身份凭证,也是银行卡,持卡可以办理就医购药和待遇领取",
        "就医时在定点医院出示实体卡或者电子凭证,系统会自动结算基金支付的部分",
        "领取养老金和失业金也可以直接发放到卡内的金融账户,先要到银行网点激活",
        "丢失以后要同时挂失社保功能和金融功能,补卡一般当场就能拿到",
    ],
    "headed paragraphs without end marks": [
        line
        for head, text in (
            ("缴存时间", "连续足额缴存六个月以上,才可以申请贷款,部分城市要求十二个月"),
            ("贷款额度", "额度与账户余额、缴存年限和还款能力有关,夫妻双方合计有上限"),
            ("还款方式", "可以选择等额本息或者等额本金,提前还款不收违约金"),
        )
        for line in (head, text)
    ],
    "a digest of news": [
        line
        for place in ("东江市", "西岭县", "南湖区", "北原市")
        for line in (f"{place}推出便民举措", f"{place}在乡镇设置代办点,老年人不出村就能办理资格认证和缴费。")
    ],
    "a discussion of recommendations": [
        "相关推荐", "相关推荐一般由算法根据点击记录生成,与正文往往没有关系。",
        "猜你喜欢", "猜你喜欢依据个人的浏览历史,清除记录以后会变化。",
    ],
    "a signature": ["某市医疗保障局", "2024年12月31日"],
}  # fmt: skip


@pytest.mark.parametrize("name", CONTENT)
def test_content_that_looks_like_items_stays(name: str) -> None:
    assert removed(page_of(*BODY, *CONTENT[name])) == []
    assert removed(page_of(BODY[0], *CONTENT[name], *BODY[1:])) == []


@pytest.mark.parametrize("name", CONTENT)
def test_content_that_looks_like_items_stays_above_a_block(name: str) -> None:
    lines = block(lambda n, t, s: [t, s, "生活 2025-03-18"])
    assert removed(page_of(*BODY, *CONTENT[name], "相关推荐", *lines)) == ["相关推荐", *lines]
    assert removed(page_of(*BODY, *CONTENT[name], *lines)) == lines


def test_documents_below_a_marker_are_a_reading_list() -> None:
    papers = ["《基本医疗保险用药管理办法》", "《医疗保障基金使用监督管理条例》", "关于推进门诊共济的指导意见"]
    assert removed(page_of(*BODY, "延伸阅读", *papers)) == []


def test_evidence_says_what_was_seen() -> None:
    page = page_of(*BODY, "相关推荐", *block(lambda n, t, s: [t, s, "生活 2025-03-18"]))
    (run,) = sure(page)
    assert run.evidence == (
        "6 items of one shape; at least 3 items; one date for the whole block; one category for the whole block; "
        "summaries cut in mid-sentence; a line announces recommendations; the page ends with it; "
        "titles about other things than the article"
    )
    assert (run.confidence, run.marker, run.has_cut_summaries) == (0.99, len(BODY), True)


def test_a_page_of_many_lines_and_one_of_a_single_line_come_back() -> None:
    many = "\n".join(f"第{number}行 2025-03-18\n标题{number}" for number in range(20_000))
    page = page_from_bytes(many.encode(), path="many.txt")
    assert all(run.confidence <= 0.99 for run in find_runs(page.text, page.blocks))
    single = page_from_bytes(("甲,2025-03-18 " * 75_000).encode(), path="single.txt")
    assert find_runs(single.text, single.blocks) == ()
