"""The desk card, and copying."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "card": ("办事卡", "Desk card"),
    "slot_conclusion": ("结论", "Conclusion"),
    "slot_steps": ("步骤", "Steps"),
    "slot_papers": ("材料", "Documents"),
    "slot_channels": ("渠道", "Where"),
    "slot_deadlines": ("时限", "Deadlines"),
    "card_empty": ("未载明", "Not stated"),
    "card_again": ("同{slot}", "As under {slot} "),
    "card_more": ("另有 {count} 条，见原文", "{count} more, see the article"),
    "card_question": ("问题", "Question"),
    "card_sources": ("出处", "Sources"),
    "card_partly": ("来源只写明了问题的一部分", "The sources state only a part of what is asked"),
    "card_build": ("构建 {build}", "Build {build}"),
    "card_unofficial": (
        "非官方，以当地医保部门为准",
        "Not official; the local insurance office decides (非官方，以当地医保部门为准)",
    ),
    "card_text": ("要复制的文字", "The text to copy"),
    "card_copy": ("复制", "Copy"),
    "card_copy_long": ("复制办事卡", "Copy the desk card"),
    "card_print": ("打印", "Print"),
    "card_print_long": ("打印办事卡", "Print the desk card"),
    "copied": ("已复制", "Copied"),
    "copy_failed": ("复制不了，请手动选取下面的文字", "Could not copy; select the text below by hand"),
}
