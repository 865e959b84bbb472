"""What the corpus card adds up, by article: characters of its page, of it and of what each rule removed, and kinds.

Summing removals in SQL takes four seconds for 50,000 pages, summing these arrays a few milliseconds, also under a
filter; so they are prepared once a build (`prepared`). What they mean is said in index/explore/corpus_card.py.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.explore.prepared import SMALL, NotPrepared, Part, Progress, made

if TYPE_CHECKING:
    from index.kb import KnowledgeBase

NAMED, HINTED, NOWHERE = "named", "hinted", "none"
_NAMES = "names.json"
_KINDS = ("date", "source", "format", "encoding", "region")


@dataclass(frozen=True, slots=True)
class CardColumns:
    """Arrays by article row; n articles, r rules, t kinds of traces.

    `page_chars`, `kept_chars`, `confidence` have shape (n,); `removed_chars` and `removed` (how many) shape (n, r),
    `traces` (which kinds it has) shape (n, t), `kinds[name]` shape (n,) with places in `names[name]`. The last row of
    the first two and of the two tables is what pages without an article add, so that all pages add up: shape n + 1.
    `pages_sha256` is the hash of the sorted lines `sha256  path` of all pages.
    """

    names: dict[str, tuple[str, ...]]
    pages_sha256: str
    page_chars: NDArray[np.int64]
    kept_chars: NDArray[np.int64]
    confidence: NDArray[np.float32]
    removed_chars: NDArray[np.int64]
    removed: NDArray[np.int64]
    traces: NDArray[np.int64]
    kinds: dict[str, NDArray[np.int64]]


def card_columns(kb: KnowledgeBase, *, most: int | None = SMALL) -> CardColumns:
    """Return the columns of a build; where nothing can be written they are read off the records each time.

    Raises NotPrepared for a build of more than `most` passages that is not prepared; None reads it whatever its size.
    """
    try:
        folder = made(kb, PART, most=most)
        arrays = {file.stem: np.load(file) for file in folder.glob("*.npy")}
        names = json.loads((folder / _NAMES).read_text(encoding="utf-8"))
    except NotPrepared:
        if most is not None and kb.head["counts"]["passages"] > most:
            raise
        names, arrays = _gather(kb)
    wide = {name: array.astype(np.int64) for name, array in arrays.items() if name != "confidence"}
    return CardColumns(
        {name: tuple(values) for name, values in names.items()},
        names["pages"][0],
        wide["page_chars"],
        wide["kept_chars"],
        arrays["confidence"],
        wide["removed_chars"],
        wide["removed"],
        wide["traces"],
        {name: wide[name] for name in _KINDS},
    )


def _make(kb: KnowledgeBase, folder: Path, progress: Progress) -> None:
    progress("card", 0, 1)
    names, arrays = _gather(kb)
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    (folder / _NAMES).write_text(json.dumps(names, ensure_ascii=False, sort_keys=True), encoding="utf-8")
    progress("card", 1, 1)


def _gather(kb: KnowledgeBase) -> tuple[dict[str, Sequence[str]], dict[str, NDArray[Any]]]:
    """Read names and arrays off the records."""
    records = kb.records
    rows = records.query(
        "SELECT length(text) AS page_chars, chars, confidence, ifnull(as_of_kind, 'unknown') AS date,"
        " source_kind AS source, kind AS format, encoding, CASE"
        f" WHEN EXISTS (SELECT 1 FROM facts WHERE article_id = articles.id AND facts.kind = 'region') THEN '{NAMED}'"
        f" WHEN EXISTS (SELECT 1 FROM facts WHERE article_id = articles.id AND facts.kind = 'region_hint')"
        f" THEN '{HINTED}' ELSE '{NOWHERE}' END AS region"
        " FROM articles JOIN pages ON pages.id = articles.id ORDER BY articles.row"
    )
    (bare,) = records.query(
        'SELECT ifnull(sum(length(text)), 0) AS chars, (SELECT ifnull(sum("end" - start), 0) FROM removals'
        " WHERE page_id NOT IN (SELECT id FROM articles)) AS removed"
        " FROM pages WHERE id NOT IN (SELECT id FROM articles)"
    )
    removed = records.query(
        'SELECT articles.row AS row, rule, count(*) AS count, sum("end" - start) AS chars FROM removals'
        " LEFT JOIN articles ON articles.id = page_id GROUP BY articles.row, rule"
    )
    traces = records.query(
        "SELECT articles.row AS row, kind FROM traces JOIN articles ON articles.id = article_id GROUP BY row, kind"
    )
    names: dict[str, Sequence[str]] = {
        "pages": [_hash_of(kb.manifest["inputs"]["pages"])],
        "rules": sorted({row["rule"] for row in removed}),
        "traces": sorted({row["kind"] for row in traces}),
        **{kind: sorted({row[kind] for row in rows}) for kind in _KINDS},
    }
    last = len(rows)
    tables = {name: np.zeros((last + 1, len(names["rules"])), dtype=np.int32) for name in ("removed_chars", "removed")}
    at = {rule: place for place, rule in enumerate(names["rules"])}
    for row in removed:
        place = last if row["row"] is None else row["row"], at[row["rule"]]
        tables["removed_chars"][place], tables["removed"][place] = row["chars"], row["count"]
    traced = np.zeros((last, len(names["traces"])), dtype=np.int8)
    for row in traces:
        traced[row["row"], names["traces"].index(row["kind"])] = 1
    places = {kind: {value: place for place, value in enumerate(names[kind])} for kind in _KINDS}
    return names, {
        "page_chars": np.array([*(row["page_chars"] for row in rows), bare["chars"]], dtype=np.int64),
        "kept_chars": np.array([*(row["chars"] for row in rows), bare["chars"] - bare["removed"]], dtype=np.int64),
        "confidence": np.array([row["confidence"] for row in rows], dtype=np.float32),
        **tables,
        "traces": traced,
        **{kind: np.array([places[kind][row[kind]] for row in rows], dtype=np.int16) for kind in _KINDS},
    }


def _hash_of(pages: Iterable[Mapping[str, Any]]) -> str:
    lines = sorted(f"{page['sha256']}  {page['path']}\n" for page in pages)
    return hashlib.sha256("".join(lines).encode("utf-8", "backslashreplace")).hexdigest()


PART = Part("card", ("index/explore/card_columns.py",), _make)
