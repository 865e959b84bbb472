"""The knowledge base that this server shows, and its opened builds, shared by all readers."""

from __future__ import annotations

import os
from pathlib import Path

# One thread a search: readers share the cores, and FAISS waits in busy loops otherwise. Before FAISS is imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import streamlit as st

from search_app.commands.serve import MODEL
from search_app.shelf import Shelf


def base_folder() -> Path:
    """Return the folder of the knowledge base that this server shows."""
    return Path(os.environ.get("POLICYKB_KB") or "kb")


def shelf() -> Shelf:
    """Return the opened builds of the base, the same for all readers."""
    return _shelf(str(base_folder()), os.environ.get(MODEL) or None)


@st.cache_resource(max_entries=1, show_spinner=False)
def _shelf(folder: str, model: str | None) -> Shelf:
    return Shelf(Path(folder), model)
