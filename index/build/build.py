"""Makes a build from pages: read, clean, split, embed, index, check, publish.

A build is a function of the pages, their sidecars, the model and the code: the same input gives the same id, in any
order of files. It is made in a folder beside the published one; until the last rename readers see the old build,
so a rebuild that fails or is killed changes nothing for them.
"""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from index.build.check import structure_problems
from index.build.manifest import (
    build_id,
    code_fingerprint,
    damaged_files,
    package_version,
    read_manifest,
    write_manifest,
)
from index.build.publish import (
    build_folder,
    holds_raw,
    keep_build,
    keep_raw,
    publish,
    read_current,
    rebuild_lock,
    stage,
    sync_raw,
)
from index.build.vector_cache import embed_cached
from index.model.embedder import Embedder
from index.store import StoreError
from index.store.records import write_records
from index.store.terms import build_terms
from index.store.vectors import write_vectors
from ingest.clean import Article, clean
from ingest.find import Found, NoPages, PageFile, find_pages
from ingest.page import BadPage, Page, page_from_bytes, read_bytes
from ingest.passages import Passage, split_passages
from ingest.problem import Problem

# progress(stage, done, total): total 0 means that the end is not known yet
Progress = Callable[[str, int, int], None]


class RebuildFailed(Problem):
    """The rebuild did not publish anything; the message says what was found and what to do."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a rebuild did. `previous` is the build published before, `reused` the passages whose vectors were known."""

    build: str
    previous: str | None
    pages: int
    articles: int
    passages: int
    removals: Mapping[str, int]
    skipped: Sequence[Mapping[str, str]]
    warnings: Sequence[Mapping[str, str]]
    embedded: int
    reused: int
    seconds: float
    published: bool

    def as_dict(self) -> dict[str, object]:
        """Return the report under the names of the command contract."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class _Ledger:
    """What is gathered while pages stream by: everything but the pages themselves."""

    texts: list[str] = field(default_factory=list)
    embedded: list[str] = field(default_factory=list)
    contexts: list[str] = field(default_factory=list)
    article_texts: list[str] = field(default_factory=list)
    removals: Counter[str] = field(default_factory=Counter)
    skipped: list[dict[str, str]] = field(default_factory=list)
    warnings: list[dict[str, str]] = field(default_factory=list)
    pages: int = 0


def context_of(title: str, heading_path: Sequence[str]) -> str:
    """Return the words that stand above a passage: the article's title and the headings."""
    return "\n".join((title, *heading_path))


def embedded_text(title: str, heading_path: Sequence[str], text: str) -> str:
    """Return what is embedded for a passage: title and headings in front, each once; what is cited never has them."""
    above = [part for part in (title, *heading_path) if not text.startswith(part)]
    return "\n".join((*above, text))


def rebuild(
    paths: Sequence[Path],
    kb: Path,
    *,
    embedder: Embedder,
    full: bool = False,
    strict: bool = False,
    progress: Progress = lambda stage, done, total: None,
) -> Report:
    """Build from the pages under `paths`, publish the build in the folder `kb` and return what was done.

    With nothing new the published build is kept and reported. `full` makes everything anew. With `strict` a page that
    cannot be read is an error. Raises NoPages, RebuildFailed, RebuildRunning, StoreError.
    """
    try:
        return _rebuild(paths, kb, embedder=embedder, full=full, strict=strict, progress=progress)
    except (OSError, sqlite3.Error, UnicodeEncodeError) as error:
        raise RebuildFailed(
            f"{kb}: cannot be written ({error}); the published build stays; check the folder's name, permissions and"
            " free space and run the rebuild again"
        ) from error


def _rebuild(
    paths: Sequence[Path], kb: Path, *, embedder: Embedder, full: bool, strict: bool, progress: Progress
) -> Report:
    begun = time.monotonic()
    found = find_pages(paths)
    with rebuild_lock(kb):
        previous = _published(kb)
        inputs, unreadable = _hash_pages(found, embedder, progress)
        build = build_id(inputs)
        known = None if full else _complete(kb, build)
        if known is None:
            known = _make(kb, build, found, inputs, unreadable, embedder, full=full, strict=strict, progress=progress)
            reused_all = False
        else:
            reused_all = True
        if strict and known["skipped"]:
            raise RebuildFailed(_strict_message(known["skipped"]))
        if build != previous:
            publish(kb, build)
        counts = known["counts"]
        return Report(
            build=build,
            previous=previous,
            pages=counts["pages"],
            articles=counts["articles"],
            passages=counts["passages"],
            removals=known["removals"],
            skipped=known["skipped"],
            warnings=known["warnings"],
            embedded=0 if reused_all else counts["embedded"],
            reused=counts["passages"] if reused_all else counts["passages"] - counts["embedded"],
            seconds=round(time.monotonic() - begun, 3),
            published=True,
        )


def _strict_message(skipped: Sequence[Mapping[str, str]]) -> str:
    first = skipped[0]
    more = f" and {len(skipped) - 1} more" if len(skipped) > 1 else ""
    return f"--strict: {first['path']}: {first['reason']}{more}; mend or remove them, or rebuild without --strict"


def _published(kb: Path) -> str | None:
    try:
        return read_current(kb)
    except StoreError:
        return None


def _complete(kb: Path, build: str) -> dict[str, Any] | None:
    """Return the manifest of this build if it is there, whole and undamaged, with every raw page it cites."""
    folder = build_folder(kb, build)
    try:
        manifest = read_manifest(folder)
    except StoreError:
        return None
    if damaged_files(folder, manifest):
        return None
    without_raw = {item["path"] for item in manifest["skipped"]}
    cited = [page["sha256"] for page in manifest["inputs"]["pages"] if page["path"] not in without_raw]
    return manifest if all(holds_raw(kb, sha) for sha in cited) else None


def _hash_pages(found: Found, embedder: Embedder, progress: Progress) -> tuple[dict[str, Any], dict[str, BadPage]]:
    """Return what decides the build, and the pages whose bytes cannot be had."""
    pages: list[dict[str, Any]] = []
    unreadable: dict[str, BadPage] = {}
    for number, page in enumerate(found.pages):
        try:
            digest = sha256(read_bytes(page.file, path=page.path)).hexdigest()
        except BadPage as error:
            unreadable[page.path] = error
        else:
            pages.append({"path": page.path, "sha256": digest, "sidecar": dict(found.sidecar.get(page.path, {}))})
        progress("read", number + 1, len(found.pages))
    # Paths without their reasons: a reason may name the place where the folder lies today.
    skipped = sorted([*(item.path for item in found.skipped), *unreadable])
    inputs = {
        "pages": pages,
        "skipped": skipped,
        "model": {"fingerprint": embedder.fingerprint, "dim": embedder.dim},
        "code": code_fingerprint(),
    }
    return inputs, unreadable


def _make(
    kb: Path,
    build: str,
    found: Found,
    inputs: Mapping[str, Any],
    unreadable: Mapping[str, BadPage],
    embedder: Embedder,
    *,
    full: bool,
    strict: bool,
    progress: Progress,
) -> dict[str, Any]:
    """Make the build in a staging folder, check it, move it to its place, and return its manifest."""
    begun = time.monotonic()
    staging = stage(kb)
    ledger = _Ledger()
    ledger.skipped += [{"path": item.path, "reason": item.reason} for item in found.skipped]
    ledger.skipped += [{"path": path, "reason": error.reason} for path, error in unreadable.items()]
    write_records(staging / "records.sqlite", _cleaned(kb, found, inputs, embedder, ledger, progress))
    ledger.skipped.sort(key=lambda item: item["path"])
    if not ledger.texts:
        raise NoPages(_nothing_message(ledger))
    if strict and ledger.skipped:
        raise RebuildFailed(_strict_message(ledger.skipped))
    vectors, embedded = embed_cached(
        kb / "cache",
        embedder,
        ledger.embedded,
        fresh=full,
        progress=lambda done, total: progress("embed", done, total),
    )
    progress("index", 0, 4)
    write_vectors(vectors, staging / "vectors.faiss")
    progress("index", 1, 4)
    parts = {"passages": ledger.texts, "context": ledger.contexts, "articles": ledger.article_texts}
    for number, (name, texts) in enumerate(parts.items()):
        build_terms(texts).save(staging / "terms" / name)
        progress("index", number + 2, 4)
    progress("check", 0, 1)
    counts = {
        "pages": ledger.pages,
        "articles": len(ledger.article_texts),
        "passages": len(ledger.texts),
        "embedded": embedded,
    }
    write_manifest(
        staging,
        {
            "id": build,
            "inputs": inputs,
            "counts": counts,
            "removals": dict(sorted(ledger.removals.items())),
            "skipped": ledger.skipped,
            "warnings": ledger.warnings,
            "model": {"name": embedder.name, "fingerprint": embedder.fingerprint, "dim": embedder.dim},
            "made": {
                "at": datetime.now(UTC).isoformat(timespec="seconds"),
                "seconds": round(time.monotonic() - begun, 3),
                "policykb": package_version("policykb"),
                "files": {page.path: _printable(page.file.resolve()) for page in found.pages},
            },
        },
    )
    problems = structure_problems(staging)
    if problems:
        raise RebuildFailed(f"the new build does not hold together and was not published: {problems[0]}")
    sync_raw(kb)
    place = keep_build(kb, staging, build)
    progress("check", 1, 1)
    return read_manifest(place)


def _cleaned(
    kb: Path,
    found: Found,
    inputs: Mapping[str, Any],
    embedder: Embedder,
    ledger: _Ledger,
    progress: Progress,
) -> Iterator[tuple[Page, Article, tuple[Passage, ...]]]:
    """Yield page, article and passages one page at a time, and note in the ledger what the later stages need."""
    files: dict[str, PageFile] = {page.path: page for page in found.pages}
    for number, entry in enumerate(inputs["pages"]):
        path = entry["path"]
        data = _same_bytes(files[path], entry["sha256"])
        progress("clean", number + 1, len(inputs["pages"]))
        try:
            page = page_from_bytes(data, path=path, sidecar=found.sidecar)
        except BadPage as error:
            ledger.skipped.append({"path": path, "reason": error.reason})
            continue
        article = clean(page)
        passages = split_passages(page.text, article, fits=partial(_fits_below, embedder, article.title))
        keep_raw(kb, page.sha256, data)
        ledger.removals.update(removal.rule for removal in article.removals)
        ledger.warnings += [{"path": path, "warning": warning} for warning in page.warnings]
        if not passages:
            rules = Counter(removal.rule for removal in article.removals)
            held = ", ".join(f"{count} {rule}" for rule, count in rules.most_common()) or "no text"
            reason = f"no article is left: the page holds only {held}; see `policykb clean` on it"
            ledger.skipped.append({"path": path, "reason": reason})
        else:
            ledger.pages += 1
            ledger.article_texts.append(f"{article.title}\n{article.body_text}")
            for passage in passages:
                ledger.texts.append(passage.text)
                ledger.contexts.append(context_of(article.title, passage.heading_path))
                ledger.embedded.append(embedded_text(article.title, passage.heading_path, passage.text))
        yield page, article, passages


def _same_bytes(page: PageFile, sha256_then: str) -> bytes:
    """Return the bytes of a page as they were hashed: the id of the build speaks of those and no others."""
    try:
        data = read_bytes(page.file, path=page.path)
    except BadPage as error:
        raise RebuildFailed(f"{page.path}: vanished while the rebuild ran ({error.reason}); run it again") from error
    if sha256(data).hexdigest() != sha256_then:
        raise RebuildFailed(f"{page.path}: changed while the rebuild ran; run it again")
    return data


def _fits_below(embedder: Embedder, title: str, text: str) -> bool:
    """Say whether the embedder reads `text` in one go together with the title above it."""
    return embedder.fits(f"{title}\n{text}")


def _printable(file: Path) -> str:
    """Return a path as text, with what is no UTF-8 in its name escaped."""
    return str(file).encode("utf-8", "backslashreplace").decode("utf-8")


def _nothing_message(ledger: _Ledger) -> str:
    reasons = "; ".join(f"{item['path']}: {item['reason']}" for item in ledger.skipped[:3])
    more = f"; and {len(ledger.skipped) - 3} more" if len(ledger.skipped) > 3 else ""
    return (
        f"none of {ledger.pages + len(ledger.skipped)} pages holds an article ({reasons}{more}); nothing was published"
    )
