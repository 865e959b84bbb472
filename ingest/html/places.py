"""Names the furniture of an HTML page by its place in the tree: an element, a class, an id or a role that says so.

What the words of a line say is left to `furniture`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# Words that a class, an id or a role uses for what is not the article; whole tokens, as sites write them.
_PLACES: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    (
        "navigation",
        "stands in the navigation",
        re.compile(
            r"^(?:nav|navbar|navigation|menu|topbar|header|site-?header|page-?header|masthead|breadcrumbs?|crumbs?)$"
        ),
    ),
    (
        "footer",
        "stands in the page's foot",
        re.compile(r"^(?:footer|site-?footer|page-?footer|foot|copyright|contentinfo)$"),
    ),
    (
        "sidebar",
        "stands beside the article",
        re.compile(
            r"^(?:aside|sidebar|side-?bar|side|right-?side|left-?side|hot-?list|rank(?:ing)?(?:-?list)?|complementary)$"
        ),
    ),
    (
        "recommendation_box",
        "stands in a box of recommendations",
        re.compile(
            r"^(?:related|recommend(?:ed|ation|ations|s)?|rec-?list|more-?news|guess|hot-?news)(?:-?(?:posts|list|box|articles|news|reading))?$"
        ),
    ),
    (
        "share",
        "stands in the sharing bar",
        re.compile(r"^(?:share|sharing|share-?bar|share-?box|social|toolbar|tools|bdsharebuttonbox)$"),
    ),
    (
        "comments",
        "stands among the comments",
        re.compile(r"^(?:comments?|comment-?list|comment-?box|respond|discussion)$"),
    ),
    ("pager", "turns pages", re.compile(r"^(?:pager|pagination|page-?nav|prev-?next|pre-?next|post-?navigation)$")),
)
_TOKEN = re.compile("|".join(f"(?P<{rule}>{pattern.pattern})" for rule, _, pattern in _PLACES), re.IGNORECASE)
_STEP = re.compile(r"[.#>]|\[role=|\]")

# Words inside a class or an id (related in `article-relatedPosts`): weaker than whole tokens, for sites combine them.
_WORDS: dict[str, str] = {
    word: rule
    for rule, words in {
        "navigation": (
            "nav navbar navi navigation menu submenu topbar masthead breadcrumb breadcrumbs crumb crumbs "
            "bread daohang mianbaoxie toc catalog header sitenav subnav topnav"
        ),
        "footer": "footer foot copyright banquan beian bottombar",
        "sidebar": (
            "right aside sidebar sider side rail rightbar leftbar hot hots hotlist rank ranking ranklist "
            "paihang phb remen rightside leftside mostread popular trending"
        ),
        "recommendation_box": (
            "related relate relates relative recommend recommends recommended recommendation rec recs "
            "recommendations relevant guess guesslike xiangguan tuijian xgyd xgwz xgnews hotnews morenews "
            "outbrain taboola mgid promo promos teaser teasers feed feeds readmore upnext"
        ),
        "share": "share shares sharing social bdshare jiathis fenxiang toolbar tools tool sns addthis sharebar",
        "comments": "comment comments pinglun liuyan disqus respond discussion cmt",
        "pager": "pager pagination paging prevnext prenext",
        "advertisement": (
            "ad ads adv advert adverts advertisement advertising sponsor sponsored guanggao gg adbox dfp "
            "banner adsbygoogle"
        ),
        "dialog": (
            "login passport signin signup register modal popup dialog cookie cookies consent subscribe "
            "newsletter subscription qrcode erweima ewm saoma download paywall toast mask"
        ),
        "author_box": "profile userinfo authorinfo authorbox",
        "tags": "tags keywords keyword taglist tag",
        "references": "references reference reflist navbox catlinks noprint printfooter editsection",
        "disclaimer": "statement disclaimer shengming mianze",
    }.items()
    for word in words.split()
}
# Short words count only between marks (`ad-box`), longer ones also in camel case; what has digits inside is a hash.
_PIECE = re.compile(r"(?<![^-_])\d*([A-Za-z]+)\d*(?![^-_])")
_CAMEL = re.compile(r"[A-Z]?[a-z]{3,}|[A-Z]{4,}(?![a-z])")
_PLACE_WORDS = {rule: words for rule, words, _ in _PLACES} | {
    "advertisement": "stands in an advertisement",
    "dialog": "stands in a dialog",
    "author_box": "stands in a box about the author",
    "tags": "stands among the tags",
    "references": "stands among the references",
    "disclaimer": "stands in a disclaimer",
}


@dataclass(frozen=True, slots=True)
class Place:
    """What an element says of itself; `is_sure` where a whole token says it and not only a word inside one."""

    rule: str
    words: str
    is_sure: bool = True


def place_of(step: str) -> Place | None:
    """Return what an element says of itself, or None."""
    tokens = [token for token in _STEP.split(step) if token]
    for token in tokens:
        if (found := _TOKEN.match(token)) and found.lastgroup:
            return Place(found.lastgroup, _PLACE_WORDS[found.lastgroup])
    if "embed" in step:
        return None  # a quoted post
    for token in tokens[1:]:
        for piece in _PIECE.findall(token):
            for word in (piece, *_CAMEL.findall(piece)):
                if rule := _WORDS.get(word.lower(), ""):
                    return Place(rule, _PLACE_WORDS[rule], False)
    return None
