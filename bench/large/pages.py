"""Makes a large corpus out of the sample corpus: any number of pages, each with its own article and recommendations.

An article is put together from sentences of the sample articles, with place, year and figures changed, under headings
of theirs, so that words and lengths are those of the field and hardly two passages are equal. Two pages in three are
text dumps, one is HTML; each ends in ten recommendations, three of which are beginnings of other pages' articles. An
article gives about five passages, or as many as are asked for, by the number of its sections.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path

from ingest.clean import clean
from ingest.page import page_from_bytes
from ingest.passages import split_passages
from ingest.sentences import sentence_spans

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "corpus" / "pages"
# Pages a folder: directories stay quick to list.
_FOLDER = 500
# Of an article as it comes: 4.93 on the mean of 50,000 pages, the first of them from what stands above all headings.
PASSAGES = 5
_SITES = tuple(f"site{number:02d}.example" for number in range(40))
_CATEGORIES = ("生活百科", "社保问答", "办事指南", "本地资讯")
_YEAR = re.compile(r"20\d\d年")
_NUMBER = re.compile(r"(?<![\d.,])\d{1,3}(?![\d.,年])")


@dataclass(frozen=True, slots=True)
class Material:
    """What pages are made of: titles, headings, sentences, place names, and recommendations as (title, summary)."""

    titles: tuple[str, ...]
    headings: tuple[str, ...]
    sentences: tuple[str, ...]
    places: tuple[str, ...]
    items: tuple[tuple[str, str], ...]


def read_material() -> Material:
    """Return what the sample corpus offers."""
    titles, headings, sentences, items = [], [], [], []
    for file in sorted(PAGES.iterdir()):
        if file.suffix == ".jsonl":
            continue
        page = page_from_bytes(file.read_bytes(), path=file.name)
        article = clean(page)
        titles.append(article.title)
        headings += [section.heading for section in article.sections]
        for passage in split_passages(page.text, article):
            text = " ".join(passage.text.split())
            sentences += [text[start:end] for start, end in sentence_spans(text) if end - start >= 12]
        items += [
            (removal.fields["title"], removal.fields["summary"]) for removal in article.removals if removal.fields
        ]
    rows = (ROOT / "ingest" / "facts" / "regions.tsv").read_text("utf-8").splitlines()
    places = sorted(
        {cell for row in rows if not row.startswith("#") for cell in row.split("\t")[1:2] if cell.endswith("市")}
    )
    return Material(tuple(titles), tuple(headings), tuple(dict.fromkeys(sentences)), tuple(places), tuple(items))


@dataclass(frozen=True, slots=True)
class Draft:
    """An article before it has a layout: its paragraphs come with the heading above them, or None."""

    title: str
    paragraphs: tuple[tuple[str | None, str], ...]

    @property
    def opening(self) -> str:
        """The beginning, as a site would cut it for a recommendation."""
        return self.paragraphs[0][1][:90]


def draft(material: Material, number: int, seed: int, version: int = 0, passages: int = PASSAGES) -> Draft:
    """Return the article of page `number`; another `version` is the same article after an edit of one paragraph.

    It has about as many `passages`, 2 to 100: with more there would be no headings left.
    """
    dice = random.Random(f"{seed}/{number}")
    place, year = dice.choice(material.places), dice.randint(2019, 2026)
    title = f"{place}{year}年{_YEAR.sub('', dice.choice(material.titles))}"[:60]
    paragraphs: list[tuple[str | None, str]] = [(None, _prose(material, dice, place, dice.randint(2, 3)))]
    for heading in dice.sample(material.headings, round(dice.randint(3, 6) * (passages - 1) / (PASSAGES - 1))):
        paragraphs.append((heading, _prose(material, dice, place, dice.randint(2, 5))))
        if dice.random() < 0.5:
            paragraphs.append((None, _prose(material, dice, place, dice.randint(2, 4))))
    if version:
        again = random.Random(f"{seed}/{number}/{version}")
        at = again.randrange(1, len(paragraphs))
        paragraphs[at] = (paragraphs[at][0], _prose(material, again, place, 4))
    return Draft(title, tuple(paragraphs))


def _prose(material: Material, dice: random.Random, place: str, count: int) -> str:
    chosen = dice.sample(material.sentences, count)
    chosen[0] = f"{place}参保人{chosen[0]}" if dice.random() < 0.3 else chosen[0]
    return "".join(
        _NUMBER.sub(lambda found: str(max(1, int(found[0]) + dice.randint(-3, 9))), sentence) for sentence in chosen
    )


def page(
    material: Material, number: int, seed: int, pages: int, version: int = 0, passages: int = PASSAGES
) -> tuple[str, bytes, dict[str, str]]:
    """Return path, bytes and sidecar entry of page `number` of `pages`, whose article has about so many `passages`."""
    dice = random.Random(f"{seed}/{number}/page")
    article = draft(material, number, seed, version, passages)
    items = list(dice.sample(material.items, 7))
    for _ in range(3):
        other = draft(material, dice.randrange(pages), seed, passages=passages)
        items.insert(dice.randrange(len(items) + 1), (other.title, other.opening))
    category, date = dice.choice(_CATEGORIES), f"2025-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}"
    site = _SITES[number % len(_SITES)]
    is_html = number % 3 == 0
    path = f"{number // _FOLDER:04d}/{number:07d}.{'html' if is_html else 'txt'}"
    text = _html(article, items, category, date, site) if is_html else _dump(article, items, category, date)
    return path, text.encode("utf-8"), {"path": path, "url": f"https://{site}/a/{number}.html", "fetched": date}


def _dump(article: Draft, items: list[tuple[str, str]], category: str, date: str) -> str:
    lines = [article.title]
    for heading, text in article.paragraphs:
        lines += [heading, text] if heading else [text]
    lines.append("相关推荐")
    for title, summary in items:
        lines += [title, summary, f"{category} {date}"]
    return "\n\n".join(lines) + "\n"


def _html(article: Draft, items: list[tuple[str, str]], category: str, date: str, site: str) -> str:
    body = "\n".join(
        (f"<h2>{escape(heading)}</h2>\n" if heading else "") + f"<p>{escape(text)}</p>"
        for heading, text in article.paragraphs
    )
    cards = "\n".join(
        f'<li><a href="/a/{place}.html"><h3>{escape(title)}</h3><p>{escape(summary)}</p>'
        f"<span>{category}</span> <span>{date}</span></a></li>"
        for place, (title, summary) in enumerate(items)
    )
    return (
        f'<!DOCTYPE html><html lang="zh"><head><meta charset="utf-8">'
        f"<title>{escape(article.title)}_{site}</title></head>"
        f'<body><nav><a href="/">首页</a><a href="/yibao/">医保</a><a href="/yanglao/">养老</a></nav>\n'
        f'<main><h1>{escape(article.title)}</h1>\n{body}\n</main>\n<ul class="rec">\n{cards}\n</ul>\n'
        f"<footer><p>{site} 版权所有</p></footer></body></html>\n"
    )


def write_pages(
    folder: Path,
    count: int,
    *,
    seed: int = 1,
    only: Iterable[int] | None = None,
    version: int = 0,
    passages: int = PASSAGES,
) -> int:
    """Write `count` pages of about so many `passages` and their sidecar below `folder`, or only those numbered `only`.

    Returns how many pages were written.
    """
    material = read_material()
    folder.mkdir(parents=True, exist_ok=True)
    entries = []
    written = 0
    for number in range(count) if only is None else only:
        path, data, entry = page(material, number, seed, count, version, passages)
        file = folder / path
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(data)
        entries.append(entry)
        written += 1
    if only is None:
        lines = (json.dumps(entry, ensure_ascii=False) for entry in entries)
        (folder / "pages.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    return written
