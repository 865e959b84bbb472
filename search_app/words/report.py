"""How to report a mistake of the cleaning."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "report_box": ("报告清洗错误", "Report a mistake of the cleaning"),
    "report_keep": ("这里不该删", "This was wrongly removed"),
    "report_remove": ("这里该删", "This should be removed"),
    "report_what_keep": (
        "下面这一行会把这处移除还给文章，推荐条目按整条归还。",
        "This line gives the removal back to the article, a recommendation item as a whole.",
    ),
    "report_what_remove": (
        "下面的内容会从文章里移除标出的文字所在的整行。",
        "This removes the whole line, or lines, in which the marked words stand.",
    ),
    "report_line": ("写进 overrules.tsv 的内容", "What goes into overrules.tsv"),
    "report_copy": ("复制", "Copy"),
    "report_then": (
        "请交给维护人员：添到网页文件夹旁边的 overrules.tsv 末尾（没有就新建，存为 UTF-8），再运行 policykb rebuild，"
        "新构建就会照办，并把理由记在清洗记录里。",
        "Give it to the maintainer: added at the end of overrules.tsv beside the folder of pages (a new UTF-8 file "
        "where there is none), it is obeyed by the next policykb rebuild, which keeps the reason in the ledger.",
    ),
    "report_undo": (
        "这处是人工移除的。要还原，请删去 overrules.tsv 的第 {line} 行，再运行 policykb rebuild。",
        "A person removed this. To take it back, {line} and run policykb rebuild.",
    ),
    "report_impossible": (
        "overrules.tsv 写不出这一处：文件名里有制表符、换行或首尾空格，或者这里没有看得见的字。请把文件改名后重建。",
        "overrules.tsv cannot name this place: the file name holds a tab, a line break or blanks at its ends, or there "
        "are no visible words here. Rename the file and rebuild.",
    ),
    "why_keep": ("属于正文", "belongs to the article"),
    "why_remove": ("不属于正文", "no part of the article"),
}
