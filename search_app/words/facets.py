"""The filters, their counts, and what is left without one."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "filters": ("筛选", "Filters"),
    "filters_count": ("筛选（已选 {count} 项）", "Filters ({count} chosen)"),
    "filters_clear": ("清除全部筛选", "Clear all filters"),
    "filters_chosen": ("已选的筛选", "Filters chosen"),
    "filters_more": ("更多 {count} 项", "{count} more"),
    "filters_unlisted": ("另有 {count} 项没有列出", "{count} more are not listed"),
    "filters_scope": (
        "答案和段落只来自符合筛选的 {articles} 篇文章。",
        "Answer and passages come from the {articles} articles that meet the filters.",
    ),
    "filters_scope_one": (
        "答案和段落只来自符合筛选的 1 篇文章。",
        "Answer and passages come from the one article that meets the filters.",
    ),
    # What a click does, for who hears the link: the sign before and behind the value.
    "filter_add": ("加上筛选 ", "Add filter "),
    "filter_drop": ("去掉筛选 ", "Remove filter "),
    "filter_articles": (" 篇", " articles"),
    "filters_nothing": ("符合筛选的文章里没有找到", "Nothing found under these filters"),
    "filters_nothing_more": (
        "去掉其中一项再看，旁边是去掉以后还剩的文章数：",
        "Drop one of them; beside it stands how many articles are left then:",
    ),
    "filters_left": ("剩 {articles} 篇", "{articles} left"),
    "facet_region": ("地区", "Place"),
    "facet_scheme": ("险种", "Scheme"),
    "facet_year": ("年份", "Year"),
    "facet_site": ("来源网站", "Site"),
    "facet_confidence": ("清洗", "Cleaning"),
    "none_region": ("未提地区", "No place named"),
    "none_scheme": ("未提险种", "No scheme named"),
    "none_year": ("未提年份", "No year named"),
    "none_site": ("来源不明", "Site unknown"),
    "cleaning_sure": ("清洗可靠", "Cleaned reliably"),
    "cleaning_doubtful": ("清洗存疑", "Cleaning in doubt"),
    "since_chip": ("{date} 起", "from {date}"),
    "until_chip": ("到 {date}", "until {date}"),
}
