"""Reads our own sample articles and snippets and draws pages from them; no layout is decided here.

An article is a list of blocks (heading of level 1 or 2, paragraph, list item, table row). A snippet is a title and a
summary with a topic: the id of the article whose question it asks, `ins` (the field of social insurance), or anything
else. What a snippet is to an article (`relation`) follows from the two. All text is written for this project.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, replace
from pathlib import Path

MATERIAL = Path(__file__).parent / "material"
SHORTEST, LONGEST = 60, 220  # characters of a printed summary, as the issue describes such pages
CUTS = "，。；：、"
TRACES = ("好的，用户让我写一篇相关的文章，下面开始。", "根据搜索结果，", "根据现有信息整理如下：")
CN = "一二三四五六七八九十"
FOLD = str.maketrans("，：；？！（）", ",:;?!()")


@dataclass(frozen=True, slots=True)
class Block:
    """One block of an article: `h1`, `h2`, `p`, `li` or `row` (cells joined by tabs); label as printed."""

    kind: str
    text: str
    label: str = ""

    @property
    def line(self) -> str:
        """The block as one printed line."""
        return self.label + (self.text.replace("\t", " ") if self.kind == "row" else self.text)


@dataclass(frozen=True, slots=True)
class Article:
    """A sample article; `answer` is the short answer under the title or empty."""

    id: str
    title: str
    answer: str
    blocks: tuple[Block, ...]

    @property
    def lines(self) -> list[str]:
        """The gold body: short answer, headings and blocks, a line each."""
        return ([self.answer] if self.answer else []) + [block.line for block in self.blocks]


@dataclass(frozen=True, slots=True)
class Snippet:
    """A recommendation item as it will be printed."""

    title: str
    summary: str
    relation: str
    category: str = ""
    date: str = ""

    def gold(self) -> dict[str, str]:
        """The label that the answer key states."""
        return {
            "title": self.title,
            "summary": self.summary,
            "category": self.category,
            "date": self.date,
            "relation": self.relation,
        }


def _parse(name: str) -> list[Article]:
    articles = []
    for chunk in (MATERIAL / name).read_text(encoding="utf-8").split("=== ")[1:]:
        head, *lines = chunk.strip("\n").split("\n")
        ident, title, answer = (part.strip() for part in head.split("|"))
        articles.append(Article(ident, title, answer, tuple(_block(line) for line in lines)))
    return articles


def _block(line: str) -> Block:
    if line.startswith("## "):
        return Block("h2", line[3:])
    if line.startswith("# "):
        return Block("h1", line[2:])
    if line.startswith("- "):
        return Block("li", line[2:])
    if line.startswith("| "):
        return Block("row", "\t".join(cell.strip() for cell in line.strip("| ").split("|")))
    return Block("p", line)


def _rows(name: str) -> list[list[str]]:
    text = (MATERIAL / name).read_text(encoding="utf-8").replace(",", "，").replace("; ", "；").replace(";", "；")
    return [line.split("|") for line in text.splitlines()]


def widen(text: str) -> str:
    """`text` with full-width commas and colons between Chinese characters."""
    text = re.sub(r"(?<=[\u4e00-\u9fff]) ?: ?", "：", text)
    return re.sub(r"(?<=[\u4e00-\u9fff]),|,(?=[\u4e00-\u9fff])", "，", text)


class Material:
    """All sample text, read once."""

    def __init__(self) -> None:
        self.articles = _parse("articles.txt")
        self.innocents = {article.id: article for article in _parse("innocents.txt")}
        self.snippets = _rows("snippets_field.txt") + _rows("snippets_other.txt")
        self.families = _rows("families.txt")
        self.more: dict[str, list[str]] = {}
        for topic, text in _rows("continuations.txt"):
            self.more.setdefault(topic, []).append(text)
        self.slots = {
            row[0]: row[1].split() for row in _rows("slots.txt")
        }  # what a family of near-identical titles is filled with
        pairs = (MATERIAL / "traditional.txt").read_text(encoding="utf-8").splitlines()
        self.traditional = {ord(simple): full for simple, full in pairs}

    def recommend(self, rng: random.Random, article: Article, count: int) -> list[Snippet]:
        """`count` snippets for `article`: other questions, a family of near-identical titles, teasers of articles."""
        own = [row for row in self.snippets if row[0] == article.id]
        field = [row for row in self.snippets if row[0] in {a.id for a in self.articles} | {"ins"} and row not in own]
        other = [row for row in self.snippets if row not in own and row not in field]
        chosen = rng.sample(own, min(len(own), rng.randint(0, 2), count))
        if rng.random() < 0.5 and count > 6:
            chosen += self._family(rng, rng.randint(3, min(5, count - 3)))
        if rng.random() < 0.5 and count > len(chosen) + 1:
            teaser = rng.choice([a for a in self.articles if a.id != article.id])
            chosen.append([teaser.id, teaser.title, " ".join(teaser.lines)])
        while len(chosen) < count:
            row = rng.choice(field if rng.random() < 0.35 else other)
            if row not in chosen:
                chosen.append(row)
        rng.shuffle(chosen)
        return [self._printed(rng, article, row) for row in chosen[:count]]

    def _family(self, rng: random.Random, count: int) -> list[list[str]]:
        topic, title, summary = rng.choice(self.families)
        city = rng.choice(self.slots["city"])
        name = next(slot for slot in ("ill", "pet", "ins") if "{" + slot + "}" in title + summary or slot == "ins")
        return [
            [topic, title.format(city=city, **{name: word}), summary.format(city=city, **{name: word})]
            for word in rng.sample(self.slots[name], count)
        ]

    def _printed(self, rng: random.Random, article: Article, row: list[str]) -> Snippet:
        topic, title, summary = row
        field = topic == "ins" or any(topic == other.id for other in self.articles)
        relation = "same_question" if topic == article.id else "same_field" if field else "unrelated"
        more = self.more["ins" if field else topic]
        summary = summary.replace("\n", " ")
        for extra in rng.sample(more, min(len(more), 2)):
            if rng.random() < 0.75 and len(summary) < 190:
                summary += ("" if summary[-1] in "。；" else "。") + rng.choice(("", " ")) + extra
        if rng.random() < 0.04:
            summary = rng.choice(TRACES) + summary
        return Snippet(widen(title), cut(rng, widen(summary)), relation)


def cut(rng: random.Random, text: str, *, longest: int = LONGEST) -> str:
    """`text` as a list of recommendations shows it: whole, or cut at a punctuation mark or in mid-sentence."""
    limit = rng.randint(SHORTEST, longest)
    if len(text) <= limit:
        return text
    text = text[:limit]
    if rng.random() < 0.7:
        at = max(text.rfind(mark) for mark in CUTS)
        text = text[: at + rng.randint(0, 1)] if at >= SHORTEST // 2 else text
    return text.rstrip() + rng.choice(("", "", "", "...", "…"))


HEADINGS = ("cn", "cn", "plain", "plain", "digits", "circled", "parts")


def labelled(rng: random.Random, article: Article, *, html: bool = False) -> Article:
    """`article` with one of several ways to number headings and list items (no printed list labels in HTML)."""
    style, bullet = rng.choice(HEADINGS), rng.choice(("• ", "- ", "", "（n）", "· "))
    if html:
        bullet = ""
    first = second = item = 0
    blocks = []
    for block in article.blocks:
        label = ""
        item = item + 1 if block.kind == "li" else 0
        if block.kind == "h1":
            first, second = first + 1, 0
            label = {
                "cn": f"{CN[first - 1]}、",
                "digits": f"{first}. ",
                "circled": f"（{CN[first - 1]}）",
                "parts": f"第{CN[first - 1]}部分 ",
            }.get(style, "")
        elif block.kind == "h2":
            second += 1
            label = {
                "cn": f"（{CN[second - 1]}）",
                "digits": f"{first}.{second} ",
                "circled": chr(0x2460 + second - 1),
                "parts": f"{second}、",
            }.get(style, "")
        elif block.kind == "li":
            label = f"（{item}）" if bullet == "（n）" else bullet
        blocks.append(replace(block, label=label))
    return replace(article, blocks=tuple(blocks))


def convert(article: Article, change: dict[int, str] | dict[int, int]) -> Article:
    """`article` with every character translated, for half-width punctuation or traditional characters."""
    return replace(
        article,
        title=article.title.translate(change),
        answer=article.answer.translate(change),
        blocks=tuple(
            replace(b, text=b.text.translate(change), label=b.label.translate(change)) for b in article.blocks
        ),
    )


def only(text: str, encoding: str) -> str:
    """`text` without the characters that `encoding` cannot write."""
    return text.encode(encoding, errors="ignore").decode(encoding)


def convert_snippet(snippet: Snippet, change: dict[int, str] | dict[int, int]) -> Snippet:
    """`snippet` with title and summary translated."""
    return replace(
        snippet,
        title=snippet.title.translate(change),
        summary=snippet.summary.translate(change),
        category=snippet.category.translate(change),
    )
