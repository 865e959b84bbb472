"""How many sources stand behind a list; sites are told where any is known."""

WORDS = {
    "sources_label": ("独立来源", "Independent sources"),
    "sources_passages": ("{count} 段", "{count} passages"),
    "sources_passages_one": ("1 段", "1 passage"),
    "sources_texts": ("{count} 个独立文本", "{count} distinct texts"),
    "sources_texts_one": ("1 个独立文本", "1 distinct text"),
    "sources_articles": ("{count} 篇独立文章", "{count} distinct articles"),
    "sources_articles_one": ("1 篇独立文章", "1 distinct article"),
    "sources_sites": ("{count} 个网站", "{count} sites"),
    "sources_sites_one": ("1 个网站", "1 site"),
    "sources_siteless": ("{count} 段网站不详", "{count} of unknown site"),
    "sources_siteless_one": ("1 段网站不详", "1 of unknown site"),
    "sources_one_text": ("（{count} 处，同一文本）", " ({count} places, one text)"),
    "sources_why": (
        "几乎一样的段落只算一个文本，几乎一样的文章只算一篇：转载再多，也只是一个来源。",
        "Near-identical passages are one text, near-identical articles one article: a copy is no further source.",
    ),
}
