"""The answer, its verdicts and its sources."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "verdict_answered": ("有来源写明", "The sources say"),
    "verdict_partly": ("来源只写明了一部分", "The sources say part of it"),
    "verdict_not_stated": ("有相关内容，但没有写明答案", "On the subject, but no source says it"),
    "verdict_outside": ("这个问题不在收录范围内", "Outside this collection"),
    "about_answered": ("以上为来源原文，逐字引用。", "Quoted from the sources, word for word."),
    "about_partly": (
        "以上原文只涉及问题的一部分，请对照下面的段落再下结论。",
        "These quotes cover only a part of the question; read the passages before you conclude.",
    ),
    "about_not_stated": (
        "收录的页面谈到这个话题，但没有一句话写明答案，所以这里不作答。可以看看最接近的内容，再向当地医保部门核实。",
        "The pages speak about this subject, but no sentence states the answer, so none is given. Read what comes "
        "nearest, and ask the local insurance office.",
    ),
    "about_outside": (
        "收录的页面讲的是别的内容，所以这里不作答。可以换个说法再问，或展开看看最接近的段落。",
        "The pages are about something else, so no answer is given. Ask in other words, or unfold the nearest "
        "passages.",
    ),
    "nearest_places": ("最接近的内容", "What comes nearest"),
    "band": (
        "把握：{name}。标准题里这一档有 {questions} 道，摘对 {right} 道。",
        "Confidence: {name}; right on {right} of {questions} gold questions at this level.",
    ),
    "band_high": ("高", "high"),
    "band_middle": ("中", "middle"),
    "band_low": ("低", "low"),
    "uncalibrated": (
        "模型未校准：它的答案有多可靠，还没有测量过。",
        "Uncalibrated model: how reliable its answers are has not been measured.",
    ),
    "differs": (
        "各来源的数字不同，请对照条件、地区和日期",
        "The sources give different figures: compare conditions, place and date",
    ),
    "no_place": ("未写明地区", "no place named"),
    "unmet_places": (
        "问题里提到{places}；引用的页面没有写明适用于{places}，请向当地核实。",
        "The question names {places}; no page cited says that it holds for {places}. Please check locally.",
    ),
    "context": ("看这些句子的上下文", "Read on around these sentences"),
    "sources": ("出处", "Sources"),
    "cite_label": ("出处 {number}：{title}，查看原文位置", "Source {number}: {title}, show the place in the article"),
    "opening": ("正文开头", "before the first heading"),
    "captured": ("抓取于 {date}", "captured {date}"),
    "published": ("发布于 {date}", "published {date}"),
    "undated": ("日期不明", "date unknown"),
}
