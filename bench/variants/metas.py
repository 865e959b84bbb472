"""Draws what stands around recommendation items: markers, tips, meta lines, bylines and page furniture."""

# ruff: noqa: E501 - lists of words
from __future__ import annotations

import random
from datetime import date, timedelta

COMMON = ("相关推荐", "猜你喜欢", "相关阅读", "推荐阅读", "热门推荐", "大家还在看", "延伸阅读", "相关文章", "为您推荐")
INVENTED = (
    "翻翻别的", "顺手再看几篇", "逛到这里的人也点了", "更多好文等你来", "接着读", "小编挑的", "邻居们在问", "同城热议",
    "下面这些也不错", "别急着走", "今日十条", "看完还不过瘾？", "—— 其他内容 ——", "【精选】", "▼ 往下滑 ▼", "MORE", "You may also like",
)  # fmt: skip
INVISIBLE = ("\u200b", "\u200d", "\ufeff", "\u2060", "\u00ad")
TIPS = (
    "提示：本内容不能代替面诊，如有不适请尽快就医。", "温馨提示：以上信息仅供参考，具体以当地经办机构答复为准。",
    "声明：本文由用户上传，版权归原作者所有。", "友情提醒：文中数字以最新公布为准。", "免责声明：本站内容仅供参考，不构成任何建议。",
)  # fmt: skip
MORES = ("点击查看完整版", "展开全文", "阅读全文", "查看更多内容>>", "收起")
CATEGORIES = (
    "健康新闻",
    "生活百科",
    "便民资讯",
    "热点",
    "时讯",
    "育儿",
    "综合",
    "社会",
    "民生观察",
    "每日问答",
    "知识库",
    "财经",
)
SITES = ("民生问答网", "百事通", "知否生活", "晨报网", "网络整理", "小城大事", "安居客户端")
AUTHORS = ("小林", "阿泽", "苏打水", "编辑部老陈", "vivi2018", "木木", "城南旧事", "Dr.周")
CRUMBS = ("首页 > 社保 > 正文", "您的位置：首页 >> 医保问答 >> 详情", "当前位置： 首页 / 民生 / 内容页")
FOOTERS = ("上一篇：没有了", "版权所有 © 2025 某某信息网 备案号示例00000000号", "返回顶部", "分享到：微信 微博 QQ空间")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

FORMS = (
    "category iso", "category iso", "category iso", "iso category", "category chinese", "month day", "relative", "reads",
    "source", "author", "counts", "english", "dotted", "bracketed",
)  # fmt: skip


def any_day(rng: random.Random) -> date:
    """A day between January 2024 and October 2025."""
    return date(2024, 1, 1) + timedelta(days=rng.randrange(660))


def meta(rng: random.Random, form: str, day: date, category: str) -> tuple[str, str, str]:
    """Meta line, category and date as printed in one `form`; the last two are empty where the form shows none."""
    iso, month_day = day.isoformat(), f"{day:%m-%d}"
    chinese = f"{day.year}年{day.month}月{day.day}日"
    reads = rng.choice(
        (f"{rng.uniform(1, 9):.1f}万", str(rng.randint(12, 9800)), f"{rng.randint(1, 9)},{rng.randint(100, 999)}")
    )
    if form == "category iso":
        return f"{category} {iso}", category, iso
    if form == "iso category":
        return f"{iso} {category}", category, iso
    if form == "category chinese":
        return f"{category} {chinese}", category, chinese
    if form == "month day":
        return month_day, "", month_day
    if form == "relative":
        ago = rng.choice((f"{rng.randint(2, 9)}天前", f"{rng.randint(1, 23)}小时前", "昨天", "刚刚", "2周前"))
        line = rng.choice((ago, f"{category} {ago}", f"发布于 {ago}"))
        return line, category if category in line else "", ago
    if form == "reads":
        return rng.choice((f"阅读 {reads}", f"{reads}阅读", f"阅读量：{reads}")), "", ""
    if form == "source":
        return f"来源：{rng.choice(SITES)}  {iso} {rng.randint(8, 21):02}:{rng.randint(0, 59):02}", "", iso
    if form == "author":
        return f"作者 {rng.choice(AUTHORS)}  {iso.replace('-', '/')}", "", iso.replace("-", "/")
    if form == "counts":
        return f"浏览 {reads}  赞 {rng.randint(0, 300)}" + rng.choice(("", f"  评论 {rng.randint(0, 40)}")), "", ""
    if form == "english":
        english = f"{MONTHS[day.month - 1]} {day.day}, {day.year}"
        return english, "", english
    if form == "dotted":
        dotted = iso.replace("-", ".")
        return f"{dotted} · 阅读 {reads} · 评论 {rng.randint(0, 90)}", "", dotted
    short = f"{day.month:02}月{day.day:02}日"
    return f"[{category}] {short}", category, short


def byline(rng: random.Random) -> str:
    """The line under a title that names source and day."""
    day = any_day(rng)
    return rng.choice(
        (
            f"来源：{rng.choice(SITES)} {day.isoformat()}",
            f"发布时间：{day.year}年{day.month}月{day.day}日  浏览次数：{rng.randint(90, 9000)}",
            f"{day.isoformat()} {rng.randint(8, 20):02}:15  作者：{rng.choice(AUTHORS)}",
        )
    )


def hidden(rng: random.Random, marker: str) -> str:
    """`marker` with zero-width characters inside."""
    at = rng.randrange(1, len(marker))
    return marker[:at] + rng.choice(INVISIBLE) + marker[at:] + rng.choice(("", "\u200b"))
