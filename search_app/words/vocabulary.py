"""The sub-corpus that every part of exploring speaks of, and the part that counts words."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "subcorpus": ("子库", "Sub-corpus"),
    "subcorpus_whole": ("全部", "Everything"),
    "subcorpus_articles": ("{count} 篇文章", "{count} articles"),
    "subcorpus_articles_one": ("1 篇文章", "1 article"),
    "subcorpus_chars": ("{count} 字", "{count} characters"),
    "subcorpus_choose": ("筛选，选出另一个子库", "Choose another sub-corpus"),
    "subcorpus_link": ("复制子库链接", "Copy link"),
    "subcorpus_link_label": (
        "复制这个子库在这一版资料里的固定链接",
        "Copy a lasting link to this sub-corpus in this build",
    ),
}
