"""Taking a list or a picture of the exploring view home, and making it again elsewhere."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "home": ("带走这份清单", "Take this list home"),
    "home_hint": (
        "每个文件都写明构建编号、筛选条件和生成它的命令。",
        "Every file names the build, the filters and the command that gives it again.",
    ),
    "home_references": ("所引段落的参考文献", "References of the passages cited"),
    "home_none": ("清单是空的，没有可下载的内容。", "The list is empty: there is nothing to download."),
    "home_md": ("Markdown", "Markdown"),
    "home_html": ("网页（带脚注）", "Web page with footnotes"),
    "home_svg": ("SVG 图", "Picture as SVG"),
    "home_png": ("PNG 图", "Picture as PNG"),
}
