"""The sub-corpus that every part of exploring speaks of, and the part that counts words."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "subcorpus": ("子库", "Sub-corpus"),
    "subcorpus_whole": ("全部", "Everything"),
    "subcorpus_articles": ("{count} 篇文章", "{count} articles"),
    "subcorpus_articles_one": ("1 篇文章", "1 article"),
    "subcorpus_passages": ("{count} 个段落", "{count} passages"),
    "subcorpus_passages_one": ("1 个段落", "1 passage"),
    "subcorpus_chars": ("{count} 字", "{count} characters"),
    "subcorpus_chars_one": ("1 字", "1 character"),
    "subcorpus_link": ("复制链接", "Copy link"),
    "subcorpus_link_label": (
        "复制这个子库在这一版资料里的固定链接",
        "Copy a lasting link to this sub-corpus in this build",
    ),
    "words_label": ("查一个词或短语", "A word or phrase"),
    "words_hint": ("查一个词，例如 断缴", "A word, such as 断缴"),
    "words_look": ("查词", "Look up"),
    "words_all": ("← 全部用词", "← All words"),
    "words_key": ("和其余资料相比", "Against the rest"),
    "words_key_sizes": (
        "{articles} 篇、{chars} 字，与其余 {rest_articles} 篇、{rest_chars} 字相比；比较了 {tested} 个词。",
        "{articles} articles with {chars} characters against {rest_articles} with {rest_chars};"
        " {tested} words compared.",
    ),
    "words_key_how": (
        "差别是每百万字频次之比。G² 是对数似然，越大越不像偶然；p 已按词数校正。同一篇里的重复并不独立，"
        "所以也看独立文章数；少于 {min} 篇的词不列。",
        "The ratio is of frequencies per million characters. G² is log-likelihood: the larger, the less likely chance;"
        " p is corrected for the number of words. Repeats within an article are not independent, so look at the"
        " distinct articles too; words in fewer than {min} are not listed.",
    ),
    "words_more": ("用得更多 {count}", "Used more {count}"),
    "words_less": ("用得更少 {count}", "Used less {count}"),
    "words_sides": ("更多还是更少", "More or less"),
    "words_none": ("没有差别大到不像偶然的词", "No word differs by more than chance"),
    "words_none_more": (
        "子库太小或与其余资料很像。换一个筛选，或去掉一项。",
        "The sub-corpus is small or much like the rest. Try other filters, or fewer.",
    ),
    "words_frequent": ("最常用的词", "The most frequent words"),
    "words_frequent_how": (
        "共 {words} 个词，列出最常用的 {shown} 个。不分词：医保 也数在 居民医保 里。均匀度是 Gries 的 DP，"
        "按 Lijffijt 和 Gries（2012）归一（DPnorm）：0 最均匀，接近 1 说明只集中在少数文章里。"
        "加上筛选，就和其余资料比较。",
        "{words} words, the {shown} most frequent listed. Nothing is segmented: 医保 counts inside 居民医保 as well."
        " Spread is Gries’ DP, normalised after Lijffijt and Gries 2012 (DPnorm): 0 is perfectly even, near 1 the word"
        " keeps to few articles. Add a filter to compare with the rest.",
    ),
    "words_small": (
        "只有 {articles} 篇文章，数字随一两篇就会变，不足以下结论。",
        "Only {articles} articles: one or two of them decide these figures. Too few to conclude from.",
    ),
    "words_small_one": (
        "只有 1 篇文章，不足以下结论。",
        "Only one article: too few to conclude from.",
    ),
    "words_order": ("排序", "Order"),
    "words_order_keyness": ("按把握", "by certainty"),
    "words_order_effect": ("按差别", "by ratio"),
    "words_order_frequency": ("按频次", "by frequency"),
    "words_order_texts": ("按文章数", "by articles"),
    "words_order_even": ("按均匀度", "by evenness"),
    "words_order_g2": ("按把握", "by certainty"),
    "words_order_dice": ("按 logDice", "by logDice"),
    "words_order_mi": ("按 MI", "by MI"),
    "words_order_count": ("按次数", "by count"),
    "words_col_word": ("词", "Word"),
    "words_col_effect": ("差别", "Ratio"),
    "words_col_here": ("这里 / 百万字", "Here / million"),
    "words_col_rest": ("其余 / 百万字", "Rest / million"),
    "words_col_g2": ("G²", "G²"),
    "words_col_texts": ("独立文章", "Distinct articles"),
    "words_col_count": ("次数", "Count"),
    "words_col_million": ("每百万字", "Per million"),
    "words_col_articles": ("文章", "Articles"),
    "words_col_dp": ("均匀度 DPnorm", "Spread DPnorm"),
    "words_col_sides": ("左 / 右", "Left / right"),
    "words_col_dice": ("logDice", "logDice"),
    "words_col_mi": ("MI", "MI"),
    "words_col_period": ("时间", "Period"),
    "words_col_interval": ("95% 区间", "95% interval"),
    "words_col_share": ("有这个词的文章", "Articles with it"),
    "words_g2_title": ("校正后 p {p}；log ratio {ratio}", "corrected p {p}; log ratio {ratio}"),
    "words_picture": ("画成图：log ratio", "As a picture: log ratio"),
    "words_picture_desc": (
        "{subcorpus} 与其余资料相比的 log ratio：向右用得更多，向左用得更少，+1 是两倍。",
        "Log ratio of {subcorpus} against the rest: right is used more, left is used less, +1 is twice as often.",
    ),
    "words_times": ("{times} 倍", "× {times}"),
    "words_only": ("只在这里", "only here"),
    "words_absent": ("这里没有", "not here"),
    "words_part": ("1/{times}", "1/{times}"),
    "words_next": ("下一页", "Next"),
    "words_before": ("上一页", "Previous"),
    "words_page": ("第 {first}–{last} 个，共 {count} 个", "{first}–{last} of {count}"),
    "words_nowhere": ("子库里没有“{word}”", "“{word}” is not in this sub-corpus"),
    "words_nowhere_more": (
        "换一种说法，或去掉一项筛选。",
        "Try other words, or drop a filter.",
    ),
    "words_stands": (
        "{count} 处 · 每百万字 {million} · {articles} / {all} 篇文章（{share}）· {texts} 篇独立文章"
        " · 均匀度 DPnorm {dp}",
        "{count} places · {million} per million characters · in {articles} of {all} articles ({share}) · {texts}"
        " distinct articles · spread DPnorm {dp}",
    ),
    "words_kwic": ("逐处看上下文 →", "See every place in context →"),
    "words_where": ("分布", "Where it stands"),
    "words_where_desc": (
        "全部 {articles} 篇文章首尾相接，每一道是“{word}”出现的一处，共 {count} 处。",
        "All {articles} articles end to end; each stroke is a place of “{word}”, {count} in all.",
    ),
    "words_first": ("第一篇", "first article"),
    "words_last": ("最后一篇", "last article"),
    "words_most": ("出现最多的文章", "The articles with the most places"),
    "words_in_article": ("{count} 处，每千字 {rate}", "{count} places, {rate} per thousand characters"),
    "words_in_article_one": ("1 处，每千字 {rate}", "1 place, {rate} per thousand characters"),
    "words_comma": ("、", ", "),
    "words_over_time": ("变化", "Over time"),
    "words_trend_none": (
        "没有两个时间各有 {fewest} 篇文章，不画图。",
        "No two periods have {fewest} articles each: no picture.",
    ),
    "words_captured": ("按文章日期", "By date of the article"),
    "words_year": ("按文中提到的年份", "By year mentioned"),
    "words_trend_desc": (
        "“{word}”每百万字的频次，{first} 至 {last}，带 95% 区间。",
        "“{word}” per million characters, {first} to {last}, with intervals of 95 %.",
    ),
    "words_point": (
        "{period}：每百万字 {million}（{low}–{high}），{articles} 篇文章里的 {with_word} 篇",
        "{period}: {million} per million ({low}–{high}), in {with_word} of {articles} articles",
    ),
    "words_trend_small": (
        "空心点不足 {small} 篇文章，不要当作变化：{periods}。",
        "Hollow points stand on fewer than {small} articles, not to be read as a change: {periods}.",
    ),
    "words_trend_hidden": (
        "不足 {fewest} 篇文章的时间只列在数字表里。",
        "Periods with fewer than {fewest} articles stand in the figures only.",
    ),
    "words_undated": ("{count} 篇没有日期或年份，没有画进来。", "{count} articles of no date or year are not in it."),
    "words_year_note": (
        "一篇文章提到几个年份，就在几个年份里各算一次。",
        "An article counts in every year that it names.",
    ),
    "words_figures": ("数字表", "The figures"),
    "words_per_million": ("/百万字", "per million"),
    "words_beside": ("搭配", "Words beside it"),
    "words_beside_how": (
        "和“{word}”相隔不到 {window} 个字的词，点开看两者一起出现的每一处。G² 说明有多不像偶然，"
        "logDice 可在不同资料间比较。",
        "Words with fewer than {window} characters between them and “{word}”; click one to see both in context. G² says"
        " how unlikely chance is, logDice can be compared between collections.",
    ),
    "words_beside_read": (
        "“{word}”有 {places} 处，均匀取 {read} 处来数搭配。",
        "“{word}” has {places} places; {read} of them, evenly spaced, were read for this table.",
    ),
    "words_beside_none": (
        "没有和它一起出现 3 次以上的词。",
        "No word stands beside it three times or more.",
    ),
    "words_window": ("相隔", "Window"),
    "words_window_chars": ("{count} 字", "{count} characters"),
}
