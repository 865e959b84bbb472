"""The corpus card: every total against a plain scan of the records, and the card as a file in both languages."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner

from index.build.build import rebuild
from index.catalogue import NONE
from index.explore.card_columns import PART, card_columns
from index.explore.card_shape import CorpusCard
from index.explore.corpus_card import corpus_card
from index.explore.corpus_citation import bibtex, gbt7714
from index.explore.prepared import NotPrepared
from index.filters import Filters
from index.kb import KnowledgeBase, open_kb
from index.model import load_embedder
from search_app.cli import main
from search_app.commands.card import KINDS
from search_app.corpus_card_blocks import Bars
from search_app.corpus_card_file import MIMES, card_file
from search_app.corpus_card_sections import Naming, card_sections
from search_app.words import LANGS, TABLE, Words

HUNAN = Filters(regions=("湖南",))


@pytest.fixture(scope="module")
def card(sample_kb: KnowledgeBase) -> CorpusCard:
    return sample_kb.card()


def limits(card: CorpusCard) -> dict[str, dict[str, object]]:
    return {one.name: dict(one.values) for one in card.limits}


def test_characters_add_up_as_a_scan_of_the_tables_counts_them(card: CorpusCard, sample_kb: KnowledgeBase) -> None:
    pages = {row["id"]: row for row in sample_kb.records.query("SELECT id, text, site FROM pages")}
    removals = sample_kb.records.query('SELECT page_id, rule, start, "end" FROM removals')
    rules: Counter[str] = Counter()
    sites: Counter[str] = Counter()
    for removal in removals:
        chars = len(pages[removal["page_id"]]["text"][removal["start"] : removal["end"]])
        rules[removal["rule"]] += chars
        sites[pages[removal["page_id"]]["site"] or NONE] += chars
    assert card.page_chars == sum(len(page["text"]) for page in pages.values())
    assert {one.rule: one.chars for one in card.removed} == dict(rules)
    assert {one.rule: one.count for one in card.removed} == sample_kb.manifest["removals"]
    assert {one.site: one.removed for one in card.sites} == {
        site: sites[site] for site in {page["site"] or NONE for page in pages.values()}
    }
    assert card.kept_chars == sum(row["chars"] for row in sample_kb.records.query("SELECT chars FROM articles"))
    assert card.kept_chars + card.removed_chars == card.page_chars
    assert card.noise == pytest.approx(card.removed_chars / card.page_chars)
    assert [one.chars for one in card.removed] == sorted(rules.values(), reverse=True)


def test_articles_are_counted_as_the_frames_have_them(card: CorpusCard, sample_kb: KnowledgeBase) -> None:
    articles, facts = sample_kb.articles(), sample_kb.facts()
    assert (card.pages, card.articles, card.passages) == (42, len(articles), len(sample_kb.passages()))
    dated = articles["as_of_kind"].fillna("unknown").value_counts().to_dict()
    assert {kind: days.articles for kind, days in card.dates.items()} == {"unknown": 0, **dated}
    published = articles[articles["as_of_kind"] == "published"]["as_of"]
    assert (card.dates["published"].first, card.dates["published"].last) == (published.min(), published.max())
    assert card.sources == articles["source_kind"].value_counts().to_dict()
    assert card.formats == articles["kind"].value_counts().to_dict()
    named = set(facts[facts["kind"] == "region"]["article_id"])
    hinted = set(facts[facts["kind"] == "region_hint"]["article_id"]) - named
    assert card.regions_from == {"named": len(named), "hinted": len(hinted), "none": 42 - len(named | hinted)}
    # As a person sorts them: a tenth is the tenth its first digit says, and 1 belongs to the last.
    bins = Counter(min(9, int(f"{value:.2f}".replace(".", "")) // 10) for value in articles["confidence"])
    assert card.confidence == tuple(bins[place] for place in range(10))
    assert sum(card.confidence) == card.articles
    groups = Counter(row["group_id"] for row in sample_kb.records.query("SELECT group_id FROM passage_duplicates"))
    assert (card.duplicates.passage_groups, card.duplicates.passages) == (len(groups), sum(groups.values()))
    assert card.independent.texts == card.passages - sum(groups.values()) + len(groups)


def test_a_part_is_counted_by_itself_and_says_so(card: CorpusCard, sample_kb: KnowledgeBase) -> None:
    part = sample_kb.card(HUNAN)
    rows = sample_kb.records.query(
        "SELECT articles.id AS id, length(text) AS chars FROM articles JOIN pages ON pages.id = articles.id WHERE"
        " articles.id IN (SELECT article_id FROM facts WHERE kind = 'region' AND value LIKE '湖南省%')"
    )
    assert (part.articles, part.pages, part.page_chars) == (len(rows), len(rows), sum(row["chars"] for row in rows))
    assert part.kept_chars + part.removed_chars == part.page_chars
    assert part.coverage.provinces["湖南省"] == part.articles == card.coverage.provinces["湖南省"]
    assert part.filters == HUNAN
    assert set(limits(part)) >= {"part", "few", "sample"}
    assert "part" not in limits(card)
    assert "只统计其中一部分：湖南省" in card_file(part, "md", Naming(), Words("zh"))
    birth = sample_kb.card(Filters(schemes=("生育保险",))).coverage
    assert all(max(by_year.values()) <= birth.provinces[name] for name, by_year in birth.by_year.items())
    nothing = sample_kb.card(Filters(regions=("青海",)))
    assert (nothing.articles, nothing.page_chars, nothing.noise, sum(nothing.confidence)) == (0, 0, 0.0, 0)


def test_parts_of_a_corpus_add_up_to_the_whole(card: CorpusCard, sample_kb: KnowledgeBase) -> None:
    sites = [sample_kb.card(Filters(sites=(one.site,))) for one in card.sites]
    assert sum(one.articles for one in sites) == card.articles
    assert sum(one.removed_chars for one in sites) == card.removed_chars
    assert sum(one.kept_chars for one in sites) == card.kept_chars


def test_limits_are_told_where_their_figures_say_so(card: CorpusCard) -> None:
    told = limits(card)
    assert told["gaps"] == {"count": len(card.coverage.gaps)}
    assert told["dates"]["captured"] == card.dates["captured"].articles
    assert told["answers"] == {"verdict_right": 0.795, "invented": 0.222}
    assert told["copies"]["texts"] == card.independent.texts
    assert {"hinted", "generated", "doubtful", "skipped", "unmeasured", "one_site"} & set(told) == set()
    assert {f"corpus_limit_{name}" for name in told} <= set(TABLE)


def test_the_build_is_named_so_that_anybody_can_check_the_pages(card: CorpusCard, sample_kb: KnowledgeBase) -> None:
    pages = Path(__file__).resolve().parents[1] / "corpus" / "pages"
    names = [page["path"] for page in sample_kb.manifest["inputs"]["pages"]]
    lines = sorted(f"{hashlib.sha256((pages / name).read_bytes()).hexdigest()}  {name}\n" for name in names)
    assert card.made.pages_sha256 == hashlib.sha256("".join(lines).encode()).hexdigest()
    assert card.model.fingerprint == sample_kb.manifest["model"]["fingerprint"]
    assert (card.model.questions, card.gate) == (195, None)
    line = gbt7714(card, title="医保政策\n网页", author="某某大学")
    assert line.startswith("某某大学. 医保政策 网页[DS]. policykb 构建 ")
    assert card.build in line
    assert card.made.at[:10] in line
    assert bibtex(card, title="A & B").splitlines()[:2] == [
        f"@dataset{{policykb-{card.build},",
        r"  title = {{A \& B}},",
    ]
    assert gbt7714(card, title="x").startswith("[责任者不详]. x[DS]")


def test_what_is_prepared_is_the_same_however_often_and_where_nothing_can_be_written(
    make_kb: Callable[..., KnowledgeBase],
) -> None:
    kb = make_kb("医保须知\n\n参加居民医保要在集中缴费期内缴费。", "生育津贴须知\n\n生育津贴由单位先垫付。")
    first = corpus_card(kb)
    folder = PART.folder(kb)
    bytes_ = {file.name: file.read_bytes() for file in folder.iterdir()}
    shutil.rmtree(folder)
    card_columns(kb)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == bytes_
    shutil.rmtree(folder.parent)
    folder.parent.write_text("in the way")  # as where the base belongs to somebody else, also for root
    try:
        assert corpus_card(open_kb(kb.folder)) == first
        with pytest.raises(NotPrepared, match="policykb prepare"):
            corpus_card(open_kb(kb.folder), most=1)
    finally:
        folder.parent.unlink()


def test_skipped_pages_traces_and_overrules_are_on_the_card(tmp_path: Path) -> None:
    pages = tmp_path / "corpus" / "pages"
    pages.mkdir(parents=True)
    (pages / "a.txt").write_text(
        "生育津贴须知\n\n好的，用户让我写一篇生育津贴的文章。\n\n生育津贴由经办机构在十个工作日内拨付给用人单位。",
        "utf-8",
    )
    (pages / "b.txt").write_text(
        "异地就医备案指南\n\n备案可以在网上办理，当天生效。\n\n长按识别二维码，关注我们的公众号。", "utf-8"
    )
    (pages / "c|*.pdf").write_bytes(b"%PDF")
    (pages.parent / "overrules.tsv").write_text("b.txt\tremove\t长按识别二维码…公众号。\t广告\n", "utf-8")
    rebuild([pages], tmp_path / "kb", embedder=load_embedder("bundled"))
    card = open_kb(tmp_path / "kb").card()
    assert (card.generated, card.traces) == (1, {"order": 1})
    assert [path for path, _ in card.skipped] == ["c|*.pdf"]
    assert (card.made.overruled["remove"], [one.rule for one in card.removed]) == (1, ["overruled"])
    assert {"generated", "skipped"} <= set(limits(card))
    text = card_file(card, "md", Naming("<b>x</b> *y*"), Words("zh"))
    assert text.startswith(r"# 资料说明：\<b\>x\</b\> \*y\*")
    assert r"c\|\*.pdf" in text
    soup = BeautifulSoup(card_file(card, "html", Naming("<b>x</b>"), Words("en")), "html.parser")
    assert soup.h1 is not None
    assert soup.h1.get_text() == "Corpus card: <b>x</b>"


@pytest.mark.parametrize("lang", LANGS)
def test_the_card_to_print_is_whole_without_scripts_and_in_one_language(card: CorpusCard, lang: str) -> None:
    say = Words(lang)  # type: ignore[arg-type]
    html = card_file(card, "html", Naming("样例", "某某"), say)
    soup = BeautifulSoup(html, "html.parser")
    assert soup.select("script, link, img, iframe, object") == []
    assert "url(" not in html
    assert "size: A4" in html
    assert f'content: "policykb {card.build}"' in html
    sections = card_sections(card, Naming("样例", "某某"), say)
    assert [one.get_text() for one in soup.select("h2")] == [one.title for one in sections]
    bars = [block for section in sections for block in section.blocks if isinstance(block, Bars)]
    assert all(0 <= bar.value <= block.whole for block in bars for bar in block.bars)
    markdown = card_file(card, "md", Naming("样例", "某某"), say)
    assert [line[3:] for line in markdown.splitlines() if line.startswith("## ")] == [one.title for one in sections]
    assert f"{card.kept_chars:,}" in markdown
    if lang == "en":
        words = "".join(block.caption for block in bars)
        assert not any("\u4e00" <= character <= "\u9fff" for character in words)


def test_the_command_writes_what_python_counts(card: CorpusCard, sample_kb: KnowledgeBase, tmp_path: Path) -> None:
    run = CliRunner().invoke
    kb = str(sample_kb.folder)
    result = run(main, ["card", "--kb", kb, "--json"])
    assert (result.exit_code, len(result.stdout.splitlines())) == (0, 1)
    told = json.loads(result.stdout)
    assert (told["page_chars"], told["coverage"]["gaps"]) == (card.page_chars, list(card.coverage.gaps))
    result = run(main, ["card", "--kb", kb, "--output", str(tmp_path / "c.html"), "--lang", "en", "--region", "湖南"])
    assert (result.exit_code, result.stdout) == (0, "")
    assert "Only a part is counted: 湖南省" in (tmp_path / "c.html").read_text("utf-8")
    assert run(main, ["card", "--kb", kb]).stdout.startswith("# 资料说明：")
    result = run(main, ["card", "--kb", kb, "--output", str(tmp_path / "none" / "c.md")])
    assert (result.exit_code, "name a file in a folder that exists" in result.stderr) == (1, True)
    assert run(main, ["card", "--kb", kb, "--json", "--format", "md"]).exit_code == 2
    assert tuple(MIMES) == KINDS
    frame = card.to_frame()
    assert frame[frame["part"] == "removed_chars"]["value"].sum() == card.removed_chars
