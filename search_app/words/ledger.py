"""The ledger of what cleaning removed, on the page and as a file."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "noise": (
        "本页 {percent} % 的字符被移除，共 {count} 处",
        "{percent} % of this page was removed, in {count} pieces",
    ),
    "noise_none": ("本页没有移除任何内容", "Nothing was removed from this page"),
    "ledger_hint": (
        "下面是整页文字，一字不少。没有着色的是保留的文章，着色的是移除的部分；指向它或用 Tab 键选中可看到理由。",
        "The whole page, character for character. Plain text was kept, tinted text was removed; point at it, or "
        "reach it with Tab, to see why.",
    ),
    "totals": ("按规则合计", "Totals by rule"),
    "total_count": ("处数", "pieces"),
    "total_chars": ("字数", "characters"),
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
