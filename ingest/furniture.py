"""Names the page furniture that is no recommendation item by its words: tips, "read more", share bars, copyright.

Each rule looks at one line and says its name and evidence, or None. It must match the whole line, because an article
may well speak of sharing or of copyright. What the place of a block in the tree says is left to `places`; what repeats
across the pages of a site is not learned here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_INVISIBLE = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\u00ad]+")


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that fired: its name, what it saw in words, and how sure it is (0 to 1)."""

    rule: str
    evidence: str
    confidence: float


# (rule, what it is in words, confidence, pattern over the line without white space)
_LINES: tuple[tuple[str, str, float, re.Pattern[str]], ...] = (
    (
        "tip",
        "a disclaimer that stands on many pages",
        0.95,
        re.compile(
            r"^[(（【\[]?(?:温馨|友情|特别|健康|小)?(?:提示|提醒|声明|免责声明|说明|注)[】\])）]?[:：].{0,60}"
            r"(?:不能代替面诊|不能替代|代替医生|不作为(?:诊断|诊疗|医疗)|遵医嘱|及时就医|尽快就医|到医院就诊"
            r"|不代表(?:本站|本网|平台)|仅供参考|侵权|联系(?:我们|本站)删除).{0,60}$"
        ),
    ),
    (
        "read_more",
        "a button that opens more",
        0.95,
        re.compile(
            r"^[\W_]*(?:点击)?(?:查看|阅读|展开|显示|浏览){1,2}(?:完整版?|更多|全文|全部|剩余|余下|原文|详情)(?:内容|全文|文章)?[\W_]*$"
            r"|^[\W_]*(?:点击查看完整版|展开|收起|收起全文|加载更多|查看完整内容)[\W_]*$"
        ),
    ),
    (
        "share",
        "a bar of sharing and reading tools",
        0.9,
        re.compile(
            r"^(?:分享(?:到|至|给(?:好友|朋友))?|微信(?:扫一扫|好友|朋友圈)?|朋友圈|QQ(?:空间|好友)?|新浪微博|微博|复制链接|扫一扫"
            r"|收藏|点赞|打印(?:本页)?|关闭(?:窗口|本页)?|字体|字号|大|中|小|默认|举报|纠错|返回顶部|回到顶部|TOP|[:：|｜/·•\[\]【】()（）<>\-—,，、]"
            # possessive: 微信扫一扫 reads two ways, and backtracking would double with each
            r"|\d+(?:人)?(?:赞|收藏|评论))++$",
            re.IGNORECASE,
        ),
    ),
    (
        "breadcrumb",
        "the path to this page",
        0.9,
        re.compile(r"^(?:(?:您的?|你的?)?(?:当前|现在|所在)?的?位置[:：].*|首页(?:[>＞»›/→\-]+[^>＞»›/→\-]{1,20})+)$"),
    ),
    (
        "neighbours",
        "links to the pages before and after",
        0.9,
        re.compile(r"^(?:上一篇|下一篇|上一页|下一页|前一篇|后一篇)(?:[:：].{0,80}|)$|^(?:没有了|上一篇下一篇)$"),
    ),
    (
        "copyright",
        "copyright, registration and contact of the site",
        0.9,
        re.compile(
            r"^.{0,40}(?:©|copyright|版权所有(?![人者])|ICP备|ICP证|公网安备|allrightsreserved|违法和不良信息举报|网站标识码).{0,120}$",
            re.IGNORECASE,
        ),
    ),
)


def line_finding(line: str) -> Finding | None:
    """Return the furniture rule that the words of `line` meet, or None."""
    squeezed = _INVISIBLE.sub("", line)
    if not squeezed or len(squeezed) > 160:
        return None
    for rule, words, confidence, pattern in _LINES:
        if pattern.match(squeezed):
            return Finding(rule, words, confidence)
    return None
