"""Furniture is named by whole lines; what an article says about sharing, scanning or signing in stays."""

from __future__ import annotations

import pytest

from ingest.furniture import line_finding


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("提示:本内容不能代替面诊,如有不适请尽快就医。", "tip"),
        ("本文图片来源于网络,如有侵权请联系删除", "tip"),
        ("点击查看完整版", "read_more"),
        ("阅读全文>>", "read_more"),
        ("Continue reading", "read_more"),
        ("相关阅读：社保断缴怎么补", "read_more"),
        ("Read more: Why the dollar is falling", "read_more"),
        ("分享到微信朋友圈", "share"),
        ("大 中 小", "share"),
        ("Share this article", "share"),
        ("有用(12) 没用(3)", "vote"),
        ("这篇文章对您有帮助吗？ 是 否", "vote"),
        ("广告", "advertisement"),
        ("ADVERTISEMENT", "advertisement"),
        ("点击下载客户端领取新人红包", "advertisement"),
        ("扫码关注我们", "follow"),
        ("长按二维码关注公众号", "follow"),
        ("打开APP阅读全文", "follow"),
        ("Sign up for our newsletter", "newsletter"),
        ("Get the latest news delivered to your inbox", "newsletter"),
        ("登录/注册", "newsletter"),
        ("网友评论(12)", "comment_bar"),
        ("暂无评论,快来抢沙发", "comment_bar"),
        ("Leave a comment", "comment_bar"),
        ("首页 > 社保 > 医保", "breadcrumb"),
        ("医保 > 政策 > 正文", "breadcrumb"),
        ("Home > News > Health", "breadcrumb"),
        ("上一篇：没有了", "neighbours"),
        ("返回列表", "neighbours"),
        ("版权所有 某某网", "copyright"),
        ("未经授权不得转载", "copyright"),
        ("All rights reserved", "copyright"),
        ("关于我们 | 联系我们 | 网站地图", "site_links"),
        ("分\u200b享到微信", "share"),
    ],
)
def test_names_furniture(line: str, rule: str) -> None:
    finding = line_finding(line)
    assert finding is not None
    assert finding.rule == rule
    assert 0.8 <= finding.confidence <= 0.95


@pytest.mark.parametrize(
    "line",
    [
        "• 关注“某医保”微信公众号,进入服务大厅办理。",
        "扫码登录后点击参保登记",
        "下载国家医保服务平台APP",
        "打开微信扫一扫付款码缴费",
        "联系方式",
        "免责声明",
        "以上流程综合了不同地区的政策要求,建议办理前咨询当地社保部门。",
        "说明:本表仅供参考,以窗口答复为准。",
        "提示:办理前请先预约。",
        "分享经济平台从业人员如何参保",
        "评论认为,这一政策有利于流动人口。",
        "登录国家医保服务平台",
        "注册账号",
        "审核：经办机构在5个工作日内完成",
        "初审：街道办",
        "来源：市医保局 责任编辑：张三 2024-03-01",
        "推广医保电子凭证",
        "小",
        "下一步",
        "首页点击“个人中心”",
        "本办法由市医保局负责解释,版权所有人另有规定的从其规定。",
        "Share prices fell on Monday",
        "Register to vote by Friday",
        "Comments by the minister drew criticism",
    ],
)
def test_what_an_article_says_stays(line: str) -> None:
    assert line_finding(line) is None


def test_hostile_lines_come_back() -> None:
    for line in ("微信扫一扫" * 30 + "x", "a>" * 79 + "b", "首页" * 79 + "x", "扫码或" * 53, "关于我们|" * 31 + "x"):
        assert line_finding(line) is None
