"""The box, its examples, and what is told about the question itself."""

from __future__ import annotations

# Fit the sample corpus; shown as buttons under the empty box. The second text says what the first one asks.
EXAMPLES: tuple[tuple[str, str], ...] = (
    # A number with the condition that belongs to it.
    ("失业保险金最长能领几个月？", "For how many months is unemployment benefit paid at most?"),
    # Figures that differ from year to year and from place to place.
    ("居民医保财政补助标准是多少？", "How much does the state add to residents' insurance?"),
    # A region, whose pages come before those of others.
    ("北京退休，医保要累计缴满多少年？", "Retiring in Beijing: how many years of medical insurance does it take?"),
    # Everyday words for official ones.
    ("断缴三个月，还能报销吗？", "After three months without paying, is there still reimbursement?"),
    # Nothing says this one; a reader shall see early that the page admits it.
    ("社保卡丢了，补办要交多少钱？", "Lost social security card: what does a new one cost?"),
)

WORDS: dict[str, tuple[str, str]] = {
    "hero": ("问一句，看原文怎么说", "Ask, and read what the source says"),
    "hero_more": (
        "答案逐字摘自收录的页面，每一句都能点开核对出处；没有写明的，会直接告诉你。",
        "Answers are quoted word for word from the collected pages, in Chinese, and every sentence leads to its "
        "source. Where no page says it, you are told so.",
    ),
    "question_label": ("你的问题", "Your question"),
    "question_hint": ("例如：医保断缴三个月还能报销吗", "e.g. 医保断缴三个月还能报销吗"),
    "ask_button": ("查询", "Ask"),
    "examples": ("试试这些问题", "Try one of these"),
    "options": ("检索方式", "Options"),
    "mode_label": ("段落按什么排序", "Rank passages by"),
    "mode_hybrid": ("字词与意思（推荐）", "Words and meaning (best)"),
    "mode_dense": ("只看意思", "Meaning only"),
    "mode_lexical": ("只看字词", "Words only"),
    "k_label": ("最多显示几个段落", "How many passages at most"),
    "options_note": ("上方的答案总是同时依据字词与意思。", "The answer above always uses both words and meaning."),
    "marks_note": (
        "引号里的词必须原样出现，减号后的词不要出现：“等待期” 断缴 -居民",
        "A quoted phrase must occur as it is, a word behind a minus must not: “等待期” 断缴 -居民",
    ),
    "suggestion": ("你要问的是不是：", "Did you mean:"),
    "only_excludes": (
        "问题里只有不要的词 {words}，没有要找的内容。请补上要找什么。",
        "The question only excludes {words}; add what to look for.",
    ),
    "none_left_both": (
        "没有一段写有 {phrases} 而不含 {words}。",
        "No passage has {phrases} without {words}.",
    ),
    "none_left_phrases": ("没有一段原样写有 {phrases}。", "No passage has {phrases} word for word."),
    "none_left_excluded": ("去掉含有 {words} 的段落以后，什么也不剩。", "Nothing is left without {words}."),
    "without_marks": ("不限定这些词再问", "Ask without these conditions"),
    "only_asks": (
        "问题里没有可查的内容，请写出要问的事，例如“断缴”“备案”。",
        "The question names nothing to look for; say what it is about, such as 断缴 or 备案.",
    ),
}
