"""The box, its examples, and what is told about the question itself."""

from __future__ import annotations

# Written for the sample corpus; index/examples.py decides whether they are shown. What is asked, what that means, and
# the page that it was written for.
EXAMPLES: tuple[tuple[str, str, str], ...] = (
    # A number with the condition that belongs to it.
    (
        "失业保险金最长能领几个月？",
        "For how many months is unemployment benefit paid at most?",
        "unemployment-benefit-guangdong.html",
    ),
    # Figures that differ from year to year and from place to place.
    (
        "居民医保财政补助标准是多少？",
        "How much does the state add to residents' insurance?",
        "resident-premium-2025.html",
    ),
    # A region, whose pages come before those of others.
    (
        "北京退休，医保要累计缴满多少年？",
        "Retiring in Beijing: how many years of medical insurance does it take?",
        "retire-years-beijing.html",
    ),
    # Everyday words for official ones.
    (
        "断缴三个月，还能报销吗？",
        "After three months without paying, is there still reimbursement?",
        "resident-insurance-gap.txt",
    ),
    # Nothing says this one; a reader shall see early that the page admits it.
    ("社保卡丢了，补办要交多少钱？", "Lost social security card: what does a new one cost?", ""),
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
    "pending": ("正在查找…", "Looking it up…"),
    "too_long": (
        "这段文字有 {typed} 个字，只用了前 {used} 个来查找，后面的没有用到。请留下最要紧的一两句再问。",
        "The text has {typed} characters; only the first {used} were used. Keep the one or two sentences that matter "
        "and ask again.",
    ),
    "official": ("也按官方说法找：", "Also looked for in official words: "),
    "official_pair": ("{typed} → {official}", "{typed} → {official}"),
    "official_hint": ("改用官方说法再问：", "ask again in official words: "),
    "options": ("检索方式", "Options"),
    "mode_label": ("段落按什么排序", "Rank passages by"),
    "mode_hybrid": ("字词与意思（推荐）", "Words and meaning (best)"),
    "mode_dense": ("只看意思", "Meaning only"),
    "mode_lexical": ("只看字词", "Words only"),
    "k_label": ("最多显示几个段落", "How many passages at most"),
    "sort_label": ("排序", "Sort by"),
    "sort_relevance": ("相关度", "Relevance"),
    "sort_date": ("最新", "Newest first"),
    "shelf": ("最近与收藏", "Recent and saved"),
    "recent": ("最近的查询", "Recent searches"),
    "recent_note": (
        "这份列表只记在这个标签页里，关掉就没有了，不会发给服务器。",
        "This list is kept in this tab only, is gone when it closes, and is never sent to the server.",
    ),
    "recent_clear": ("清空", "Clear"),
    "recent_cleared": ("最近的查询已清空", "Recent searches cleared"),
    "saved": ("收藏的查询", "Saved searches"),
    "saved_note": ("只存在这台电脑的浏览器里。", "Kept in the browser of this computer only."),
    "save": ("收藏", "Save"),
    "is_saved": ("已收藏", "Saved"),
    "saved_done": ("已收藏这次查询", "Search saved"),
    "saved_removed": ("已从收藏中移除", "Removed from saved searches"),
    "saved_refused": (
        "浏览器不允许保存，没有收藏。可以收藏网址代替。",
        "The browser refuses to store it; nothing was saved. Bookmark the address instead.",
    ),
    "remove": ("移除：", "Remove: "),
    "shelf_empty": ("还没有最近或收藏的查询。", "No recent or saved searches yet."),
    "options_note": ("上方的答案总是同时依据字词与意思。", "The answer above always uses both words and meaning."),
    "marks_note": (
        "引号里的词必须原样出现，减号后的词不要出现：“等待期” 断缴 -居民",
        "A quoted phrase must occur as it is, a word behind a minus must not: “等待期” 断缴 -居民",
    ),
    "box_key_note": ("按 Ctrl+K 随时回到输入框。", "Ctrl+K brings you back to the box."),
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
