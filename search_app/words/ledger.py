"""The ledger of what cleaning removed, on the page and as a file."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "noise": (
        "本页 {percent} % 的字符被移除，共 {count} 处",
        "{percent} % of this page was removed, in {count} pieces",
    ),
    "noise_none": ("本页没有移除任何内容", "Nothing was removed from this page"),
    "noise_picture": ("全页 {chars} 字：{shares}", "The page has {chars} characters: {shares}"),
    "and_so_on": ("，", ", "),
    "kept": ("保留的文章", "article kept"),
    "ledger_hint": (
        "下面是整页文字，一字不少。没有着色的是保留的文章；着色的是移除的部分，每处先写规则和理由，点开可看全部依据。"
        "按 N 到下一处移除，按 P 到上一处；选中文字可以标出或报告。",
        "The whole page, character for character. Plain text was kept; tinted text was removed, each piece under its "
        "rule and reason, with all the evidence behind it. N and P lead to the next and the previous removal; select "
        "words to mark or report them.",
    ),
    "removed_by": ("移除：{rule}", "Removed: {rule}"),
    "sure": ("（把握 {confidence}）", " (confidence {confidence})"),
    "same_rule": ("此规则移除的第 {number} 处，共 {count} 处", "{number} of {count} by this rule"),
    "same_before": ("同规则上一处", "Previous by this rule"),
    "same_behind": ("同规则下一处", "Next by this rule"),
    "flag_keep": ("这里不该删", "Wrongly removed"),
    "flag_remove": ("这里该删", "Should be removed"),
    "totals": ("按规则合计", "Totals by rule"),
    "total_count": ("处数", "pieces"),
    "total_chars": ("字数", "characters"),
    "total_share": ("占比", "share"),
    "total_lowest": ("最低把握", "least sure"),
    "removed_why": ("{rule}：{evidence}（把握 {confidence}）", "{rule}: {evidence} (confidence {confidence})"),
    "related_same_question": ("同一问题", "same question"),
    "related_same_field": ("同一领域", "same field"),
    "related_unrelated": ("无关", "unrelated"),
    "report": ("清洗报告", "Cleaning report"),
    "report_order": ("最需要核对的页面在最前。", "Pages that most need a look come first."),
    "page": ("页面", "Page"),
    "confidence": ("把握", "Confidence"),
    "removed": ("移除", "Removed"),
    "page_confidence": ("清洗把握", "Confidence"),
    "legend": ("移除规则", "Rules that removed something"),
    "fold": (
        "没有着色的是保留的文章。着色的是移除的部分，点开可看全文、规则和依据。",
        "Plain text was kept. Tinted text was removed; unfold it for its words, rule and evidence.",
    ),
    "chars": ("{count} 字", "{count} characters"),
    "rule": ("规则", "rule"),
    "evidence_label": ("依据", "evidence"),
    "place": ("位置", "place"),
    "related_score": ("相关度", "relation"),
    "field_title": ("标题", "title"),
    "field_summary": ("摘要", "summary"),
    "field_category": ("类别", "category"),
    "field_date": ("日期", "date"),
}
