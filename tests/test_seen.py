"""What the first pass made of a page serves the second one, and is never needed."""

from __future__ import annotations

from pathlib import Path

from index.build.seen import Seen
from ingest.clean import clean
from ingest.ladder import show
from ingest.learning.learn import learn, lesson_of
from ingest.page import read_page

PAGES = Path(__file__).resolve().parents[1] / "corpus" / "pages"


def test_a_page_is_cleaned_the_same_from_what_was_seen(tmp_path: Path) -> None:
    seen = Seen(tmp_path)
    pages = [read_page(file, path=file.name) for file in sorted(PAGES.iterdir()) if file.suffix in {".txt", ".html"}]
    assert {page.kind for page in pages} == {"text", "html"}
    learned = learn(pages)
    for page in pages:
        shown = show(page)
        lesson, plain = lesson_of(page, shown), lesson_of(page)
        assert (lesson.opening, lesson.lines.keys.tolist()) == (plain.opening, plain.lines.keys.tolist())
        seen.keep(page, shown)
        kept = seen.take(page.path)
        assert kept is not None
        assert kept == (page, shown)
        assert clean(kept[0], shown=kept[1], learned=learned) == clean(page, learned=learned)


def test_what_a_page_shows_decides() -> None:
    page = next(page for page in map(read, sorted(PAGES.glob("*.txt"))) if show(page).runs)
    nothing = type(show(page))(show(page).cards, ())
    assert len(clean(page, shown=nothing).body_text) > len(clean(page).body_text)


def read(file: Path):  # type: ignore[no-untyped-def]
    return read_page(file, path=file.name)


def test_nothing_is_kept_where_the_folder_is_not_there(tmp_path: Path) -> None:
    page = read(sorted(PAGES.glob("*.txt"))[0])
    seen = Seen(tmp_path / "elsewhere")
    seen.keep(page, show(page))
    assert seen.take(page.path) is None
    assert Seen(tmp_path).take("another.txt") is None
    assert list(tmp_path.iterdir()) == []
