"""The passages and why each stands where it stands."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "passages": ("相关段落", "Passages"),
    "nearest": ("最接近的段落", "Nearest passages"),
    "show_nearest": ("展开最接近的 {count} 个段落", "Show the {count} nearest passages"),
    "no_hits": ("没有找到段落", "No passages found"),
    "no_hits_more": (
        "换个说法，或在“检索方式”里选“字词与意思”再试。",
        "Ask in other words, or choose “Words and meaning” under Options.",
    ),
    "identical": ("另有 {count} 个内容几乎相同的段落", "{count} more passages that say nearly the same"),
    "identical_one": ("另有 1 个内容几乎相同的段落", "1 more passage that says nearly the same"),
    "open_in_article": ("在文章中查看", "Show in the article"),
    "why": ("为什么排在第 {rank}", "Why it ranks {rank}"),
    "why_score": (
        "总分 {score}，由以上各项相加；条越长，影响越大。",
        "Score {score}, the sum of the parts above; a longer bar counts more.",
    ),
    "why_words": ("命中的字词", "Words found"),
    "why_synonym": ("{typed} = {official}", "{typed} = {official}"),
    "why_no_words": ("没有共同的字词，靠意思找到。", "No words in common; found by its meaning."),
    "leg_passage": ("这一段里有问题中的字词", "The passage holds words of the question"),
    "leg_article": ("整篇文章都在讲这些字词", "The whole article is about these words"),
    "leg_context": ("标题里有问题中的字词", "Title and headings hold words of the question"),
    "leg_dense": ("这一段的意思与问题相近", "The passage is close in meaning"),
    "leg_dense_article": ("文章里有意思相近的段落", "The article has a passage close in meaning"),
    "leg_bank": ("官方说法相近（来自常见问法库）", "Close to the official wording of a like question"),
    "leg_region": ("讲的就是问到的地区", "About the place in the question"),
    "leg_region_less": ("讲的是别的地区", "About another place"),
    "leg_year": ("涉及问到的年份", "About the year in the question"),
    "leg_year_less": ("讲的是别的年份", "About other years"),
    "leg_scheme": ("涉及问到的险种", "About the scheme in the question"),
    "leg_scheme_less": ("讲的是另一险种", "About the other scheme"),
    "leg_source": ("来源较权威，同分时优先", "Official source, preferred in a tie"),
    "leg_recency": ("页面较新，同分时优先", "Newer page, preferred in a tie"),
    "leg_reranker": ("重排模型读过后的评分", "Judged by the reranker"),
    "leg_numbers": ("得分 {share} · 原始值 {raw} · 归一 {scaled}", "part {share} · raw {raw} · scaled {scaled}"),
}
