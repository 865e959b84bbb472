"""The builds that a server holds open: the published one, and another for readers who follow the link to it.

A new build is loaded whole, beside the one that readers see, before they are switched to it: nobody waits for it and
nobody sees half of it. A build that leaves the shelf is closed when the last search in it has ended.
"""

from __future__ import annotations

from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Lock

from index.build.manifest import FILE
from index.build.publish import build_folder, read_current
from index.kb import KnowledgeBase, open_kb
from index.model.embedder import ModelError
from index.store import StoreError
from ingest.problem import Problem

KEPT_BUILDS = 2
# A small base loads in a second, so this shows the new build at once; with a larger one, readers stay with the old one
# until it is ready.
PATIENCE_S = 2.0

_Key = tuple[str, int]


class NoSuchBuild(Exception):
    """A link names a build that is not there any more."""


class Shelf:
    """The opened builds of one knowledge base. Safe to share between threads."""

    def __init__(self, folder: Path, model: str | None = None) -> None:
        self.folder = folder
        self._model = model
        self._lock = Lock()
        self._shown: KnowledgeBase | None = None
        self._builds: OrderedDict[_Key, Future[KnowledgeBase]] = OrderedDict()
        # Two, so that a link to an old build does not wait for a new one to load.
        self._loaders = ThreadPoolExecutor(max_workers=2, thread_name_prefix="policykb-build")

    def published(self, *, patience_s: float = PATIENCE_S) -> KnowledgeBase:
        """Return the published build; while it loads, or where it cannot be read, the one that was shown before.

        `patience_s` is how long the first who asks for a new build waits for it. Raises StoreError where there is
        nothing to show.
        """
        current = read_current(self.folder)
        shown = self._shown
        try:
            loading, is_new = self._on_shelf(current)
            if shown is None or shown.build == current:
                self._shown = loading.result()
            else:
                self._shown = loading.result(patience_s if is_new else 0)
        except (Problem, OSError):  # of these, TimeoutError
            if shown is not None and shown.build != current:
                return shown
            if read_current(self.folder) == current:
                raise
            return self.published(patience_s=patience_s)  # it was cleared away after another one was published
        return self._shown

    def open(self, build: str) -> KnowledgeBase:
        """Return a build by its id. Raises NoSuchBuild where it is gone and StoreError where it is damaged."""
        folder = build_folder(self.folder, build)
        try:
            if folder.is_dir():
                return self._on_shelf(build)[0].result()
        except StoreError:
            if folder.is_dir():
                raise
        raise NoSuchBuild(build)

    def _on_shelf(self, build: str) -> tuple[Future[KnowledgeBase], bool]:
        """Return the build, loaded or loading, and whether it was put here just now."""
        # A damaged build that was made again has the same id, but not the same manifest file.
        manifest = build_folder(self.folder, build) / FILE
        key = build, manifest.stat().st_mtime_ns if manifest.is_file() else 0
        with self._lock:
            if known := self._builds.get(key):
                self._builds.move_to_end(key)
                return known, False
            loading = self._builds[key] = self._loaders.submit(self._loaded, build)
        loading.add_done_callback(lambda done: self._tidy(key, done))
        return loading, True

    def _loaded(self, build: str) -> KnowledgeBase:
        kb = open_kb(self.folder, build=build, model=self._model)
        with suppress(ModelError):  # told when a question needs the model; words work without it
            kb.load()
        return kb

    def _tidy(self, key: _Key, done: Future[KnowledgeBase]) -> None:
        """Take off what could not be opened, so that the next reader tries again, and what is one too many."""
        with self._lock:
            if done.exception():
                self._builds.pop(key, None)
            loaded = [(place, build) for place, build in self._builds.items() if build.done() and not build.exception()]
            ready = {place: build.result() for place, build in loaded}
            spare = [place for place, kb in ready.items() if kb is not self._shown]
            for place in spare[: max(0, len(ready) - KEPT_BUILDS)]:
                del self._builds[place]
