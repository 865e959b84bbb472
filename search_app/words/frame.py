"""What stands around every view: the head, the foot, and how to get the same elsewhere."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "brand": ("医保社保政策检索", "Insurance policy search"),
    "skip": ("跳到正文", "Skip to the content"),
    "ways": ("页面", "Pages"),
    "other_language": ("English", "中文"),
    "other_language_hint": ("Switch to English", "切换到中文"),
    "unofficial": ("非官方，以当地医保部门为准。", "Not official; the local insurance office decides."),
    "build_line": (
        "{articles} 篇文章 · {passages} 个段落 · 构建 {build}",
        "{articles} articles · {passages} passages · build {build}",
    ),
    "pin": ("固定到此构建的链接", "Link pinned to this build"),
    "reproduce": ("用命令或 Python 得到同样的结果", "Get the same from the command line or Python"),
}
