import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.find import Found, NoFile, NoPages, find_pages, folders_beside


def make(root: Path, *names: str) -> Path:
    for name in names:
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"text of {name}")
    return root


def paths(found: Found) -> list[str]:
    return [page.path for page in found.pages]


def skipped(found: Found) -> dict[str, str]:
    return {entry.path: entry.reason for entry in found.skipped}


def test_pages_at_any_depth_in_bytewise_order(tmp_path: Path) -> None:
    make(tmp_path, "b.txt", "a/z.HTML", "a/b/c.htm", "a.text", "医.xhtml", "Z.txt", "a/é.txt")
    found = find_pages([tmp_path])
    assert paths(found) == ["Z.txt", "a.text", "a/b/c.htm", "a/z.HTML", "a/é.txt", "b.txt", "医.xhtml"]
    assert [page.file.read_text() for page in found.pages] == [f"text of {path}" for path in paths(found)]
    assert (found.skipped, found.roots) == ((), (tmp_path,))


def test_hidden_files_readmes_and_sidecars_pass_silently_others_are_named(tmp_path: Path) -> None:
    make(tmp_path, "a.txt", ".b.txt", ".git/c.txt", "README.md", "readme.txt", "sub/README", "d.pdf", "sub/e")
    (tmp_path / "pages.jsonl").write_text("")
    found = find_pages([tmp_path])
    assert paths(found) == ["a.txt"]
    assert skipped(found) == {
        "d.pdf": "not a page: .pdf file; expected .txt .text .html .htm .xhtml, convert it to text or HTML",
        "sub/e": "not a page: no ending; expected .txt .text .html .htm .xhtml, convert it to text or HTML",
    }


def test_links_are_not_followed_out_of_the_folder(tmp_path: Path) -> None:
    make(tmp_path, "in/a.txt", "in/.store/x", "out/b.txt")
    top = tmp_path / "in"
    (top / "0.txt").symlink_to("a.txt")
    (top / "annex.txt").symlink_to(".store/x")
    (top / "far.txt").symlink_to(tmp_path / "out" / "b.txt")
    (top / "folder").symlink_to(tmp_path / "out")
    (top / "loop").symlink_to(".")
    (top / "nowhere.txt").symlink_to("gone")
    found = find_pages([top])
    assert paths(found) == ["a.txt", "annex.txt"]
    out = tmp_path / "out"
    assert skipped(found) == {
        "0.txt": "a symbolic link to a.txt, which is read in its own place",
        "far.txt": f"a symbolic link out of the folder, to {out / 'b.txt'}: copy it, or name its target as well",
        "folder": f"a symbolic link out of the folder, to {out}: copy it, or name its target as well",
        "loop": "a symbolic link to the folder ., which is read in its own place",
        "nowhere.txt": "a symbolic link that leads nowhere: remove it",
    }


def test_a_file_given_directly_is_known_by_its_name(tmp_path: Path) -> None:
    make(tmp_path, "a/b.txt", "a/c.pdf")
    (tmp_path / "a" / "pages.jsonl").write_text('{"path": "b.txt", "site": "医保网"}\n{"path": "z.txt", "site": "x"}')
    found = find_pages([tmp_path / "a" / "b.txt", tmp_path / "a" / "c.pdf"])
    assert paths(found) == ["b.txt"]
    assert list(skipped(found)) == ["c.pdf"]
    assert found.sidecar == {"b.txt": {"site": "医保网"}}


def test_the_order_of_what_is_given_does_not_matter(tmp_path: Path) -> None:
    make(tmp_path, "one/a.txt", "two/a.txt", "two/b.txt", "three/c.txt")
    given_paths = [tmp_path / "one", tmp_path / "two", tmp_path / "three", tmp_path / "two" / "b.txt"]
    found = find_pages(given_paths)
    assert paths(found) == ["a.txt", "c.txt", "two/a.txt", "two/b.txt"]
    assert find_pages(given_paths[::-1]) == found
    assert find_pages([*given_paths, *given_paths]) == found


def test_folders_come_before_files_and_higher_before_deeper(tmp_path: Path) -> None:
    make(tmp_path, "a.txt", "b/a.txt", "a/deep/a.txt")
    found = find_pages([tmp_path / "a.txt", tmp_path / "b", tmp_path / "a" / "deep"])
    assert [(page.path, page.file) for page in found.pages if page.path == "a.txt"] == [
        ("a.txt", tmp_path / "b" / "a.txt")
    ]
    assert paths(found) == ["a.txt", "deep/a.txt", f"{tmp_path.name}/a.txt"]


def test_a_folder_inside_a_given_folder_gives_nothing_twice(tmp_path: Path) -> None:
    make(tmp_path, "p/a.txt", "p/q/b.txt")
    assert paths(find_pages([tmp_path / "p" / "q", tmp_path / "p", tmp_path / "p" / "a.txt"])) == ["a.txt", "q/b.txt"]


def test_a_path_still_taken_is_skipped_by_name(tmp_path: Path) -> None:
    make(tmp_path, "x/n/a.txt", "y/n/a.txt", "z/n/a.txt")
    found = find_pages([tmp_path / "x" / "n", tmp_path / "y" / "n", tmp_path / "z" / "n"])
    assert [(page.path, page.file.parts[-3]) for page in found.pages] == [("a.txt", "x"), ("n/a.txt", "y")]
    assert skipped(found) == {"n/a.txt": f"the path is taken by {tmp_path / 'y' / 'n' / 'a.txt'}: rename the folder n"}


def test_sidecars_lie_in_any_folder_and_broken_lines_are_named(tmp_path: Path) -> None:
    make(tmp_path, "a.txt", "s/b.txt", "s/c.txt")
    (tmp_path / "pages.jsonl").write_bytes(
        b'\xef\xbb\xbf{"path": "a.txt", "url": "https://a.cn", "site": "", "other": 1}\r\n'
        b'\n{"path": "s/b.txt", "site": "far"}\n{"path": "s/c.txt", "fetched": "2025-01-02"}\n'
        b'{"path": "gone.txt", "site": "x"}\n'
    )
    (tmp_path / "s" / "pages.jsonl").write_bytes(
        b'{"path": "./b.txt", "site": "near"}\n{broken\n[1]\n{"path": "../a.txt"}\n{"path": "b.txt", "url": 5}\n'
        b'{"site": "x"}\n\xff\n{"path": "b.txt", "site": "\\ud800"}\n{"path": "/b.txt"}'
    )
    found = find_pages([tmp_path])
    assert found.sidecar == {
        "a.txt": {"url": "https://a.cn"},
        "s/b.txt": {"site": "near"},
        "s/c.txt": {"fetched": "2025-01-02"},
    }
    assert {entry.path for entry in found.skipped} == {"s/pages.jsonl"}
    reasons = [entry.reason for entry in found.skipped]
    assert [reason.split(":")[0] for reason in reasons] == [f"line {n}" for n in (2, 3, 4, 5, 6, 7, 8, 9)]
    assert reasons[1] == (
        "line 3: found list, expected an object with path, url, site, publisher, fetched; the other lines are used"
    )
    assert reasons[3] == "line 5: found url = 5, expected a string; the other lines are used"


def test_the_sidecar_follows_a_prefixed_page(tmp_path: Path) -> None:
    make(tmp_path, "x/a.txt", "y/a.txt")
    (tmp_path / "y" / "pages.jsonl").write_text('{"path": "a.txt", "site": "y"}')
    assert find_pages([tmp_path / "x", tmp_path / "y"]).sidecar == {"y/a.txt": {"site": "y"}}


def test_nothing_there_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NoPages, match=r"gone: found nothing there, expected a file or a folder with pages, check"):
        find_pages([tmp_path / "gone"])
    with pytest.raises(NoPages, match="found no path, expected files or folders"):
        find_pages([])
    with pytest.raises(NoPages, match=f"^{tmp_path}: found nothing, expected pages"):
        find_pages([tmp_path])
    make(tmp_path, "a.pdf", "b.pdf", "c.docx")
    with pytest.raises(NoPages) as caught:
        find_pages([tmp_path])
    assert str(caught.value) == (
        f"{tmp_path}: found 3 other files (.pdf 2, .docx 1), expected pages (.txt .text .html .htm .xhtml), "
        "convert them or name another folder"
    )


def test_odd_files_are_skipped(tmp_path: Path) -> None:
    make(tmp_path, "a.txt")
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / os.fsdecode(b"\xff.txt")).write_text("x")
    found = find_pages([tmp_path])
    assert paths(found) == ["a.txt"]
    assert skipped(found) == {
        "pipe.txt": "not a regular file; expected a file with a page in it",
        "\ufffd.txt": "a name that is not UTF-8: rename it",
    }


@given(st.permutations(["one", "two", "three", "two/b.txt"]))
def test_any_order_gives_the_same(tmp_path_factory: pytest.TempPathFactory, order: list[str]) -> None:
    root = make(tmp_path_factory.getbasetemp() / "orders", "one/a.txt", "two/a.txt", "two/b.txt", "three/c.txt")
    found = find_pages([root / name for name in order])
    assert paths(found) == ["a.txt", "c.txt", "two/a.txt", "two/b.txt"]
    assert [page.file.parent.name for page in found.pages] == ["one", "three", "two", "two"]


def test_settings_that_are_no_file_are_told(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    assert folders_beside([pages], "overrules.tsv") == {}
    (tmp_path / "overrules.tsv").symlink_to(tmp_path / "not mounted" / "overrules.tsv")
    with pytest.raises(NoFile, match=r"overrules\.tsv: found a folder, a pipe or a link to nothing"):
        folders_beside([pages], "overrules.tsv")
    (tmp_path / "overrules.tsv").unlink()
    (tmp_path / "overrules.tsv").write_text("")
    assert folders_beside([pages], "overrules.tsv") == {pages: True}
