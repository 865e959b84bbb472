"""Proves a knowledge base: every passage and removal against the raw pages, every file against its checksum.

The raw bytes are read again and linearised again, so nothing the build wrote is believed, neither text nor offsets:
a passage is what its id was made of, heading path and text, where its offsets say.
Where a page differs, the place is named. A deep proof also embeds every passage anew and measures what search finds.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index.build.check import slice_problems, structure_problems
from index.build.index_vectors import check_vectors
from index.build.lease import Lease
from index.build.manifest import damaged_files, manifest_problems, read_manifest
from index.build.publish import build_folder
from index.build.texts import embedded_texts
from index.store import StoreError
from index.store.records import Records
from index.store.vectors import FILE as VECTORS
from index.store.vectors import Vectors
from ingest.page import BadPage, page_from_bytes

if TYPE_CHECKING:
    from index.model.embedder import Embedder

# Passages embedded at once, and what a model of another batch or processor may differ by in a number of a unit vector.
_AT_ONCE = 1024
_SAME_VECTOR = 1e-3


@dataclass(frozen=True, slots=True)
class Proof:
    """What was proved. `problems` are sentences that name file and place; `notes` do not speak against the base."""

    passages: int
    pages: int
    problems: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether everything was proved."""
        return not self.problems


def verify(
    kb: Path,
    build: str,
    *,
    sources: bool = True,
    deep: Embedder | None = None,
    progress: Callable[[str, int, int], None] = lambda stage, done, total: None,
) -> Proof:
    """Prove the build `build` of the knowledge base `kb` against the raw pages it keeps.

    With `sources` the files the pages were read from are compared too, where they still exist. With `deep`, the model
    of the build, its vectors are made again and compared, and the recall is measured. Stages are `verify` and `embed`.
    Raises StoreError only where there is no manifest to verify against, or no readable list of its pages and places.
    """
    folder = build_folder(kb, build)
    manifest = read_manifest(folder)
    lease = Lease(folder)
    problems = [*manifest_problems(folder, manifest), *damaged_files(folder, manifest)]
    is_damaged = bool(problems)
    notes: list[str] = []
    proved = pages = 0
    try:
        with closing(Records(folder / "records.sqlite")) as records:
            problems += structure_problems(folder)
            known = manifest["counts"]["pages"]
            entries = {entry["path"]: entry for entry in manifest["inputs"]["pages"]}
            for page in map(
                dict, records.stream("SELECT id, path, lower(hex(sha256)) AS sha256, text FROM pages ORDER BY path")
            ):
                entry = entries.get(page["path"], {})
                slices = records.query(
                    "SELECT id, heading_path, start, end FROM passages WHERE article_id = ? ORDER BY row", (page["id"],)
                )
                text = _raw_text(kb, page, entry, problems)
                if text is not None:
                    proved += _prove_slices(page, text, slices, problems)
                if sources:
                    _compare_source(manifest, page, slices, problems, notes)
                pages += 1
                progress("verify", pages, max(known, pages))
            if deep is not None:
                notes.append(_prove_vectors(folder, manifest, records, deep, problems, progress))
    except StoreError as error:
        problems.append(str(error))
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        if not is_damaged:
            raise  # the files are as they were written, so this is our mistake
        problems.append(f"{folder}: so damaged that the rest cannot be checked ({type(error).__name__}: {error})")
    finally:
        lease.close()
    # What the build says of itself and what the raw page says of it may be the same sentence.
    return Proof(proved, pages, tuple(dict.fromkeys(problems)), tuple(notes))


def _prove_vectors(
    folder: Path,
    manifest: Mapping[str, Any],
    records: Records,
    embedder: Embedder,
    problems: list[str],
    progress: Callable[[str, int, int], None],
) -> str:
    """Embed every passage anew, compare, measure what search finds, and return a line on it."""
    vectors = Vectors.open(folder / VECTORS)
    texts = embedded_texts(records)
    place = differing = 0
    while some := list(islice(texts, _AT_ONCE)):
        rows = np.arange(place, place + len(some))
        off = np.abs(vectors.rows(rows) - embedder.encode_document(some)).max(axis=1) > _SAME_VECTOR
        if off.any() and not differing:
            wrong = f"row {rows[off][0]} is not the vector of its passage"
            problems.append(f"{folder / VECTORS}: {wrong}; run `policykb rebuild --full`")
        differing += int(off.sum())
        place += len(some)
        progress("embed", place, len(vectors))
    recall, found = check_vectors(folder, manifest, embedder)
    problems += found
    return (
        f"{place - differing} of {place} vectors are those of their passages; search finds {recall:.4f} of the nearest"
    )


def _raw_text(kb: Path, page: dict[str, Any], entry: dict[str, Any], problems: list[str]) -> str | None:
    """Return the page's text made again from the raw bytes kept in the base, or note why not."""
    file = kb / "pages" / page["sha256"]
    try:
        data = file.read_bytes()
    except OSError as error:
        problems.append(
            f"{page['path']}: the raw page {file} cannot be read ({error.strerror}); run `policykb rebuild`"
        )
        return None
    found = hashlib.sha256(data).hexdigest()
    if found != page["sha256"]:
        problems.append(f"{page['path']}: the raw page {file} was changed (its hash is {found[:12]})")
    try:
        text = page_from_bytes(data, path=page["path"], sidecar={page["path"]: entry.get("sidecar", {})}).text
    except BadPage as error:
        problems.append(f"{page['path']}: the raw page {file} cannot be read: {error.reason}")
        return None
    if text != page["text"]:
        problems.append(f"{page['path']}: {_difference(page['text'], text)}")
    return text


def _prove_slices(page: dict[str, Any], text: str, slices: list[dict[str, Any]], problems: list[str]) -> int:
    """Return how many passages are what their ids were made of in `text`, the raw page; note which are not, and why."""
    wrong = {passage["id"]: why for passage, why in slice_problems(page["id"], text, slices)}
    for passage in slices:
        start, end = passage["start"], passage["end"]
        ours, found = page["text"][start:end], text[start:end]
        if ours != found:
            wrong[passage["id"]] = f"[{start}, {end}): {_difference(ours, found, start)}"
    problems += [f"{page['path']}: passage {id_} {why}" for id_, why in wrong.items()]
    return len(slices) - len(wrong)


def _compare_source(
    manifest: dict[str, Any],
    page: dict[str, Any],
    slices: list[dict[str, Any]],
    problems: list[str],
    notes: list[str],
) -> None:
    source = manifest["made"]["files"].get(page["path"])
    if source is None or not Path(source).is_file():
        notes.append(f"{page['path']}: its source {source} is gone; proved from the raw page kept in the base")
        return
    try:
        data = Path(source).read_bytes()
        if hashlib.sha256(data).hexdigest() == page["sha256"]:
            return
        text = page_from_bytes(data, path=page["path"]).text
    except (OSError, BadPage) as error:
        problems.append(f"{source}: changed since the build and cannot be read now ({error}); run `policykb rebuild`")
        return
    at = _first_difference(page["text"], text)
    hit = next((p["id"] for p in slices if p["start"] <= at < p["end"]), None)
    where = f", in passage {hit}" if hit else ", outside every passage"
    problems.append(
        f"{source}: changed since the build{where}: {_difference(page['text'], text)}; run `policykb rebuild`"
    )


def _first_difference(expected: str, found: str) -> int:
    for position, (ours, theirs) in enumerate(zip(expected, found, strict=False)):
        if ours != theirs:
            return position
    return min(len(expected), len(found))


def _difference(expected: str, found: str, offset: int = 0) -> str:
    at = _first_difference(expected, found)
    if at == len(expected) == len(found):
        return "the bytes differ, the text does not"
    before = json.dumps(expected[max(0, at - 8) : at + 8], ensure_ascii=False)
    after = json.dumps(found[max(0, at - 8) : at + 8], ensure_ascii=False)
    return f"at character {offset + at} the build has {before}, the page has {after}"
