"""Makes one build in a staging folder: learn, clean, split, group, embed, index, check; and moves it to its place.

Nothing here is seen by readers. Which build is wanted, whether it is there already and whether it is published is
decided in `build`; what a page becomes in `gather` and `page_work`.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from pathlib import Path
from typing import Any

from index.build import journal
from index.build.builds import MADE
from index.build.check import structure_problems
from index.build.failed import RebuildFailed
from index.build.gather import Progress, gather
from index.build.group import group_duplicates
from index.build.manifest import build_id, embedding_fingerprint, package_version, read_manifest, write_manifest
from index.build.page_cache import remove_older
from index.build.publish import keep_build, stage
from index.build.raw import sync_raw
from index.build.runner import Runner
from index.build.shards import Shards
from index.build.texts import embedded_texts
from index.build.vector_cache import CachedVectors
from index.build.write_index import write_index
from index.calibration import FILE as CALIBRATION_FILE
from index.calibration import kept_calibration
from index.lexicon.own import OwnTables
from index.model.embedder import Embedder
from index.store.records import Records
from index.store.vectors import FILE as VECTORS_FILE
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
    runner: Runner,
    stages: Callable[[], Mapping[str, float]] = dict,
) -> dict[str, Any]:
    """Make the build in a staging folder, check it, move it to its place, and return its manifest.

    The id in the manifest is another than `build` where pages took too long: what they give is left out. `made` in it
    counts the pages that were `cleaned` now and that were `kept` as an earlier build had them, and says in `anew` why
    none could be kept. `runner` works on pages and embeds, and gives the same build whoever it is. `stages` tells how
    many seconds each stage took so far.
    """
    begun = time.monotonic()
    staging = stage(kb)
    file = staging / "records.sqlite"
    gathered = gather(kb, file, corpus, own, inputs, embedder, full=full, runner=runner, progress=progress)
    if gathered.slow:  # the bytes of a page do not decide how long it takes, so the id of the build says it
        inputs = {**inputs, "slow": gathered.slow}
        build = build_id(inputs)
    skipped = [{"path": item.path, "reason": item.reason} for item in corpus.found.skipped]
    skipped += [{"path": path, "reason": error.reason} for path, error in unreadable.items()]
    skipped = sorted([*skipped, *gathered.skipped], key=itemgetter("path"))
    if not gathered.passages:
        raise NoPages(_nothing_message(gathered.pages, skipped))
    if strict and skipped:
        raise RebuildFailed(strict_message(skipped))
    own.keep(staging)
    if "calibration" in inputs:
        shutil.copyfile(kept_calibration(kb, embedder.fingerprint), staging / CALIBRATION_FILE)
    progress("group", 0, 1)
    groups = group_duplicates(file, gathered.article_signatures(), gathered.passage_signatures())
    progress("group", 1, 1)
    records = Records(file)
    try:
        vectors = CachedVectors(
            kb / "cache",
            runner.embedder(embedder),
            embedded_texts(records),
            code=embedding_fingerprint(),
            fresh=full,
            progress=lambda done: progress("embed", done, gathered.passages),
        )
        progress("embed", 0, gathered.passages)
        write_vectors(vectors, staging / VECTORS_FILE)
    finally:
        records.close()
    indexed = write_index(file, staging, embedder, lambda done, total: progress("index", done, total))
    progress("check", 0, 1)
    counts = {
        "pages": gathered.pages,
        "articles": gathered.pages,
        "passages": gathered.passages,
        "duplicate_groups": groups,
        "repeats": len(gathered.repeats),
    }
    write_manifest(
        staging,
        {
            "id": build,
            "inputs": inputs,
            "counts": counts,
            "removals": dict(sorted(gathered.removals.items())),
            "overruled": dict(gathered.overruled),
            "skipped": skipped,
            "warnings": gathered.warnings,
            "vectors": indexed,
            "model": {"name": embedder.name, "fingerprint": embedder.fingerprint, "dim": embedder.dim},
            "made": {
                "at": datetime.now(UTC).isoformat(timespec="seconds"),
                "seconds": round(time.monotonic() - begun, 3),
                "stages": dict(stages()),
                "policykb": package_version("policykb"),
                "cleaned": gathered.cleaned,
                "kept": gathered.kept,
                "embedded": vectors.new,
                "anew": gathered.anew,
                "files": {page.path: _printable(page.file.resolve()) for page in corpus.found.pages},
            },
        },
    )
    problems = structure_problems(staging)
    if problems:
        raise RebuildFailed(f"the new build does not hold together and was not published: {problems[0]}")
    made = read_manifest(staging)["made"]
    sync_raw(kb)
    journal.append(kb, MADE, build=build)  # first, so that a build nobody judged never stands there unknown to the log
    place = keep_build(kb, staging, build)
    remove_older(kb / "cache")
    Shards(kb / "cache").clear()
    progress("check", 1, 1)
    return {**read_manifest(place), "made": made}  # an equal build that was there stays, and says how it was made then


def strict_message(skipped: Sequence[Mapping[str, str]]) -> str:
    """Return the line that --strict ends with."""
    first = skipped[0]
    more = f" and {len(skipped) - 1} more" if len(skipped) > 1 else ""
    return f"--strict: {first['path']}: {first['reason']}{more}; mend or remove them, or rebuild without --strict"


def _printable(file: Path) -> str:
    """Return a path as text, with what is no UTF-8 in its name escaped."""
    return str(file).encode("utf-8", "backslashreplace").decode("utf-8")


def _nothing_message(pages: int, skipped: Sequence[Mapping[str, str]]) -> str:
    reasons = "; ".join(f"{item['path']}: {item['reason']}" for item in skipped[:3])
    more = f"; and {len(skipped) - 3} more" if len(skipped) > 3 else ""
    return f"none of {pages + len(skipped)} pages holds an article ({reasons}{more}); nothing was published"
