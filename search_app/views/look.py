"""How a part of the page comes to look for news by itself, without a timer of Streamlit's.

A timer (`st.fragment(run_every=…)`) also asks between a question and the first word of its answer. The server then puts
the two runs one behind the other, and what the first had not sent yet it throws away: with twenty readers on a busy
machine one page in a hundred came without its end (bench/load.py). So the fragment has a hidden button, and
static/look.js presses it every five seconds while the reader sees the page and nothing is on its way.
"""

from __future__ import annotations

import streamlit as st


def look_again(name: str) -> None:
    """Draw the hidden button that has the fragment around it run again; `name` is its own on the page."""
    st.button(name, key=f"pk_look_{name}")
