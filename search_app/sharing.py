"""Whether readers must log in, as the `[auth]` section of Streamlit's secrets.toml says, and who can reach the page.

Streamlit takes a secrets.toml that it cannot read for none and would open the page to everybody; here that is an error.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from ingest.problem import Problem

_APP = Path(__file__).resolve().parent
_SHARED = ("redirect_uri", "cookie_secret")
_OF_PROVIDER = ("client_id", "client_secret", "server_metadata_url")


class SharingError(Problem):
    """The login is configured in a way that would not work, or would not hold."""


def login_settings() -> Mapping[str, Any] | None:
    """Return the `[auth]` section, checked, or None where nobody has to log in. Raises SharingError.

    Read are the places where Streamlit looks: the home folder, the current folder, the folder of the page.
    """
    files = [place / ".streamlit" / "secrets.toml" for place in (Path.home(), Path.cwd(), _APP)]
    auth: Any = None
    where: Path | None = None
    for file in files:
        try:
            said = tomllib.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            raise SharingError(f"{file}: cannot be read ({error}), so nobody is let in; put it right") from error
        if "auth" in said:
            auth, where = said["auth"], file
    if where is None:
        return None
    if not isinstance(auth, dict):
        raise SharingError(f"{where}: [auth] is no table, expected {', '.join(_SHARED)} and a provider")
    missing = [name for name in _SHARED if not auth.get(name)]
    for name in providers(auth):
        said = auth[name] if name else auth
        missing += [f"{name}.{key}" if name else key for key in _OF_PROVIDER if not said.get(key)]
    if missing:
        raise SharingError(f"{where}: [auth] lacks {', '.join(missing)}; see docs/operations.md, “Share the page”")
    if find_spec("authlib") is None:
        raise SharingError(f"{where} asks readers to log in, which needs Authlib: run `pip install 'policykb[login]'`")
    return auth


def providers(auth: Mapping[str, Any]) -> list[str | None]:
    """Return the names for `st.login`: the tables in `[auth]`, or None for the only provider, which has no name."""
    named = [name for name, value in auth.items() if isinstance(value, Mapping) and name != "client_kwargs"]
    return [*named] or [None]


def is_loopback(address: str) -> bool:
    """Say whether only this machine can reach `address`."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"
