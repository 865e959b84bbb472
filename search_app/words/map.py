"""What the map of passages says."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "map_no_measure": (
        "相距多远、哪一块大小，都不是度量；分成几组也是事先定的。要下结论，请看下面的原文和“用词”“对照”两页。",
        "Distances, sizes of areas and the number of groups are no findings. To conclude anything, read the passages"
        " below, or use Words and Compare.",
    ),
    "map_points": ("{count} 个点，每点一段不重复的原文。", "{count} points, each a distinct text."),
    "map_points_one": ("1 个点。", "1 point."),
    "map_sample": (
        "全部 {texts} 段不重复的原文里按编号的散列值抽取了 {count} 段，抽样与内容无关，每次相同。",
        "{count} of {texts} distinct texts, drawn by a hash of their ids: always the same, whatever they say.",
    ),
    "map_in_subcorpus": (
        "其中 {count} 个属于当前子库，其余显示为灰色。",
        "{count} are in the sub-corpus; the rest is grey.",
    ),
    "map_none_in_subcorpus": (
        "图上没有一个点属于当前子库。",
        "No point of the map is in this sub-corpus.",
    ),
    "map_plot": (
        "原文分布图。键盘：方向键移动，加号减号缩放，0 看全部。各组也在下面的表里，可以逐组打开。",
        "Map of passages. Keys: arrows move, plus and minus zoom, 0 shows everything. The groups stand in the table"
        " below, each with a link.",
    ),
    "map_tools": ("地图工具", "Tools of the map"),
    "map_move": ("移动", "Move"),
    "map_box": ("框选", "Select a box"),
    "map_lasso": ("圈选", "Draw around"),
    "map_in": ("放大", "Zoom in"),
    "map_out": ("缩小", "Zoom out"),
    "map_all": ("看全部", "Show all"),
    "map_wheel": (
        "滚轮缩放：先点一下图，或按住 Ctrl",
        "The wheel zooms after a click on the map, or with Ctrl",
    ),
    "map_groups": ("组", "Groups"),
    "map_groups_note": (
        "按语义向量用 k 均值分成 {count} 组，名称是最能把这一组与其余区分开的词。",
        "{count} groups by k-means on the meaning vectors, each named by the words that mark it against the rest.",
    ),
    "map_group": ("组", "Group"),
    "map_passages": ("段落", "Passages"),
    "map_texts": ("独立文本", "Independent texts"),
    "map_articles": ("独立文章", "Independent articles"),
    "map_sites": ("网站", "Sites"),
    "map_every_group": ("全部各组", "All groups"),
    "map_group_named": ("第 {number} 组：{label}", "Group {number}: {label}"),
    "map_group_of": ("第 {number} 组", "group {number}"),
    "map_chosen": ("选中的原文", "Passages chosen"),
    "map_choose": (
        "点一组的名称，或在图上框选、圈选，这里就列出其中的原文。",
        "Choose a group, or select on the map: the passages appear here.",
    ),
    "map_chosen_none": ("选中的范围里没有原文。", "There is no passage in what you chose."),
    "map_order": ("最能代表本组的排在前面。", "The most typical of each group first."),
    "map_drop_area": ("取消选区", "Drop the selected area"),
    "map_drop_group": ("取消分组", "Drop the group"),
    "map_area": ("图上选区", "Selected area"),
    "map_bad_area": (
        "网址里的选区读不懂，已忽略：{why}",
        "The area in the address makes no sense and is ignored: {why}",
    ),
    "map_copies": ("{count} 处几乎相同", "{count} near-identical"),
    "map_pages": ("清单分页", "Pages of the list"),
    "map_before": ("上一页", "Previous"),
    "map_after": ("下一页", "Next"),
    "map_page": ("第 {first}–{last} 条，共 {count} 条", "{first}–{last} of {count}"),
    "map_picture": ("带走这张图", "Take the picture home"),
    "map_picture_title": ("原文分布图 · {name}", "Map of passages · {name}"),
    "map_picture_desc": (
        "每点一段原文，意思相近的靠在一起；位置不是度量。{count} 个点。",
        "Each point is a passage, like near like; positions are not measurements. {count} points.",
    ),
    "map_picture_chosen": (
        "{title} · 突出 {chosen} / {count} 个点",
        "{title} · {chosen} of {count} points highlighted",
    ),
    "map_picture_chosen_desc": (
        "{desc}其中 {chosen} 个符合所选（{what}），其余显示为灰色。",
        "{desc} {chosen} of them are what was chosen ({what}); the rest is grey.",
    ),
    "map_picture_and": ("、", ", "),
    "map_picture_note": ("位置不是度量，要下结论请看原文", "positions are not measurements"),
    "map_empty": ("这一版没有段落，画不出图。", "This build has no passages to draw."),
}
