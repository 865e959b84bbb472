"""The corpus card: what the collection holds, lacks, how it was made, and what must not be concluded from it."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "corpus_title": ("资料说明：{title}", "Corpus card: {title}"),
    "corpus_untitled": ("政策网页资料", "Policy pages"),
    "corpus_of": ("policykb 构建 {build} · {date}", "policykb build {build} · {date}"),
    "corpus_part_of": (
        "只统计其中一部分：{name}。以下数字除注明“全库”的以外，都指这一部分。",
        "Only a part is counted: {name}. All figures are of this part unless they say “whole build”.",
    ),
    "corpus_whole_build": ("全库", "whole build"),
    # A paragraph for the methods section.
    "corpus_summary": ("概要", "Summary"),
    "corpus_summary_text": (
        "资料由 {pages} 个网页的 {articles} 篇文章组成，来自 {sites} 个已知网站，"
        "切分为 {passages} 段，正文共 {chars} 字符。"
        "清洗时去掉了网页文本的 {noise}（相关推荐、导航、提示等），每一处删除都记有规则和理由。"
        "近似重复的段落归并后，有 {texts} 段互不相同的文本。"
        "{published} 篇有发布日期，{captured} 篇只有采集日期，{undated} 篇没有日期。"
        "{gaps} 个省级行政区没有任何文章提到。"
        "全部数字出自 policykb 构建 {build}（{date}），用同样的网页可以逐字节重现。",
        "The collection consists of {articles} articles on {pages} web pages from {sites} known sites, split into"
        " {passages} passages; their text has {chars} characters. Cleaning removed {noise} of the text of the pages"
        " (recommendations, navigation, stock notices); each removal is kept with its rule and reason."
        " With near-identical passages folded there are {texts} distinct texts."
        " {published} articles have a date of publication, {captured} only the date of capture, {undated} none."
        " No article names {gaps} of the provinces."
        " All figures are of policykb build {build} ({date}), which the same pages give again byte for byte.",
    ),
    "corpus_composition": ("组成", "Composition"),
    "corpus_pages": ("网页", "Web pages"),
    "corpus_articles": ("文章", "Articles"),
    "corpus_passages": ("段落", "Passages"),
    "corpus_kept_chars": ("正文字符，含标题和署名", "Characters of articles, with titles and bylines"),
    "corpus_sites": ("已知网站", "Known sites"),
    "corpus_texts": ("互不相同的段落文本", "Distinct texts of passages"),
    "corpus_originals": ("互不相同的文章", "Distinct articles"),
    "corpus_formats": ("网页格式", "Formats"),
    "corpus_encodings": ("编码", "Encodings"),
    "corpus_format_html": ("HTML", "HTML"),
    "corpus_format_text": ("纯文本", "plain text"),
    "corpus_language": ("语言", "Language"),
    "corpus_language_value": ("中文书面语（网页文章）", "written Chinese (web articles)"),
    "corpus_source_kinds": ("来源类型", "Kinds of source"),
    "corpus_source_note": (
        "按网址和署名判断，判断不了的记为不明。",
        "By address and byline; what neither shows is unknown.",
    ),
    "corpus_coverage": ("覆盖", "Coverage"),
    "corpus_coverage_note": (
        "一篇文章提到几个地区、年份、险种就各计一次，合计会大于文章数。",
        "An article counts for every place, year and scheme it names, so the counts add up to more than the articles.",
    ),
    "corpus_regions": ("提到的省级行政区", "Provinces named"),
    "corpus_years": ("提到的年份", "Years named"),
    "corpus_schemes": ("提到的险种", "Schemes named"),
    "corpus_by_site": ("网站", "Sites"),
    "corpus_gaps": (
        "没有文章提到的省级行政区（{count}）：{names}",
        "Provinces that no article names ({count}): {names}",
    ),
    "corpus_no_gaps": ("每个省级行政区都有文章提到。", "Every province is named by an article."),
    "corpus_provenance": ("地区与日期从哪里来", "Where places and dates come from"),
    "corpus_region_from": ("地区的依据", "Evidence of the place"),
    "corpus_region_named": ("正文写明", "named in the text"),
    "corpus_region_hinted": ("只从应用名、电话等推知", "only hinted at by an app or a phone number"),
    "corpus_region_none": ("没有提到地区", "no place named"),
    "corpus_date": ("日期的依据", "Evidence of the date"),
    "corpus_date_published": ("发布日期", "date of publication"),
    "corpus_date_captured": ("只有采集日期", "only the date of capture"),
    "corpus_date_unknown": ("没有日期", "no date"),
    "corpus_from_to": ("{first} 至 {last}", "{first} to {last}"),
    "corpus_cleaning": ("清洗", "Cleaning"),
    "corpus_page_chars": ("网页文本字符", "Characters of the pages"),
    "corpus_kept": ("保留", "Kept"),
    "corpus_removed": ("去掉", "Removed"),
    "corpus_by_rule": ("按规则去掉的文本，占网页文本", "Text removed by rule, of all text of the pages"),
    "corpus_noise_by_site": (
        "各网站去掉的文本：占该网站的网页文本、字符数",
        "Text removed by site: share of the text of its pages, characters",
    ),
    "corpus_places": ("{count} 处", "{count} places"),
    "corpus_confidence": ("清洗把握的分布（文章数）", "How sure the cleaning is (articles)"),
    "corpus_doubtful": ("清洗存疑的文章（把握低于 {least}）", "Articles whose cleaning is in doubt (below {least})"),
    "corpus_skipped": ("没有读成的网页（全库）", "Pages that were not read (whole build)"),
    "corpus_nothing_skipped": ("没有跳过任何网页。", "No page was skipped."),
    "corpus_overruled": ("人工改判（全库）", "Overruled by hand (whole build)"),
    "corpus_overruled_keep": ("改为保留 {count}", "{count} kept"),
    "corpus_overruled_remove": ("改为去掉 {count}", "{count} removed"),
    "corpus_copies": ("重复与生成痕迹", "Copies and traces of text generators"),
    "corpus_article_groups": ("近似重复的文章", "Near-identical articles"),
    "corpus_passage_groups": ("近似重复的段落", "Near-identical passages"),
    "corpus_in_groups": ("{count}（{share}），分 {groups} 组", "{count} ({share}) in {groups} groups"),
    "corpus_generated": ("有文本生成器痕迹的文章", "Articles with traces of a text generator"),
    "corpus_trace_note": (
        "只认明显的痕迹：没有痕迹不等于没有用过生成器。",
        "Only plain traces are told: an article without any may be generated all the same.",
    ),
    "corpus_trace_order": ("复述指令", "the order repeated"),
    "corpus_trace_thinking": ("思考标签", "tags around its thinking"),
    "corpus_trace_search_results": ("谈论读者看不到的搜索结果", "talk of search results that no reader sees"),
    "corpus_trace_assistant": ("以助手自称", "speaks of itself as an assistant"),
    "corpus_trace_handover": ("交稿的话", "words that hand the text over"),
    "corpus_trace_leave": ("告别的话", "words of leave"),
    "corpus_trace_disclosure": ("写明由生成器写成", "says that it was generated"),
    "corpus_trace_citation": ("空引文编号（人也会留下）", "numbers that cite nothing (people leave them too)"),
    "corpus_trace_markup": ("转换残留标记（人也会留下）", "marks of a converter (people leave them too)"),
    "corpus_model": ("模型与实测", "Model and what was measured"),
    "corpus_model_name": ("向量模型", "Embedding model"),
    "corpus_fingerprint": ("模型指纹", "Fingerprint"),
    "corpus_dims": ("{dim} 维", "{dim} dimensions"),
    "corpus_index_recall": ("索引找回率（最近 100 个）", "Index, recall of the nearest 100"),
    "corpus_measured_on": ("测试题", "Questions"),
    "corpus_measured_on_value": ("{count} 道（{gold}），交叉验证", "{count} ({gold}), cross-validated"),
    "corpus_measure_verdict_right": ("结论判断正确", "Verdicts right"),
    "corpus_measure_invented": ("无答案的问题仍给出答案", "Unanswerable questions answered all the same"),
    "corpus_measure_answered_of_answerable": ("有答案的问题得到回答", "Answerable questions answered"),
    "corpus_measure_sentence_precision": ("给出的句子切题", "Sentences said that were marked right"),
    "corpus_measure_marked_sentence_said": ("回答含有正确句子", "Answers with a sentence marked right"),
    "corpus_unmeasured": ("这个模型没有测过。", "This model was not measured."),
    "corpus_gate": ("发布前的质量门槛", "Quality gate before publishing"),
    "corpus_gate_none": (
        "没有做过（没有测试题，或没有更早的构建可比）。",
        "Not asked: no questions, or no earlier build to compare with.",
    ),
    "corpus_gate_passed": ("通过，{questions} 道题", "passed, {questions} questions"),
    "corpus_gate_refused": ("未通过，{questions} 道题", "refused, {questions} questions"),
    "corpus_limits": ("局限：不能据此得出什么", "Limits: what must not be concluded"),
    "corpus_limit_sample": (
        "这 {articles} 篇文章不是随机样本。频次、占比和检验只描述这批资料，不能推及全国政策或公众言论。",
        "These {articles} articles are no random sample. Counts, shares and tests describe this collection and do not"
        " extend to all policy or to public opinion.",
    ),
    "corpus_limit_in_force": (
        "资料不说明一项规定现在是否有效；引用前应到主管部门核对原文。",
        "The collection does not say whether a rule is still in force; check with the authority before citing it.",
    ),
    "corpus_limit_few": (
        "文章不足 {least} 篇（{articles} 篇），多一篇少一篇就会改变占比，只宜逐篇阅读。",
        "Fewer than {least} articles ({articles}): one more or less changes every share; read them one by one.",
    ),
    "corpus_limit_dates": (
        "{articles} 篇中有 {captured} 篇只有采集日期、{unknown} 篇没有日期。"
        "按日期看的变化反映的是采集，不是政策出台的时间。",
        "Of {articles} articles {captured} have only a date of capture and {unknown} none. Change over dates shows when"
        " pages were collected, not when rules came.",
    ),
    "corpus_limit_gaps": (
        "有 {count} 个省级行政区没有文章。查不到不等于当地没有规定。",
        "No article names {count} of the provinces. Nothing found does not mean that there is no rule.",
    ),
    "corpus_limit_one_place": (
        "{share} 的文章提到{name}，总数多半说的是那里。",
        "{share} of the articles name {name}; totals speak mostly of that place.",
    ),
    "corpus_limit_one_site": (
        "{share} 的文章出自“{name}”，用语习惯可能只是这一家的。",
        "{share} of the articles are from “{name}”; habits of wording may be its own.",
    ),
    "corpus_limit_hinted": (
        "{count} 篇文章的地区是从应用名、电话等推知的，正文没有写明。",
        "The place of {count} articles is inferred from apps or phone numbers; their text does not name it.",
    ),
    "corpus_limit_copies": (
        "{passages} 段里只有 {texts} 段互不相同的文本，出自 {articles} 篇互不相同的文章。"
        "转载多不等于说法多，计数应以不同文本为准。",
        "The {passages} passages are {texts} distinct texts from {articles} distinct articles. Often copied is not"
        " often said: count distinct texts.",
    ),
    "corpus_limit_unofficial": (
        "{articles} 篇中只有 {count} 篇可认定出自政府机关。其余的说法不能当作官方立场。",
        "Only {count} of {articles} articles are known to be of a government office. The rest is no official position.",
    ),
    "corpus_limit_generated": (
        "{count} 篇文章有文本生成器的痕迹，其中的数字要逐一核对；没有痕迹的也未必出自人手。",
        "{count} articles show traces of a text generator: check their figures one by one. Others may be generated"
        " too.",
    ),
    "corpus_limit_doubtful": (
        "{count} 篇文章（{share}）清洗存疑，可能混入推荐内容或缺失正文。",
        "The cleaning of {count} articles ({share}) is in doubt: some may hold recommendations or lack text.",
    ),
    "corpus_limit_skipped": (
        "全库有 {count} 个网页没有读成，不在统计之内。",
        "{count} pages of the whole build could not be read and are not counted.",
    ),
    "corpus_limit_answers": (
        "自动回答的结论约 {verdict_right} 判断正确；没有答案的问题有 {invented} 仍会得到回答。引用应以原文为准。",
        "About {verdict_right} of the verdicts on questions are right, and {invented} of the unanswerable questions get"
        " an answer all the same. Cite the source, not the answer.",
    ),
    "corpus_limit_unmeasured": (
        "所用的模型没有测过，检索和回答的可靠程度未知。",
        "The model was not measured: how reliable search and answers are is unknown.",
    ),
    "corpus_limit_part": (
        "这是按条件筛出的一部分，由文中明文写出的地区、年份、险种决定；没有写明的文章不在其内。",
        "This part was chosen by places, years and schemes that texts name; articles that do not name them are left"
        " out.",
    ),
    "corpus_collector": ("只有收集者知道的", "What only the collector can say"),
    "corpus_collector_note": (
        "以下各项无法从资料本身得知，写进论文前请补上。",
        "The collection itself does not tell these; add them before this goes into a paper.",
    ),
    "corpus_ask_why": ("为什么收集，选取网页的标准是什么", "Why it was collected, and by which rule pages were chosen"),
    "corpus_ask_how": (
        "何时、用什么工具采集，遗漏了什么",
        "When and with which tool pages were captured, and what was missed",
    ),
    "corpus_ask_rights": ("著作权与使用许可，能否再分发", "Rights and licence, and whether it may be passed on"),
    "corpus_ask_people": ("是否含有个人信息，如何处理", "Whether it holds personal data, and how that is handled"),
    "corpus_ask_keep": ("由谁维护，保存到何时", "Who maintains it, and until when it is kept"),
    "corpus_reproduce": ("重现与引用", "To reproduce and to cite"),
    "corpus_build": ("构建", "Build"),
    "corpus_made": ("生成于", "Made"),
    "corpus_inputs": ("网页清单 SHA-256", "SHA-256 of the list of pages"),
    "corpus_inputs_note": (
        "把每个网页的一行“SHA-256  路径”排序后再求 SHA-256。",
        "The SHA-256 of the sorted lines “SHA-256  path”, one a page.",
    ),
    "corpus_code": ("清洗代码指纹", "Fingerprint of the cleaner"),
    "corpus_lexicon": ("自备词表", "Own tables of words"),
    "corpus_none": ("无", "none"),
    "corpus_filters": ("筛选", "Filters"),
    "corpus_cite": ("引用这份资料", "Cite this collection"),
    "corpus_after": (
        "体例参照 Gebru et al. 2021（Datasheets for Datasets）与 Bender & Friedman 2018（Data Statements）。",
        "After Gebru et al. 2021 (Datasheets for Datasets) and Bender & Friedman 2018 (Data Statements).",
    ),
    "corpus_more": ("另有 {count} 项", "and {count} more"),
    "corpus_downloads": ("下载", "Download"),
    "corpus_as_md": ("Markdown", "Markdown"),
    "corpus_as_html": ("网页（可打印成 PDF）", "HTML, to print as PDF"),
    "corpus_as_json": ("JSON", "JSON"),
    "corpus_empty": ("没有文章符合这些条件。", "No article meets these filters."),
}
