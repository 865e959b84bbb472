"""Writes what a search reads besides the records: the lists of near vectors, the words, and a summary of the articles.

None of them needs another, and NumPy and FAISS let other threads run while they work. So two are written at a time:
of 100,000 passages in about 0.7 of the time, with the same bytes.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import closing
from pathlib import Path
from typing import Any

from index.build.index_vectors import index_written
from index.build.texts import article_lines, context_texts, titled_passages
from index.lexicon.lexicon import lexicon_of
from index.model.embedder import Embedder
from index.question.vocabulary import shared_words, terms_of
from index.store.postings import write_terms, write_terms_of_both
from index.store.records import Records
from index.store.summary import write_summary

# More would hold more in memory at once, and the two longest take as long as all.
_AT_ONCE = 2


def write_index(
    file: Path, folder: Path, embedder: Embedder, progress: Callable[[int, int], None] = lambda done, total: None
) -> dict[str, Any]:
    """Write into `folder`, where the vectors lie, what search reads of the records in `file`.

    Returns what the manifest says of the vectors. `progress` is told how many parts of how many are written. Where one
    cannot be written, those at work are ended and the error is raised: StoreError, OSError.
    """
    # The longest ones first: none of them then begins when the others have ended.
    parts: tuple[Callable[[Path, Path], object], ...] = (_write_words, _write_context_words, _write_summary)
    with ThreadPoolExecutor(min(_AT_ONCE, len(os.sched_getaffinity(0)))) as threads:
        vectors = threads.submit(index_written, folder, embedder)
        running: list[Future[Any]] = [vectors, *(threads.submit(part, file, folder) for part in parts)]
        try:
            progress(0, len(running))
            for done, part in enumerate(as_completed(running), start=1):
                part.result()
                progress(done, len(running))
        except BaseException:
            threads.shutdown(cancel_futures=True)
            raise
    return vectors.result()


def _write_words(file: Path, folder: Path) -> None:
    with closing(Records(file)) as records:
        write_terms_of_both(folder / "terms" / "passages", folder / "terms" / "articles", titled_passages(records))


def _write_context_words(file: Path, folder: Path) -> None:
    with closing(Records(file)) as records:
        write_terms(folder / "terms" / "context", context_texts(records))


def _write_summary(file: Path, folder: Path) -> None:
    with closing(Records(file)) as records:
        articles = list(article_lines(records))
    headings = (heading for _, _, own in articles for heading in own)
    words = shared_words((title for _, title, _ in articles), headings, terms_of(lexicon_of(folder)))
    write_summary(folder, [passages for passages, _, _ in articles], words)
