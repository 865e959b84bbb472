"""The sample corpus keeps its own promises: gold quotes, marks, snippets, encodings and originality."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

CORPUS = Path(__file__).parents[1] / "corpus"
BLOCKS = ["p", "li", "h1", "h2", "h3", "td"]
FOLD = str.maketrans("，：；（）？！", ",:;()?!")
WINDOW_CHARS = 24  # shorter runs are names and set phrases that anyone would write


def read_jsonl(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


PAGES = read_jsonl(CORPUS / "gold" / "pages.jsonl")
QUESTIONS = read_jsonl(CORPUS / "gold" / "questions.jsonl")
PATHS = [page["path"] for page in PAGES]


def decode(path: Path) -> str:
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("gb18030")


def page_text(name: str) -> str:
    text = decode(CORPUS / "pages" / name)
    return BeautifulSoup(text, "lxml").body.get_text() if name.endswith(".html") else text


def page_blocks(name: str) -> list[str]:
    text = decode(CORPUS / "pages" / name)
    if name.endswith(".html"):
        return [block.get_text() for block in BeautifulSoup(text, "lxml").find_all(BLOCKS)]
    return text.split("\n")


def article_text(page: dict) -> str:
    text = page_text(page["path"])
    end = text.index(page["body_last"]) + len(page["body_last"])
    return text[text.index(page["body_first"]) : end]


def squeeze(text: str) -> str:
    return re.sub(r"[\s•]+", "", text).translate(FOLD)


def test_gold_names_each_page_once() -> None:
    found = sorted(path.name for path in (CORPUS / "pages").iterdir() if path.suffix in {".txt", ".html"})
    assert sorted(PATHS) == found
    assert Counter(Path(path).suffix for path in PATHS) == {".txt": 4, ".html": 4}


@pytest.mark.parametrize("page", PAGES, ids=PATHS)
def test_article_stands_in_its_page_in_order(page: dict) -> None:
    text, at = page_text(page["path"]), 0
    for part in [page["title"], page["body_first"], *page["headings"], page["body_last"]]:
        at = text.find(part, at)
        assert at >= 0, part
        at += 0 if part == page["body_first"] else len(part)
    if page["short_answer"] is not None:
        assert page["body_first"] == page["short_answer"]
    assert 600 <= len(squeeze(article_text(page))) <= 1400


@pytest.mark.parametrize("page", PAGES, ids=PATHS)
def test_article_ends_in_the_sample_mark(page: dict) -> None:
    assert "policykb" in page["body_last"]
    assert "示例" in page["body_last"]
    assert [line.strip() for line in page_blocks(page["path"])].count(page["body_last"]) == 1


def test_sample_marks_are_worded_differently() -> None:
    assert len({page["body_last"] for page in PAGES}) == len(PAGES)


@pytest.mark.parametrize("page", PAGES, ids=PATHS)
def test_snippets_follow_the_article_in_order(page: dict) -> None:
    text = page_text(page["path"])
    at = text.index(page["body_last"])
    snippets = page["snippets"]
    assert 8 <= len(snippets) <= 20
    for snippet in snippets:
        for part in (snippet["title"], snippet["summary"], snippet["category"], snippet["date"]):
            at = text.find(part, at)
            assert at >= 0, part
            at += len(part)
        if snippet["title_repeated"]:
            assert text[at:].lstrip().startswith(snippet["title"])
        assert len(snippet["summary"]) <= 200
    assert len({snippet["date"] for snippet in snippets}) == 1
    relations = Counter(snippet["relation"] for snippet in snippets)
    assert set(relations) == {"unrelated", "same field", "same question"}
    assert 1 <= relations["same question"] <= 3
    assert relations["unrelated"] >= len(snippets) / 2


@pytest.mark.parametrize("page", [page for page in PAGES if page["side_titles"]], ids=lambda page: page["path"])
def test_the_titles_beside_an_article_are_links_of_the_page(page: dict) -> None:
    soup = BeautifulSoup(decode(CORPUS / "pages" / page["path"]), "lxml")
    linked = {link.get_text().strip() for link in soup.find_all("a")}
    assert {item["title"] for item in page["side_titles"]} <= linked
    assert {item["relation"] for item in page["side_titles"]} <= {"unrelated", "same field", "same question"}


@pytest.mark.parametrize("page", PAGES, ids=PATHS)
def test_two_snippets_are_the_beginning_of_other_articles(page: dict) -> None:
    starts = {other["title"].translate(FOLD): squeeze(article_text(other)) for other in PAGES if other is not page}
    teasers = [
        snippet["title"]
        for snippet in page["snippets"]
        if starts.get(snippet["title"].translate(FOLD), "").startswith(squeeze(snippet["summary"]))
    ]
    assert len(teasers) == 2


def test_questions_are_of_the_promised_kinds() -> None:
    assert [question["id"] for question in QUESTIONS] == [f"q{n:02d}" for n in range(1, 25)]
    assert len({question["text"] for question in QUESTIONS}) == 24
    kinds = Counter(question["kind"] for question in QUESTIONS)
    assert kinds == {"official": 6, "everyday": 10, "several": 2, "unanswerable": 6}
    verdicts = Counter(question["verdict"] for question in QUESTIONS)
    assert verdicts == {"answered": 17, "partly": 1, "not_stated": 4, "outside": 2}


@pytest.mark.parametrize("question", QUESTIONS, ids=[question["id"] for question in QUESTIONS])
def test_every_quote_stands_in_one_block_of_its_article(question: dict) -> None:
    for answer in question["answers"]:
        page = PAGES[PATHS.index(answer["path"])]
        assert answer["quote"] in article_text(page)
        assert any(answer["quote"] in block for block in page_blocks(answer["path"]))
    unanswerable = question["kind"] == "unanswerable"
    assert unanswerable == (question["verdict"] in {"not_stated", "outside"})
    assert unanswerable == (question["answers"] == [])
    if question["kind"] == "several":
        assert len({answer["path"] for answer in question["answers"]}) >= 2


@pytest.mark.parametrize(
    ("question_id", "term", "stands_in_a_snippet"),
    [
        ("q19", "红烧肉", True),
        ("q20", "桂林", True),
        ("q21", "工伤", False),
        ("q22", "失能", False),
        ("q23", "种植牙", True),
        ("q24", "工本费", True),
    ],
)
def test_no_article_answers_the_unanswerable(question_id: str, term: str, stands_in_a_snippet: bool) -> None:
    question = next(question for question in QUESTIONS if question["id"] == question_id)
    assert term in question["text"]
    assert [page["path"] for page in PAGES if term in article_text(page)] == []
    summaries = [snippet["title"] + snippet["summary"] for page in PAGES for snippet in page["snippets"]]
    assert any(term in summary for summary in summaries) == stands_in_a_snippet


def test_one_page_is_gb18030_and_says_so() -> None:
    raw = (CORPUS / "pages" / "flexible-retirement.html").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")
    assert "charset=gb18030" in raw.decode("gb18030")
    others = [path for path in PATHS if path != "flexible-retirement.html"]
    assert all((CORPUS / "pages" / path).read_bytes().decode("utf-8") for path in others)


def test_sidecar_covers_five_pages() -> None:
    rows = read_jsonl(CORPUS / "pages" / "pages.jsonl")
    assert {row["path"] for row in rows} == {
        "resident-insurance-gap.txt",
        "family-account.txt",
        "unemployment-medical.txt",
        "maternity-allowance.html",
        "flexible-retirement.html",
    }
    for row in rows:
        assert list(row) == ["path", "url", "site", "publisher", "fetched"]
        assert re.fullmatch(r"https://[a-z.]+\.example/\S+", row["url"])
        assert row["fetched"] == PAGES[PATHS.index(row["path"])]["snippets"][0]["date"]


def windows(text: str) -> set[str]:
    return {text[i : i + WINDOW_CHARS] for i in range(len(text) - WINDOW_CHARS + 1)}


@pytest.mark.shared
@pytest.mark.parametrize("gap", ["", " "], ids=["white space removed", "white space squeezed"])
def test_no_sentence_is_copied_from_the_seeds(gap: str, shared: Path) -> None:
    seeds = sorted((shared / "seeds").glob("*.txt"))
    assert seeds
    seen = set().union(*(windows(re.sub(r"\s+", gap, decode(seed)).translate(FOLD)) for seed in seeds))
    for path in sorted(path for path in CORPUS.rglob("*") if path.is_file()):
        copied = windows(re.sub(r"\s+", gap, decode(path)).translate(FOLD)) & seen
        assert copied == set(), path.name
