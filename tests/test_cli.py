"""The command contract: one line of JSON, the exit statuses, help with examples, errors of one line."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from index.kb import KnowledgeBase
from search_app.cli import COMMANDS, main

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "corpus" / "pages"
PAGE_COUNT = sum(file.suffix != ".jsonl" for file in PAGES.iterdir())


def run(*words: str) -> Result:
    return CliRunner().invoke(main, words, catch_exceptions=False)


def run_json(*words: str) -> Any:
    result = run(*words, "--json")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.endswith("\n")
    assert result.stdout.count("\n") == 1
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def kb(sample_kb: KnowledgeBase) -> str:
    return str(sample_kb.folder)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert f"policykb {command}" in result.stdout
    assert "Examples:" in result.stdout


def test_rebuild_reports_as_the_contract_says(tmp_path: Path) -> None:
    report = run_json("rebuild", str(PAGES), "--kb", str(tmp_path / "kb"))
    assert {
        "build", "previous", "pages", "articles", "passages", "removals", "skipped", "embedded", "reused", "seconds",
        "published",
    } <= set(report)  # fmt: skip
    assert (report["pages"], report["skipped"], report["published"], report["previous"]) == (PAGE_COUNT, [], True, None)
    assert run_json("rebuild", str(PAGES), "--kb", str(tmp_path / "kb"))["previous"] == report["build"]


def test_rebuild_for_people_names_what_was_removed_and_skipped(tmp_path: Path) -> None:
    pages = Path(shutil.copytree(PAGES, tmp_path / "pages"))
    (pages / "empty.txt").touch()
    result = run("rebuild", str(pages), "--kb", str(tmp_path / "kb"))
    assert result.exit_code == 0
    assert f"{PAGE_COUNT} pages ({PAGE_COUNT} newly cleaned), {PAGE_COUNT} articles" in result.stdout
    removals = run_json("rebuild", str(pages), "--kb", str(tmp_path / "kb"))["removals"]
    assert removals["snippet"] > 90
    assert all(f"removed {count:>5}  {rule}\n" in result.stdout for rule, count in removals.items())
    assert "skipped empty.txt" in result.stderr
    strict = run("rebuild", str(pages), "--kb", str(tmp_path / "other"), "--strict")
    assert strict.exit_code == 1
    assert "empty.txt" in strict.stderr


def test_search_as_the_contract_says(kb: str) -> None:
    found = run_json("search", "生育津贴怎么计算", "-k", "3", "--kb", kb)
    assert len(found["hits"]) == 3
    hit = found["hits"][0]
    assert {
        "rank", "score", "passage_id", "article_id", "title", "heading_path", "text", "path", "start", "end", "as_of",
        "duplicates", "reasons",
    } <= set(hit)  # fmt: skip
    assert hit["path"] == "maternity-allowance.html"
    legs = hit["reasons"]["legs"]
    assert sum(leg["share"] for leg in legs.values()) == pytest.approx(hit["score"], abs=1e-4)


def test_search_filters_before_ranking(kb: str) -> None:
    everything = run_json("search", "待遇", "-k", "1000", "--kb", kb)["hits"]
    filtered = run_json("search", "待遇", "-k", "1000", "--scheme", "生育保险", "--kb", kb)["hits"]
    assert {hit["path"] for hit in filtered} < {hit["path"] for hit in everything}
    assert "maternity-allowance.html" in {hit["path"] for hit in filtered}
    assert run_json("search", "待遇", "--since", "2100", "--kb", kb)["hits"] == []


def test_a_filter_that_keeps_nothing_does_not_make_a_question_foreign(kb: str) -> None:
    assert run_json("ask", "生育津贴的计发公式是什么？", "--region", "西藏", "--kb", kb)["verdict"] == "not_stated"


def test_json_is_one_line_for_every_reader(tmp_path: Path) -> None:
    (tmp_path / "odd.txt").write_text("参保须知\n参保\u2028人员\x85应当\u2029登记。", encoding="utf-8")
    result = run("clean", str(tmp_path), "--json")
    assert len(result.stdout.splitlines()) == 1
    assert "登记。" in json.loads(result.stdout)["body"]


def test_a_folder_called_bundled_is_not_the_bundled_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bundled").mkdir()
    monkeypatch.chdir(tmp_path)
    assert run_json("rebuild", str(PAGES), "--kb", "kb")["pages"] == PAGE_COUNT


def test_search_without_hits_is_no_error(kb: str) -> None:
    result = run("search", "zzzz", "--mode", "lexical", "--kb", kb)
    assert result.exit_code == 0
    assert "nothing found" in result.stdout


@pytest.mark.parametrize(
    ("question", "verdict"), [("生育津贴的计发公式是什么？", "answered"), ("红烧肉怎么做才不腻？", "outside")]
)
def test_ask_as_the_contract_says(kb: str, question: str, verdict: str) -> None:
    answer = run_json("ask", question, "--kb", kb)
    assert {"build", "question", "verdict", "confidence", "sentences", "citations"} <= set(answer)
    assert answer["verdict"] == verdict
    numbers = [citation["number"] for citation in answer["citations"]]
    assert numbers == list(range(1, len(numbers) + 1))
    assert [n for sentence in answer["sentences"] for n in sentence["citations"]] == numbers
    for citation in answer["citations"]:
        assert {"number", "passage_id", "title", "path", "start", "end", "quote", "as_of"} <= set(citation)
    if verdict == "answered":
        assert "÷30×" in "".join(sentence["text"] for sentence in answer["sentences"])
    assert run("ask", question, "--kb", kb).exit_code == 0


def test_ask_shows_differing_figures_under_place_and_date(kb: str) -> None:
    told = run("ask", "居民医保财政补助标准是多少？", "--kb", kb).stdout
    assert "the sources give different figures; mind place and date:\n" in told
    assert re.search("- 河南省, published 2024-09-12\n    [^\n]*不低于670元[^\n]* \\[\\d\\]\n", told)
    assert re.search("- no place named, captured 2025-10-20\n    [^\n]*不低于700元[^\n]* \\[\\d\\]\n", told)


def test_ask_says_how_often_such_answers_were_right(kb: str) -> None:
    asked = ("ask", "失业保险金最长能领几个月？", "--kb", kb)
    band = run_json(*asked)["band"]
    right = round(band["right"] * band["questions"])
    first = run(*asked).stdout.splitlines()[0]
    said = f"(confidence {band['name']}: right on {right} of {band['questions']} gold questions at this level)"
    assert first == f"answered: answered by the sources {said}"
    assert "gold questions" not in run("ask", "红烧肉怎么做才不腻？", "--kb", kb).stdout


@pytest.mark.parametrize("command", ["ask", "search"])
def test_a_slip_is_answered_as_typed_with_what_was_probably_meant(kb: str, command: str) -> None:
    assert run(command, "断焦三个月还能报吗", "--kb", kb).stdout.startswith("did you mean: 断缴三个月还能报吗\n")
    assert "did you mean" not in run(command, "断缴三个月还能报吗", "--kb", kb).stdout
    assert run_json(command, "断焦三个月还能报吗", "--kb", kb)["suggestion"] == "断缴三个月还能报吗"


@pytest.mark.parametrize("command", ["ask", "search"])
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("-医保", "The question only excludes “医保”; add what to look for."),
        ("“红烧肉做法” 医保", "No passage has “红烧肉做法” word for word."),
        ("“等待期” -等待", "No passage has “等待期” without “等待”."),
    ],
)
def test_marks_that_leave_nothing_are_named(kb: str, command: str, typed: str, said: str) -> None:
    assert run(command, "--kb", kb, "--", typed).stdout.startswith(f"{said}\n")
    filtered = run(command, "--kb", kb, "--since", "2000", "--", typed).stdout
    assert filtered.startswith(f"{said} (Filters apply as well.)\n")
    assert "not what this collection is about" not in filtered


@pytest.mark.parametrize("command", ["ask", "search"])
def test_help_explains_phrases_and_minus_words(command: str) -> None:
    told = " ".join(run(command, "--help").stdout.split())
    assert "A quoted phrase must occur as it is; a word behind a minus must not" in told
    assert f"policykb {command} '“追溯享受” 断缴'" in told
    assert " -居民'" in told


def test_search_says_in_words_why(kb: str) -> None:
    first = run("search", "2024年河南断缴了还能报吗", "-k", "1", "--kb", kb).stdout
    assert "resident-premium-2024-henan.html [" in first
    assert re.search(r"score 0\.\d{3} = passage 0\.\d\d \+ .* \+ region 0\.10 \+ year 0\.05", first)
    assert "about the place in the question; about the year in the question" in first
    assert "断缴 = 中断缴费" in run("search", "断缴以后还能报销吗", "--kb", kb).stdout
    elsewhere = run("search", "重庆退休医保要交多少年", "--kb", kb).stdout
    assert re.search(r"retire-years-beijing.html .*\n   score .* - region 0\.10.*\n   .*about another place", elsewhere)


def test_diverse_search_puts_other_articles_forward(kb: str) -> None:
    asked = ("search", "居民医保集中缴费期", "-k", "8", "--kb", kb)
    plain, diverse = ([hit["passage_id"] for hit in run_json(*asked, *more)["hits"]] for more in ((), ("--diverse",)))
    assert diverse[0] == plain[0]
    assert diverse != plain


def test_a_reranker_that_is_not_there_is_one_line(kb: str, tmp_path: Path) -> None:
    result = run("search", "医保", "--kb", kb, "--reranker", str(tmp_path / "none"))
    assert result.exit_code == 1
    assert f"{tmp_path / 'none'}: found no such folder." in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.slow
def test_a_reranker_orders_anew_and_is_among_the_reasons(kb: str, tmp_path: Path) -> None:
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    torch.manual_seed(7)
    signs = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"异地就医备案急诊缴费待遇医保"]
    (tmp_path / "vocab.txt").write_text("\n".join(dict.fromkeys(signs)), "utf-8")
    config = BertConfig(
        vocab_size=32, hidden_size=24, num_hidden_layers=1, num_attention_heads=2, intermediate_size=48,
        max_position_embeddings=512, num_labels=1, initializer_range=0.5,
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(tmp_path)
    BertTokenizerFast(str(tmp_path / "vocab.txt"), model_max_length=512).save_pretrained(tmp_path)
    found = run_json("search", "异地就医备案", "-k", "50", "--kb", kb, "--reranker", str(tmp_path))["hits"]
    shares = [hit["reasons"]["legs"]["reranker"]["share"] for hit in found]
    assert max(shares) == pytest.approx(0.9)
    assert [hit["score"] for hit in found] == sorted((hit["score"] for hit in found), reverse=True)


def test_clean_prints_one_object_a_page() -> None:
    result = run("clean", str(PAGES), "--json")
    pages = [json.loads(line) for line in result.stdout.splitlines()]
    assert [page["path"] for page in pages] == sorted(file.name for file in PAGES.iterdir() if file.suffix != ".jsonl")
    for page in pages:
        assert {"path", "title", "body", "confidence", "sections", "facts", "removals"} <= set(page)
        assert page["title"] not in page["body"].splitlines()
        for removal in page["removals"]:
            assert removal["rule"].startswith("snippet") == ("fields" in removal)
            if "fields" in removal:
                assert set(removal["fields"]) == {"title", "summary", "category", "date"}
                assert removal["related"]["label"] in ("same_question", "same_field", "unrelated")
                assert removal["fields"]["title"] in removal["text"]


def test_clean_names_a_bad_page_and_goes_on(tmp_path: Path) -> None:
    (tmp_path / "bad.txt").touch()
    shutil.copy(PAGES / "family-account.txt", tmp_path)
    result = run("clean", str(tmp_path), "--json")
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 1
    assert "bad.txt" in result.stderr
    (tmp_path / "family-account.txt").unlink()
    assert run("clean", str(tmp_path)).exit_code == 1


def test_clean_shows_the_whole_page_with_the_reason_at_each_removal() -> None:
    page = PAGES / "family-account.txt"
    shown = run("clean", "--show", str(page), "--full").stdout
    text = page.read_text(encoding="utf-8")
    squeezed = "".join(line[2:].strip() for line in shown.splitlines() if line[:2] in ("  ", "- "))
    assert all("".join(line.split()) in "".join(squeezed.split()) for line in text.splitlines())
    removals = json.loads(run("clean", str(page), "--json").stdout)["removals"]
    reasons = re.findall(r"^  -> (\w+) (\d\.\d\d)", shown, re.MULTILINE)
    assert reasons == [(removal["rule"], f"{removal['confidence']:.2f}") for removal in removals]
    assert "\x1b[" not in shown
    lines = shown.splitlines()
    marker = lines.index("- 猜你喜欢")
    assert lines[marker + 1].startswith("  -> marker ")


def test_a_long_removal_is_shortened_with_its_length_unless_full() -> None:
    page = PAGES / "family-account.txt"
    short, full = (run("clean", "--show", str(page), *more).stdout for more in ((), ("--full",)))
    removal = next(r for r in json.loads(run("clean", str(page), "--json").stdout)["removals"] if "fields" in r)
    words = " ".join(removal["text"].split())
    assert f"- {words[:60]}… ({len(removal['text'])} characters)" in short
    assert removal["fields"]["summary"] in full
    assert removal["fields"]["summary"] not in short


@pytest.mark.parametrize(
    ("environment", "is_coloured"),
    [({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, False)],
)
def test_colours_follow_the_environment(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], is_coloured: bool
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert ("\x1b[31m" in run("clean", "--show", str(PAGES / "family-account.txt")).stdout) == is_coloured


def test_a_page_cannot_steer_the_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "odd.txt").write_text("参保\x1b]0;x\x07须知\n\n参保\u202e人员应当\x9b31m登记。", encoding="utf-8")
    monkeypatch.setenv("FORCE_COLOR", "1")
    for more in ((), ("--show",)):
        shown = run("clean", str(tmp_path / "odd.txt"), *more).stdout
        assert not {"\x07", "\u202e", "\x9b"} & set(shown)
        assert "参保\\u202e人员" in shown


def test_a_page_is_cleaned_as_its_overrules_say_and_an_idle_one_is_named(tmp_path: Path) -> None:
    pages = Path(shutil.copytree(PAGES, tmp_path / "pages"))
    (tmp_path / "overrules.tsv").write_text(
        "family-account.txt\tkeep\t展开阅读全文\t正文\n"
        "family-account.txt\tremove\t小贴士…服务热线。\t每页都有\n"
        "family-account.txt\tkeep\t属于冒名使用\t多余\n"
        "nowhere.txt\tkeep\t谁能用\t多余\n",
        encoding="utf-8",
    )
    result = run("clean", str(pages / "family-account.txt"), "--json")
    cleaned = json.loads(result.stdout)
    assert "展开阅读全文" in cleaned["body"]
    by_hand = [removal for removal in cleaned["removals"] if removal["rule"] == "overruled"]
    assert [(r["evidence"], r["confidence"], r["text"].strip()[:4]) for r in by_hand] == [
        ("overrules.tsv line 2: 每页都有", 1.0, "小贴士：")
    ]
    assert "warning family-account.txt: overrules.tsv line 3: nothing is removed there" in result.stderr
    assert "line 4" not in result.stderr
    assert "warning: overrules.tsv line 4: there is no page nowhere.txt" in run("clean", str(pages)).stderr


def test_a_broken_file_of_overrules_is_one_line_with_the_way_out(tmp_path: Path) -> None:
    pages = Path(shutil.copytree(PAGES, tmp_path / "pages"))
    (tmp_path / "overrules.tsv").write_text("family-account.txt keep 谁能用\n", encoding="utf-8")
    result = run("clean", str(pages))
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert f"{tmp_path / 'overrules.tsv'} line 1" in result.stderr


def test_a_report_that_fails_leaves_nothing_under_its_name(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "empty.txt").write_bytes(b"")
    out = tmp_path / "out"
    for name in ("deep/one.html", "deep/report"):
        assert run("clean", str(tmp_path / "pages"), "--html", str(out / name)).exit_code == 1
        assert not out.exists()
    out.mkdir()
    older = out / "one.html"
    older.write_text("older", encoding="utf-8")
    assert run("clean", str(tmp_path / "pages"), "--html", str(older)).exit_code == 1
    assert [(file.name, file.read_text(encoding="utf-8")) for file in out.iterdir()] == [("one.html", "older")]


def test_the_help_says_which_places_a_region_names() -> None:
    told = " ".join(run("search", "--help").stdout.split())
    assert "this place and all below it: 湖北, 长沙市, a path (湖南/长沙) or a six-digit code" in told


def test_html_is_one_file_or_a_folder_with_an_index(tmp_path: Path) -> None:
    assert run("clean", str(PAGES), "--html", str(tmp_path / "all.html")).exit_code == 0
    one = (tmp_path / "all.html").read_text(encoding="utf-8")
    assert one.count("<section>") == PAGE_COUNT
    assert one.count("<!doctype html>") == 1
    assert run("clean", str(PAGES), "--html", str(tmp_path / "deep" / "report"), "--lang", "zh").stdout == ""
    names = {file.name for file in (tmp_path / "deep" / "report").iterdir()}
    assert names == {"index.html", *(f"{file.name}.html" for file in PAGES.iterdir() if file.suffix != ".jsonl")}
    index = (tmp_path / "deep" / "report" / "index.html").read_text(encoding="utf-8")
    assert set(re.findall(r'href="\./([^"]+)"', index)) == names - {"index.html"}
    assert "清洗报告" in index


def test_html_never_lands_among_the_pages(tmp_path: Path) -> None:
    pages = Path(shutil.copytree(PAGES, tmp_path / "pages"))
    page = pages / "family-account.txt"
    before = page.read_bytes()
    for source, place in ((pages, pages / "report"), (pages, pages), (page, page), (pages, pages / "x.html")):
        result = run("clean", str(source), "--html", str(place))
        assert result.exit_code == 1
        assert "name a place outside" in result.stderr
    assert page.read_bytes() == before
    assert len(list(pages.iterdir())) == len(list(PAGES.iterdir()))


def test_pages_of_one_name_do_not_overwrite_each_other(tmp_path: Path) -> None:
    for path in ("a/b.txt", "a__b.txt"):
        (tmp_path / "pages" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "pages" / path).write_text(f"参保须知\n\n参保人员应当登记{path}。", encoding="utf-8")
    run("clean", str(tmp_path / "pages"), "--html", str(tmp_path / "report"))
    assert len(list((tmp_path / "report").iterdir())) == 3


def test_serve_says_that_its_port_is_taken_before_it_starts() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run("serve", "--port", str(port))
    assert result.exit_code == 1
    assert f"port {port}" in result.stderr
    assert "--port" in result.stderr
    assert "http://" not in result.stderr


def test_verify_ends_with_one_when_a_page_was_changed(tmp_path: Path) -> None:
    pages = Path(shutil.copytree(PAGES, tmp_path / "pages"))
    kb = str(tmp_path / "kb")
    run_json("rebuild", str(pages), "--kb", kb)
    verdict = run_json("verify", "--kb", kb)
    assert (verdict["ok"], verdict["pages"], verdict["problems"]) == (True, PAGE_COUNT, [])
    page = pages / "family-account.txt"
    page.write_text(page.read_text(encoding="utf-8").replace("共济", "共挤", 1), encoding="utf-8")
    result = run("verify", "--kb", kb, "--json")
    assert result.exit_code == 1
    assert "family-account.txt" in json.loads(result.stdout)["problems"][0]


def test_status_tells_health_by_its_exit_status(tmp_path: Path) -> None:
    kb = tmp_path / "kb"
    run_json("rebuild", str(PAGES), "--kb", str(kb))
    status = run_json("status", "--kb", str(kb))
    assert (status["healthy"], status["pages"], status["builds"]) == (True, PAGE_COUNT, [status["build"]])
    (kb / "builds" / status["build"] / "vectors.faiss").unlink()
    assert run("status", "--kb", str(kb)).exit_code == 1


@pytest.mark.parametrize("words", [("search", "医保"), ("ask", "医保"), ("status",), ("verify",)])
def test_a_missing_base_is_one_line_with_the_way_out(tmp_path: Path, words: tuple[str, ...]) -> None:
    result = run(*words, "--kb", str(tmp_path / "nowhere"))
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "nowhere" in result.stderr
    assert "policykb rebuild" in result.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("search",),
        ("rebuild", "--nope"),
        ("search", "x", "--mode", "magic"),
        ("fly",),
        ("clean", "x", "--full"),
        ("clean", "x", "--show", "--json"),
        ("clean",),
    ],
)
def test_wrong_usage_ends_with_two(words: tuple[str, ...]) -> None:
    assert run(*words).exit_code == 2


def test_a_model_that_cannot_be_had_names_the_bundled_one(tmp_path: Path) -> None:
    (tmp_path / "not-a-model").mkdir()
    result = run("rebuild", str(PAGES), "--kb", str(tmp_path / "kb"), "--model", str(tmp_path / "not-a-model"))
    assert result.exit_code == 1
    assert "bundled" in result.stderr
    assert not (tmp_path / "kb" / "CURRENT").exists()


def test_evaluate_prints_the_measures(tmp_path: Path) -> None:
    (tmp_path / "corpus.jsonl").write_text(
        '{"id": "p1", "text": "生育津贴按日计发"}\n{"id": "p2", "text": "异地就医先备案"}\n', encoding="utf-8"
    )
    (tmp_path / "queries.jsonl").write_text('{"id": "q1", "text": "异地就医"}\n', encoding="utf-8")
    (tmp_path / "qrels.tsv").write_text("q1\tp2\t1\n", encoding="utf-8")
    for mode in ("hybrid", "dense", "lexical"):
        figures = run_json("evaluate", str(tmp_path), "--mode", mode, "--run", str(tmp_path / "run.trec"))
        assert (figures["queries"], figures["ndcg@10"], figures["mrr@10"]) == (1, 1.0, 1.0)
        assert {"recall@10", "recall@100", "ms_per_query"} <= set(figures)
        assert (tmp_path / "run.trec").read_text(encoding="utf-8").startswith("q1 Q0 p2 1 ")


def test_a_search_imports_neither_torch_nor_sentence_transformers(kb: str) -> None:
    heavy = ("torch", "sentence_transformers", "transformers", "streamlit", "pandas", "bs4")
    code = (
        "import sys; from search_app.cli import main\n"
        f"main(['search', '生育津贴', '--kb', {kb!r}, '--json'], standalone_mode=False)\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(found.stdout.splitlines()[0])["hits"]
    assert found.stdout.splitlines()[1] == "[]"
