"""Names the furniture of an HTML page by its place in the tree: an element, a class, an id or a role that says so.

What the words of a line say is left to `furniture`.
"""

from __future__ import annotations

import re

from ingest.block import Block
from ingest.furniture import Finding

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
_STEP = re.compile(r"[.#>]|\[role=|\]")


def place_finding(block: Block) -> Finding | None:
    """Return the furniture rule that the place of an HTML block in the tree meets, or None. The innermost wins."""
    steps = block.path.split(">")
    for number in range(len(steps) - 1, -1, -1):
        step = steps[number]
        if step.startswith("header") and block.link_share < 0.5 and _inside_article(steps[:number]):
            continue  # an article's own header holds its title and its lead
        for token in _STEP.split(step):
            for rule, words, pattern in _PLACES:
                if token and pattern.match(token.lower()):
                    return Finding(rule, f"{words}: {step}", 0.85)
    return None


def _inside_article(steps: list[str]) -> bool:
    return any(re.match(r"(?:article|main)\b", step) for step in steps)
