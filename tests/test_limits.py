"""Limits and borders of a corpus: how much is read, what is opened, and that nothing outside the folder is."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest

from ingest import find
from ingest.clean import clean
from ingest.facts.read import article_facts
from ingest.facts.region_mentions import find_regions
from ingest.find import NoPages, TooManyFiles, find_pages
from ingest.html.dom import read_html
from ingest.page import BadPage, page_from_bytes, read_bytes
from ingest.passages import split_passages
from ingest.regular import NotRegular, open_regular


def make(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("医保", "utf-8")
    return folder


def skipped(folder: Path) -> dict[str, str]:
    return {entry.path: entry.reason for entry in find_pages([folder]).skipped}


class TestBorders:
    def test_a_page_replaced_by_a_link_after_the_listing_is_not_read(self, tmp_path: Path) -> None:
        make(tmp_path, "in/a.txt", "secret.txt")
        (page,) = find_pages([tmp_path / "in"]).pages
        page.file.unlink()
        page.file.symlink_to(tmp_path / "secret.txt")
        with pytest.raises(BadPage, match=r"^a\.txt: found a symbolic link, expected a file"):
            read_bytes(page.file, path=page.path)

    def test_a_page_replaced_between_the_look_and_the_opening_is_not_read(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make(tmp_path, "a.txt", "secret.txt")
        os.mkfifo(tmp_path / "pipe")
        opening = os.open

        def swapped_for_a_link(file: Path, flags: int) -> int:
            file.unlink()
            file.symlink_to("secret.txt")
            return opening(file, flags)

        def swapped_for_a_pipe(file: Path, flags: int) -> int:
            (tmp_path / "pipe").rename(file)
            return opening(file, flags)

        for swapped, problem in ((swapped_for_a_link, OSError), (swapped_for_a_pipe, NotRegular)):
            with monkeypatch.context() as patch:
                patch.setattr(os, "open", swapped)
                with pytest.raises(problem):
                    open_regular(tmp_path / "a.txt")
            (tmp_path / "a.txt").unlink()
            make(tmp_path, "a.txt")

    def test_links_inside_are_pages_and_links_named_are_followed(self, tmp_path: Path) -> None:
        make(tmp_path, "in/.store/x", "out/b.txt")
        (tmp_path / "in" / "a.txt").symlink_to(".store/x")
        (tmp_path / "in" / "far.txt").symlink_to(tmp_path / "out" / "b.txt")
        found = find_pages([tmp_path / "in"])
        assert [(page.path, read_bytes(page.file, path="")) for page in found.pages] == [("a.txt", "医保".encode())]
        assert [page.path for page in find_pages([tmp_path / "in" / "far.txt"]).pages] == ["far.txt"]
        (page,) = find_pages([tmp_path / "in" / "far.txt"]).pages
        assert read_bytes(page.file, path=page.path) == "医保".encode()

    def test_what_is_no_file_is_never_opened(self, tmp_path: Path) -> None:
        make(tmp_path, "a.txt")
        os.mkfifo(tmp_path / "pipe.txt")
        os.mkfifo(tmp_path / "pages.jsonl")  # opening it would wait for ever
        with socket.socket(socket.AF_UNIX) as unix:
            here = Path.cwd()
            os.chdir(tmp_path)  # the name of a socket is short
            try:
                unix.bind("socket.txt")
            finally:
                os.chdir(here)
            assert skipped(tmp_path) == {
                "pages.jsonl": "a sidecar that cannot be read (no regular file): change its permissions",
                "pipe.txt": "not a regular file; expected a file with a page in it",
                "socket.txt": "not a regular file; expected a file with a page in it",
            }

    @pytest.mark.parametrize("path", ["../b.txt", "/etc/passwd", "x/../../b.txt", "..", "", "."])
    def test_a_sidecar_speaks_of_pages_below_it_only(self, tmp_path: Path, path: str) -> None:
        make(tmp_path, "b.txt", "in/a.txt")
        (tmp_path / "in" / "pages.jsonl").write_text(json.dumps({"path": path, "site": "x"}))
        found = find_pages([tmp_path])
        assert found.sidecar == {}
        assert (path == ".") != any(
            "expected one below the sidecar's folder" in entry.reason for entry in found.skipped
        )

    def test_a_sidecar_line_with_what_is_no_character_is_named(self, tmp_path: Path) -> None:
        make(tmp_path, "a.txt", "b.txt")
        lines = [
            json.dumps({"path": f"{name}.txt", "site": f"网{end}"}) for name, end in (("a", "\ufffe"), ("b", "站"))
        ]
        (tmp_path / "pages.jsonl").write_text("\n".join(lines))
        found = find_pages([tmp_path])
        assert found.sidecar == {"b.txt": {"site": "网站"}}
        assert skipped(tmp_path) == {
            "pages.jsonl": "line 1: found U+FFFE or U+FFFF, expected text; the other lines are used"
        }

    @pytest.mark.parametrize("name", ["a\nb.txt", "a\tb.txt", "a\x7f.txt", "a\u2028.txt", "d\r/b.txt", "a\uffff.txt"])
    def test_names_that_break_lines_are_named(self, tmp_path: Path, name: str) -> None:
        make(tmp_path, "sound　名.txt", name)
        found = find_pages([tmp_path])
        assert [page.path for page in found.pages] == ["sound　名.txt"]
        assert skipped(tmp_path) == {name: "a name with a line break or another control character: rename it"}

    def test_a_name_too_long_for_the_system_is_no_page(self) -> None:
        with pytest.raises(NoPages, match="found nothing there"):
            find_pages([Path("a" * 5000)])


class TestCounts:
    def test_more_files_than_a_corpus_has_are_refused_however_they_lie(self, tmp_path: Path) -> None:
        flat, deep = make(tmp_path / "f", *"abcde"), make(tmp_path / "d", "a/a.txt", "b/b.txt", "c/c.txt")
        for folder in (flat, deep):
            with pytest.raises(TooManyFiles, match=r"found more than 2 files, expected those of one corpus"):
                find_pages([folder], max_files=2)
        assert len(find_pages([deep], max_files=3).pages) == 3

    def test_a_sidecar_too_large_is_named_and_a_broken_one_not_line_by_line(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make(tmp_path, "a.txt")
        entry = json.dumps({"path": "a.txt", "site": "站"})
        (tmp_path / "pages.jsonl").write_text("[]\n" * 50 + entry)
        found = find_pages([tmp_path])
        assert found.sidecar == {"a.txt": {"site": "站"}}
        assert len(found.skipped) == 21
        assert found.skipped[0].reason == "30 more lines that are no entries"
        (tmp_path / "pages.jsonl").write_text(json.dumps({"path": "a.txt", "site": "站" * 100_000}))
        assert skipped(tmp_path)["pages.jsonl"].startswith("line 1: found 600029 bytes, expected at most 100000;")
        monkeypatch.setattr(find, "MAX_SIDECAR_BYTES", 20)
        (tmp_path / "pages.jsonl").write_text(entry)
        assert "expected at most 20: one a folder" in skipped(tmp_path)["pages.jsonl"]

    def test_entities_are_neither_expanded_nor_fetched(self, tmp_path: Path) -> None:
        (tmp_path / "secret").write_text("hunter2")
        bomb = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(8))
        page = read_html(
            f'<!DOCTYPE html [<!ENTITY e0 "bomb">{bomb}<!ENTITY x SYSTEM "file://{tmp_path}/secret">]>'
            "<html><body><p>&e8;&x;参保人员</p></body></html>"
        )
        assert "参保人员" in page.text
        assert "hunter2" not in page.text
        assert len(page.text) < 2000


class TestGrowth:
    """What took a time that grows with the square of the page: proved by what is done, not by the clock."""

    def test_headings_are_gathered_once_a_page(self) -> None:
        lines = [f"（{n}）办理条件" if n % 2 else "参保人员可以在线办理异地就医备案手续。" * 12 for n in range(60)]
        page = page_from_bytes("\n".join(["标题", *lines]).encode(), path="a.txt")
        article = clean(page)
        asked = []

        class Counting(type(article)):  # type: ignore[misc]
            __slots__ = ()

            def __getattribute__(self, name: str) -> object:
                if name == "headings":
                    asked.append(name)
                return super().__getattribute__(name)

        counting = object.__new__(Counting)
        for name in article.__slots__:
            object.__setattr__(counting, name, getattr(article, name))
        passages = split_passages(page.text, counting)
        assert passages == split_passages(page.text, article)
        assert len(passages) > 20
        assert len(asked) <= 2

    def test_a_place_is_settled_once_a_line_as_that_line_says(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from ingest.facts import region_mentions

        settle, asked = region_mentions._settle, []

        def counting(*of: object) -> tuple[str, ...]:
            asked.append(of[0])
            return settle(*of)  # type: ignore[arg-type]

        monkeypatch.setattr(region_mentions, "_settle", counting)
        text = "北京市、朝阳区、" * 50 + "\n" + "长春市、朝阳区、" * 50
        found = find_regions(text, [(0, len(text))])
        meant = [mention.codes for mention in found if text[mention.start : mention.end] == "朝阳区"]
        assert meant == [("110105",)] * 50 + [("220104",)] * 50
        assert len(asked) == len({(codes, n) for n, codes in enumerate(asked)}) == 2

    def test_bylines_are_counted_and_a_paper_s_name_hints_at_a_place(self) -> None:
        text = "".join(f"来源：{name}晚报 " for name in ("长沙", "武汉", "成都")) + "办理地点：广州市"
        facts = {(fact.kind, fact.value) for fact in article_facts(text, [(0, len(text))])}
        assert ("region_hint", "湖南省/长沙市") in facts
        assert ("region", "广东省/广州市") in facts
        many = "".join(f"来源：第{n}报 " for n in range(500))
        assert sum(fact.kind == "publisher" for fact in article_facts(many, [(0, len(many))])) == 200
