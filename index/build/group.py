"""Groups the near-duplicate articles and passages of a build and writes the groups into its records.

Which member stands for a group: the latest as-of date, then a government office, then the path. Texts are read back
from the records one at a time, so that memory holds signatures and no text. They are compared in their search form, so
a copy in traditional script is a copy; the records keep every text as it stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from index.ngrams import fold
from index.store.records import Records, write_duplicates
from ingest.learning.duplicates import ARTICLE_SIMILARITY, PASSAGE_SIMILARITY, Group, find_duplicates, particulars

_PREFERENCE = "as_of IS NULL, as_of DESC, source_kind <> 'government', path"


def group_duplicates(file: Path) -> dict[str, int]:
    """Write the groups of articles and of passages into the records `file` and return how many there are of each."""
    return {"article": _group_articles(file), "passage": _group_passages(file)}


def _group_articles(file: Path) -> int:
    records = Records(file)

    def read(number: int) -> str:
        rows = records.query(
            "SELECT text FROM passages WHERE article_id = (SELECT id FROM articles WHERE row = ?) ORDER BY row",
            (number,),
        )
        return fold("\n".join(row["text"] for row in rows))

    try:
        rows = records.query("SELECT id FROM articles ORDER BY row")
        order = records.query(
            f"SELECT row FROM articles JOIN pages ON pages.id = articles.id ORDER BY {_PREFERENCE}, row"
        )
        groups = find_duplicates(
            map(read, range(len(rows))),
            read,
            similarity=ARTICLE_SIMILARITY,
            preferred=[row["row"] for row in order],
        )
    finally:
        records.close()
    return _write(file, "article", groups, [row["id"] for row in rows])


def _group_passages(file: Path) -> int:
    records = Records(file)

    def read(number: int) -> str:
        return fold(str(records.query("SELECT text FROM passages WHERE row = ?", (number,))[0]["text"]))

    def texts() -> Iterator[str]:
        for number in range(count):
            yield read(number)

    try:
        ids = [row["id"] for row in records.query("SELECT id FROM passages ORDER BY row")]
        count = len(ids)
        order = records.query(
            "SELECT passages.row FROM passages JOIN articles ON articles.id = article_id"
            f" JOIN pages ON pages.id = article_id ORDER BY {_PREFERENCE}, passages.row"
        )
        groups = find_duplicates(
            texts(),
            read,
            similarity=PASSAGE_SIMILARITY,
            preferred=[row["row"] for row in order],
            kind=particulars,
        )
    finally:
        records.close()
    return _write(file, "passage", groups, ids)


def _write(file: Path, kind: str, groups: tuple[Group, ...], ids: list[str]) -> int:
    write_duplicates(file, kind, groups, ids)
    return len(groups)
