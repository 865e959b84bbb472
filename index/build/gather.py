"""Gathers what a build is made of: hashes every page first, learns from all, then cleans and splits one at a time.

The hashes decide the build's id, so a page that changes or vanishes between the passes stops the rebuild. What is
learned follows from the pages and the code, so it needs no place of its own in the id.
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
from index.lexicon.own import OwnTables
from index.model.embedder import Embedder
from index.store.records import Cleaned, SeeAlso
from ingest.clean import Article, clean
from ingest.corpus import Corpus
from ingest.find import Found, PageFile
from ingest.learning.learn import learn
from ingest.learning.learned import Learned
from ingest.learning.repeats import site_of
from ingest.overrules import ACTIONS, Overrule
from ingest.page import BadPage, Page, page_from_bytes, read_bytes
from ingest.passages import split_passages
from ingest.problem import Problem

# progress(stage, done, total): total 0 means that the end is not known yet
Progress = Callable[[str, int, int], None]


class RebuildFailed(Problem):
    """The rebuild did not publish anything; the message says what was found and what to do."""


@dataclass(slots=True)
class Standing:
    """A line that repeats on a site: on how many pages, on how many it was removed, and the first of them by path."""

    pages: int
    removed: int
    example: str


@dataclass(slots=True)
class Gathered:
    """What is gathered while pages stream by: everything but the pages themselves."""

    texts: list[str] = field(default_factory=list)
    embedded: list[str] = field(default_factory=list)
    contexts: list[str] = field(default_factory=list)
    article_texts: list[str] = field(default_factory=list)
    removals: Counter[str] = field(default_factory=Counter)
    overruled: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(ACTIONS, 0)))
    skipped: list[dict[str, str]] = field(default_factory=list)
    warnings: list[dict[str, str]] = field(default_factory=list)
    repeats: dict[tuple[str, str], Standing] = field(default_factory=dict)
    pages: int = 0


def hash_pages(
    corpus: Corpus, own: OwnTables, embedder: Embedder, progress: Progress
) -> tuple[dict[str, Any], dict[str, BadPage]]:
    """Return what decides the build, and the pages whose bytes cannot be had."""
    found, overrules = corpus.found, corpus.overrules
    pages: list[dict[str, Any]] = []
    unreadable: dict[str, BadPage] = {}
    for number, page in enumerate(found.pages):
        try:
            digest = sha256(read_bytes(page.file, path=page.path)).hexdigest()
        except BadPage as error:
            unreadable[page.path] = error
        else:
            pages.append(
                {
                    "path": page.path,
                    "sha256": digest,
                    "sidecar": dict(found.sidecar.get(page.path, {})),
                    "overrules": [_plain(overrule) for overrule in overrules.of(page.path)],
                }
            )
        progress("read", number + 1, len(found.pages))
    # Paths without their reasons: a reason may name the place where the folder lies today.
    skipped = sorted([*(item.path for item in found.skipped), *unreadable])
    inputs = {
        "pages": pages,
        "skipped": skipped,
        "overrules_missed": [str(missed) for missed in overrules.missed],
        "source_rules": [[rule.kind, rule.place, rule.pattern] for rule in corpus.source_rules],
        "lexicon": own.fingerprint(),
        "model": {"fingerprint": embedder.fingerprint, "dim": embedder.dim},
        "code": code_fingerprint(),
    }
    return inputs, unreadable


def _plain(overrule: Overrule) -> list[str | int | None]:
    """Return what of an overrule decides a page: the ledger names its line and its reason as well."""
    return [overrule.action, overrule.place, overrule.quote, overrule.why, overrule.line]


def learn_from(corpus: Corpus, inputs: Mapping[str, Any], progress: Progress) -> Learned:
    """Return what the pages teach together; those that are no pages teach nothing."""

    def pages() -> Iterator[Page]:
        for page in _pages(corpus.found, inputs, partial(progress, "learn")):
            if not isinstance(page, _Unread):
                yield page.page

    return learn(pages())


def cleaned_pages(
    kb: Path,
    corpus: Corpus,
    own: OwnTables,
    inputs: Mapping[str, Any],
    learned: Learned,
    embedder: Embedder,
    gathered: Gathered,
    progress: Progress,
) -> Iterator[Cleaned]:
    """Yield what each page becomes, one at a time, and gather what the later stages need."""
    overrules = corpus.overrules
    gathered.warnings += [{"path": missed.overrule.path, "warning": str(missed)} for missed in overrules.missed]
    for read in _pages(corpus.found, inputs, partial(progress, "clean")):
        if isinstance(read, _Unread):
            gathered.skipped.append({"path": read.path, "reason": read.reason})
            continue
        page = read.page
        article = clean(page, learned=learned, overrules=overrules.of(page.path), source_rules=corpus.source_rules)
        article = own.mark(article, page.text)
        passages = split_passages(page.text, article, fits=partial(_fits_below, embedder, article.title))
        keep_raw(kb, page.sha256, read.data)
        gathered.removals.update(removal.rule for removal in article.removals)
        gathered.overruled.update(overrule.action for overrule in article.overruled)
        gathered.warnings += [{"path": page.path, "warning": warning} for warning in (*page.warnings, *article.notes)]
        _gather_repeats(page, article, learned, gathered)
        if not passages:
            rules = Counter(removal.rule for removal in article.removals)
            held = ", ".join(f"{count} {rule}" for rule, count in rules.most_common()) or "no text"
            reason = f"no article is left: the page holds only {held}; see `policykb clean` on it"
            gathered.skipped.append({"path": page.path, "reason": reason})
        else:
            gathered.pages += 1
            gathered.article_texts.append(f"{article.title}\n{article.body_text}")
            for passage in passages:
                gathered.texts.append(passage.text)
                gathered.contexts.append(context_of(article.title, passage.heading_path))
                gathered.embedded.append(embedded_text(article.title, passage.heading_path, passage.text))
        yield Cleaned(page, article, passages, tuple(_see_also(article, learned)))


def _see_also(article: Article, learned: Learned) -> Iterator[SeeAlso]:
    """Yield where the recommendation items of an article lead, as far as other articles prove it."""
    for removal in article.removals:
        if removal.fields:
            title = removal.fields["title"]
            teaser = learned.openings.teaser(title, removal.fields["summary"], beside=article.id)
            if teaser is not None:
                yield SeeAlso(teaser.article_id, removal.start, removal.end, title, teaser.chars, teaser.others)


def _gather_repeats(page: Page, article: Article, learned: Learned, gathered: Gathered) -> None:
    removed = [(removal.start, removal.end) for removal in article.removals if removal.rule == "repeated"]
    for repeat in learned.repeats.standing(page):
        start = page.blocks[repeat.block].start
        standing = gathered.repeats.setdefault((site_of(page), repeat.wording), Standing(repeat.pages, 0, page.path))
        standing.removed += any(left <= start < right for left, right in removed)


@dataclass(frozen=True, slots=True)
class _Read:
    page: Page
    data: bytes


@dataclass(frozen=True, slots=True)
class _Unread:
    path: str
    reason: str


def _pages(found: Found, inputs: Mapping[str, Any], progress: Callable[[int, int], None]) -> Iterator[_Read | _Unread]:
    """Yield the pages that were hashed, in their order, or why one cannot be read."""
    files: dict[str, PageFile] = {page.path: page for page in found.pages}
    for number, entry in enumerate(inputs["pages"]):
        path = entry["path"]
        data = _same_bytes(files[path], entry["sha256"])
        progress(number + 1, len(inputs["pages"]))
        try:
            yield _Read(page_from_bytes(data, path=path, sidecar=found.sidecar), data)
        except BadPage as error:
            yield _Unread(path, error.reason)


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
