"""Parts the title of an article from the name of the site that stands behind it (…_某某网, … - 首页 - 某某日报)."""

from __future__ import annotations

import re

MIN_TITLE_CHARS = 4
MAX_SITE_CHARS = 20

_PARTS = re.compile(r"\s*(?:[_|｜]+|\s[-–—·]+\s|(?<=\S)-+(?=[^\d\s]))\s*")
_SITE = re.compile(
    r"(?:网站?|新闻|资讯|频道|门户|在线|官网|百科|问答|知道|论坛|社区|日报|晚报|时报|首页|客户端|公众号|博客|专栏|视频"
    r"|人民政府|保障局|税务局|管理局|公积金中心|服务平台|\.(?:com|cn|net|org|gov)(?:\.cn)?)$",
    re.IGNORECASE,
)
_EDIT = re.compile(r"\s*[\[【［]\s*编辑\s*[\]】］]\s*$")


def strip_site(title: str, site: str | None = None) -> str:
    """Return `title` without the names of site and section behind it.

    What stands behind a bar or a dash goes if it is the site's name, or short and ends like one; at least
    `MIN_TITLE_CHARS` characters stay.
    """
    title = _EDIT.sub("", title.strip())
    name = squeeze(site or "")
    while True:
        borders = list(_PARTS.finditer(title))
        if not borders or borders[-1].start() < MIN_TITLE_CHARS:
            return title
        last = squeeze(title[borders[-1].end() :])
        is_site = bool(last) and (last == name or (len(last) <= MAX_SITE_CHARS and _SITE.search(last) is not None))
        if not is_site:
            return title
        title = title[: borders[-1].start()].rstrip()


def squeeze(text: str) -> str:
    """Return `text` without white space."""
    return re.sub(r"\s+", "", text)
