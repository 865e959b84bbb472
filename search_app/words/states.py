"""States in which there is nothing to show, other builds than the one that is read, and the door."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "fault": ("出了程序错误", "Something went wrong"),
    "fault_more": (
        "这是本页的错误，不是你的问题，维护者可以在服务器日志里看到。请再试一次，或换个说法。",
        "This is a fault of the page, not of your question; the maintainer finds it in the log of the server. Try "
        "again, or ask in other words.",
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
