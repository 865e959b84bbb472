"""Saved questions: what is answered differently now, and how to add a question."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "saved_count": (
        "{asked} 个跟踪的问题，{changed} 个的回答与构建 {before} 不同。",
        "{changed} of {asked} saved questions are answered differently than by build {before}.",
    ),
    "saved_none_changed": (
        "{asked} 个跟踪的问题，回答都与构建 {before} 相同。",
        "{asked} saved questions; all are answered as by build {before}.",
    ),
    "saved_first": (
        "{asked} 个跟踪的问题。还没有更早的回答可以比较，下次重建后这里会列出变化。",
        "{asked} saved questions. No earlier answers to compare with yet; after the next rebuild changes stand here.",
    ),
    "saved_builds": ("本版 {build}（{at}），对照", "This build {build} ({at}), compared with"),
    "saved_build": ("{build}（{at}）", "{build} ({at})"),
    "saved_undated": ("时间不详", "date unknown"),
    "saved_unchanged": ("没有变化的 {count} 个", "{count} unchanged"),
    "saved_new": ("新加的 {count} 个，还没有更早的回答", "{count} new, without an earlier answer"),
    "saved_since": ("自构建 {build}（{at}）起是这样", "so since build {build} of {at}"),
    "saved_since_first": (
        "至少自构建 {build}（{at}）起是这样，更早没有记录",
        "so at least since build {build} of {at}; nothing was kept before",
    ),
    "saved_what_verdict": ("结论变了", "verdict changed"),
    "saved_what_sentences": ("依据的原文变了", "sentences changed"),
    "saved_what_sources": ("出处变了", "sources changed"),
    "saved_before": ("之前：构建 {build}", "Before: build {build}"),
    "saved_now": ("现在：构建 {build}", "Now: build {build}"),
    "saved_side_before": ("之前", "before"),
    "saved_side_now": ("现在", "now"),
    "saved_nothing_said": ("没有给出原文", "nothing was said"),
    "saved_spoken_before": ("之前：", "before: "),
    "saved_spoken_now": ("现在：", "now: "),
    "saved_asked_under": ("限定：{filters}", "Only: {filters}"),
    "saved_ask": ("现在问一遍", "Ask it now"),
    "saved_add": ("怎样跟踪一个问题", "How to save a question"),
    "saved_add_how": (
        "在下面的文件里加一行，下次重建后就会回答它，以后回答变了会列在这里。两处文件都可以：随资料一起保存的给所有人，"
        "知识库里的只给这一个库。name 可以不写；filters 可以限定地区、险种、年份、网站和日期。",
        "Add one line to a file below. The next rebuild answers it, and changes stand here from then on. Either file"
        " will do: the one beside the corpus goes with it, the one in the base is for this base alone. name may be"
        " left out; filters narrow by region, scheme, year, site and date.",
    ),
    "saved_label": ("要跟踪的问题", "Question to save"),
    "saved_hint": ("写下问题，得到可以复制的一行", "Write a question to get the line to copy"),
    "saved_line": ("得到这一行", "Show the line"),
    "saved_file_beside": ("资料旁", "beside the corpus"),
    "saved_file_base": ("知识库里", "in the base"),
    "saved_file_there": ("已有", "is there"),
    "saved_file_missing": ("还没有", "not there yet"),
    "saved_example_query": ("居民医保断缴后等待期是多久", "居民医保断缴后等待期是多久"),
    "saved_empty": ("还没有跟踪的问题。", "No question is saved yet."),
    "saved_broken": ("跟踪问题的文件读不了", "The file of saved questions cannot be read"),
    "saved_verdict_answered": ("有来源写明", "answered"),
    "saved_verdict_partly": ("来源只写明了一部分", "partly answered"),
    "saved_verdict_not_stated": ("没有写明答案", "not stated"),
    "saved_verdict_outside": ("不在收录范围内", "outside the collection"),
}
