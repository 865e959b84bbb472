"""What elements say of themselves, in English and in pinyin."""

from __future__ import annotations

import pytest

from ingest.html.places import place_of


@pytest.mark.parametrize(
    ("step", "rule", "is_sure"),
    [
        ("nav", "navigation", True),
        ("div.sidebar", "sidebar", True),
        ("ul#related-posts", "recommendation_box", True),
        ("div[role=contentinfo]", "footer", True),
        ("div.article-relatedPosts", "recommendation_box", False),
        ("div.xiangguan_list", "recommendation_box", False),
        ("div#pinglun", "comments", False),
        ("p.art_copyright", "footer", False),
        ("div.box-ad", "advertisement", False),
        ("div.loginMask", "dialog", False),
    ],
)
def test_a_place_is_named(step: str, rule: str, is_sure: bool) -> None:
    place = place_of(step)
    assert place is not None
    assert (place.rule, place.is_sure) == (rule, is_sure)


@pytest.mark.parametrize(
    "step",
    [
        "div",
        "div.article-content",
        "div.shadow",  # ad inside a word
        "p.summary_EGg7Ad2",  # letters of a hash
        "div.social-media-embed",  # a quoted post is content
        "adress",
        "div.zhengwen",
    ],
)
def test_other_elements_are_no_place(step: str) -> None:
    assert place_of(step) is None
