"""Opens builds of the knowledge base for all readers of this server, and keeps two of them open."""

from __future__ import annotations

import os
from pathlib import Path

# One thread a search: readers share the cores, and FAISS waits in busy loops otherwise. Before FAISS is imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import streamlit as st

from index.build.manifest import FILE
from index.build.publish import build_folder, read_current
from index.kb import KnowledgeBase, open_kb
from search_app.commands.serve import MODEL

# The published build, and the one before it for readers who still follow its links.
KEPT_BUILDS = 2


class NoSuchBuild(Exception):
    """A link names a build that is not there any more."""


def base_folder() -> Path:
    """Return the folder of the knowledge base that this server shows."""
    return Path(os.environ.get("POLICYKB_KB") or "kb")


def current_build(folder: Path) -> str:
    """Return the id of the published build, read anew on each call so that a new one is taken over at once."""
    return read_current(folder)


def open_build(folder: Path, build: str) -> KnowledgeBase:
    """Return an opened build. Raises NoSuchBuild where it is gone and StoreError where it is damaged."""
    place = build_folder(folder, build)
    if not place.is_dir():
        raise NoSuchBuild(build)
    # A damaged build that was made again has the same id, but not the same manifest file.
    manifest = place / FILE
    return _opened(str(folder), build, manifest.stat().st_mtime_ns if manifest.is_file() else 0)


@st.cache_resource(max_entries=KEPT_BUILDS, show_spinner=False)
def _opened(folder: str, build: str, made_ns: int) -> KnowledgeBase:  # noqa: ARG001  part of the key
    kb = open_kb(folder, build=build, model=os.environ.get(MODEL) or None)
    _ = kb.records  # a damaged build is refused here, not kept
    return kb
