"""The concordance: a word or a pattern with what stands left and right of it."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "kwic_label": ("词语或表达式", "Phrase or pattern"),
    "kwic_hint": ("要找的词语，例如 断缴", "A phrase to find, such as 断缴"),
    "kwic_find": ("查找", "Find"),
    "kwic_as": ("怎样查找", "How to search"),
    "kwic_phrase": ("按词语", "Phrase"),
    "kwic_regex": ("按正则表达式", "Regular expression"),
    "kwic_sort": ("次序", "Order"),
    "kwic_sort_page": ("原文次序", "as in the build"),
    "kwic_sort_left": ("按左文", "by left context"),
    "kwic_sort_right": ("按右文", "by right context"),
    "kwic_sort_how": (
        "从紧挨着的字开始逐字比较，汉字按拼音（不分声调）；一样的照原文次序。",
        "Character by character from the match outwards, Chinese by pinyin without tones; ties as in the build.",
    ),
    "kwic_width": ("左右字数", "Characters each side"),
    "kwic_matches": ("{count} 次", "{count} matches"),
    "kwic_matches_one": ("1 次", "1 match"),
    "kwic_in": ("见于", "in"),
    "kwic_lines": ("各处上下文", "Lines of the concordance"),
    "kwic_line": ("打开原文", "Open the source"),
    "kwic_before": ("左边常见", "Often left"),
    "kwic_after": ("右边常见", "Often right"),
    "kwic_beside_how": ("点一个，连同它一起找", "Click one to search with it"),
    "kwic_shown": ("第 {first}–{last} 行，共 {count} 行", "Lines {first}–{last} of {count}"),
    "kwic_pages": ("翻页", "Pages"),
    "kwic_previous": ("← 上一页", "← Previous"),
    "kwic_next": ("下一页 →", "Next →"),
    "kwic_take": (
        "文件和命令给出按上面次序的前 {most} 行；要更多，把命令里的 -n 改大。",
        "Files and lines give the first {most} in this order; for more, raise -n in the command.",
    ),
    "kwic_none": ("没有找到“{pattern}”", "“{pattern}” was not found"),
    "kwic_none_more": (
        "词语要一字不差，空格也算；繁简体、全角半角和大小写不论。换个说法，或试试正则表达式。",
        "A phrase is found exactly as it is, spaces included; width, case and traditional characters do not matter."
        " Try other words or a pattern.",
    ),
    "kwic_none_more_regex": (
        "没有一段原文符合这个表达式。一处匹配不跨段落，空格也算；繁简体、全角半角和大小写不论。放宽一处再试，"
        "例如用 .{{0,6}} 容许中间隔几个字；要找的是运算符本身，前面加 \\。",
        "No passage holds a match of this pattern. A match never crosses two passages, and spaces count; width, case"
        " and traditional characters do not matter. Loosen it, say with .{{0,6}} for a few characters between, or put"
        " \\ before an operator that is meant as a sign.",
    ),
    "kwic_none_filters": ("去掉筛选再找", "Search without the filters"),
    "kwic_none_regex": ("当作正则表达式再找", "Search it as a regular expression"),
    "kwic_none_phrase": ("当作词语再找", "Search it as a phrase"),
    "kwic_wrong": ("表达式第 {place} 个字符这里读不懂", "The pattern cannot be read at character {place}"),
    "kwic_why_set": ("方括号没有合上。", "The set in square brackets is not closed."),
    "kwic_why_backslash": (
        "反斜杠后面的字母没有这种用法；可用 \\d \\w \\s \\b \\p{{Han}}。",
        "A backslash stands before a letter that it gives no meaning to; there are \\d \\w \\s \\b \\p{{Han}}.",
    ),
    "kwic_why_brace": (
        "花括号里应是次数，例如 {{2,4}}；要找花括号本身，写 \\{{。",
        "Braces hold a count such as {{2,4}}; write \\{{ for the sign itself.",
    ),
    "kwic_why_group": (
        "不支持这种括号；可用 (…) (?:…) (?=…) (?!…) (?<=…) (?<!…)。",
        "This kind of group is not understood; there are (…) (?:…) (?=…) (?!…) (?<=…) (?<!…).",
    ),
    "kwic_why_much": ("重复或嵌套太多，展开后太长。", "Too much is repeated or nested."),
    "kwic_why_length": ("太长了，最多 500 个字符。", "It is too long; at most 500 characters."),
    "kwic_why_engine": ("表达式引擎说：{detail}。", "The engine says: {detail}."),
    # What the engine says most often; the rest stays as it says it.
    "kwic_engine_missing )": ("少了右括号 )", "a closing bracket is missing"),
    "kwic_engine_unbalanced parenthesis": ("右括号 ) 多了一个", "a closing bracket too many"),
    "kwic_engine_multiple repeat": ("重复符号连用", "two repeats, one after the other"),
    "kwic_engine_nothing to repeat": ("重复符号前面没有内容", "nothing to repeat stands before it"),
    "kwic_engine_bad character range": ("方括号里的范围前后颠倒", "a range that ends before it begins"),
    "kwic_engine_unknown property": ("没有这种字符类别", "there is no such class of characters"),
    "kwic_engine_invalid group reference": ("引用的括号不存在", "it refers to a group that is not there"),
    "kwic_slow": ("这个表达式太费时，已经停下", "This pattern takes too long and was stopped"),
    "kwic_slow_more": (
        "{seconds} 秒内没有查完。请写明一定会出现的字，少用括号里再套 + 或 * 的写法，或先筛选出较小的子库。",
        "It was not done within {seconds} seconds. Name characters that every match holds, use fewer + and * inside"
        " repeated brackets, or narrow the sub-corpus.",
    ),
    "kwic_try": ("试试这些词语", "Phrases to try"),
    "kwic_try_regex": ("或这些表达式", "Or patterns"),
    "kwic_help": ("中文正则表达式怎么写", "How to write patterns for Chinese"),
    "kwic_help_between": ("“断缴”之后 6 个字以内有“个月”", "断缴 with 个月 at most six characters later"),
    "kwic_help_months": ("中文或阿拉伯数字的月数", "A number of months, in Chinese or Arabic numerals"),
    "kwic_help_percent": ("百分数，带不带小数都行", "A percentage, with or without decimals"),
    "kwic_help_either": ("两种说法任取其一", "Either of two wordings"),
    "kwic_help_year": ("后面不跟“度”的年份", "A year that 度 does not follow"),
    "kwic_help_han": ("“保险”前的两到四个汉字", "Two to four Chinese characters before 保险"),
    "kwic_help_signs": (
        "半角的 . * + ? ( ) [ ] {{ }} | ^ $ \\ 是运算符，前面加 \\ 才是符号本身；全角的（），。总是符号本身。"
        "不分繁简、全半角和大小写。一处匹配不跨段落。",
        "Half-width . * + ? ( ) [ ] {{ }} | ^ $ \\ are operators; with \\ before them they are the signs. Full-width"
        " signs always mean themselves. Width, case and traditional characters do not matter. No match crosses two"
        " passages.",
    ),
}
# The help is the same in both languages but for its words: patterns and the key that explains each.
PATTERNS = (
    (r"断缴.{0,6}个月", "kwic_help_between"),
    (r"[一二三四五六七八九十\d]+个月", "kwic_help_months"),
    (r"\d+(?:\.\d+)?%", "kwic_help_percent"),
    (r"(?:职工|居民)医保", "kwic_help_either"),
    (r"20\d\d年(?!度)", "kwic_help_year"),
    (r"\p{Han}{2,4}保险", "kwic_help_han"),
)
PHRASES = ("断缴", "等待期", "补缴", "异地就医", "视同缴费")
