"""Text dumps: one article and its recommendation block in every form we could think of, each with its answer key.

A variant is a function that changes some fields of a `Form`; whatever it leaves alone is drawn at random, so that the
pages of one variant differ in everything but the thing the variant is about.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from material import FOLD, Article, Material, Snippet, convert, convert_snippet, labelled, only
from metas import CATEGORIES, COMMON, CRUMBS, FOOTERS, FORMS, INVENTED, MORES, TIPS, any_day, byline, hidden, meta

WIDE = str.maketrans("0123456789-:", "０１２３４５６７８９－：")


@dataclass(slots=True)
class Form:
    """How one dump is printed; see `VARIANTS` for what is varied on purpose."""

    marker: str = "相关推荐"
    tip: str = ""
    more: str = ""
    metas: str = "category iso"  # a form of metas.meta, `two lines`, or empty
    order: str = "tsm"  # title, summary, meta
    repeat: str = ""  # title again: `after` or `before`
    summaries: bool = True
    prefix: str = ""  # `number`, `bullet`, `rank`, `bracket`
    gap: str = "\n\n"  # between the lines of an item
    between: str = "\n\n"  # between items
    one_line: str = ""  # `items` or `block`
    place: str = "end"
    blocks: int = 1
    count: int = 10
    same_day: bool = True
    cut: str = ""  # the file ends after the last item's `title`, inside its `summary` or `meta`
    indent: int = 0
    half_width: bool = False
    wide_digits: bool = False
    encoding: str = "utf-8"
    newline: str = "\n"
    innocent: str = ""
    after: str = ""


@dataclass(slots=True)
class Made:
    """One page with its answer key."""

    data: bytes
    title: str
    body: str
    rec: str
    snippets: list[Snippet]
    noise: list[str] = field(default_factory=list)
    suffix: str = ".txt"


def drawn(rng: random.Random) -> Form:
    """A form with every field drawn that a variant may leave alone."""
    return Form(
        marker=rng.choice(COMMON + COMMON + INVENTED),
        tip=rng.choice(TIPS) if rng.random() < 0.6 else "",
        more=rng.choice(MORES) if rng.random() < 0.25 else "",
        metas=rng.choice(FORMS),
        repeat="after" if rng.random() < 0.25 else "",
        gap=rng.choice(("\n\n", "\n\n", "\n")),
        count=rng.randint(6, 18),
        same_day=rng.random() < 0.75,
        half_width=rng.random() < 0.4,
        after=rng.choice(FOOTERS) if rng.random() < 0.15 else "",
    )


DECORATED = ("【{}】", "—— {} ——", "★ {}", "{}：", "{} >>", "# {}", "{} 换一换")
Change = Callable[[random.Random, Form], Form]


def _set(**fields: object) -> Change:
    return lambda rng, form: replace(form, **fields)  # type: ignore[arg-type]


def _dated(rng: random.Random) -> str:
    return rng.choice(("category iso", "iso category", "category chinese", "source"))


VARIANTS: dict[str, Change] = {
    "marker_common": lambda rng, f: replace(f, marker=rng.choice(COMMON)),
    "marker_invented": lambda rng, f: replace(f, marker=rng.choice(INVENTED)),
    "marker_zero_width": lambda rng, f: replace(f, marker=hidden(rng, rng.choice(COMMON))),
    "marker_decorated": lambda rng, f: replace(
        f, marker=rng.choice(DECORATED).format(rng.choice(COMMON))
    ),
    "no_marker": lambda rng, f: replace(f, marker="", tip=rng.choice(TIPS)),
    "no_tip": _set(tip="", more=""),
    "bare": lambda rng, f: replace(f, marker="", tip="", more="", metas=_dated(rng)),
    "no_meta": lambda rng, f: replace(
        f, metas="", marker=f.marker if rng.random() < 0.7 else "", tip=rng.choice(TIPS), repeat=""
    ),
    "meta_chinese_date": _set(metas="category chinese"),
    "meta_month_day": _set(metas="month day"),
    "meta_relative": _set(metas="relative"),
    "meta_reads": _set(metas="reads"),
    "meta_source": _set(metas="source"),
    "meta_author": _set(metas="author"),
    "meta_counts": _set(metas="counts"),
    "meta_english": _set(metas="english"),
    "meta_dotted": _set(metas="dotted"),
    "meta_bracketed": _set(metas="bracketed"),
    "meta_two_lines": _set(metas="two lines"),
    "meta_before_summary": _set(order="tms"),
    "meta_first": lambda rng, f: replace(f, order="mts", repeat="", metas=_dated(rng)),
    "title_after": _set(repeat="after"),
    "title_before": _set(repeat="before"),
    "no_summaries": lambda rng, f: replace(f, summaries=False, metas=_dated(rng), repeat=""),
    "some_summaries": _set(summaries="some"),
    "titles_only": lambda rng, f: replace(f, summaries=False, metas="", repeat="", marker=rng.choice(COMMON)),
    "one_line_items": lambda rng, f: replace(f, one_line="items", repeat="", metas=_dated(rng)),
    "single_item": lambda rng, f: replace(f, count=1, marker=rng.choice(COMMON), metas=_dated(rng)),
    "two_blocks": _set(blocks=2),
    "three_blocks": _set(blocks=3),
    "middle": _set(place="middle"),
    "top": lambda rng, f: replace(f, place="top", metas=_dated(rng)),
    "cut_after_title": _set(cut="title", repeat="", order="tsm", after=""),
    "cut_in_summary": _set(cut="summary", repeat="", order="tsm", after=""),
    "cut_in_meta": lambda rng, f: replace(f, cut="meta", repeat="", order="tsm", after="", metas=_dated(rng)),
    "block_on_one_line": lambda rng, f: replace(f, one_line="block", repeat="", metas=_dated(rng)),
    "wide_digits": lambda rng, f: replace(f, wide_digits=True, metas=_dated(rng)),
    "gb18030": _set(encoding="gb18030"),
    "big5": _set(encoding="big5"),
    "utf16": lambda rng, f: replace(f, encoding=rng.choice(("utf-16", "utf-16-le", "utf-16-be"))),
    "crlf": _set(newline="\r\n"),
    "indented": lambda rng, f: replace(f, indent=rng.choice((2, 4, 8))),
    "blank_lines": lambda rng, f: replace(
        f, gap=rng.choice(("\n\n\n", "\n \n")), between=rng.choice(("\n\n\n\n", "\n \n \n"))
    ),
    "dense": _set(gap="\n", between="\n"),
    "numbered": lambda rng, f: replace(f, prefix="number", repeat=""),
    "bullets": lambda rng, f: replace(f, prefix="bullet", repeat=""),
    "ranks": lambda rng, f: replace(f, prefix="rank", repeat=""),
    "bracketed_titles": lambda rng, f: replace(f, prefix="bracket", repeat=""),
    "no_block": _set(count=0, marker="", innocent="none"),
} | {
    f"innocent_{kind}": _set(innocent=kind)
    for kind in ("discuss", "readinglist", "qa", "chronicle", "contacts", "tablelines", "policylist")
}  # fmt: skip


def make(material: Material, variant: str, number: int, rng: random.Random) -> Made:
    """The page `number` of a variant."""
    form = VARIANTS[variant](rng, drawn(rng))
    if form.innocent and form.innocent != "none":
        article = material.innocents[f"{form.innocent}-{1 + number % 2}"]
        if number % 5 < 3:  # without any block; the others have an ordinary one after the innocent text
            form = replace(form, count=0, marker="")
        else:
            form = replace(form, metas=_dated(rng), marker=rng.choice(COMMON))
    else:
        article = labelled(rng, rng.choice(material.articles))
    snippets = material.recommend(rng, article, form.count) if form.count else []
    change: dict[int, str] = {}
    if form.encoding == "big5":
        change, form = dict(material.traditional), replace(form, marker=form.marker.translate(material.traditional))
        shown = "".join(article.lines) + article.title + "".join(s.title + s.summary for s in snippets)
        for letter in set(shown):
            change[ord(letter)] = only(change.get(ord(letter), letter), "big5")
    elif form.half_width:
        change = FOLD
    return _printed(rng, form, convert(article, change), [convert_snippet(s, change) for s in snippets], change)


def _printed(rng: random.Random, form: Form, article: Article, snippets: list[Snippet], change: dict[int, str]) -> Made:
    noise: list[str] = []

    def also(text: str) -> str:
        noise.append(text.translate(change))
        return noise[-1]

    top = [also(rng.choice(CRUMBS))] if rng.random() < 0.12 else []
    top.append(article.title)
    if rng.random() < 0.25:
        top.append(also(byline(rng)))
    shown, blocks = _blocks(rng, form, snippets, change)
    body = _body_lines(rng, article)
    at = len(body)
    if form.place == "middle":
        heads = [i for i, block in enumerate(article.blocks) if block.kind == "h1" and i > 2] or [
            len(article.blocks) // 2
        ]
        at = heads[len(heads) // 2] + bool(article.answer)
    elif form.place == "top":
        at = int(bool(article.answer) and rng.random() < 0.5)
    tail = [also(text) for text in (form.more, form.tip) if text]
    before, rest = body[:at], body[at:]
    parts = ["\n\n".join(top + before + ([] if rest else tail))]
    if form.blocks > 1:  # the first blocks stand before the tail of the page, the last one at its end
        parts += blocks[:-1] + ([also(rng.choice(TIPS))] if rng.random() < 0.5 else [])
        parts.append(blocks[-1])
    else:
        parts += blocks
    if rest:
        parts.append("\n\n".join(rest + tail))
    if form.after and snippets:
        parts.append(also(form.after))
    text = "\n\n".join(part for part in parts if part)
    if form.indent:
        text = re.sub(r"(?m)^(?=.)", lambda _: " " * (form.indent + rng.choice((0, 0, 2))), text)
    text = text if form.cut else text + "\n"
    data = text.replace("\n", form.newline).encode(form.encoding, errors="ignore")
    return Made(data, article.title, "\n".join(article.lines), "\n".join(blocks), shown, noise)


def _body_lines(rng: random.Random, article: Article) -> list[str]:
    """The lines of the body, indented by depth on some pages as real dumps are."""
    deep = rng.random() < 0.4
    spaces = {"h1": 0, "h2": 2, "li": 4, "p": 0, "row": 0}
    lines = [article.answer] if article.answer else []
    separator = rng.choice(("\t", " | ", "  "))
    for block in article.blocks:
        text = block.text.replace("\t", separator) if block.kind == "row" else block.label + block.text
        lines.append((" " * spaces[block.kind] if deep else "") + text)
    return lines


def _blocks(
    rng: random.Random, form: Form, snippets: list[Snippet], change: dict[int, str]
) -> tuple[list[Snippet], list[str]]:
    """The snippets with the fields that are printed, and the printed blocks (marker and items)."""
    day, category = any_day(rng), rng.choice(CATEGORIES)
    shown, items = [], []
    for number, snippet in enumerate(snippets):
        if not form.same_day:
            day -= timedelta(days=rng.randint(0, 9))
            category = rng.choice(CATEGORIES)
        last = number == len(snippets) - 1
        printed, text = _item(
            rng, form, snippet, number + 1, meta(rng, _known(form.metas), day, category), change, last
        )
        shown.append(printed)
        items.append(text)
    if not items:
        return [], []
    size = -(-len(items) // form.blocks)
    blocks = []
    for number in range(form.blocks):
        group = items[number * size : (number + 1) * size]
        marker = form.marker if number == 0 else rng.choice(COMMON).translate(change) if form.marker else ""
        joined = ("  " if form.one_line == "block" else form.between).join(group)
        head = marker + ("  " if form.one_line == "block" else form.between) if marker else ""
        blocks.append(head + joined)
    return shown, [block for block in blocks if block]


def _known(form: str) -> str:
    return "category iso" if form in ("", "two lines") else form


def _item(
    rng: random.Random,
    form: Form,
    snippet: Snippet,
    number: int,
    drawn_meta: tuple[str, str, str],
    change: dict[int, str],
    last: bool,
) -> tuple[Snippet, str]:
    """One item as printed, with its gold fields."""
    line, category, day = (part.translate(change) for part in drawn_meta)
    if form.wide_digits:
        line, day = line.translate(WIDE), day.translate(WIDE)
    if not form.metas:
        line = category = day = ""
    elif form.metas == "two lines":
        line = category + "\n" + day
    summary = snippet.summary if form.summaries and (form.summaries != "some" or rng.random() < 0.6) else ""
    prefix = {
        "number": f"{number}. ",
        "bullet": "• ",
        "rank": f"{number}\n",
        "bracket": "",
    }.get(form.prefix, "")
    title = prefix + (f"《{snippet.title}》" if form.prefix == "bracket" else snippet.title)
    if last and form.cut:
        line, category, day, summary = _cut_off(rng, form.cut, line, category, summary)
    piece = {"t": title, "s": summary, "m": line}
    lines = [piece[key] for key in form.order]
    if form.repeat == "before":
        lines.insert(0, snippet.title)
    text = (" " if form.one_line else form.gap).join(part for part in lines if part)
    if form.repeat == "after":
        text += "\n" + snippet.title
    if form.one_line:
        text = text.replace("\n", " ")
    return replace(snippet, summary=summary, category=category, date=day), text


def _cut_off(rng: random.Random, cut: str, line: str, category: str, summary: str) -> tuple[str, str, str, str]:
    """Meta line, category, date and summary of an item inside which the file ends."""
    if cut == "title":
        return "", "", "", ""
    if cut == "summary":
        return "", "", "", summary[: rng.randint(15, max(16, len(summary) - 5))]
    line = line[: rng.randint(1, max(1, len(line) - 2))]
    return line, category if category in line else "", "", summary
