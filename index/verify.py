"""Proves a knowledge base: every passage and removal against the raw pages, every file against its checksum.

The raw bytes are read again and linearised again, so nothing the build wrote is believed, neither text nor offsets.
Where a page differs, the place is named.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.build.check import structure_problems
from index.build.manifest import damaged_files, read_manifest
from index.build.publish import build_folder
from index.store import StoreError
from index.store.records import Records
from ingest.page import BadPage, page_from_bytes


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
    kb: Path, build: str, *, sources: bool = True, progress: Callable[[int, int], None] = lambda done, total: None
) -> Proof:
    """Prove the build `build` of the knowledge base `kb` against the raw pages it keeps.

    With `sources` the files the pages were read from are compared too, where they still exist. Raises StoreError only
    where there is no manifest to verify against.
    """
    folder = build_folder(kb, build)
    manifest = read_manifest(folder)
    problems = damaged_files(folder, manifest)
    notes: list[str] = []
    try:
        records = Records(folder / "records.sqlite")
        pages = records.query("SELECT * FROM pages ORDER BY path")
        by_page = _by_page(records)
        problems += structure_problems(folder)
    except StoreError as error:
        return Proof(0, 0, (*problems, str(error)))
    proved = 0
    entries = {entry["path"]: entry for entry in manifest["inputs"]["pages"]}
    for number, page in enumerate(pages):
        entry = entries.get(page["path"], {})
        slices = by_page.get(page["id"], [])
        text = _raw_text(kb, page, entry, problems)
        if text is not None:
            proved += _prove_slices(page, text, slices, problems)
        if sources:
            _compare_source(manifest, page, slices, problems, notes)
        progress(number + 1, len(pages))
    return Proof(proved, len(pages), tuple(problems), tuple(notes))


def _by_page(records: Records) -> dict[str, list[dict[str, Any]]]:
    slices: dict[str, list[dict[str, Any]]] = {}
    for row in records.query("SELECT id, article_id AS page, start, end, text FROM passages ORDER BY row"):
        slices.setdefault(row["page"], []).append(row)
    return slices


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
    proved = 0
    for passage in slices:
        found = text[passage["start"] : passage["end"]]
        if found == passage["text"]:
            proved += 1
        else:
            problems.append(
                f"{page['path']}: passage {passage['id']} [{passage['start']}, {passage['end']}):"
                f" {_difference(passage['text'], found, passage['start'])}"
            )
    return proved


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
