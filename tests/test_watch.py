"""`policykb watch`: what counts as a change, when it has come to rest, and the command on a real base."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from index.build.publish import read_current
from index.build.watch import Watcher
from index.kb import open_kb

ARTICLE = "居民医保参保须知\n\n居民医保按年缴费,集中缴费期一般从每年9月开始,到12月前后结束,具体日期由各地公布。\n"
COMMAND = "from search_app.cli import main; main()"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A folder of pages in a folder of its own, with room beside it."""
    pages = tmp_path / "corpus" / "pages"
    (pages / "site").mkdir(parents=True)
    (pages / "one.txt").write_text(ARTICLE, encoding="utf-8")
    (pages / "site" / "two.txt").write_text(ARTICLE.replace("居民", "职工"), encoding="utf-8")
    (pages.parent / "lexicon").mkdir()
    return pages


def names(changed: tuple[str, ...], corpus: Path) -> list[str]:
    return [Path(file).relative_to(corpus.parent).as_posix() for file in changed]


def write(file: str, text: str = "x") -> Callable[[Path], None]:
    def change(corpus: Path) -> None:
        (corpus.parent / file).parent.mkdir(exist_ok=True)
        (corpus.parent / file).write_text(text, encoding="utf-8")

    return change


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (write("pages/three.txt"), ["pages/three.txt"]),
        (write("pages/site/two.txt", "y"), ["pages/site/two.txt"]),
        (write("pages/pages.jsonl"), ["pages/pages.jsonl"]),
        (lambda corpus: (corpus / "one.txt").unlink(), ["pages/one.txt"]),
        (lambda corpus: (corpus / "one.txt").rename(corpus / "1.txt"), ["pages/1.txt", "pages/one.txt"]),
        (lambda corpus: os.utime(corpus / "one.txt", ns=(0, 0)), ["pages/one.txt"]),
        (write("overrules.tsv"), ["overrules.tsv"]),
        (write("sources.tsv"), ["sources.tsv"]),
        (write("lexicon/own.tsv"), ["lexicon/own.tsv"]),
        (write("gold/questions.jsonl"), ["gold/questions.jsonl"]),
        # What decides nothing is no change.
        (write("notes.md"), []),
        (write("pages/.hidden"), []),
        (write("pages/.git/index"), []),
    ],
)
def test_what_decides_a_rebuild_is_a_change_and_nothing_else(
    corpus: Path, change: Callable[[Path], None], expected: list[str]
) -> None:
    watcher = Watcher([corpus], quiet_for_s=0)
    assert watcher.wait(0) == ()
    change(corpus)
    assert names(watcher.wait(None if expected else 0), corpus) == expected
    assert watcher.wait(0) == (), "told once"


def test_gold_elsewhere_and_a_page_alone_are_watched_too(corpus: Path, tmp_path: Path) -> None:
    watcher = Watcher([corpus / "site" / "two.txt"], gold=tmp_path / "gold", quiet_for_s=0)
    (tmp_path / "gold").mkdir()
    (tmp_path / "gold" / "questions.jsonl").write_text("{}")
    assert watcher.wait() == (str(tmp_path / "gold" / "questions.jsonl"),)
    write("overrules.tsv")(corpus)
    assert names(watcher.wait(), corpus) == ["overrules.tsv"]
    write("pages/one.txt")(corpus)
    assert watcher.wait(0) == (), "another page is none of its business"


def test_a_change_that_is_taken_back_is_none(corpus: Path) -> None:
    watcher = Watcher([corpus], quiet_for_s=0)
    page = corpus / "one.txt"
    page.rename(corpus / "moved.txt")
    (corpus / "moved.txt").rename(page)
    assert watcher.wait(0) == ()


def test_a_page_that_is_being_written_is_waited_for(corpus: Path) -> None:
    watcher = Watcher([corpus], quiet_for_s=1.5, look_every_s=0.02)
    page = corpus / "slow.txt"

    def write_slowly() -> None:
        with page.open("w") as opened:
            for _ in range(5):
                opened.write("字" * 100)
                opened.flush()
                pause.wait(0.3)

    pause = threading.Event()
    writer = threading.Thread(target=write_slowly)
    writer.start()
    changed = watcher.wait()
    assert not writer.is_alive(), "it was told before it was whole"
    assert names(changed, corpus) == ["pages/slow.txt"]
    writer.join()


@contextmanager
def watching(corpus: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """Run the command; it has seen the corpus when it has said what it watches."""
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, "watch", str(corpus), "--kb", str(corpus.parent / "kb"), "--json", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        # Tests that run in the background have it ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stderr is not None
    with process:
        for line in process.stderr:
            if line.startswith("watching"):
                break
        # What is told of the progress would fill the pipe and stop the command.
        reader = threading.Thread(target=process.stderr.read)
        reader.start()
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            reader.join()


def test_the_command_keeps_the_base_up_to_date_also_after_a_failure_and_ends_cleanly(corpus: Path) -> None:
    kb = corpus.parent / "kb"
    with watching(corpus, "--quiet-for", "0.2") as process:
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        assert (first["pages"], first["changed"], first["build"]) == (2, 0, read_current(kb))
        (corpus.parent / "overrules.tsv").write_text("one.txt\tdance\tquote\twhy\n", encoding="utf-8")
        failed = json.loads(process.stdout.readline())
        assert "overrules.tsv" in failed["error"]
        assert failed["changed"] == 1
        assert read_current(kb) == first["build"], "the published build stays"
        (corpus.parent / "overrules.tsv").unlink()
        (corpus / "one.txt").write_text(ARTICLE.replace("9月", "8月"), encoding="utf-8")
        second = json.loads(process.stdout.readline())
        assert (second["changed"], second["previous"], second["published"]) == (2, first["build"], True)
        assert open_kb(kb).search("集中缴费期", k=5)[0].text.count("每年8月") == 1
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0
        assert process.stdout.read() == ""


def test_once_waits_for_the_first_change_and_ends_with_how_it_went(corpus: Path) -> None:
    with watching(corpus, "--quiet-for", "0", "--once") as process:
        (corpus / "one.txt").write_text(ARTICLE.replace("9月", "8月"), encoding="utf-8")
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["changed"] == 1
        assert process.wait(timeout=60) == 0
    with watching(corpus, "--quiet-for", "0", "--once") as process:
        for page in list(corpus.rglob("*.txt")):
            page.unlink()
        assert process.stdout is not None
        assert "found nothing, expected pages" in json.loads(process.stdout.readline())["error"]
        assert process.wait(timeout=60) == 1
