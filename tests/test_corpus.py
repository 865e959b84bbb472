"""The sample corpus keeps its own promises: gold quotes, traps, marks, snippets, layouts, encodings and originality."""

import json
import re
from collections import Counter
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

CORPUS = Path(__file__).parents[1] / "corpus"
BLOCKS = ["p", "li", "h1", "h2", "h3", "td", "th", "dd"]
FOLD = str.maketrans("，：；（）？！", ",:;()?!")
WINDOW_CHARS = 24  # shorter runs are names and set phrases that anyone would write
PROVINCES = re.findall(
    r"\w+",
    "北京 天津 河北 山西 内蒙古 辽宁 吉林 黑龙江 上海 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 广西 海南 重庆 四川 贵州 云南 "
    "西藏 陕西 甘肃 青海 宁夏 新疆",
)
# What only a page of that layout has in its source; a text dump is told by its commas.
LAYOUTS = {
    "portal": '<div class="article-body">',
    "editor": 'class="TRS_Editor"',
    "government": 'id="UCAP-CONTENT"',
    "questions": '<div class="ans accepted">',
}
# The share of an article's pairs of characters that a near copy has too: 0.8 and 0.9 here, 0.56 at most between articles
# of the same make on other years or regions.
COPY_SHARE = 0.7


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


def read_text(name: str) -> str:
    text = decode(CORPUS / "pages" / name)
    return BeautifulSoup(text, "lxml").body.get_text() if name.endswith(".html") else text


def read_blocks(name: str) -> list[str]:
    text = decode(CORPUS / "pages" / name)
    if name.endswith(".html"):
        return [block.get_text() for block in BeautifulSoup(text, "lxml").find_all(BLOCKS)]
    return text.split("\n")


TEXTS = {path: read_text(path) for path in PATHS}
PAGE_BLOCKS = {path: read_blocks(path) for path in PATHS}


def article_text(page: dict) -> str:
    text = TEXTS[page["path"]]
    end = text.index(page["body_last"]) + len(page["body_last"])
    return text[text.index(page["body_first"]) : end]


ARTICLES = {page["path"]: article_text(page) for page in PAGES}


def layout_of(path: str) -> str:
    source = decode(CORPUS / "pages" / path)
    if path.endswith(".html"):
        (name,) = [name for name, mark in LAYOUTS.items() if mark in source]
        return name
    return "half-width dump" if source.count(",") > source.count("，") else "full-width dump"


def squeeze(text: str) -> str:
    return re.sub(r"[\s•]+", "", text).translate(FOLD)


def pairs(text: str) -> set[str]:
    plain = re.sub(r"[^\w]+", "", text)
    return {plain[i : i + 2] for i in range(len(plain) - 1)}


def share(part: set[str], whole: set[str]) -> float:
    return len(part & whole) / max(len(part), 1)


SQUEEZED = {path: squeeze(text) for path, text in ARTICLES.items()}


def near_copies() -> list[set[str]]:
    grams = {path: pairs(text) for path, text in SQUEEZED.items()}
    return [
        {left, right}
        for left, right in combinations(PATHS, 2)
        if min(share(grams[left], grams[right]), share(grams[right], grams[left])) > COPY_SHARE
    ]


COPIES = near_copies()


def test_gold_names_each_page_once() -> None:
    found = sorted(path.name for path in (CORPUS / "pages").iterdir() if path.suffix in {".txt", ".html"})
    assert sorted(PATHS) == found
    assert len(PATHS) >= 40


def test_six_layouts_ten_regions_four_years() -> None:
    layouts = Counter(layout_of(path) for path in PATHS)
    assert len(layouts) == 6
    assert min(layouts.values()) >= 4
    heads = [page["title"] + page["body_first"] for page in PAGES]
    assert len({name for head in heads for name in PROVINCES if name in head}) >= 10
    assert len({year for head in heads for year in re.findall(r"20\d\d(?=年)", head)}) >= 4


def test_some_articles_are_near_copies_that_differ_in_a_figure() -> None:
    assert len(COPIES) >= 2
    figures = [[set(re.findall(r"\d+", ARTICLES[path])) for path in copy] for copy in COPIES]
    assert any(left != right for left, right in figures)


@pytest.mark.parametrize("page", PAGES, ids=PATHS)
def test_article_stands_in_its_page_in_order(page: dict) -> None:
    text, at = TEXTS[page["path"]], 0
    for part in [page["title"], page["body_first"], *page["headings"], page["body_last"]]:
        at = text.find(part, at)
        assert at >= 0, part
        at += 0 if part == page["body_first"] else len(part)
    if page["short_answer"] is not None:
        assert page["body_first"] == page["short_answer"]
    assert 450 <= len(SQUEEZED[page["path"]]) <= 1500


@pytest.mark.parametrize("page", PAGES, ids=PATHS)
def test_article_ends_in_the_sample_mark(page: dict) -> None:
    assert "policykb" in page["body_last"]
    assert "示例" in page["body_last"]
    assert [line.strip() for line in PAGE_BLOCKS[page["path"]]].count(page["body_last"]) == 1


def test_sample_marks_are_worded_differently() -> None:
    assert len({page["body_last"] for page in PAGES}) == len(PAGES)


@pytest.mark.parametrize("page", PAGES, ids=PATHS)
def test_snippets_follow_the_article_in_order(page: dict) -> None:
    text = TEXTS[page["path"]]
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
    assert 1 <= relations["same question"] <= 4
    assert relations["unrelated"] >= len(snippets) / 4


@pytest.mark.parametrize("page", [page for page in PAGES if page["side_titles"]], ids=lambda page: page["path"])
def test_the_titles_beside_an_article_are_links_of_the_page(page: dict) -> None:
    soup = BeautifulSoup(decode(CORPUS / "pages" / page["path"]), "lxml")
    linked = {link.get_text().strip() for link in soup.find_all("a")}
    assert {item["title"] for item in page["side_titles"]} <= linked
    assert {item["relation"] for item in page["side_titles"]} <= {"unrelated", "same field", "same question"}


@pytest.mark.parametrize("page", PAGES, ids=PATHS)
def test_snippets_are_the_beginning_of_other_articles(page: dict) -> None:
    starts = {other["title"].translate(FOLD): SQUEEZED[other["path"]] for other in PAGES if other is not page}
    teasers = [
        snippet["title"]
        for snippet in page["snippets"]
        if starts.get(snippet["title"].translate(FOLD), "").startswith(squeeze(snippet["summary"]))
    ]
    assert len(teasers) >= 2


def test_questions_are_of_the_promised_kinds() -> None:
    assert [question["id"] for question in QUESTIONS] == [f"q{n:02d}" for n in range(1, len(QUESTIONS) + 1)]
    assert len({question["text"] for question in QUESTIONS}) == len(QUESTIONS) >= 160
    kinds = Counter(question["kind"] for question in QUESTIONS)
    assert set(kinds) == {"official", "everyday", "several", "unanswerable"}
    assert kinds["everyday"] >= 0.4 * len(QUESTIONS)
    assert kinds["official"] >= 0.15 * len(QUESTIONS)
    assert kinds["several"] >= 12
    assert kinds["unanswerable"] >= 40
    verdicts = Counter(question["verdict"] for question in QUESTIONS)
    assert set(verdicts) == {"answered", "partly", "not_stated", "outside"}
    assert verdicts["outside"] >= 8
    assert verdicts["partly"] >= 4


def test_every_page_is_asked_about() -> None:
    asked = {answer["path"] for question in QUESTIONS for answer in question["answers"]}
    assert asked == set(PATHS)


@pytest.mark.parametrize("question", QUESTIONS, ids=[question["id"] for question in QUESTIONS])
def test_every_quote_stands_in_one_block_of_the_articles_named_and_in_no_other(question: dict) -> None:
    named = {answer["path"] for answer in question["answers"]}
    for answer in question["answers"]:
        assert answer["quote"] in ARTICLES[answer["path"]]
        holders = {path for path, text in SQUEEZED.items() if squeeze(answer["quote"]) in text}
        assert holders <= named, answer["quote"]
        assert any(answer["quote"] in block for block in PAGE_BLOCKS[answer["path"]])
    unanswerable = question["kind"] == "unanswerable"
    assert unanswerable == (question["verdict"] in {"not_stated", "outside"})
    assert unanswerable == (question["answers"] == [])
    if question["kind"] == "several":
        assert len(named) >= 2


def test_what_was_pooled_gives_a_part_of_the_answer_that_had_a_quote() -> None:
    added = []
    for question in QUESTIONS:
        first = [answer for answer in question["answers"] if "pooled" not in answer]
        pooled = [answer for answer in question["answers"] if "pooled" in answer]
        assert question["answers"] == first + pooled
        assert bool(first) == (question["kind"] != "unanswerable")
        assert {answer.get("part") for answer in pooled} == {answer["part"] for answer in first if "part" in answer}
        assert all(answer["pooled"] is True for answer in pooled)
        said = [(answer["path"], answer["quote"], answer.get("part")) for answer in question["answers"]]
        assert len(set(said)) == len(said)
        added.append(len(pooled))
    readme = (CORPUS / "README.md").read_text(encoding="utf-8")
    assert f"added {sum(added)} quotes to {sum(map(bool, added))} questions" in readme


TRAPS = [question for question in QUESTIONS if "trap" in question]


def test_there_are_traps() -> None:
    assert len(TRAPS) >= 12
    assert {question["trap"] for question in TRAPS} == {"snippet"}
    assert {question["kind"] for question in TRAPS} == {"unanswerable"}


@pytest.mark.parametrize("question", TRAPS, ids=[question["id"] for question in TRAPS])
def test_what_answers_a_trap_stands_in_a_snippet_and_in_no_article(question: dict) -> None:
    words = question["snippet"]["quote"]
    page = PAGES[PATHS.index(question["snippet"]["path"])]
    assert any(words in snippet["summary"] for snippet in page["snippets"])
    assert [path for path, text in SQUEEZED.items() if squeeze(words) in text] == []


@pytest.mark.parametrize(
    ("question_id", "term", "stands_in_a_snippet"),
    [
        ("q19", "红烧肉", True),
        ("q20", "桂林", True),
        ("q21", "工伤认定", False),
        ("q22", "失能等级", False),
        ("q23", "种植牙", True),
        ("q24", "工本费", True),
    ],
)
def test_no_article_answers_the_unanswerable(question_id: str, term: str, stands_in_a_snippet: bool) -> None:
    question = next(question for question in QUESTIONS if question["id"] == question_id)
    assert term in question["text"]
    assert [path for path, text in ARTICLES.items() if term in text] == []
    summaries = [snippet["title"] + snippet["summary"] for page in PAGES for snippet in page["snippets"]]
    assert any(term in summary for summary in summaries) == stands_in_a_snippet


def test_some_pages_are_gb18030_and_say_so() -> None:
    found = []
    for path in PATHS:
        raw = (CORPUS / "pages" / path).read_bytes()
        try:
            raw.decode("utf-8")
        except UnicodeDecodeError:
            assert "charset=gb18030" in raw.decode("gb18030")
            found.append(path)
    assert len(found) >= 2
    assert "flexible-retirement.html" in found


def test_sidecar_and_pages_tell_where_a_page_comes_from() -> None:
    rows = read_jsonl(CORPUS / "pages" / "pages.jsonl")
    listed = [row["path"] for row in rows]
    assert len(set(listed)) == len(listed)
    for row in rows:
        assert list(row) == ["path", "url", "site", "publisher", "fetched"]
        assert re.fullmatch(r"https://[a-z.]+\.example/\S+", row["url"])
        assert row["fetched"] == PAGES[PATHS.index(row["path"])]["snippets"][0]["date"]
    assert len({row["url"] for row in rows}) == len(rows)
    others = [path for path in PATHS if path not in listed]
    carried = [path for path in others if re.search(r'="https://[a-z.]+\.example/', decode(CORPUS / "pages" / path))]
    assert len(carried) >= 10
    assert 1 <= len(others) - len(carried) <= 8


def windows(text: str) -> set[str]:
    return {text[i : i + WINDOW_CHARS] for i in range(len(text) - WINDOW_CHARS + 1)}


@pytest.fixture(scope="module", params=["", " "], ids=["white space removed", "white space squeezed"])
def seed_windows(request: pytest.FixtureRequest, shared: Path) -> tuple[Callable[[str], str], set[str]]:
    def plain(text: str) -> str:
        return re.sub(r"\s+", request.param, text).translate(FOLD)

    seeds = sorted((shared / "seeds").glob("*.txt"))
    assert seeds
    return plain, set().union(*(windows(plain(decode(seed))) for seed in seeds))


@pytest.mark.shared
def test_no_sentence_is_copied_from_the_seeds(seed_windows: tuple[Callable[[str], str], set[str]]) -> None:
    plain, seen = seed_windows
    for path in sorted(path for path in CORPUS.rglob("*") if path.is_file()):
        copied = windows(plain(decode(path))) & seen
        assert copied == set(), path.name
