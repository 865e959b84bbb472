"""`policykb audit`: what needs a person's eye, worst first, with the command that shows it and the line that keeps it."""

from __future__ import annotations

import json
import shlex
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from index.audit import audit, count_doubtful, records_of, worst_pages
from index.build.build import rebuild
from index.kb import open_kb
from index.model import load_embedder
from ingest.clean import clean
from ingest.find import find_pages
from ingest.overrules import find_overrules
from ingest.page import Page
from search_app.cli import main

BODY = (
    "参保登记须知",
    "参保登记由单位在三十日内办理,逾期的要说明原因,并补交这段时间的费用,由经办机构核对后登记。",
    "登记时要带上单位的证照和职工的身份证件原件,由经办机构当场核对,材料不全的一次告知。",
    "本人办理的,可以在网上提交材料,三个工作日内可以查到结果,有疑问的可以打电话咨询。",
)


# A line that announces recommendations with prose behind it: it stays, and the page is in doubt.
LEFT = ["相关推荐", "还有疑问的,可以在工作日到窗口当面咨询,也可以写信说明情况,收到后十日内答复。"]


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A sound page of one site, one that announces what does not follow of another, one without an article."""
    folder = tmp_path / "corpus" / "pages"
    folder.mkdir(parents=True)
    doubtful = [*BODY, *LEFT]
    (folder / "noisy.txt").write_text("\n\n".join(doubtful), encoding="utf-8")
    (folder / "sound.txt").write_text("\n\n".join([*BODY, "展开阅读全文"]), encoding="utf-8")
    (folder / "empty.txt").write_text("只有标题的页面", encoding="utf-8")
    sites = {
        "noisy.txt": {"site": "甲站"},
        "unsure.txt": {"site": "甲站"},
        "sound.txt": {"url": "https://b.example:81/x"},
    }
    lines = [json.dumps({"path": path, **entry}, ensure_ascii=False) for path, entry in sites.items()]
    (folder / "pages.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["audit", *map(str, words)], catch_exceptions=False)


def run_json(*words: str | Path) -> Any:
    result = run(*words, "--json")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.count("\n") == 1
    return json.loads(result.stdout)


def test_a_base_and_its_pages_give_the_same_audit(pages: Path, tmp_path: Path) -> None:
    rebuild([pages], tmp_path / "kb", embedder=load_embedder("bundled"))
    spot, base = run_json(pages), run_json("--kb", tmp_path / "kb")
    assert spot["build"] is None
    assert base["build"] is not None
    for found in (spot, base):
        for page in found["worst_pages"]:
            del page["doubts"]  # the build says with more words why a page has no article
        del found["build"]
    assert spot == base


def test_the_worst_come_first_and_each_names_its_doubts(pages: Path) -> None:
    found = run_json(pages)
    worst = found["worst_pages"][0]
    assert (worst["path"], worst["confidence"]) == ("empty.txt", 0)
    confidences = [page["confidence"] for page in found["worst_pages"]]
    assert confidences == sorted(confidences)
    assert all(page["doubts"] for page in found["worst_pages"])
    assert "sound.txt" not in [page["path"] for page in found["worst_pages"]]
    assert found["doubtful"] == sum(confidence < 0.5 for confidence in confidences)
    assert [page["path"] for page in found["worst_pages"]] == ["empty.txt", "noisy.txt"]
    assert found["doubtful"] == 2


def test_the_quick_ways_say_what_the_audit_says(pages: Path, tmp_path: Path) -> None:
    rebuild([pages], tmp_path / "kb", embedder=load_embedder("bundled"))
    base = open_kb(tmp_path / "kb")
    found = audit(base.records, skipped={"empty.txt": "why"}, count=9)
    assert worst_pages(base.records, skipped={"empty.txt": "why"}, count=9) == found.worst_pages
    assert found.worst_pages[0].doubts == ("why",)
    assert worst_pages(base.records, skipped={}, count=1) == (
        replace(found.worst_pages[0], doubts=("no article is left",)),
    )
    assert count_doubtful(base.records) == found.doubtful == 2


def test_the_least_sure_removals_come_first_and_sure_ones_are_not_listed(dump: Callable[..., Page]) -> None:
    made = []
    for path, confidences in (("a.txt", (0.9, 0.8)), ("b.txt", (0.61, 0.79, 0.61))):
        page = dump(snippets=len(confidences), path=path)
        article = clean(page)
        snippets = [removal for removal in article.removals if removal.fields]
        assert len(snippets) == len(confidences)
        unsure = tuple(replace(removal, confidence=c) for removal, c in zip(snippets, confidences, strict=True))
        made.append((page, replace(article, removals=unsure)))
    with records_of(iter(made)) as records:
        found = audit(records, skipped={}, count=10)
        first = audit(records, skipped={}, count=1)
        named = audit(records, skipped={}, count=10, rule=found.rules[0].rule)
    listed = [(one.confidence, one.path, one.removals, len(one.overrules)) for one in found.worst_removals]
    # The item of a.txt is the last on its page: no white space behind it, so the one of b.txt is longer.
    assert listed == [(0.61, "b.txt", 2, 2), (0.79, "b.txt", 1, 1), (0.8, "a.txt", 1, 1)]
    assert first.worst_removals == found.worst_removals[:1]
    assert named.worst_removals[-1].confidence == 0.9, "a rule that is named shows its sure removals too"


def test_the_command_beside_a_page_shows_it(pages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(pages.parent)
    command = run_json("pages")["worst_pages"][0]["show"]
    assert command == "policykb clean --show pages/empty.txt"
    shown = CliRunner().invoke(main, shlex.split(command)[1:], catch_exceptions=False)
    assert "只有标题的页面" in shown.stdout


def test_the_line_beside_a_removal_keeps_it(pages: Path) -> None:
    (one,) = [one for one in run_json(pages, "--rule", "read_more")["worst_removals"] if one["path"] == "sound.txt"]
    assert one["text"] == "展开阅读全文"
    (pages.parent / "overrules.tsv").write_text(one["overrules"][0] + "\n", encoding="utf-8")
    assert find_overrules(find_pages([pages])).of("sound.txt")[0].why == "part of the article"
    assert "展开阅读全文" in json.loads(run_clean(pages / "sound.txt", "--json"))["body"]
    assert run_json(pages, "--rule", "read_more")["removals"] == 0


def test_a_removal_by_hand_is_taken_back_by_deleting_its_line(pages: Path, tmp_path: Path) -> None:
    file = pages.parent / "overrules.tsv"
    file.write_text(
        "# 说明\nsound.txt\tremove\t三个工作日\t广告\nsound.txt\tkeep\t展开阅读全文\t正文\n", encoding="utf-8"
    )
    found = run_json(pages, "--rule", "overruled")
    assert [(one["overrules"], one["undo"]) for one in found["worst_removals"]] == [
        ([], "delete line 2 of overrules.tsv")
    ]
    assert found["overruled"] == {"keep": 1, "remove": 1}
    assert "to take it back, delete line 2 of overrules.tsv" in run(pages, "--rule", "overruled").stdout
    assert run(pages, "--rule", "overruled", "--lines").stdout.splitlines() == [
        "# 1.00 overruled: overrules.tsv line 2: 广告",
        "# to take it back, delete line 2 of overrules.tsv",
    ]
    assert "overruled by hand: 1 keep, 1 remove" in run(pages).stdout
    rebuild([pages], tmp_path / "kb", embedder=load_embedder("bundled"))
    assert run_json("--kb", tmp_path / "kb")["overruled"] == {"keep": 1, "remove": 1}
    file.unlink()
    assert run_json(pages)["overruled"] == {"keep": 0, "remove": 0}
    assert "by hand" not in run(pages).stdout


def run_clean(*words: str | Path) -> str:
    result = CliRunner().invoke(main, ["clean", *map(str, words)], catch_exceptions=False)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def test_removals_that_stand_together_take_one_line(pages: Path) -> None:
    cut = "挑选水果时先看颜色再闻气味,成熟的果实表皮光亮,用手轻按略有弹性,还要留意果蒂是否"
    block = ["相关推荐", *(line for n in range(5) for line in (f"第{n}种水果怎么挑", f"{n}{cut}", "生活 2025-05-06"))]
    (pages / "block.txt").write_text("\n\n".join([*BODY, *block]), encoding="utf-8")
    (one,) = [one for one in run_json(pages, "--rule", "snippet")["worst_removals"] if one["path"] == "block.txt"]
    assert (one["removals"], len(one["overrules"])) == (5, 1)
    (pages.parent / "overrules.tsv").write_text(one["overrules"][0] + "\n", encoding="utf-8")
    cleaned = json.loads(run_clean(pages / "block.txt", "--json"))
    assert [removal["rule"] for removal in cleaned["removals"] if "fields" in removal] == []
    assert "第4种水果怎么挑" in cleaned["body"]


def test_totals_by_rule_and_by_site_add_up(pages: Path) -> None:
    found = run_json(pages)
    assert "site unknown" in run(pages).stdout
    assert sum(total["removals"] for total in found["rules"]) == found["removals"]
    sites = {total["site"]: total for total in found["sites"]}
    assert {name: total["pages"] for name, total in sites.items()} == {"甲站": 1, "b.example:81": 1, "": 1}
    assert sites[""]["doubtful"] == 1
    text = (pages / "sound.txt").read_text(encoding="utf-8")
    assert sites["b.example:81"]["share"] == pytest.approx(len("展开阅读全文") / len(text), abs=1e-3)


def test_one_site_or_rule_alone(pages: Path) -> None:
    found = run_json(pages, "--site", "b.example:81")
    assert (found["pages"], [total["site"] for total in found["sites"]]) == (1, ["b.example:81"])
    assert "read_more" in [total["rule"] for total in found["rules"]]
    found = run_json(pages, "--rule", "read_more")
    assert [total["rule"] for total in found["rules"]] == ["read_more"]
    assert found["pages"] == 1
    assert run_json(pages, "--site", "")["pages"] == 1
    assert run_json(pages, "-n", "0")["worst_pages"] == []


def test_people_read_the_same(pages: Path) -> None:
    result = run(pages, "--rule", "read_more")
    assert "1 pages, 0 with confidence under 0.5, 1 removals" in result.stdout
    assert "sound.txt  6 characters: 展开阅读全文" in result.stdout
    assert "sound.txt\tkeep\t展开阅读全文\tpart of the article" in result.stdout
    assert f"policykb clean --show {pages / 'sound.txt'}" in result.stdout
    lines = run(pages, "--rule", "read_more", "--lines").stdout.splitlines()
    assert all(line.startswith("#") for line in lines)
    assert lines[1] == "#sound.txt\tkeep\t展开阅读全文\tpart of the article"


def test_a_page_cannot_steer_the_terminal(pages: Path) -> None:
    (pages / "empty.txt").write_text("标题\x1b[31m红\x07", encoding="utf-8")
    result = run(pages)
    assert "\x1b[31m红" not in result.stdout
    assert "\x07" not in result.stdout


def test_a_page_that_moved_is_said_to_have_moved(pages: Path, tmp_path: Path) -> None:
    rebuild([pages], tmp_path / "kb", embedder=load_embedder("bundled"))
    shutil.move(pages, tmp_path / "elsewhere")
    assert run_json("--kb", tmp_path / "kb")["worst_pages"][0]["show"] is None
    assert "its file is no longer where it was" in run("--kb", tmp_path / "kb").stdout


def test_without_a_base_and_paths_the_way_out_is_named(tmp_path: Path) -> None:
    result = run("--kb", tmp_path / "nowhere")
    assert result.exit_code == 1
    assert "policykb rebuild" in result.stderr
    assert run("--lines", "--json").exit_code == 2
