"""Finds the administrative divisions that a text names, and says which one a name means, or that it stays open.

One pass over the text looks for pairs of characters that begin a name, then for the longest name. A full name of a
province or a prefecture is certain by itself. Other words need their surroundings, for Chinese has no spaces: 医保定点
is not 保定, 完成县级 is not 成县. So a short name counts at a border of words, a county at a border or behind the place
it lies in, an ordinary word (白银, 日照, 和县) only behind the place it lies in. What is refused costs little: an
article states each place once, at the first mention that counts. Names that several counties share are decided by what
else the text names, nearest first, and stay open where that does not decide. docs/cleaning.md has rules and costs.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace

from ingest.facts.regions import Cautions, Divisions, Name, load_divisions


@dataclass(frozen=True, slots=True)
class Mention:
    """A place named at `[start, end)`. `codes` has one division, or several where the text leaves it open.

    `is_hint` is set for the name of an app or a scheme: it belongs to the place and does not name it.
    """

    start: int
    end: int
    codes: tuple[str, ...]
    is_hint: bool = False


# In front of a name these end a word, so that what follows begins one.
_BEFORE = frozenset("在于到赴往从如和与及或是为对由的向至住驻年月日等但按除含把将被让给跟比像去来回")
_BEFORE_PAIRS = (
    "我省",
    "本省",
    "全省",
    "该省",
    "我市",
    "本市",
    "全市",
    "该市",
    "我区",
    "位于",
    "省内",
    "市内",
    "例如",
    "华社",
    "人行",
    "银行",
)
# Behind a short name these show that the place is meant, even inside a sentence: 办理武汉医保.
_BEHIND = re.compile(
    r"市民|医保|社保|人社|户口|户籍|参保|居民|职工|本地|当地|公积金|地区|等地|各区|全市|全省|两地|三地"
)
# A street, a station, a side of a river: not the place itself.
_NOT_A_PLACE = re.compile(r"[东西南北中]?(?:路|街(?!头|坊)|大街|大道|大桥|巷)|[东西南北]站|[岸侧麓坡堤]|时间|石油化")
_OFFICE = re.compile(
    r"(?:区)?(?:人民政府|人民法院|政府|医疗保障|医保|人力资源|人社|社保|社会保险|税务|民政|街道|卫生|行政)"
)
_ONE_WORD_ON = re.compile(r"[级域城间别]")  # 县级, 区域, 县城, 区间, 区别
_GAP = re.compile(r"[ \u3000·\-—]{0,2}")
_MIN_PLAIN_COUNTY = 4  # characters from which a county's name is no accident of two words


def find_regions(text: str, spans: Sequence[tuple[int, int]], *, context: Sequence[str] = ()) -> tuple[Mention, ...]:
    """Return what the `spans` of `text` name, in order.

    `context` are names that go with the text and are not in it (publisher, site): they help to decide what a name
    means and are no mentions.
    """
    divisions = load_divisions()
    found = [mention for start, end in spans for mention in _scan(text, start, end, divisions)]
    around = [mention for words in context for mention in _scan(words, 0, len(words), divisions)]
    firm = [mention for mention in found if len(mention.codes) == 1 and not mention.is_hint]
    beside = {mention.codes[0] for mention in (*firm, *around) if len(mention.codes) == 1}
    # What a name means depends on its line alone, so each is settled once a line, however often it stands there.
    breaks = [match.start() for match in re.finditer("\n", text)]
    firm_in: defaultdict[int, set[str]] = defaultdict(set)
    for mention in firm:
        firm_in[bisect_left(breaks, mention.start)].add(mention.codes[0])
    settled: dict[tuple[int, tuple[str, ...]], tuple[str, ...]] = {}
    for number, mention in enumerate(found):
        if len(mention.codes) > 1:
            line = bisect_left(breaks, mention.start)
            if (line, mention.codes) not in settled:
                settled[line, mention.codes] = _settle(mention.codes, (firm_in[line], beside), divisions)
            found[number] = replace(mention, codes=settled[line, mention.codes])
    return tuple(found)


def _scan(text: str, start: int, end: int, divisions: Divisions) -> Iterator[Mention]:
    kept = text[start:end]
    previous: Mention | None = None
    free_from = 0
    for match in divisions.start.finditer(kept):
        at = match.start()
        if at < free_from:
            continue
        for word in divisions.heads.get(kept[at : at + 2], ()):
            if not kept.startswith(word, at):
                continue
            mention = _read(kept, at, word, previous, start, divisions)
            if mention is not None:
                yield mention
                if mention.is_hint:
                    continue  # the place in a name counts by itself: 北京普惠健康保
                previous = mention
                free_from = at + len(word)
                break


def _read(kept: str, at: int, word: str, previous: Mention | None, offset: int, divisions: Divisions) -> Mention | None:
    """Return what `word` at `kept[at:]` means, or None where it is no place or part of another word."""
    end = at + len(word)
    names = divisions.words[word]
    if names[0].kind == "app":
        return Mention(offset + at, offset + end, (names[0].code,), is_hint=True)
    behind: list[Name] = []
    is_behind_place = False
    if previous is not None and _GAP.fullmatch(kept, previous.end - offset, at):
        is_behind_place = True
        behind = [n for n in names if any(divisions.is_under(n.code, code) for code in previous.codes)]
    candidates = [
        name
        for name in behind or names
        if _counts(
            kept, at, end, name, cautions=divisions.cautions, is_inside=bool(behind), is_behind_place=is_behind_place
        )
    ]
    if not candidates:
        return None
    # A province goes before a city of its name (吉林), a prefecture before the county in it (恩施).
    rank = min(_RANK[name.kind] for name in candidates)
    codes = tuple(dict.fromkeys(name.code for name in candidates if _RANK[name.kind] == rank))
    return Mention(offset + at, offset + end, codes)


_RANK = {"province": 0, "province_short": 0, "city": 1, "city_short": 1, "county": 2, "county_short": 2, "app": 3}


def _counts(
    kept: str, at: int, end: int, name: Name, *, cautions: Cautions, is_inside: bool, is_behind_place: bool
) -> bool:
    """Say whether the word at `[at, end)` may mean `name`. `is_inside`: the place it lies in stands directly before."""
    word = kept[at:end]
    before, after = kept[at - 1 : at], kept[end : end + 1]
    is_short = name.kind.endswith("short")
    if before and before in cautions.before.get(word, "") and not is_behind_place:
        return False
    if after and after in cautions.behind.get(word, ""):
        return False
    if word in cautions.office:
        return is_inside and _OFFICE.match(kept, end) is not None
    if word in cautions.inside and not is_inside and not name.kind.startswith("province"):
        return False
    if is_short and _NOT_A_PLACE.match(kept, end):
        return False
    if word[-1] == "市" and after == "场":
        return False
    if name.kind == "county_short":
        return is_inside and word not in cautions.never
    if name.kind == "city_short":
        return is_inside or _is_border(kept, at) or is_behind_place or _BEHIND.match(kept, end) is not None
    if name.kind == "county":
        if word[-1] in "区县" and _ONE_WORD_ON.match(kept, end):
            return False
        if len(word) == 2:
            return is_inside
        return is_inside or is_behind_place or len(word) >= _MIN_PLAIN_COUNTY or _is_border(kept, at)
    return True


def _is_border(kept: str, at: int) -> bool:
    """Say whether a word may begin at `at`: nothing, a sign, a figure or a word that ends there stands before it."""
    before = kept[at - 1 : at]
    return not before.isalpha() or before.isascii() or before in _BEFORE or kept[max(0, at - 2) : at] in _BEFORE_PAIRS


def _settle(codes: tuple[str, ...], near: Iterable[Set[str]], divisions: Divisions) -> tuple[str, ...]:
    """Return the one division of `codes` that is meant, if one of the sets `near`, nearest first, says so; else all."""
    for others in near:
        # First what lies in the same city or is that city, then what lies in the same province.
        for is_close in (_shares_city, _shares_province):
            likely = tuple(code for code in codes if any(is_close(code, other, divisions) for other in others))
            if likely:
                return likely if len(likely) == 1 else codes
    return codes


def _shares_city(code: str, other: str, divisions: Divisions) -> bool:
    above = divisions.parent(code)
    return other == above or (divisions.parent(other) == above and not divisions.names[other].endswith("省"))


def _shares_province(code: str, other: str, _: Divisions) -> bool:
    return code[:2] == other[:2]
