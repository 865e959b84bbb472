"""The door: where secrets.toml asks for a login, nothing of the base is shown before it."""

from __future__ import annotations

import streamlit as st

from search_app.render import escape
from search_app.sharing import login_settings, providers
from search_app.words import Words


def may_read(say: Words) -> bool:
    """Say whether this reader may see the page, and draw the door where she has to log in first."""
    auth = login_settings()
    # Streamlit knows `is_logged_in` only where it has found the settings itself; either finding them closes the door.
    if auth is None and not hasattr(st.user, "is_logged_in"):
        return True
    if getattr(st.user, "is_logged_in", False):
        return True
    # follow.js keeps the address over the login, which leads back to the start.
    st.html(
        f'<section class="pk pk-state" lang="{say.tag}" role="status" data-pk-door><h1>{escape(say("door"))}</h1>'
        f"<p>{escape(say('door_more'))}</p></section>"
    )
    with st.container(horizontal=True):
        for name in providers(auth or {}):
            words = say("log_in") if name is None else say("log_in_with", provider=name)
            st.button(words, key=f"pk_login_{name}", type="primary", on_click=st.login, args=(name,))
    return False


def log_out_button(say: Words) -> None:
    """Draw the way out for a reader who has logged in."""
    if getattr(st.user, "is_logged_in", False):
        st.button(say("log_out"), key="pk_logout", type="tertiary", on_click=st.logout)
