"""What several test files need: the shared collections, page builders, and two real knowledge bases."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import hypothesis
import pytest

from index.build.build import rebuild
from index.kb import KnowledgeBase, open_kb
from index.model import load_embedder
from index.store.compiled import compiled_loops
from ingest.page import Page, page_from_bytes

pytest_plugins = ["browsing"]
hypothesis.settings.register_profile("policykb", deadline=None)  # tests never assert on time
hypothesis.settings.load_profile("policykb")
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with seeds and benchmark collections; tests that need it skip without it."""
    folder = Path(os.environ.get("POLICYKB_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"POLICYKB_SHARED ({folder}) is absent: this test reads its collections")
    return folder.resolve()


@pytest.fixture(params=["compiled", "numpy"])
def both_ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Has a test run with the compiled loops, where they were built, and without."""
    if request.param == "numpy":
        monkeypatch.setenv("POLICYKB_COMPILED", "0")
    elif compiled_loops() is None:
        pytest.skip("the loops were not compiled: there was no C compiler when policykb was installed")


@pytest.fixture(scope="session")
def sample_kb(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    """The sample corpus as a knowledge base."""
    folder = tmp_path_factory.mktemp("sample") / "kb"
    rebuild([ROOT / "corpus" / "pages"], folder, embedder=load_embedder("bundled"))
    return open_kb(folder)


@pytest.fixture(scope="session")
def seeds_kb(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    """The five real pages as a knowledge base."""
    folder = tmp_path_factory.mktemp("seeds") / "kb"
    rebuild([shared / "seeds"], folder, embedder=load_embedder("bundled"))
    return open_kb(folder)


BODY = (
    "灵活就业人员参保须知",
    "灵活就业人员可以自愿参加职工基本医疗保险,缴费由本人承担。",
    "缴费满足规定年限后,办理退休手续即可享受退休人员医保待遇,不再按月缴费。",
    "具体年限由各统筹地区规定,参保前请向当地医保经办机构核实。",
)


def snippet_lines(
    number: int, *, title: str = "", summary: str = "", category: str = "生活百科", date: str = "2025-05-06"
) -> list[str]:
    """Return the lines of one recommendation item, well formed unless told otherwise."""
    title = title or f"第{number}种水果怎么挑选才新鲜"
    summary = (
        summary
        or f"挑选第{number}种水果时先看颜色再闻气味,成熟的果实表皮光亮,用手轻按略有弹性,还要留意果蒂是否新鲜,如果已经"
    )
    return [title, "", summary, "", f"{category} {date}".strip(), ""]


@pytest.fixture(scope="session")
def dump() -> Callable[..., Page]:
    """Build a page from lines: `dump(body, snippets=8, marker="相关推荐", **fields of each item)`."""

    def build(
        body: Sequence[str] = BODY,
        *,
        snippets: int = 8,
        marker: str = "相关推荐",
        after: Sequence[str] = (),
        path: str = "page.txt",
        **fields: str,
    ) -> Page:
        lines = [line for text in body for line in (text, "")]
        if snippets:
            lines += [marker, ""] if marker else []
            for number in range(snippets):
                lines += snippet_lines(number, **fields)
        lines += after
        return page_from_bytes("\n".join(lines).encode(), path=path)

    return build


@pytest.fixture
def make_kb(tmp_path: Path) -> Callable[..., KnowledgeBase]:
    """Build a knowledge base from texts: `make_kb("标题\\n\\n正文。", ...)`, one page each."""

    def build(*texts: str) -> KnowledgeBase:
        pages = tmp_path / "made"
        pages.mkdir()
        for number, text in enumerate(texts):
            (pages / f"page{number}.txt").write_text(text, encoding="utf-8")
        rebuild([pages], tmp_path / "kb", embedder=load_embedder("bundled"))
        return open_kb(tmp_path / "kb")

    return build


NOBODY = 65534


@pytest.fixture
def as_anyone(tmp_path: Path) -> Iterator[Path]:
    """A folder to work in, without the rights of root: for root every file is readable."""
    if os.geteuid() != 0:
        yield tmp_path
        return
    with tempfile.TemporaryDirectory() as name:  # tmp_path lies in a folder that only root may enter
        os.chown(name, NOBODY, NOBODY)
        os.seteuid(NOBODY)
        try:
            yield Path(name)
        finally:
            os.seteuid(0)
