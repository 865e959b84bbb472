"""Which lines of a page state something about a service, such as hours, address, telephone, amounts: they stay.

An office that publishes a whole site ends every page with the same hours; they are what people ask for. Nothing but
their surroundings tells them from the contact of the site itself: a box that says it is the foot, or links and
copyright of the site on both sides. Losing such a line costs an answer, keeping one costs nothing, so doubt keeps it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence

from ingest.furniture import line_finding
from ingest.html.places import place_of
from ingest.page import Page

_TIME = r"(?:时间|時間)"
_PLACE = r"(?:地址|地点|地點)"
_PHONE = r"(?:电话|電話|热线|熱線|专线|传真|傳真)"
_OTHER = (
    r"(?:手机|邮编|邮政编码|邮箱|信箱|网址|網址|窗口|楼层|交通|乘车|公交|费用|收费|标准|金额|基数|比例|限额|时限|期限"
    r"|对象|范围|条件|部门|机构|单位|方式|渠道|流程|材料|依据|事项)"
)
_LABELLED = re.compile(rf"^[^:。！？]{{0,16}}(?:{_TIME}|{_PLACE}|{_PHONE}|{_OTHER})[^:。！？]{{0,12}}:.")
# What says as much without a colon: a telephone, hours, days of the week, a floor, a sum, a rate, a period.
_SAID = re.compile(
    rf"{_PHONE}\D{{0,6}}\d[\d\-]{{4}}|\d{{1,2}}:\d{{2}}[-—–~至到]|(?:周|星期|礼拜)[一二三四五六日天](?:至|到|-)"
    r"|(?:\d|[一二三四五六七八九十])(?:楼|层|号楼|号窗口|号院)|\d(?:[万亿千百]?元|[%‰])|\d个?工作日"
)
# A label alone in its line; the value is in the next one.
_WHOSE = r"(?:办公|工作|受理|服务|营业|接待|对外|办理|窗口|单位|联系|咨询|监督|投诉|举报)*"
_LABELS = tuple(
    (re.compile(rf"^{_WHOSE}{label}:?$"), re.compile(value))
    for label, value in (
        (_TIME, r"\d|周|星期|全天|工作日"),
        (_PLACE, r"[路街道巷楼厦层室号院村镇厅馆].*"),
        (_PHONE, r"\d{5}|\d{3,4}-\d|^1[12]\d"),
    )
)
# The site speaks of itself. 主办单位 and 技术支持 stand under every page of an office and under no service.
_OF_THE_SITE = re.compile(
    r"^(?:本站|本网|网站|广告|商务|投稿|媒体合作|新闻热线|报料|爆料|编辑部|主办|承办|协办|技术支持|运维|建设单位|维护单位)"
)
_OWN_DESK = re.compile(r"客服|客户服务|广告|商务|投稿|合作|编辑|报料|爆料")
_MARKS = re.compile(r"^[\W_]+|\s+")
_STOP = re.compile(r"[。！？；!?;]")
_MOSTLY_LINK = 0.5
# So many repeated links in a row are a menu, whatever they are called; one or two can be the forms of a service.
_MENU_LINKS = 3


def find_statements(page: Page, lines: Sequence[str], repeated: Collection[int]) -> frozenset[int]:
    """Return the blocks of `page` that state something about a service; `lines` are its texts, `repeated` repeat.

    Left out is what stands in a box that says it is the foot or the navigation, and what stands among links and
    copyright lines of the site: on both sides, or on one side with the end of the page on the other.
    """
    said = _said(page, lines)
    site = _menus(page, repeated) | {
        index for index, line in enumerate(lines) if index not in said and _is_of_site(line)
    }
    stated: set[int] = set()
    run: list[int] = []
    for index in range(len(lines) + 1):
        if index in said:
            run.append(index)
        elif run:
            above, below = run[0] - 1, index
            among = (above < 0 or above in site) and (below == len(lines) or below in site)
            if not (among and (above in site or below in site)):
                stated.update(run)
            run = []
    return frozenset(stated)


def is_prose(line: str) -> bool:
    """Say whether a line holds a sentence."""
    return len(line) >= 15 and _STOP.search(line) is not None


def _said(page: Page, lines: Sequence[str]) -> set[int]:
    """Return the lines that say something by themselves, and labels with the line that holds their value."""
    words = [_MARKS.sub("", unicodedata.normalize("NFKC", line)) for line in lines]
    name = _MARKS.sub("", unicodedata.normalize("NFKC", page.site or ""))
    said = set()
    for index, line in enumerate(words):
        if page.blocks[index].link_share >= _MOSTLY_LINK or _is_own_contact(line, name) or _is_in_foot(page, index):
            continue
        if _LABELLED.match(line) or _SAID.search(line):
            said.add(index)
        elif index + 1 < len(words) and _is_value(line, words[index + 1]):
            said.update((index, index + 1))
    return said


def _is_value(label: str, line: str) -> bool:
    return any(pattern.match(label) and value.search(line) for pattern, value in _LABELS)


def _is_own_contact(line: str, site: str) -> bool:
    if _OF_THE_SITE.match(line):
        return True
    return bool(site) and line.startswith(site) and _OWN_DESK.match(line, len(site)) is not None


def _is_in_foot(page: Page, index: int) -> bool:
    if page.kind != "html":
        return False
    places = map(place_of, page.blocks[index].path.split(">"))
    return any(place is not None and place.rule in {"footer", "navigation"} for place in places)


def _is_of_site(line: str) -> bool:
    finding = line_finding(line)
    return finding is not None and finding.rule in {"copyright", "site_links"}


def _menus(page: Page, repeated: Collection[int]) -> set[int]:
    """Return the blocks that are links in a row."""
    found: set[int] = set()
    row: list[int] = []
    for index in range(len(page.blocks) + 1):
        if index < len(page.blocks) and index in repeated and page.blocks[index].link_share >= _MOSTLY_LINK:
            row.append(index)
        else:
            if len(row) >= _MENU_LINKS:
                found.update(row)
            row = []
    return found
