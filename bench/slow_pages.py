"""Pages made to be slow: how long reading, cleaning and splitting takes as they grow to the limits of a page.

    python bench/slow_pages.py [NAME…]

Seconds are those of the processor, so that they mean something on a busy machine. What grows with the square of the
page shows as a last column far above 4.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable

from ingest.clean import clean
from ingest.learning.learn import learn
from ingest.page import BadPage, page_from_bytes
from ingest.passages import split_passages

SENTENCE = "参保人员可以在线办理异地就医备案手续"
SIZES = (12_500, 50_000)
_SIGNS = "职工医保居民参加报销比例年月日社保养老金缴费基数办理条件的了是在和，。："


def words(count: int, seed: int) -> str:
    """Return `count` characters that look like text."""
    rng = random.Random(seed)
    return "".join(rng.choice(_SIGNS) for _ in range(count))


def item(number: int) -> str:
    """Return one recommendation item."""
    return f"怎么办理第{number}号业务？\n{words(60, number)}……\n办事指南 2024-0{number % 9 + 1}-1{number % 9}\n"


def html(body: str) -> str:
    """Return a page with this body."""
    return f"<!doctype html><html><head><title>标题</title></head><body>{body}</body></html>"


# Name: the page of size n. A number of characters (n * 20 is the limit), of lines (n) or of elements (0.7 * n).
PAGES: dict[str, Callable[[int], str]] = {
    "equal lines": lambda n: f"{SENTENCE}\n" * n,
    "lines of two widths": lambda n: f"{SENTENCE}\n甲乙丙\n" * (n // 2),
    "widths that alternate": lambda n: "".join(f"{words(3 + i * 37 % 90, i)}\n" for i in range(n * 2 // 5)),
    "items": lambda n: "标题\n" + "".join(map(item, range(n // 4))),
    "questions": lambda n: "".join(f"{words(12, i)}？\n" for i in range(n)),
    "headings": lambda n: "".join(f"（{i}）{words(5, i)}\n" for i in range(n)),
    "notices": lambda n: "版权所有 Copyright © 2024 京ICP备12345号\n" * (n // 2),
    "rows": lambda n: "".join(f"{words(4, i)}\t{i}\t{i * 3}%\n" for i in range(n)),
    "one line": lambda n: words(n * 19, 1),
    "one line of digits": lambda n: "1" * (n * 20),
    "one line of brackets": lambda n: "《" * (n * 10) + "》" * (n * 10),
    "one line of dates": lambda n: "2024年1月1日" * (n * 2),
    "one line of sources": lambda n: "来源：长沙晚报 武汉市 " * (n * 3 // 2),
    "one line of places": lambda n: "朝阳区、长沙市、" * (n * 5 // 2),
    "one line of spaces": lambda n: f"医{' ' * (n * 19)}保",
    "one line of broken text": lambda n: "å®¶åº­" * (n * 3),
    "paragraphs": lambda n: html(f"<p>{SENTENCE}</p>" * (n * 7 // 10)),
    "links": lambda n: html("".join(f'<a href="/{i}">{words(10, i)}</a> ' for i in range(n * 7 // 10))),
    "cards": lambda n: html("".join(f"<li><a href=x>{words(9, i)}</a><p>{words(40, i)}" for i in range(n // 5))),
    "nested boxes": lambda n: html("<div>甲" * (n // 2)),
    "nested tables": lambda n: html("<table><tr><td>甲" * (n // 6)),
    "attributes": lambda n: html(f"<div {' '.join(f'a{i}=b' for i in range(n * 5))}>{SENTENCE}</div>"),
    "open brackets": lambda n: html("<" * (n * 10) + SENTENCE),
}  # fmt: skip


def seconds(text: str) -> tuple[float, str]:
    """Return the processor seconds from the bytes of a page to its passages and what it teaches, and any refusal."""
    path = "page.html" if text.startswith("<") else "page.txt"
    data = text.encode()
    begun = time.process_time()
    refusal = ""
    try:
        page = page_from_bytes(data, path=path)
        split_passages(page.text, clean(page))
        learn([page])
    except BadPage as problem:
        refusal = problem.reason
    return time.process_time() - begun, refusal


def main() -> None:
    """Print a line for every page."""
    print(f"{'page':24} {'quarter':>8} {'limit':>8} {'times':>6}")
    for name, page in PAGES.items():
        if len(sys.argv) > 1 and name not in sys.argv[1:]:
            continue
        (quarter, _), (whole, refusal) = (seconds(page(size)) for size in SIZES)
        print(f"{name:24} {quarter:7.2f}s {whole:7.2f}s {whole / quarter:6.1f}  {refusal}", flush=True)


if __name__ == "__main__":
    main()
