"""Makes the passages that all stores hold: articles of bench/large/pages.py, cut where their paragraphs end.

Every article has a place, a year and a site, which are the facets of its passages. The vectors are those of the bundled
model. Questions are everyday ones of the question bank at even distances. The filters keep about half, a twentieth and
a two-hundredth of the passages, and one article, whose passages are fewer than the hits that are asked for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import count, islice

import numpy as np
from large.pages import draft, read_material
from peers.exchange import Corpus, Passage, Where

from index.bank.bank import read_bank
from index.context import embedded_text
from index.model import load_embedder

SEED = 1
SITES = 40
# The first article alone is of this site.
ONE_ARTICLE = "single.example"
SHARES = (("about 50 %", "year", 0.5), ("about 5 %", "site", 0.05), ("about 0.5 %", "region", 0.005))
_TITLE = re.compile(r"(.+?市)(20\d\d)年")


def make_corpus(passages: int, questions: int) -> Corpus:
    """Return a corpus of so many passages and at most so many questions; the same numbers give the same corpus."""
    made = tuple(islice(_passages(), passages))
    embedder = load_embedder("bundled")
    bank = read_bank()
    asked = tuple(bank[len(bank) * number // questions].question for number in range(min(questions, len(bank))))
    return Corpus(
        made,
        embedder.encode_document([each.indexed for each in made]).astype(np.float32),
        asked,
        embedder.encode_query(asked).astype(np.float32),
        wheres_of(made),
    )


def _passages() -> Iterator[Passage]:
    material = read_material()
    row = count()
    for number in count():
        article = draft(material, number, SEED)
        found = _TITLE.match(article.title)
        if found is None:
            raise ValueError(f"the title {article.title!r} does not begin with place and year, as pages.draft makes it")
        region, year = found.groups()
        site = f"site{number % SITES:02d}.example" if number else ONE_ARTICLE
        for place, (heading, text) in enumerate(article.paragraphs):
            yield Passage(
                next(row),
                f"{number:06d}-{place}",
                f"{number:06d}",
                article.title,
                heading or "",
                text,
                embedded_text(article.title, (heading,) if heading else (), text),
                region,
                year,
                site,
            )


def wheres_of(passages: tuple[Passage, ...]) -> tuple[Where, ...]:
    """Return the filters: for each share as many values, in order, as reach it, and the one article."""
    wheres = []
    for name, facet, share in SHARES:
        counts = Counter(getattr(each, facet) for each in passages)
        values, reached = [], 0
        for value in sorted(counts.keys() - {ONE_ARTICLE}):
            if reached >= share * len(passages):
                break
            values.append(value)
            reached += counts[value]
        wheres.append(Where(name, facet, tuple(values)))
    return (*wheres, Where("one article", "site", (ONE_ARTICLE,)))
