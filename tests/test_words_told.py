"""How words are told: the command `policykb words`, and the HTML of the page, into which no text gets as markup."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from index.explore.dispersion import InArticle
from index.filters import Filters
from index.kb import KnowledgeBase
from search_app.cli import main
from search_app.views.address import Address
from search_app.views.explore.subcorpus_html import subcorpus_html
from search_app.views.explore.words_html import PAGE, frequencies_html, keyness_html, keyness_picture, paged, rate
from search_app.views.explore.words_one_html import (
    collocates_html,
    dispersion_html,
    dispersion_picture,
    trend_head_html,
    trend_picture,
    word_html,
)
from search_app.words import LANGS, Words

HERE = Address(view="explore", part="words")
PAYLOAD = "<img src=x onerror=alert(1)>\"'\n\n**&"
WHERE = Filters(schemes=("失业保险",))


def run(kb: KnowledgeBase, *words: str) -> Result:
    return CliRunner().invoke(main, ["words", "--kb", str(kb.folder), *words], catch_exceptions=False)


def test_the_command_lists_what_the_library_gives(sample_kb: KnowledgeBase) -> None:
    shown = run(sample_kb, "-n", "3").output.splitlines()
    assert shown[0].endswith(f"build {sample_kb.build}, 全部")
    assert [line.split()[:2] for line in shown[1:]] == [
        ["word", "count"],
        ["医保", "273"],
        ["缴费", "198"],
        ["可以", "152"],
    ]
    told = json.loads(run(sample_kb, "--scheme", "失业保险", "--json").stdout)
    found = sample_kb.keyness(WHERE)
    assert [row["word"] for row in told["rows"]] == [word.word for word in found]
    assert told["rows"][0]["g2"] == pytest.approx(found[0].g2)
    assert told["where"] == {"scheme": ["失业保险"]}
    near = json.loads(run(sample_kb, "断缴", "--window", "5", "--order", "mi", "--json").stdout)
    expected = sample_kb.collocates("断缴", window=5).ordered("mi")
    assert [row["word"] for row in near["rows"]] == [row.word for row in expected]
    few = run(sample_kb, "断缴", "--trend", "year")
    assert "2024" in few.stdout
    assert "under 10" in few.stderr


def test_a_file_holds_all_words_and_says_where_they_are_from(sample_kb: KnowledgeBase, tmp_path: Path) -> None:
    file = tmp_path / "words.csv"
    assert run(sample_kb, "--scheme", "失业保险", "--output", str(file)).exit_code == 0
    rows = list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))
    assert [row["word"] for row in rows] == [word.word for word in sample_kb.keyness(WHERE)]
    assert f"--build {sample_kb.build}" in rows[0]["command"]
    assert rows[0]["subcorpus"] == "失业保险"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--trend", "year"], "--trend needs a WORD"),
        (["--order", "mi"], "--order mi is not of this list, expected frequency, even, texts"),
        (["断缴", "--window", "0"], "0 is not in the range"),
        (["--output", "words.doc"], "words.doc"),
    ],
)
def test_wrong_use_is_told(sample_kb: KnowledgeBase, words: list[str], said: str) -> None:
    done = run(sample_kb, *words)
    assert done.exit_code == 2
    assert said in done.stderr


def test_no_word_becomes_markup(sample_kb: KnowledgeBase) -> None:
    keyness, often = sample_kb.keyness(WHERE), sample_kb.frequencies(most=3)
    near, stands = sample_kb.collocates("断缴"), sample_kb.dispersion("断缴")
    bad = replace(HERE, q=PAYLOAD, region=(PAYLOAD,), order=PAYLOAD, by=PAYLOAD)
    for lang in LANGS:
        say = Words(lang)
        pages = [
            keyness_html(
                replace(keyness, rows=tuple(replace(row, word=PAYLOAD) for row in keyness)), "effect", bad, say
            ),
            frequencies_html(replace(often, rows=tuple(replace(row, word=PAYLOAD) for row in often)), "even", bad, say),
            word_html(replace(stands, frequency=replace(stands.frequency, word=PAYLOAD)), bad, say),
            dispersion_html(replace(stands, most=(InArticle("x", PAYLOAD, 1, 9),)), "b", bad, say),
            collocates_html(
                replace(near, word=PAYLOAD, rows=tuple(replace(row, word=PAYLOAD) for row in near)),
                "mi",
                (5,),
                bad,
                say,
            ),
            trend_head_html(replace(sample_kb.trend("断缴"), word=PAYLOAD), say),
            subcorpus_html(sample_kb.subcorpus(Filters(regions=(PAYLOAD,))), sample_kb.facets(), bad, say),
        ]
        for page in pages:
            assert "<img" not in page
            assert "\n" not in page
            assert page.count("<section") == page.count("</section>")
        pictures = [
            keyness_picture(replace(keyness, rows=tuple(replace(row, word=PAYLOAD) for row in keyness)), "effect", say),
            dispersion_picture(replace(stands, frequency=replace(stands.frequency, word=PAYLOAD)), say),
            trend_picture(replace(sample_kb.trend("断缴"), word=PAYLOAD), say) or "",
        ]
        assert all("<img" not in picture and "\n" not in picture and "<svg" in picture for picture in pictures)


def test_a_saved_picture_names_its_word(sample_kb: KnowledgeBase) -> None:
    for lang in LANGS:
        for svg in (
            dispersion_picture(sample_kb.dispersion("断缴"), Words(lang)),
            trend_picture(sample_kb.trend("断缴", "year"), Words(lang)) or "",
        ):
            assert "断缴" in svg.split("</title>")[0]


def test_a_ratio_by_the_rule_for_zero_is_told_as_none(sample_kb: KnowledgeBase) -> None:
    page = keyness_html(sample_kb.keyness(WHERE), "keyness", HERE, Words("en"))
    cells = {
        unescape(re.sub("<.*?>", "", row.split("</th>")[0])): re.sub("<.*?>", " ", row.split("</th>")[1]).split()
        for row in page.split("<tr>")[2:]
    }
    assert cells["失业"][:2] == ["×", "47"]
    assert cells["失业保险"][:2] == ["only", "here"]
    assert "Only 5 articles" in page  # few


def test_a_list_has_pages() -> None:
    rows = list(range(2 * PAGE + 1))
    shown, paging = paged(rows, replace(HERE, at=3), Words("en"))
    assert list(shown) == [2 * PAGE]
    assert "61–61 of 61" in paging
    assert "at=2" in paging
    assert "Next" not in paging
    assert list(paged(rows, replace(HERE, at=99), Words("en"))[0]) == [2 * PAGE]
    assert paged([], HERE, Words("en")) == ([], "")


@pytest.mark.parametrize(("value", "told"), [(7930.97, "7,931"), (0, "0"), (4.26, "4.3"), (0.01, "&lt;0.1")])
def test_rates_are_told_to_be_read(value: float, told: str) -> None:
    assert rate(value) == told
