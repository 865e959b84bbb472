"""Every word the web page says, in Chinese and in English, in one table.

Plain text only: whoever puts it into markup escapes it, with the values that were filled in.
"""

from __future__ import annotations

from typing import Literal

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")

# Fit the sample corpus; shown as buttons under the empty box. The second text says what the first one asks.
EXAMPLES: tuple[tuple[str, str], ...] = (
    # A number with the condition that belongs to it.
    ("失业保险金最长能领几个月？", "For how many months is unemployment benefit paid at most?"),
    # Figures that differ from year to year and from place to place.
    ("居民医保财政补助标准是多少？", "How much does the state add to residents' insurance?"),
    # A region, whose pages come before those of others.
    ("北京退休，医保要累计缴满多少年？", "Retiring in Beijing: how many years of medical insurance does it take?"),
    # Everyday words for official ones.
    ("断缴三个月，还能报销吗？", "After three months without paying, is there still reimbursement?"),
    # Nothing says this one; a reader shall see early that the page admits it.
    ("社保卡丢了，补办要交多少钱？", "Lost social security card: what does a new one cost?"),
)

TABLE: dict[str, tuple[str, str]] = {
    # frame
    "brand": ("医保社保政策检索", "Insurance policy search"),
    "other_language": ("English", "中文"),
    "other_language_hint": ("Switch to English", "切换到中文"),
    "unofficial": ("非官方，以当地医保部门为准。", "Not official; the local insurance office decides."),
    "build_line": (
        "{articles} 篇文章 · {passages} 个段落 · 构建 {build}",
        "{articles} articles · {passages} passages · build {build}",
    ),
    "pin": ("固定到此构建的链接", "Link pinned to this build"),
    "reproduce": ("用命令或 Python 得到同样的结果", "Get the same from the command line or Python"),
    # asking
    "hero": ("问一句，看原文怎么说", "Ask, and read what the source says"),
    "hero_more": (
        "答案逐字摘自收录的页面，每一句都能点开核对出处；没有写明的，会直接告诉你。",
        "Answers are quoted word for word from the collected pages, in Chinese, and every sentence leads to its "
        "source. Where no page says it, you are told so.",
    ),
    "question_label": ("你的问题", "Your question"),
    "question_hint": ("例如：医保断缴三个月还能报销吗", "e.g. 医保断缴三个月还能报销吗"),
    "ask_button": ("查询", "Ask"),
    "examples": ("试试这些问题", "Try one of these"),
    "options": ("检索方式", "Options"),
    "mode_label": ("段落按什么排序", "Rank passages by"),
    "mode_hybrid": ("字词与意思（推荐）", "Words and meaning (best)"),
    "mode_dense": ("只看意思", "Meaning only"),
    "mode_lexical": ("只看字词", "Words only"),
    "k_label": ("最多显示几个段落", "How many passages at most"),
    "options_note": ("上方的答案总是同时依据字词与意思。", "The answer above always uses both words and meaning."),
    "marks_note": (
        "引号里的词必须原样出现，减号后的词不要出现：“等待期” 断缴 -居民",
        "A quoted phrase must occur as it is, a word behind a minus must not: “等待期” 断缴 -居民",
    ),
    # answer
    "verdict_answered": ("有来源写明", "The sources say"),
    "verdict_partly": ("来源只写明了一部分", "The sources say part of it"),
    "verdict_not_stated": ("相关，但没有来源写明", "On the subject, but no source says it"),
    "verdict_outside": ("不在收录范围内", "Outside this collection"),
    "about_answered": ("以上为来源原文，逐字引用。", "Quoted from the sources, word for word."),
    "about_partly": (
        "以上原文只涉及问题的一部分，请对照下面的段落再下结论。",
        "These quotes cover only a part of the question; read the passages before you conclude.",
    ),
    "about_not_stated": (
        "收录的页面谈到这个话题，却没有一句写明答案，所以这里不作答。下面是最接近的段落。",
        "The pages speak about this subject, but no sentence states the answer, so none is given. The nearest "
        "passages are below.",
    ),
    "about_outside": (
        "收录的页面讲的是别的内容，所以这里不作答。可以换个说法再问，或展开看看最接近的段落。",
        "The pages are about something else, so no answer is given. Ask in other words, or unfold the nearest "
        "passages.",
    ),
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
    "differs": ("各来源的数字不同，请看清地区和日期", "The sources give different figures: mind place and date"),
    "no_place": ("未写明地区", "no place named"),
    "context": ("看这些句子的上下文", "Read on around these sentences"),
    "sources": ("出处", "Sources"),
    "cite_label": ("出处 {number}：{title}，查看原文位置", "Source {number}: {title}, show the place in the article"),
    "opening": ("正文开头", "before the first heading"),
    "captured": ("抓取于 {date}", "captured {date}"),
    "published": ("发布于 {date}", "published {date}"),
    "undated": ("日期不明", "date unknown"),
    # the question itself
    "suggestion": ("你要问的是不是：", "Did you mean:"),
    "only_excludes": (
        "问题里只有不要的词 {words}，没有要找的内容。请补上要找什么。",
        "The question only excludes {words}; add what to look for.",
    ),
    "none_left_both": (
        "没有一段写有 {phrases} 而不含 {words}。",
        "No passage has {phrases} without {words}.",
    ),
    "none_left_phrases": ("没有一段原样写有 {phrases}。", "No passage has {phrases} word for word."),
    "none_left_excluded": ("去掉含有 {words} 的段落以后，什么也不剩。", "Nothing is left without {words}."),
    "without_marks": ("不限定这些词再问", "Ask without these conditions"),
    "only_asks": (
        "问题里没有可查的内容，请写出要问的事，例如“断缴”“备案”。",
        "The question names nothing to look for; say what it is about, such as 断缴 or 备案.",
    ),
    # passages
    "passages": ("相关段落", "Passages"),
    "nearest": ("最接近的段落", "Nearest passages"),
    "show_nearest": ("展开最接近的 {count} 个段落", "Show the {count} nearest passages"),
    "no_hits": ("没有找到段落", "No passages found"),
    "no_hits_more": (
        "换个说法，或在“检索方式”里选“字词与意思”再试。",
        "Ask in other words, or choose “Words and meaning” under Options.",
    ),
    "identical": ("另有 {count} 个内容几乎相同的段落", "{count} more passages that say nearly the same"),
    "identical_one": ("另有 1 个内容几乎相同的段落", "1 more passage that says nearly the same"),
    "open_in_article": ("在文章中查看", "Show in the article"),
    "why": ("为什么排在第 {rank}", "Why it ranks {rank}"),
    "why_score": (
        "总分 {score}，由以上各项相加；条越长，影响越大。",
        "Score {score}, the sum of the parts above; a longer bar counts more.",
    ),
    "why_words": ("命中的字词", "Words found"),
    "why_synonym": ("{typed} = {official}", "{typed} = {official}"),
    "why_no_words": ("没有共同的字词，靠意思找到。", "No words in common; found by its meaning."),
    "leg_passage": ("这一段里有问题中的字词", "The passage holds words of the question"),
    "leg_article": ("整篇文章都在讲这些字词", "The whole article is about these words"),
    "leg_context": ("标题里有问题中的字词", "Title and headings hold words of the question"),
    "leg_dense": ("这一段的意思与问题相近", "The passage is close in meaning"),
    "leg_dense_article": ("文章里有意思相近的段落", "The article has a passage close in meaning"),
    "leg_bank": ("官方说法相近（来自常见问法库）", "Close to the official wording of a like question"),
    "leg_region": ("讲的就是问到的地区", "About the place in the question"),
    "leg_region_less": ("讲的是别的地区", "About another place"),
    "leg_year": ("涉及问到的年份", "About the year in the question"),
    "leg_year_less": ("讲的是别的年份", "About other years"),
    "leg_scheme": ("涉及问到的险种", "About the scheme in the question"),
    "leg_scheme_less": ("讲的是另一险种", "About the other scheme"),
    "leg_source": ("来源较权威，同分时优先", "Official source, preferred in a tie"),
    "leg_recency": ("页面较新，同分时优先", "Newer page, preferred in a tie"),
    "leg_reranker": ("重排模型读过后的评分", "Judged by the reranker"),
    "leg_numbers": ("得分 {share} · 原始值 {raw} · 归一 {scaled}", "part {share} · raw {raw} · scaled {scaled}"),
    # article
    "back": ("返回问题", "Back to the question"),
    "back_home": ("返回首页", "Back to the start"),
    "original": ("打开原网页", "Open the original page"),
    "no_original": ("原网址不明", "original address unknown"),
    "read_article": ("清洗后的文章", "Cleaned article"),
    "read_ledger": ("清洗记录", "Cleaning ledger"),
    "view_switch": ("查看方式", "View"),
    "short_answer": ("一句话回答", "Short answer"),
    "site_unknown": ("网站不明", "site unknown"),
    "facts": ("页面信息及其依据", "What is known of this page, and from where"),
    "fact_captured": ("抓取日期", "Captured"),
    "fact_published": ("发布日期", "Published"),
    "fact_year": ("提到的年份", "Year mentioned"),
    "fact_scheme": ("涉及险种", "Scheme"),
    "fact_region": ("提到的地区", "Region"),
    "from_metadata": ("来自页面元数据或来源清单", "from the page's metadata or the list of sources"),
    "from_place": ("依据：", "evidence: "),
    "source_government": ("政府机关", "government office"),
    "source_official_account": ("官方账号", "official account"),
    "source_news": ("新闻媒体", "news"),
    "source_content_site": ("内容网站", "content site"),
    "source_unknown": ("来源类型不明", "kind of source unknown"),
    "traces": (
        "这篇文章有文本生成器留下的痕迹，请对照官方来源。",
        "This text shows traces of a text generator; check it against an official source.",
    ),
    "doubts": ("清洗存疑之处", "What speaks against the cleaning"),
    # beside an article
    "see_also": ("相关标题", "See also"),
    "see_also_note": (
        "本页推荐过的标题，推荐内容本身不属于文章。",
        "Titles this page recommended; what it said about them is no part of the article.",
    ),
    "see_also_proved": ("本库收录的文章", "Articles of this collection"),
    "see_also_same_question": ("同一问题", "Same question"),
    "see_also_same_field": ("同一领域", "Same field"),
    "see_also_why": ("摘要的 {count} 字与该文开头一致", "{count} characters of its summary begin that article"),
    "more_titles": ("另有 {count} 个标题", "{count} more titles"),
    "copies": ("另有 {count} 篇内容几乎相同的文章", "{count} more articles that say nearly the same"),
    "copies_one": ("另有 1 篇内容几乎相同的文章", "1 more article that says nearly the same"),
    "copies_first": ("检索时以 {path} 为代表。", "Search shows {path} for all of them."),
    "compare_link": ("对比", "Compare"),
    "compare": ("两篇文章的差异", "Where two articles differ"),
    "compare_same": ("{count} 句相同", "{count} equal sentences"),
    "compare_ours": ("仅见于第一篇：", "only in the first:"),
    "compare_theirs": ("仅见于第二篇：", "only in the second:"),
    "compare_equal": ("两篇的正文一句不差。", "Every sentence is the same in both."),
    "doubtful": ("清洗结果存疑，请核对清洗记录", "Cleaning is in doubt; check the ledger"),
    # ledger
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
    # a cleaned page as a file
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
    # states
    "no_base": ("还没有知识库", "There is no knowledge base yet"),
    "no_base_more": (
        "在 {folder} 没有找到已发布的构建。用一条命令建立，页面会自动接上：",
        "No published build was found in {folder}. One command makes it, and this page takes it over:",
    ),
    "damaged": ("知识库读不出来", "The knowledge base cannot be read"),
    "damaged_more": ("程序给出的说明与办法：", "What was found, and the way out:"),
    "model_mismatch": ("模型与构建不一致", "The model does not fit this build"),
    "model_mismatch_more": (
        "现在不能按意思检索，也不能作答；仍可只按字词查看段落。程序给出的说明与办法：",
        "Search by meaning and answers have to wait; passages can still be ranked by words. What was found, and the "
        "way out:",
    ),
    "lexical_only": (
        "模型与构建不一致，没有答案，只按字词列出段落。",
        "The model does not fit this build: no answer, only passages ranked by words.",
    ),
    "try_lexical": ("只按字词检索", "Rank by words only"),
    "no_build": ("这个链接指向的构建已不存在", "The build of this link no longer exists"),
    "no_build_more": (
        "链接指向构建 {build}，它已被清除。可以改看现在发布的构建，内容可能已有变化。",
        "The link names build {build}, which is gone. The published build can be shown instead; it may differ.",
    ),
    "show_published": ("查看现在发布的构建", "Show the published build"),
    # other builds than the one that is read
    "older_build": (
        "你看到的是构建 {build}（{date}）；现在发布的是更新的构建 {current}（{newer}）。",
        "You read build {build} of {date}; a newer one, {current} of {newer}, is published.",
    ),
    "later_build": (
        "你看到的是构建 {build}（{date}）；现在发布的是较早的构建 {current}（{newer}）。",
        "You read build {build} of {date}; an earlier one, {current} of {newer}, is published.",
    ),
    "new_build": ("有更新的构建发布：{date}，{changed}。", "A newer build was published: {date} · {changed}."),
    "former_build": (
        "发布退回到了较早的构建：{date}，{changed}。",
        "An earlier build was put back: {date} · {changed}.",
    ),
    "switched": ("已换用现在发布的构建：{date}，{changed}。", "You now read the published build: {date} · {changed}."),
    "show_before": ("看之前的构建怎么说", "See what the one before said"),
    "changed": ("{count} 个页面有变化", "{count} pages changed"),
    "changed_one": ("1 个页面有变化", "1 page changed"),
    "changed_none": ("页面没有变化", "the same pages"),
    "place_same": ("这句话在那里一字未改。", "These words stand there unchanged."),
    "place_changed": ("这句话在那里已改动或移除。", "These words were changed or removed there."),
    "article_same": ("这篇文章在那里没有变化。", "The article is the same there."),
    "article_gone": ("那里已没有这篇文章。", "That build no longer has this article."),
    "place_current": ("在已发布的构建中查看", "Show the place there"),
    "article_current": ("在已发布的构建中查看这篇文章", "Show the article there"),
    "ask_current": ("用已发布的构建再问一次", "Ask again there"),
    "show_current": ("查看", "Look"),
    # the door
    "door": ("请先登录", "Please log in"),
    "door_more": (
        "这个页面只对登录的读者开放。登录后会回到你打开的链接。",
        "This page is for readers who are logged in. The link that you followed opens afterwards.",
    ),
    "log_in": ("登录", "Log in"),
    "log_in_with": ("用 {provider} 登录", "Log in with {provider}"),
    "log_out": ("退出登录", "Log out"),
    "door_broken": ("登录配置有误", "The login is not set up right"),
    "door_broken_more": ("在改好之前，这里什么也不显示。", "Until it is put right, nothing is shown here."),
    "no_article": ("没有这篇文章", "There is no such article"),
    "no_article_more": ("构建 {build} 里没有编号为 {article} 的文章。", "Build {build} has no article {article}."),
    "try_again": ("再试一次", "Try again"),
}


class Words:
    """Says things in one language: `say("back")`, `say("captured", date="2025-04-13")`."""

    def __init__(self, lang: Lang) -> None:
        self.lang = lang
        self._column = LANGS.index(lang)

    def __call__(self, key: str, **values: object) -> str:
        """Return the text of `key` with its values filled in."""
        return TABLE[key][self._column].format(**values)

    def name(self, kind: str, key: str) -> str:
        """Return the words for a term of the index (`kind` is `leg`, `rule`, `fact` …), or the term itself."""
        entry = TABLE.get(f"{kind}_{key}")
        return entry[self._column] if entry else key

    def leg(self, leg: str, *, takes_off: bool = False) -> str:
        """Return the words for a part of a score; some are told in other words where they take off."""
        if takes_off and f"leg_{leg}_less" in TABLE:
            return self.name("leg", f"{leg}_less")
        return self.name("leg", leg)

    @property
    def tag(self) -> str:
        """The language tag of the interface for `lang` attributes."""
        return "zh-CN" if self.lang == "zh" else "en"
