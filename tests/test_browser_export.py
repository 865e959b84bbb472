"""Taking results home from the page: every file is the command's, byte for byte, and the references are copied as text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from browsing import NARROW, Open, asked
from click.testing import CliRunner

from index.export import FORMATS
from index.kb import KnowledgeBase
from search_app.cli import main

pytestmark = pytest.mark.browser
QUESTION = "“断缴” 补缴 it's $(id) <b>"
LOOK_MS = 6000  # by then an open page has looked for a new build, which is a run of its own


def of_command(kb: KnowledgeBase, kind: str, *words: str) -> bytes:
    done = CliRunner().invoke(main, ["export", "--kb", str(kb.folder), "--format", kind, *words])
    assert done.exit_code == 0, done.stderr
    return done.stdout_bytes


def test_every_file_of_the_page_is_that_of_the_command(address: str, open_page: Open, sample_kb: KnowledgeBase) -> None:
    opened = open_page(f"{asked(address, QUESTION, k='5', sort='date')}&region=北京市&region=湖北省/武汉市")
    part = opened.locator(".st-key-pk_export")
    part.locator("summary").click()
    words = ["-k", "5", "--sort", "date", "--region", "北京市", "--region", "湖北省/武汉市", QUESTION]
    lines = of_command(sample_kb, "gbt7714", *words).decode().split("\n\n")[0]
    assert lines.startswith("[1] ")
    assert opened.locator("#pk-references").text_content() == lines
    opened.wait_for_timeout(LOOK_MS)
    for kind, format_ in FORMATS.items():
        with opened.expect_download() as download:
            part.locator(f".st-key-pk_export_{kind} button").click()
        assert download.value.suggested_filename == f"policykb-{sample_kb.build}-断缴-补缴-it-s-id-b.{format_.suffix}"
        assert Path(download.value.path()).read_bytes() == of_command(sample_kb, kind, *words), kind


def test_the_references_are_copied_and_the_lines_say_all_that_was_asked(
    address: str, open_page: Open, sample_kb: KnowledgeBase
) -> None:
    opened = open_page(
        f"{asked(address, QUESTION, sort='date', mode='lexical', lang='en')}&scheme=职工医保", viewport=NARROW
    )
    opened.context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened.locator(".st-key-pk_export summary").click()
    opened.get_by_role("button", name="Copy references").click()
    opened.wait_for_function("navigator.clipboard.readText().then(text => text.length > 0)")
    copied = opened.evaluate("navigator.clipboard.readText()")
    assert copied == opened.locator("#pk-references").text_content()
    assert re.fullmatch(r"(\[\d+\] [^\n]+\[EB/OL\]\. [^\n]+\.\n?)+", copied)
    opened.get_by_text("Get the same from the command line or Python").click()
    code = opened.locator("[data-testid=stCode] code")
    shell, python = code.nth(0).text_content(), code.nth(1).text_content()
    quoted = "'“断缴” 补缴 it'\"'\"'s $(id) <b>'"
    base = f"--kb {sample_kb.folder} --build {sample_kb.build}"
    ranking = "-k 10 --mode lexical --sort date --scheme '职工医保'"
    assert shell.strip().split("\n")[-2:] == [
        f"policykb search {base} {ranking} {quoted}",
        f"policykb export {base} --format csv {ranking} {quoted}",
    ]
    assert python.strip().split("\n")[-1] == (
        f"kb.search({QUESTION!r}, k=10, mode='lexical', sort='date', filters=Filters(schemes=('职工医保',))).to_frame()"
    )
    assert opened.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
