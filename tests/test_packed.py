"""Samples written for these tests; they state no policy."""

from ingest.lines import read_lines
from ingest.snippets.find import find_runs
from ingest.snippets.packed import split_packed

ITEMS = (
    ("阳台种花要不要施肥", "花盆里的土养分有限,开花之前薄肥勤施,夏天高温的时候停下来,等到早晚凉快了再"),
    ("旧手机怎么清理数据", "先把照片和通讯录备份到电脑,退出所有账号,再恢复出厂设置,银行卡也要在应用里解"),
    ("冰箱结冰多久除一次", "直冷式的冰箱一两个月除一次,断电以后打开门等冰化掉,用塑料铲轻轻地推,不要拿金属"),
    ("跑步膝盖疼怎么办", "先停两周,换有缓冲的鞋,练大腿前侧的力量,步子迈小一点,如果上下楼梯也疼,就去"),
)


def on_one_line(*, ends: tuple[str, ...] = ("生活 2025-03-02",) * 4, lead: str = "") -> str:
    return lead + " ".join(f"{title} {summary} {end}" for (title, summary), end in zip(ITEMS, ends, strict=True))


def parts(text: str) -> list[str]:
    return [text[block.start : block.end] for block in read_lines(text)]


def test_a_block_on_one_line_is_parted_into_title_summary_and_meta_line() -> None:
    text = "参保须知\n\n缴费次月起享受待遇。\n\n" + on_one_line(lead="相关推荐 ")
    flat = [part for title, summary in ITEMS for part in (title, summary, "生活 2025-03-02")]
    assert parts(text) == ["参保须知", "缴费次月起享受待遇。", "相关推荐", *flat]


def test_dates_from_the_day_and_counts_part_items_too() -> None:
    ends = ("3天前", "昨天", "2小时前", "阅读 3021")
    assert parts(on_one_line(ends=ends))[2::3] == list(ends)


def test_an_item_that_the_page_cuts_is_a_part_of_its_own() -> None:
    text = on_one_line() + " 洗衣机有异味怎么处理 倒两袋小苏打,选高温的"
    assert parts(text)[-2:] == ["洗衣机有异味怎么处理", "倒两袋小苏打,选高温的"]


def test_a_line_of_an_article_is_not_parted() -> None:
    chronicle = " ".join(
        f"2024-0{n}-01 发布第{n}批目录,新增药品若干种,自公布之日起执行,各地不得增减。" for n in range(1, 6)
    )
    table = " ".join(f"第{n}档 每年 400元 2024-0{n}-01" for n in range(1, 9))
    for line in (chronicle, table, on_one_line()[:130]):
        assert parts(line) == [line]


def test_what_is_not_packed_stays_the_very_blocks() -> None:
    blocks = read_lines("参保须知\n缴费次月起享受待遇。")
    assert split_packed("参保须知\n缴费次月起享受待遇。", blocks) == list(blocks)


def test_the_items_of_a_packed_line_are_found_with_their_fields() -> None:
    text = "参保须知\n\n" + "缴费次月起享受待遇,断缴三个月以内可以补缴。\n\n" * 6 + on_one_line(lead="相关推荐 ")
    (run,) = find_runs(text, read_lines(text))
    assert run.confidence >= 0.9
    assert [(item.title, item.summary, item.category, item.date) for item in run.snippets] == [
        (title, summary, "生活", "2025-03-02") for title, summary in ITEMS
    ]
