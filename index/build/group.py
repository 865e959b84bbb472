"""Groups the near-duplicate articles and passages of a build and writes the groups into its records.

Which member stands for a group: the latest as-of date, then a government office, then the path. Texts are signed where
their page is made (`page_work`) and read back from the records one at a time to be compared, so that memory holds
signatures and no text. They are compared in their search form, so
a copy in traditional script is a copy; the records keep every text as it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from index.ngrams import fold
from index.store.recording import write_duplicates
from index.store.records import Records
from ingest.learning.duplicates import (
    ARTICLE_SIMILARITY,
    PASSAGE_SIMILARITY,
    Group,
    Signatures,
    find_signed,
    particulars,
    sign,
)

_PREFERENCE = "as_of IS NULL, as_of DESC, source_kind <> 'government', path"


def sign_texts(passages: Sequence[str]) -> Signatures:
    """Return the signatures of an article, which is made of `passages`, in the first row, and of each of them."""
    if not passages:
        return sign(())
    folded = [fold(text) for text in passages]
    return np.concatenate([sign(["\n".join(folded)]), sign(folded, particulars)])


def group_duplicates(file: Path, articles: Signatures, passages: Signatures) -> dict[str, int]:
    """Write the groups of articles and of passages into the records `file` and return how many there are of each.

    The signatures are those of `sign_texts`, in the order of the rows.
    """
    return {"article": _group_articles(file, articles), "passage": _group_passages(file, passages)}


def _group_articles(file: Path, signatures: Signatures) -> int:
    records = Records(file)

    def read(number: int) -> str:
        rows = records.with_texts(
            'SELECT article_id, start, "end" FROM passages'
            " WHERE article_id = (SELECT id FROM articles WHERE row = ?) ORDER BY row",
            (number,),
        )
        return fold("\n".join(row["text"] for row in rows))

    try:
        rows = records.query("SELECT id FROM articles ORDER BY row")
        order = records.query(
            f"SELECT row FROM articles JOIN pages ON pages.id = articles.id ORDER BY {_PREFERENCE}, row"
        )
        groups = find_signed(
            signatures,
            read,
            similarity=ARTICLE_SIMILARITY,
            preferred=[row["row"] for row in order],
        )
    finally:
        records.close()
    return _write(file, "article", groups, [row["id"] for row in rows])


def _group_passages(file: Path, signatures: Signatures) -> int:
    records = Records(file)

    @lru_cache(maxsize=8)  # copies alternate between pages
    def page(article: str) -> str:
        return str(records.query("SELECT text FROM pages WHERE id = ?", (article,))[0]["text"])

    def read(number: int) -> str:
        (row,) = records.query('SELECT article_id, start, "end" FROM passages WHERE row = ?', (number,))
        return fold(page(row["article_id"])[row["start"] : row["end"]])

    try:
        ids = [row["id"] for row in records.query("SELECT id FROM passages ORDER BY row")]
        order = records.query(
            "SELECT passages.row FROM passages JOIN articles ON articles.id = article_id"
            f" JOIN pages ON pages.id = article_id ORDER BY {_PREFERENCE}, passages.row"
        )
        groups = find_signed(
            signatures,
            read,
            similarity=PASSAGE_SIMILARITY,
            preferred=[row["row"] for row in order],
        )
    finally:
        records.close()
    return _write(file, "passage", groups, ids)


def _write(file: Path, kind: str, groups: tuple[Group, ...], ids: list[str]) -> int:
    write_duplicates(file, kind, groups, ids)
    return len(groups)
