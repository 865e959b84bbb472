"""Taking results home: formats, references, permalinks."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "export": ("导出与引用", "Export and cite"),
    "export_hint": (
        "上面 {count} 个段落，连同出处、日期和构建编号：",
        "The {count} passages above with their sources, dates and build:",
    ),
    "export_hint_one": (
        "上面这个段落，连同出处、日期和构建编号：",
        "The passage above with its source, date and build:",
    ),
    "export_csv": ("CSV（Excel）", "CSV (Excel)"),
    "export_jsonl": ("JSONL", "JSONL"),
    "export_parquet": ("Parquet", "Parquet"),
    "export_bibtex": ("BibTeX", "BibTeX"),
    "export_ris": ("RIS", "RIS"),
    "export_csl": ("CSL-JSON", "CSL-JSON"),
    "export_gbt7714": ("GB/T 7714", "GB/T 7714"),
    "export_note": (
        "文献管理软件（NoteExpress、EndNote、Zotero）读 RIS；LaTeX 用 BibTeX。",
        "Reference managers (EndNote, Zotero, NoteExpress) read RIS; BibTeX is for LaTeX.",
    ),
    "references": ("参考文献（GB/T 7714—2015）", "References (GB/T 7714—2015)"),
    "references_copy": ("复制参考文献", "Copy references"),
    "references_copied": ("已复制", "Copied"),
    "references_not_copied": ("复制不了，请自行选中复制", "Cannot copy; select the text yourself"),
    "references_note": (
        "圆括号内是页面写明的发布日期，方括号内是抓取日期（即引用日期），不是发布日期。",
        "Round brackets: the date of publication that the page states. Square brackets: the date of capture, which is "
        "the date of access.",
    ),
}
