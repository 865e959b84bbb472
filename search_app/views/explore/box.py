"""The text box of a part of the exploring view: what is typed goes into the address; the run that follows reads it."""

from __future__ import annotations

import streamlit as st

from search_app.views.address import MAX_QUESTION_CHARS, Address, read_address
from search_app.words import Words


def box(part: str, here: Address, say: Words, *, submit: str) -> None:
    """Draw the box that holds `here.q`, and its button; the words are `<part>_label`, `<part>_hint` and `submit`."""
    key, seen = f"pk_box_{part}", f"pk_seen_{part}"
    if st.session_state.get(seen) != here.q or key not in st.session_state:
        st.session_state[key] = st.session_state[seen] = here.q

    def go() -> None:
        typed = st.session_state[key].strip()[:MAX_QUESTION_CHARS]
        st.query_params.from_dict(read_address(st.query_params).to(q=typed, at=1).params())

    with (
        st.form(f"pk_form_{part}", border=False),
        st.container(horizontal=True, vertical_alignment="bottom", gap="small"),
    ):
        st.text_input(
            say(f"{part}_label"),
            key=key,
            placeholder=say(f"{part}_hint"),
            label_visibility="collapsed",
            width="stretch",
        )
        st.form_submit_button(say(submit), type="primary", on_click=go)
