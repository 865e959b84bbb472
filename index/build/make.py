"""Makes one build in a staging folder: learn, clean, split, group, embed, index, check; and moves it to its place.

Nothing here is seen by readers. Which build is wanted, whether it is there already and whether it is published is
decided in `build`; what a page becomes in `gather`.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from index.build.check import structure_problems
from index.build.gather import Gathered, Progress, RebuildFailed, cleaned_pages, learn_from
from index.build.group import group_duplicates
from index.build.manifest import package_version, read_manifest, write_manifest
from index.build.publish import keep_build, stage, sync_raw
from index.build.vector_cache import embed_cached
from index.calibration import FILE as CALIBRATION_FILE
from index.calibration import kept_calibration
from index.lexicon.own import OwnTables
from index.model.embedder import Embedder
from index.store.records import write_records, write_repeats
from index.store.terms import build_terms
from index.store.vectors import write_vectors
from ingest.corpus import Corpus
from ingest.find import NoPages
from ingest.page import BadPage


def make_build(
    kb: Path,
    build: str,
    corpus: Corpus,
    own: OwnTables,
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
    gathered = Gathered()
    gathered.skipped += [{"path": item.path, "reason": item.reason} for item in corpus.found.skipped]
    gathered.skipped += [{"path": path, "reason": error.reason} for path, error in unreadable.items()]
    learned = learn_from(corpus, inputs, progress)
    records = staging / "records.sqlite"
    write_records(records, cleaned_pages(kb, corpus, own, inputs, learned, embedder, gathered, progress))
    gathered.skipped.sort(key=lambda item: item["path"])
    if not gathered.texts:
        raise NoPages(_nothing_message(gathered))
    if strict and gathered.skipped:
        raise RebuildFailed(strict_message(gathered.skipped))
    own.keep(staging)
    if "calibration" in inputs:
        shutil.copyfile(kept_calibration(kb, embedder.fingerprint), staging / CALIBRATION_FILE)
    repeats = [(*key, entry.pages, entry.removed, entry.example) for key, entry in gathered.repeats.items()]
    write_repeats(records, learned.repeats.pages, repeats)
    progress("group", 0, 1)
    groups = group_duplicates(records)
    progress("group", 1, 1)
    vectors, embedded = embed_cached(
        kb / "cache",
        embedder,
        gathered.embedded,
        fresh=full,
        progress=lambda done, total: progress("embed", done, total),
    )
    progress("index", 0, 4)
    write_vectors(vectors, staging / "vectors.faiss")
    progress("index", 1, 4)
    parts = {"passages": gathered.texts, "context": gathered.contexts, "articles": gathered.article_texts}
    for number, (name, texts) in enumerate(parts.items()):
        build_terms(texts).save(staging / "terms" / name)
        progress("index", number + 2, 4)
    progress("check", 0, 1)
    counts = {
        "pages": gathered.pages,
        "articles": len(gathered.article_texts),
        "passages": len(gathered.texts),
        "embedded": embedded,
        "duplicate_groups": groups,
        "repeats": len(repeats),
    }
    write_manifest(
        staging,
        {
            "id": build,
            "inputs": inputs,
            "counts": counts,
            "removals": dict(sorted(gathered.removals.items())),
            "overruled": dict(gathered.overruled),
            "skipped": gathered.skipped,
            "warnings": gathered.warnings,
            "model": {"name": embedder.name, "fingerprint": embedder.fingerprint, "dim": embedder.dim},
            "made": {
                "at": datetime.now(UTC).isoformat(timespec="seconds"),
                "seconds": round(time.monotonic() - begun, 3),
                "policykb": package_version("policykb"),
                "files": {page.path: _printable(page.file.resolve()) for page in corpus.found.pages},
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


def strict_message(skipped: Sequence[Mapping[str, str]]) -> str:
    """Return the line that --strict ends with."""
    first = skipped[0]
    more = f" and {len(skipped) - 1} more" if len(skipped) > 1 else ""
    return f"--strict: {first['path']}: {first['reason']}{more}; mend or remove them, or rebuild without --strict"


def _printable(file: Path) -> str:
    """Return a path as text, with what is no UTF-8 in its name escaped."""
    return str(file).encode("utf-8", "backslashreplace").decode("utf-8")


def _nothing_message(gathered: Gathered) -> str:
    reasons = "; ".join(f"{item['path']}: {item['reason']}" for item in gathered.skipped[:3])
    more = f"; and {len(gathered.skipped) - 3} more" if len(gathered.skipped) > 3 else ""
    count = gathered.pages + len(gathered.skipped)
    return f"none of {count} pages holds an article ({reasons}{more}); nothing was published"
