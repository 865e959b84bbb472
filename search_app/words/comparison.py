"""The comparison: one question, a row for each place, year, scheme or site."""

WORDS = {
    "compare_label": ("要对照的问题", "The question to compare"),
    "compare_hint": ("例如：医保断缴后等待期是多久", "For example: 医保断缴后等待期是多久"),
    "compare_button": ("对照", "Compare"),
    "compare_examples": ("试试这些问题", "Try one of these"),
    "compare_by": ("逐行", "Rows"),
    "compare_across": ("逐列", "Columns"),
    "compare_across_none": ("不分列", "none"),
    "compare_ways": ("按什么对照", "What to compare by"),
    "compare_value": ("{facet}", "{facet}"),
    "compare_says": ("原文怎么说", "What the sources say"),
    "compare_source": ("出处与日期", "Source and date"),
    "compare_caption": (
        "每格是这一行（列）的文章里最能回答问题的原文；没有一句写明的，就写未载明。",
        "Each cell is the sentence that answers best among the articles of that row (and column), word for word, or"
        " not stated.",
    ),
    "compare_stated": ("{stated} 格有原文，{silent} 格未载明", "{stated} cells state it, {silent} do not"),
    "compare_empty": ("{count} 格没有文章", "{count} have no articles"),
    "compare_agree": ("写明的数字一致：{figures}", "All figures stated agree: {figures}"),
    "compare_differ": ("写明的数字有 {count} 种：", "Figures stated, {count} kinds:"),
    "compare_differ_note": (
        "颜色标出的数字，别的格里没有。先对照条件和日期，再下结论。",
        "Coloured figures are not in all other cells. Compare conditions and dates before you conclude.",
    ),
    "compare_and_more": ("等，另有 {count} 格", "and {count} more"),
    "compare_not_stated": ("未载明", "not stated"),
    "compare_silent": (
        "这 {count} 行没有写明，也没有接近的内容：",
        "These {count} rows state nothing, nor come near it:",
    ),
    "compare_silent_one": ("这一行没有写明，也没有接近的内容：", "This row states nothing, nor comes near it:"),
    "compare_no_articles": ("没有文章", "no articles"),
    "compare_near": ("最接近的内容", "nearest passage"),
    "compare_near_score": (
        "估计 {share} 可能答了，满 {least} 才摘录",
        "{share} likely to answer; quoted from {least}",
    ),
    "compare_articles": ("{count} 篇文章", "{count} articles"),
    "compare_articles_one": ("1 篇文章", "1 article"),
    "compare_shared": (
        "所在文章提到了几个{facet}，这句话本身没有指明",
        "the article names more than one {facet}; the sentence names none",
    ),
    "compare_others": ("同一格里另有 {count} 句数字不同", "{count} more with other figures in this cell"),
    "compare_others_one": ("同一格里另有 1 句数字不同", "1 more with another figure in this cell"),
    "compare_partly": ("只写明一部分", "states a part"),
    "compare_band": ("把握{name}", "confidence {name}"),
    "compare_more": (
        "另有 {count} 个{facet}也有相关文章，没有列出；在上面的筛选里选定，就只对照选定的。",
        "{count} more ({facet}) have articles on this and are not listed; choose some in the filters above to compare"
        " just those.",
    ),
    "compare_nothing": ("没有可以对照的内容", "Nothing to compare"),
    "compare_nothing_more": (
        "这个问题没有可查的词，或者筛选以后没有文章。换个说法，或去掉一些筛选再试。",
        "The question has no words to look for, or no article meets the filters. Put it in other words, or drop a"
        " filter.",
    ),
    "compare_sources": ("全部出处（{count}）", "All sources ({count})"),
    "similar_passages": ("相近段落", "Similar passages"),
    "similar_score": ("相近度 {cosine}", "similarity {cosine}"),
    "similar_fold": ("收起", "fold"),
    "similar_note": (
        "按意思相近排列，几乎一样的只列一段。相近不等于说法相同，请对照数字。",
        "Nearest in meaning first, near-identical ones once. Near is not the same: compare the figures.",
    ),
}
