"""Gathers what a build is made of: hashes every page first, then reads, cleans and splits them one at a time.

The hashes decide the build's id, so a page that changes or vanishes between the two passes stops the rebuild.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from index.build.manifest import code_fingerprint
from index.build.publish import keep_raw
from index.context import context_of, embedded_text
from index.model.embedder import Embedder
from ingest.clean import Article, clean
from ingest.find import Found, PageFile
from ingest.page import BadPage, Page, page_from_bytes, read_bytes
from ingest.passages import Passage, split_passages
from ingest.problem import Problem

# progress(stage, done, total): total 0 means that the end is not known yet
Progress = Callable[[str, int, int], None]


class RebuildFailed(Problem):
    """The rebuild did not publish anything; the message says what was found and what to do."""


@dataclass(slots=True)
class Gathered:
    """What is gathered while pages stream by: everything but the pages themselves."""

    texts: list[str] = field(default_factory=list)
    embedded: list[str] = field(default_factory=list)
    contexts: list[str] = field(default_factory=list)
    article_texts: list[str] = field(default_factory=list)
    removals: Counter[str] = field(default_factory=Counter)
    skipped: list[dict[str, str]] = field(default_factory=list)
    warnings: list[dict[str, str]] = field(default_factory=list)
    pages: int = 0


def hash_pages(found: Found, embedder: Embedder, progress: Progress) -> tuple[dict[str, Any], dict[str, BadPage]]:
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


def cleaned_pages(
    kb: Path,
    found: Found,
    inputs: Mapping[str, Any],
    embedder: Embedder,
    gathered: Gathered,
    progress: Progress,
) -> Iterator[tuple[Page, Article, tuple[Passage, ...]]]:
    """Yield page, article and passages one page at a time, and gather what the later stages need."""
    files: dict[str, PageFile] = {page.path: page for page in found.pages}
    for number, entry in enumerate(inputs["pages"]):
        path = entry["path"]
        data = _same_bytes(files[path], entry["sha256"])
        progress("clean", number + 1, len(inputs["pages"]))
        try:
            page = page_from_bytes(data, path=path, sidecar=found.sidecar)
        except BadPage as error:
            gathered.skipped.append({"path": path, "reason": error.reason})
            continue
        article = clean(page)
        passages = split_passages(page.text, article, fits=partial(_fits_below, embedder, article.title))
        keep_raw(kb, page.sha256, data)
        gathered.removals.update(removal.rule for removal in article.removals)
        gathered.warnings += [{"path": path, "warning": warning} for warning in page.warnings]
        if not passages:
            rules = Counter(removal.rule for removal in article.removals)
            held = ", ".join(f"{count} {rule}" for rule, count in rules.most_common()) or "no text"
            reason = f"no article is left: the page holds only {held}; see `policykb clean` on it"
            gathered.skipped.append({"path": path, "reason": reason})
        else:
            gathered.pages += 1
            gathered.article_texts.append(f"{article.title}\n{article.body_text}")
            for passage in passages:
                gathered.texts.append(passage.text)
                gathered.contexts.append(context_of(article.title, passage.heading_path))
                gathered.embedded.append(embedded_text(article.title, passage.heading_path, passage.text))
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
