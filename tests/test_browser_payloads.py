"""Markup wherever text can come from, in a real browser: it is read as text and makes no element, dialog or request.

One base holds it in titles, headings, bodies, file names, addresses, sites, recommendations and a table of the lexicon;
one reader brings it in the address, in her storage and in the logs. What each view escapes by itself is tested beside
that view; here a browser looks at all of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from pathlib import Path
from shlex import quote
from urllib.parse import urlencode

import playwright.sync_api as playwright
import pytest
from browsing import NARROW, WIDE, Open, serving

from index.build.build import rebuild
from index.build.journal import LOG
from index.kb import KnowledgeBase, open_kb
from index.model import load_embedder
from index.unanswered import FILE as UNANSWERED

pytestmark = pytest.mark.browser


def short(place: str) -> str:
    """Return markup that tells where it was written to; short enough for a title or a heading."""
    return f"{place}\"'><img id=boom src=x onerror=alert('{place}')>"


def payload(place: str) -> str:
    """Return more of it, for places with room: HTML, scripts, Markdown."""
    return (
        f"{short(place)}<script id=boom>alert('{place}')</script><iframe id=boom src=https://evil.example/{place}>"
        "</iframe>**粗** [链](javascript:alert(1)) `码` $x^2$ 20~25…20~25"
    )


# What a name of a file may hold.
FILE, SKIPPED = (f"\"'><img id=boom src=x onerror=alert(7)>**粗**.{kind}" for kind in ("html", "txt"))
ADDRESS = 'https://wenbao.example/"><img id=boom src=x onerror=alert(8)>'
TITLE, HEADING, SAID, SNIPPET = (short(place) for place in ("title", "heading", "said", "snippet"))
BODY, ITEM, SITE, PUBLISHER = (payload(place) for place in ("body", "item", "site", "publisher"))
FIVE, OTHER = "5<u id=boom>个", "次<u id=boom>年"
EVERYDAY, OFFICIAL = "补个证<u id=boom>", "补<u id=boom>领登记证"
QUESTION_TITLE = "登记证<u id=boom>丢了怎么办"
QUERY = f"{EVERYDAY}怎么办？ {payload('query')}"

# What there is if any of it was taken for markup: its elements, handlers, links that would run, and what Markdown makes.
MADE = """() => [...document.querySelectorAll("*")].filter((one) => one.id.startsWith("boom")
    || one.matches("iframe, .katex") || one.matches("a, b, code, del, em, i, s, strong") && ["粗", "链", "码", "25…20"].includes(one.textContent)
    || [...one.attributes].some(({ name, value }) => /^on/i.test(name)
      || (/^(href|src|action|formaction)$/i.test(name) && /^\\s*javascript:/i.test(value))))
  .map((one) => one.outerHTML.slice(0, 200))"""
UNFOLD = "for (const fold of document.querySelectorAll('details')) fold.open = true"


def as_html(*lines: str) -> bytes:
    """Return a page that shows these lines: the first as its title, numbered ones as headings, text as it stands."""
    tags = ["h1", *("h2" if line[:2] in ("一、", "二、") else "p" for line in lines[1:])]
    body = "".join(f"<{tag}>{escape(line)}</{tag}>" for tag, line in zip(tags, lines, strict=True))
    return f"<!doctype html><html><body>{body}</body></html>".encode()


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    """A base full of markup: an article, its copy, an article with a short title, and a page that holds none."""
    folder = tmp_path_factory.mktemp("payloads")
    pages, lexicon = folder / "corpus" / "pages", folder / "corpus" / "lexicon"
    pages.mkdir(parents=True)
    lexicon.mkdir()
    article = (
        f"登记证丢了怎么补办 {TITLE}",
        f"登记证丢了的人要尽快{OFFICIAL},不{OFFICIAL}就不能办理其他业务,也不能领取当年的补贴。{BODY}",
        f"一、怎么{OFFICIAL} {HEADING}",
        f"先到原来的登记窗口挂失{SAID},窗口当场受理,不收工本费,挂失以后旧证不能再用。",
        f"1. 带身份证到登记窗口填写申请表 {ITEM}。",
        "2. 登记窗口在3个工作日内核对后发给新的登记证。",
        f"二、要什么材料 {HEADING}",
        f"1. 本人身份证原件和复印件 {ITEM}。",
        "2. 登载遗失声明的报纸一份,网上声明可以打印。",
    )
    items = [
        line
        for number in range(8)
        for line in (
            f"第{number}种登记证怎么补办{SNIPPET}",
            f"挑选第{number}种水果时先看颜色再闻气味,成熟的果实表皮光亮,用手轻按略有弹性,还要留意果蒂是否新鲜,如果已经",
            "生活百科 2025-05-06",
        )
    ]
    (pages / FILE).write_bytes(as_html(*article, "相关推荐", *items))
    (pages / "copy.html").write_bytes(as_html(*(line.replace("当年", OTHER).replace("3个", FIVE) for line in article)))
    (pages / "short.html").write_bytes(
        as_html(QUESTION_TITLE, f"丢了登记证的人先挂失,再到原来的窗口办理,窗口周末不开,办理要两天。{BODY}")
    )
    (pages / SKIPPED).write_text("只有标题", encoding="utf-8")
    rows = [
        {"path": FILE, "url": ADDRESS, "site": SITE, "publisher": PUBLISHER, "fetched": "2025-05-22"},
        {"path": "copy.html", "url": "javascript:alert(9)", "site": f"另{SITE}", "fetched": short("fetched")},
        {"path": "short.html", "url": f"//evil.example/{SITE}", "site": "三"},
    ]
    (pages / "pages.jsonl").write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    (lexicon / "own.tsv").write_text(f"{OFFICIAL}\t{EVERYDAY}\n", encoding="utf-8")
    rebuild([pages], folder / "kb", embedder=load_embedder("bundled"))
    _log(folder / "kb")
    return open_kb(folder / "kb")


def _log(folder: Path) -> None:
    """Write into the two logs of a base what another program might have written there."""
    told = {"at": payload("at"), "build": payload("build"), "question": payload("question"), "verdict": "outside"}
    noted = {**told, "nearest": payload("nearest"), "filters": {"site": [payload("filter")]}}
    event = {"at": payload("when"), "event": payload("event"), "build": payload("named"), "reason": payload("reason")}
    for file, entry in ((UNANSWERED, noted), (LOG, event)):
        with (folder / file).open("a", encoding="utf-8") as log:
            log.write(json.dumps(entry) + "\n")


@pytest.fixture(scope="module")
def server(kb: KnowledgeBase) -> Iterator[str]:
    with serving(kb.folder) as listening:
        yield listening


def id_of(kb: KnowledgeBase, path: str) -> str:
    return str(kb.records.query("SELECT id FROM pages WHERE path = ?", (path,))[0]["id"])


def at(server: str, **params: str | list[str]) -> str:
    return f"{server}?{urlencode(params, doseq=True)}"


def told(opened: playwright.Page, awaited: str) -> str:
    """Return all that the page says with its folds open, once `awaited` is there; nothing of it became an element."""
    opened.wait_for_selector(awaited, state="attached")
    opened.wait_for_selector(".stApp[data-test-script-state=notRunning]")
    opened.evaluate(UNFOLD)
    assert opened.evaluate(MADE) == []
    return str(opened.locator("[data-testid=stMain]").inner_text())


def test_on_the_start_page_in_examples_storage_and_the_address(server: str, open_page: Open) -> None:
    params = {name: payload(name) for name in ("mode", "k", "sort", "site", "since", "lang", "build", "part", "view")}
    opened = open_page(at(server, **params, article=payload("article"), start="<b>", other=payload("other")))
    kept = [{"text": payload("kept"), "to": f"?q=x&amp;{payload('to')}"}, {"text": "x", "to": "//evil.example/?"}]
    for storage, key in (("localStorage", "policykbSaved"), ("sessionStorage", "policykbRecent")):
        opened.evaluate(f"(list) => {storage}.setItem('{key}', JSON.stringify(list))", kept)
    opened.reload()
    opened.wait_for_selector('[data-pk-list="recent"]:not([hidden]) li')
    said = told(opened, ".pk-examples")
    assert QUESTION_TITLE in opened.locator(".pk-example").all_inner_texts()
    assert said.count(payload("kept")) == 2, "saved and recent"
    assert opened.locator("[data-pk-list] li a").count() == 2, "what leads elsewhere is not kept"
    assert opened.get_by_label("你的问题").input_value() == ""

    # The check itself sees what it is there for.
    for made in ("<b id=boom>", "<iframe>", "<b onclick=f()>", "<a href=' javascript:f()'>", "<b>粗</b>"):
        opened.evaluate("(html) => document.querySelector('.pk-foot').insertAdjacentHTML('beforeend', html)", made)
        assert len(opened.evaluate(MADE)) == 1, made
        opened.evaluate("() => document.querySelector('.pk-foot').lastElementChild.remove()")


@pytest.mark.parametrize(("lang", "viewport"), [("zh", WIDE), ("en", NARROW)])
def test_in_answer_card_passages_filters_and_what_is_taken_home(
    server: str, kb: KnowledgeBase, open_page: Open, lang: str, viewport: dict[str, int]
) -> None:
    sites = [SITE, f"另{SITE}"]
    opened = open_page(at(server, q=QUERY, site=sites, lang=lang), viewport=viewport)
    opened.locator(".st-key-pk_export summary").first.click()
    told(opened, ".pk-hit")
    assert opened.get_by_role("textbox").first.input_value() == QUERY
    for part, texts in {
        ".pk-answer": (ITEM, TITLE, HEADING, FILE),
        ".pk-wordings": (f"{EVERYDAY} → {OFFICIAL}",),
        ".pk-card": (QUERY, SAID, ITEM, TITLE, HEADING, FILE),
        ".pk-picks": sites,
        ".pk-passages": (TITLE, HEADING, BODY, ITEM, SITE, FILE, f"“{OFFICIAL}”", f"{EVERYDAY} → {OFFICIAL}"),
        ".pk-twins": (TITLE, f"另{SITE}"),
        ".pk-diff ins": ("次<u id=boom>",),
        ".pk-references": (PUBLISHER, TITLE),
        "[data-testid=stCode]": (quote(QUERY), quote(SITE), repr(QUERY), repr(SITE)),
    }.items():
        shown = " ".join(opened.locator(part).all_text_contents())
        for text in texts:
            assert text in shown, (part, text)
    rail = opened.locator(".pk-rail .pk-name, .pk-fold-facets .pk-name").all_text_contents()
    assert set(sites) <= set(rail)
    links = opened.locator('.pk-hit a[target="_blank"]')
    assert {link.get_attribute("href") for link in links.all()} == {ADDRESS}, "javascript: leads nowhere"
    with opened.expect_download() as download:
        opened.locator(".st-key-pk_export_csv button").click()
    assert download.value.suggested_filename.startswith(f"policykb-{kb.build}-补个证-u-id-boom-怎么办-query-img-id")
    assert not set(download.value.suggested_filename) & set("<>\"'/\\:=")


def test_in_article_comparison_and_ledger(server: str, kb: KnowledgeBase, open_page: Open) -> None:
    full, copy = id_of(kb, FILE), id_of(kb, "copy.html")
    text = kb.article(full).text  # type: ignore[union-attr]
    start = text.index("1. 带身份证")
    place = {"view": "article", "article": full, "start": str(start), "end": str(start + 24), "q": QUERY}
    opened = open_page(at(server, **place))
    said = told(opened, ".pk-article")
    for part in (TITLE, HEADING, BODY, ITEM, SITE, PUBLISHER, FILE, QUERY, f"登记证怎么补办{SNIPPET}"):
        assert part in said, part
    assert opened.locator('.pk-from a[target="_blank"]').get_attribute("href") == ADDRESS
    assert opened.locator("mark.pk-cited").all_text_contents() == [text[start : start + 24]]

    removal = next(one for one in kb.article(full).removals if one["rule"] == "snippet")  # type: ignore[union-attr]
    place |= {"ledger": "1", "part": "report", "start": str(removal["start"]), "end": str(removal["end"])}
    opened.goto(at(server, **place, lang="en"))
    said = told(opened, ".pk-report")
    for part in (TITLE, BODY, SNIPPET, FILE):
        assert part in said, part
    line = opened.locator("#pk-report-line").text_content() or ""
    assert line.startswith(f"{FILE}\tkeep")
    assert SNIPPET.partition("<")[0] in line

    opened.goto(at(server, view="article", article=full, other=copy))
    said = told(opened, ".pk-compare")
    for part in (TITLE, f"另{SITE}", SITE, FILE, HEADING, BODY):
        assert part in said, part
    assert f"{FIVE}工作日" in "".join(opened.locator("p.pk-theirs ins").all_text_contents())
    assert opened.locator("mark.pk-differs").count() > 0

    opened.goto(at(server, view="article", article=copy))
    assert "javascript:alert(9)" in told(opened, ".pk-article"), "an address that is none is read, not followed"
    assert opened.locator('.pk a[target="_blank"]').count() == 0


def test_in_states_logs_and_the_operation_page(server: str, open_page: Open) -> None:
    opened = open_page(at(server, q=QUERY, region=short("region"), year=payload("year"), lang="en"))
    said = told(opened, ".pk-dropped")
    for part in (short("region"), payload("year")):
        assert part in said, part
    opened.goto(at(server, q=f"“{payload('phrase')}” -{payload('minus')}"))
    assert payload("phrase") in told(opened, ".pk-state")
    opened.goto(at(server, view="article", article="nosuch", q=QUERY))
    assert QUERY in told(opened, ".pk-state")

    for part, awaited, texts in (
        ("overview", ".pk-log", ("when", "event", "named", "reason")),
        ("questions", ".pk-questions", ("question", "at", "nearest", "filter", "phrase", "year")),
        ("coverage", ".pk-bars", ("site",)),
        ("cleaning", ".pk-skipped", ()),
    ):
        opened.goto(at(server, view="operation", part=part))
        said = told(opened, awaited)
        for text in texts:
            # Of the value of a filter the log keeps the beginning.
            assert (payload(text)[:60] if text == "year" else payload(text)) in said, (part, text)
        if part == "cleaning":
            assert SKIPPED in opened.inner_text(".pk-skipped")
            assert QUESTION_TITLE in opened.inner_text(".pk-doubtful")
