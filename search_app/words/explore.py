"""What the frame of the exploring view says; each part has a file of its own."""

WORDS = {
    "explore": ("探索", "Explore"),
    "explore_parts": ("探索的各个部分", "Parts of exploring"),
    "explore_unprepared": ("这一版还没有为探索做好准备", "This build is not prepared for exploring"),
    "explore_words": ("用词", "Words"),
    "explore_words_lead": (
        "这部分资料用得特别多或特别少的词，它们和谁一起出现，随时间怎样变化。",
        "Which words this part of the collection uses more or less than the rest, with what, and when.",
    ),
    "explore_kwic": ("上下文", "Concordance"),
    "explore_kwic_lead": (
        "一个词或句式的每一处出现，左右文对齐，点开即到原文。",
        "Every place of a word or pattern with what stands left and right of it; one click to the source.",
    ),
    "explore_map": ("分布图", "Map"),
    "explore_map_lead": (
        "每个点是一段原文，意思相近的靠在一起。位置只供浏览，不是度量。",
        "Each point is a passage, like near like. Positions are for looking around, not measurements.",
    ),
    "explore_compare": ("对照", "Compare"),
    "explore_compare_lead": (
        "同一个问题，各地、各年、各险种分别怎么说，逐格给出原文。",
        "One question, what each place, year or scheme says, verbatim in every cell.",
    ),
    "explore_conflicts": ("不一致", "Conflicts"),
    "explore_conflicts_lead": (
        "同一件事，不同来源写了不同的数字：期限、比例、金额、年龄。",
        "Where sources give different numbers for the same matter: periods, rates, amounts, ages.",
    ),
    "explore_saved": ("跟踪的问题", "Saved questions"),
    "explore_saved_lead": (
        "每次重建后重新回答一遍，回答变了就列在这里。",
        "Asked again at every rebuild; what is answered differently now stands here.",
    ),
    "explore_card": ("资料说明", "Corpus card"),
    "explore_card_lead": (
        "这批资料有什么、缺什么、怎么来的，可直接放进论文的方法部分。",
        "What the collection holds, lacks and how it was made, fit for the methods section of a paper.",
    ),
}
