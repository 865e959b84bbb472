import json
import os
import pickle
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.block import Block
from ingest.lines import WHITE
from ingest.page import BadPage, Page, page_from_bytes, page_id, read_page, sniff_kind

SHARED = Path(os.environ.get("POLICYKB_SHARED", Path(__file__).parents[2] / "shared"))
DUMP = "职工医保停交转居民医保\r\n\r\n  1. 单位参保人员\n"
HTML = (
    "<!doctype html><html><head><title>停交</title><link rel=canonical href=https://a.cn/1>"
    "<meta name=SiteName content=医保网><meta name=ContentSource content=医保局><meta name=PubDate content=2023-12-01>"
    "</head><body><h1>职工医保停交</h1><p>办理停保手续。</p></body></html>"
)


def reason_of(data: bytes, path: str = "a.txt") -> str:
    with pytest.raises(BadPage) as caught:
        page_from_bytes(data, path=path)
    assert caught.value.path == path
    assert str(caught.value) == f"{path}: {caught.value.reason}"
    return caught.value.reason


def test_a_dump_is_its_decoded_text() -> None:
    data = b"\xef\xbb\xbf" + DUMP.encode()
    assert page_from_bytes(data, path="seeds/a.txt") == Page(
        id=sha256(b"seeds/a.txt").hexdigest()[:12],
        path="seeds/a.txt",
        sha256=sha256(data).hexdigest(),
        encoding="utf-8",
        kind="text",
        url=None,
        site=None,
        publisher=None,
        fetched=None,
        published=None,
        title=None,
        text=DUMP,
        blocks=(Block(0, 11), Block(17, 26, indent=2)),
    )


def test_an_html_page_is_its_visible_text_and_what_it_says_of_itself() -> None:
    page = page_from_bytes(HTML.encode("gb18030"), path="a.html")
    assert (page.kind, page.encoding, page.text) == ("html", "gb18030", "职工医保停交\n办理停保手续。")
    assert [page.text[b.start : b.end] for b in page.blocks] == ["职工医保停交", "办理停保手续。"]
    assert (page.url, page.site, page.publisher, page.fetched) == ("https://a.cn/1", "医保网", "医保局", None)
    assert (page.title, page.published) == ("停交", "2023-12-01")


@pytest.mark.parametrize(
    "head",
    [
        "<meta name=PubDate content='2023-12-01 08:00'>",
        "<meta property=article:published_time content=2023-12-01T08:00:00+08:00>",
        '<script type=application/ld+json>{"@type": "NewsArticle", "datePublished": "2023-12-01"}</script>',
        # Baidu's own vocabulary
        '<script type=application/ld+json>{"title": "停交", "pubDate": "2023-12-01T08:00:00"}</script>',
        "<time pubdate datetime=2023-12-01>",
    ],
)
def test_the_head_says_when_a_page_was_published(head: str) -> None:
    page = page_from_bytes(
        f"<html><head>{head}</head><body><p>办理停保手续。</p></body></html>".encode(), path="a.html"
    )
    assert page.published == "2023-12-01"


def test_the_source_that_a_page_names_is_its_publisher() -> None:
    html = "<html><head><meta name=source content=示例日报><meta name=author content=张三></head><body>停保。</body></html>"
    assert page_from_bytes(html.encode(), path="a.html").publisher == "示例日报"


def test_the_sidecar_goes_before_the_page() -> None:
    sidecar = {"a.html": {"url": "https://b.cn", "fetched": "2025-01-02", "site": ""}, "b.html": {"site": "别处"}}
    page = page_from_bytes(HTML.encode(), path="a.html", sidecar=sidecar)
    assert (page.url, page.site, page.publisher, page.fetched) == ("https://b.cn", "医保网", "医保局", "2025-01-02")


def test_the_id_is_that_of_the_path_and_stays() -> None:
    one, two = (page_from_bytes(text.encode(), path="a.txt") for text in ("甲甲甲", "乙乙乙"))
    assert one.id == two.id == page_id("a.txt") != page_id("b.txt")
    assert one.sha256 != two.sha256


@pytest.mark.parametrize(
    ("text", "path", "kind"),
    [
        ("<!DOCTYPE html><p>x", "a.txt", "html"),
        ("\n <html><p>x", "a.txt", "html"),
        ("<?xml version='1.0'?>\n<!-- c --><html>", "a.txt", "html"),
        ("<p>x</p>" * 5, "a.txt", "html"),
        ("<p>x</p>" * 4, "a.txt", "text"),
        ("<p>x</p>", "a.HTM", "html"),
        ("没有标签 a < b", "a.html", "text"),
        ("用 <b> 表示粗体", "a.txt", "text"),
    ],
)
def test_content_decides_what_a_page_is_and_the_suffix_only_in_doubt(text: str, path: str, kind: str) -> None:
    assert sniff_kind(text, path) == kind


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "found an empty file, expected a page, fetch it again or delete it"),
        (b"\xef\xbb\xbf", "found only white space, expected a page, fetch it again or delete it"),
        (" \n\u3000\u200b\n".encode(), "found only white space, expected a page, fetch it again or delete it"),
        (b"%PDF-1.7", "found a PDF, expected text or HTML, convert it to text or HTML first"),
        (
            b"a\0b",
            "found a binary file (1 of 3 bytes are NUL), expected text or HTML, convert it to text or HTML first",
        ),
        (
            b"<html><script>var x</script></html>",
            "found HTML of 35 bytes without visible text, expected an article, "
            "save it from a browser after its scripts have run",
        ),
        (
            b"<html>" + b"<div>" * 40_000,
            "found elements nested more than 30000 deep, expected a page made for reading, save the page as text",
        ),
    ],
)
def test_a_bad_page_says_what_was_found_expected_and_to_do(data: bytes, reason: str) -> None:
    assert reason_of(data) == reason


def test_a_page_swallowed_by_a_comment_says_so() -> None:
    assert "without visible text; a comment is never closed: the 13 characters after it" in reason_of(
        "<html><!-- <p>甲</p>".encode()
    )


def test_damage_stands_in_the_warnings() -> None:
    page = page_from_bytes(HTML.encode()[:-8] + b"\xe5<div cla", path="a.html")
    assert page.warnings == (
        f"utf-8 text was broken in 1 place, now U+FFFD: at byte {len(HTML.encode()) - 8}",
        "the end of the page was not reached: the file may be cut off inside a tag",
    )


def test_a_file_is_read_as_its_bytes_are(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(HTML.encode())
    assert read_page(file, path="x/a.txt") == page_from_bytes(HTML.encode(), path="x/a.txt")


def test_a_file_over_the_limit_is_not_opened(tmp_path: Path) -> None:
    file = tmp_path / "big.txt"
    with file.open("wb") as stream:
        stream.truncate(50_000_000)  # sparse: no byte on the disk
    file.chmod(0)  # so that opening it would be another error, but for root
    with pytest.raises(BadPage) as caught:
        read_page(file, path="big.txt")
    assert caught.value.reason == ("found 50000000 bytes, expected at most 20000000, split the file or raise the limit")
    small = tmp_path / "a.txt"
    small.write_text("甲乙丙")
    assert read_page(small, path="a.txt", max_bytes=9).text == "甲乙丙"
    with pytest.raises(BadPage, match="found 9 bytes, expected at most 8"):
        read_page(small, path="a.txt", max_bytes=8)


def test_what_is_no_readable_file_is_a_bad_page(tmp_path: Path) -> None:
    with pytest.raises(
        BadPage, match=r"^gone\.txt: found no file \(any more\), expected a page, list the folder again$"
    ):
        read_page(tmp_path / "gone.txt", path="gone.txt")
    with pytest.raises(BadPage, match=r"^d: found a folder, expected a file"):
        read_page(tmp_path, path="d")
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(BadPage, match="found no regular file"):
        read_page(tmp_path / "pipe.txt", path="pipe.txt")


def test_a_file_without_permission_is_a_bad_page(as_anyone: Path) -> None:
    file = as_anyone / "a.txt"
    file.write_text("甲")
    file.chmod(0)
    with pytest.raises(BadPage, match="found a file that may not be read"):
        read_page(file, path="a.txt")


def test_a_bad_page_survives_the_way_between_processes() -> None:
    again = pickle.loads(pickle.dumps(BadPage("a.txt", "found x, expected y, do z")))
    assert (again.path, again.reason, str(again)) == (
        "a.txt",
        "found x, expected y, do z",
        "a.txt: found x, expected y, do z",
    )


def test_blocks_out_of_order_are_refused() -> None:
    page = page_from_bytes(DUMP.encode(), path="a.txt")
    with pytest.raises(ValueError, match="blocks hold text and follow each other"):
        Page(**{name: getattr(page, name) for name in Page.__slots__} | {"blocks": page.blocks[::-1]})


@settings(deadline=None)  # the first call loads what later ones need
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode) | st.text("<>/pbrdiv 甲\n").map(str.encode))
def test_any_bytes_give_a_page_that_holds_them_or_a_bad_page(data: bytes) -> None:
    try:
        page = page_from_bytes(data, path="a.html")
    except BadPage:
        return
    assert page == page_from_bytes(data, path="a.html")
    covered = [i for block in page.blocks for i in range(block.start, block.end)]
    assert covered == sorted(set(covered))
    assert {i for i, c in enumerate(page.text) if c not in WHITE} <= set(covered)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["magic_article_zh", "magic_forum_zh", "aeb"])
def test_real_pages_hold_the_words_of_their_gold(name: str) -> None:
    folder = SHARED / "bench" / "cleaning" / name
    if not folder.is_dir():
        pytest.skip(f"no collection at {folder}: set POLICYKB_SHARED")
    found = words = 0
    for line in (folder / "gt.jsonl").read_text("utf-8").splitlines():
        gold = json.loads(line)
        page = read_page(folder / "html" / f"{gold['id']}.html", path=f"{gold['id']}.html")
        text = "".join(page.text.split())
        pieces = ["".join(piece.split()) for piece in gold["content"].splitlines() if piece.strip()]
        words += len(pieces)
        found += sum(piece in text for piece in pieces)
    assert found / words > {"magic_article_zh": 0.9, "magic_forum_zh": 0.9, "aeb": 0.9}[name]


def test_many_comments_before_the_first_tag_are_read_in_a_moment() -> None:
    assert sniff_kind("<!-- a -->\n" * 400 + "<div>x", "page.txt") == "text"
    assert sniff_kind("<!-- a -->\n" * 400 + "<html>x", "page.txt") == "html"


def test_more_text_than_a_page_has_is_refused_with_the_way_out() -> None:
    with pytest.raises(BadPage, match="1000001 characters of text, expected at most 1000000, split the page"):
        page_from_bytes(("字" * 1_000_001).encode(), path="long.txt")
    with pytest.raises(BadPage, match="60001 lines, expected at most 60000, split the page"):
        page_from_bytes("字\n".encode() * 60_001, path="lines.txt")
    assert len(page_from_bytes("字\n".encode() * 60_000, path="lines.txt").blocks) == 60_000
