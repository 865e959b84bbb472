"""Finds what text generators leave behind: repeated orders, talk of search results, citations that cite nothing.

Each rule is one row with a name, the strings one of which must stand in the text, and a pattern. A rule tells what was
left behind, never that a text is wrong, and removes nothing: a trace is shown beside the text. Precise rather than
complete: an article about text generators, a guide to a search engine and footnotes with their notes have none, and
what stands directly behind a quotation mark is quoted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass

MAX_QUOTE_CHARS = 60
# Marks left by a converter and numbers of lost notes; people leave them too.
HARMLESS = ("markup", "citation")
# One [1] may be a note that a page lost; two or more without any note are the numbers of a generator's sources.
MIN_EMPTY_CITATIONS = 2
# No pattern reaches further from the string it needs.
CHARS_BEFORE_NEED = 40
CHARS_BEHIND_NEED = 160


@dataclass(frozen=True, slots=True)
class Trace:
    """`quote == text[start:end]` of what was searched, cut after `MAX_QUOTE_CHARS`; `kind` names the rule."""

    kind: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class _Rule:
    kind: str
    needs: tuple[str, ...]
    pattern: re.Pattern[str]
    lead: int | None = None  # a match has a needed string at most so many characters behind its start; None: any window

    @property
    def firsts(self) -> Set[str]:
        """The first characters of the needed strings."""
        return {need[0] for need in self.needs}


# The beginning of a text, line or sentence; a snippet's summary has spaces where its lines ended.
_START = r"(?:(?<=[\n。！？!?;；>\s])|\A)"
_COMMA = r"\s*[,，!！:：。、]\s*"
_WRITING = r"(?:写|撰写|生成|创作|回答|整理|总结|提供|解释|分析|介绍|推荐|列出)"

_RULES = (
    # The order, repeated: "好的,用户让我写一篇…", "嗯,用户想了解…", "用户要求第一段…"
    _Rule(
        "order",
        ("用户", "好的", "嗯"),
        re.compile(
            rf"{_START}(?:好的?|嗯+|首先|那么|综上所述|总之|现在){_COMMA}(?:这个|该|这位)?用户"
            r"(?:让|要|要求|希望|想|需要|问|询问|提到|提供|给|的(?:问题|需求|要求|查询))"
            rf"|(?:这个|该|这位)?用户(?:让|要求|希望|想让|需要)我(?:来|帮|去)?{_WRITING}"
            r"|用户要求(?:第[一二三]段|开头|文章|结尾|标题|每段|加粗|字数|用|使用|按照)"
            rf"|{_START}(?:好的?|嗯+){_COMMA}我(?:现在)?(?:需要|得|要)(?:先)?(?:理解|处理|回答|根据|按照|帮|仔细|{_WRITING})"
        ),
    ),
    # Thinking aloud, in the marks of the models that do so.
    _Rule("thinking", ("<think", "</think", "&lt;think"), re.compile(r"(?:<|&lt;)/?think(?:ing)?(?:>|&gt;)")),
    # Material the reader never sees: "根据搜索结果,…", "搜索结果中并没有直接提及…", "根据搜索材料和我的知识"
    _Rule(
        "search_results",
        ("搜索结果", "搜索材料", "检索结果", "搜索资料", "搜索信息", "我的知识", "我搜索到"),
        re.compile(
            rf"{_START}(?:根据|基于|综合|结合)(?:以上|上述|现有|您提供的|提供的|目前|最新|相关|我的)?(?:的)?(?:搜索|检索)"
            r"(?:到的)?(?:结果|材料|资料|信息)(?:显示|和|与|来看|中)?\s*(?:[,，:：]|我的知识)(?!\s*(?:再|逐|点击|选择|打开|进入|找到|可以筛选))"
            r"|(?:未|没有?|并未|无法)(?:能)?在(?:当前|现有|提供的|以上)?(?:的)?(?:搜索|检索)(?:结果|材料|资料)中(?:明确|直接|具体|找到|提及|提到|说明|获取)"
            r"|(?:当前|现有|提供的|以上)?(?:的)?(?:搜索|检索)(?:结果|材料|资料)(?:中|里)?(?:并|暂|均|都|也)?(?:没有|未|无)"
            r"(?:直接|明确|具体|详细)?(?:提及|提到|提供|说明|涉及|列出|找到|给出|最新)"
            r"|(?:可以|能够?)从(?:搜索|检索)结果中(?:找到|看出|得知|了解|获取|总结)(?:一些|到)?"
            r"|(?:根据|结合|和|与)我的知识(?:库|储备)?\s*[,，]"
        ),
    ),
    # Speaking as a program: "作为一个AI语言模型,我…", "我的知识截止…"
    _Rule(
        "assistant",
        ("AI", "人工智能", "模型", "知识", "ssistant", "实时"),
        re.compile(
            r"作为(?:一[个款名位])?(?:AI|人工智能|大型?语言模型|智能)(?:大?语言)?(?:大?模型|助手|助理|机器人)?\s*[,，]\s*我(?!们)"
            r"|我(?:只)?是一[个款名位](?:AI|人工智能|大型?语言模型|智能助手)(?:语言模型|助手|模型|助理)?\s*[,，]\s*(?:我)?(?:无法|不能|没有|并不|不具备)"
            r"|我的(?:知识|训练数据)(?:库)?(?:更新)?截止(?:到|至|于|日期)"
            r"|我(?:目前)?(?:无法|不能)(?:访问|浏览|获取)(?:实时|互联网|最新的?网络|外部)"
            r"|\b[Aa]s an? (?:AI|artificial intelligence)(?: language)?(?: model| assistant)?, I\b"
            r"|\b[Mm]y knowledge (?:cut-?off|was last updated)"
        ),
    ),
    # Handing over: "好的,我来…", "以下是一篇关于…的文章", "Sure, here is"
    _Rule(
        "handover",
        ("好的", "当然", "没问题", "以下是", "下面是", "ure", "ertainly", "f course"),
        re.compile(
            rf"{_START}(?:好的|当然(?:可以)?|没问题){_COMMA}(?:我(?:来|将|会|为[您你]|帮[您你])|(?:以下|下面|这里)是|这是)"
            rf"|{_START}(?:以下|下面)是(?:一篇|为[您你](?:撰写|生成|创作|写)|根据[您你]|按照[您你]|符合[您你]?(?:的)?要求)[^。\n]{{0,40}}?(?:文章|稿件|回答|内容|文案|范文)?\s*[:：]"
            r"|\b(?:Sure|Certainly|Of course)[,!.] (?:here(?:'s| is| are)|I(?:'ll| will| can))\b",
        ),
        lead=1,
    ),
    # Taking leave: "希望以上内容对您有所帮助", "如有其他问题,请随时告诉我"
    _Rule(
        "leave",
        ("希望", "随时", "hope this"),
        re.compile(
            r"希望(?:以上|这些|上述|我的)(?:的)?(?:内容|信息|回答|解答|建议|介绍|分析)(?:能够?|可以|会)?对[您你]有(?:所)?帮助"
            r"|(?:如果?|若)[您你]?(?:还)?有(?:其他|任何|更多|别的)(?:的)?(?:问题|疑问|需求|需要)[,，]?(?:欢迎|请|可以)?(?:您|你)?随时(?:告诉|问|向|联系)?我(?!们)"
            r"|\b[Ii] hope this (?:helps|information|article)"
        ),
        lead=14,
    ),
    # What a site must say, or what a model adds: "本文由AI生成", "（注：以上内容根据公开资料整理）"
    _Rule(
        "disclosure",
        ("生成", "创作", "撰写", "注:", "注："),
        re.compile(
            r"(?:本文|内容|文章|答案|以上|回答|摘要)(?:均|系|是)?(?:由|为)\s*(?:AI|人工智能|大(?:语言)?模型|机器|智能助手|AIGC)(?:大模型)?\s*(?:辅助|自动|智能)?"
            r"(?:生成|创作|撰写|合成)(?!的|式|内容的|物)"
            r"|[（(]\s*注\s*[:：]\s*(?:以上|本文|上述|文中|本回答)(?:的)?(?:所有)?(?:内容|信息|数据|回答|文章)?[^（()）\n]{0,12}"
            r"(?:根据|基于|综合|整理自|生成|搜索|虚构|示例|模拟)[^（()）\n]{0,60}[)）]"
        ),
    ),
    # Marks of a chat window that a page does not show as such.
    _Rule(
        "markup",
        ("**", "##", "$$", "\\", "```", "|-", "| -"),
        re.compile(
            r"(?<!\*)\*\*(?=\S)[^*\n]{1,60}(?<=\S)\*\*(?!\*)"
            r"|(?:(?<=\n)|\A)#{2,6} (?=\S)[^\n]{0,20}|(?<=[ 。])#{3,6} (?=\S)[^\n]{0,20}"
            r"|\\(?:text|frac|times|boxed)\s?\{|```|\| {0,3}:?-{3,9}:? {0,3}\|"
        ),
    ),
    # Numbers of sources in the marks of chat programs; plain [1] is looked at in `_empty_citations`.
    _Rule(
        "citation",
        ("citation:", "†", "[^", "oaicite", "contentReference", "turn0", "[来源", "[网页", "[webpage", "[source"),
        re.compile(
            r"\[citation:\s*\d+\]|【\d+†[^】\n]{0,20}】|\[\^\d+\^?\](?!:)|:?contentReference\[oaicite:\d+\]|\bturn\d+(?:search|view|news)\d+"
            r"|\[(?:来源|网页|webpage|source)\s*\d+\]"
        ),
    ),
)
# One number or a range; [0,1] is an interval. A colon behind it makes it a note, 号 the number of a document.
_NUMBER = re.compile(r"[\[［]([1-9]\d?(?:\s?[-–—]\s?\d{1,2})?)[\]］](?![号期（(]|\s?[:：])")
_NOTE = re.compile(r"(?:^|(?<=\s))[\[［](\d{1,2})[\]］]\s*(?=[^\s\[［,，。;；、)）])", re.MULTILINE)


def _place_of_any(strings: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern that matches the first character of each of `strings`, wherever one stands.

    Parted by that character, for the search then skips all others at once: an eighth of the time of a search for each.
    """
    rests: dict[str, list[str]] = {}
    for string in strings:
        rests.setdefault(string[0], []).append(re.escape(string[1:]))
    return re.compile("|".join(f"{re.escape(first)}(?={'|'.join(rest)})" for first, rest in rests.items()))


# A trace is quoted to the end of its clause, so that a reader sees what was said; markup says all by itself.
_CLAUSE = re.compile(r"[^。！？；，,;!?\n]{0,40}")
_WHOLE = ("markup",)
_CITATION_STARTS = ("[", "［")
_NEEDED = _place_of_any((*(need for rule in _RULES for need in rule.needs), *_CITATION_STARTS))


def trace_hints(text: str) -> list[int]:
    """Return where in `text` something begins that every trace needs: a stretch without one has no trace."""
    return [match.start() for match in _NEEDED.finditer(text)]


def find_traces(text: str, start: int = 0) -> tuple[Trace, ...]:
    """Return the traces of text generators in `text`, in order and apart; offsets count from `start`.

    A text without any of the needed strings costs one search for all of them and nothing more.
    """
    firsts = frozenset(_NEEDED.findall(text))
    if not firsts:
        return ()
    found = [trace for rule in _RULES if not firsts.isdisjoint(rule.firsts) for trace in _by_rule(text, rule)]
    if not firsts.isdisjoint(_CITATION_STARTS):
        found += _empty_citations(text)
    traces: list[Trace] = []
    for trace in sorted(found, key=lambda trace: (trace.start, -trace.end)):
        if not traces or trace.start + start >= traces[-1].end:
            traces.append(Trace(trace.kind, trace.start + start, trace.end + start, trace.quote))
    return tuple(traces)


def _by_rule(text: str, rule: _Rule) -> Iterator[Trace]:
    for match in _matches(text, rule):
        before = text[max(0, match.start() - MAX_QUOTE_CHARS) : match.start()]
        if max(map(before.rfind, "“‘「『")) > max(map(before.rfind, "”’」』\n")):
            continue  # quoted: the text speaks of such a phrase
        end = match.end() if rule.kind in _WHOLE else _CLAUSE.match(text, match.end()).end()  # type: ignore[union-attr]
        yield Trace(rule.kind, match.start(), end, text[match.start() : end][:MAX_QUOTE_CHARS])


def _matches(text: str, rule: _Rule) -> Iterator[re.Match[str]]:
    """Yield what the rule's pattern matches near the needed strings: patterns are slow, and hardly ever needed."""
    if rule.lead is None:
        for left, right in _windows(text, rule.needs, CHARS_BEFORE_NEED, CHARS_BEHIND_NEED):
            yield from rule.pattern.finditer(text, left, right)
        return
    end = 0
    for left, right in _windows(text, rule.needs, rule.lead, 1):
        for start in range(left, right):
            if start >= end and (match := rule.pattern.match(text, start, start + CHARS_BEHIND_NEED)):
                end = match.end()
                yield match


def _windows(text: str, needs: tuple[str, ...], before: int, behind: int) -> list[tuple[int, int]]:
    """Return the stretches around the needed strings, in order and apart."""
    places = []
    for need in needs:
        place = text.find(need)
        while place >= 0:
            places.append(place)
            place = text.find(need, place + len(need))
    windows: list[tuple[int, int]] = []
    for place in sorted(places):
        left, right = max(0, place - before), place + behind
        if windows and left <= windows[-1][1]:
            windows[-1] = (windows[-1][0], right)
        else:
            windows.append((left, right))
    return windows


def _empty_citations(text: str) -> list[Trace]:
    """Return numbers in brackets behind words, of which not one has a note on the page."""
    notes = {match[1] for match in _NOTE.finditer(text)}
    found = [
        Trace("citation", match.start(), match.end(), match.group())
        for match in _NUMBER.finditer(text)
        if match.start() and not text[match.start() - 1].isspace()
    ]
    numbers = {number for trace in found for number in re.findall(r"\d+", trace.quote)}
    return found if len(found) >= MIN_EMPTY_CITATIONS and not numbers & notes else []
