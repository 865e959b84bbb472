"""Who is let in: the settings of the login, and what `policykb serve` says before it shares a page."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from search_app.sharing import SharingError, is_loopback, login_settings, providers

SHARED = '[auth]\nredirect_uri = "https://kb.example/oauth2callback"\ncookie_secret = "s"\n'
PROVIDER = 'client_id = "i"\nclient_secret = "s"\nserver_metadata_url = "https://id.example/.well-known"\n'


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The place of secrets.toml in the current folder; Authlib is taken to be there."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("search_app.sharing.find_spec", lambda name: object())
    (tmp_path / ".streamlit").mkdir()
    return tmp_path / ".streamlit" / "secrets.toml"


def test_without_settings_nobody_has_to_log_in(secrets: Path) -> None:
    assert login_settings() is None
    secrets.write_text('[other]\nkey = "value"\n')
    assert login_settings() is None


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (SHARED + PROVIDER, [None]),
        (f"{SHARED}{PROVIDER}client_kwargs = {{ prompt = 'login' }}\n", [None]),
        (f"{SHARED}[auth.one]\n{PROVIDER}[auth.two]\n{PROVIDER}", ["one", "two"]),
    ],
)
def test_the_providers_are_those_of_the_settings(secrets: Path, text: str, names: list[str | None]) -> None:
    secrets.write_text(text)
    auth = login_settings()
    assert auth is not None
    assert providers(auth) == names


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[auth\n", "cannot be read"),
        ("auth = 3\n", "is no table"),
        ("auth = {}\n", "lacks redirect_uri, cookie_secret, client_id, client_secret, server_metadata_url"),
        (SHARED, "lacks client_id, client_secret, server_metadata_url"),
        (f"{SHARED}[auth.one]\nclient_id = 'i'\n", "lacks one.client_secret, one.server_metadata_url"),
        (PROVIDER.join(("[auth]\n", "cookie_secret = ''\n")), "lacks redirect_uri, cookie_secret"),
    ],
)
def test_settings_that_would_not_hold_are_an_error_and_no_open_door(secrets: Path, text: str, said: str) -> None:
    secrets.write_text(text)
    with pytest.raises(SharingError, match=said) as caught:
        login_settings()
    assert str(secrets) in str(caught.value)


def test_the_home_folder_counts_and_the_current_one_goes_before_it(secrets: Path, tmp_path: Path) -> None:
    home = tmp_path / "home" / ".streamlit" / "secrets.toml"
    home.parent.mkdir(parents=True)
    home.write_text(SHARED + PROVIDER)
    assert login_settings() is not None
    secrets.write_text("[auth]\n")
    with pytest.raises(SharingError, match="lacks"):
        login_settings()


def test_without_authlib_the_way_out_is_told(secrets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets.write_text(SHARED + PROVIDER)
    monkeypatch.setattr("search_app.sharing.find_spec", lambda name: None)
    with pytest.raises(SharingError, match=r"needs Authlib: run `pip install"):
        login_settings()


def test_only_this_machine_reaches_loopback() -> None:
    assert [is_loopback(address) for address in ("127.0.0.1", "127.8.0.1", "::1", "localhost")] == [True] * 4
    assert [is_loopback(address) for address in ("0.0.0.0", "::", "192.168.1.2", "kb.example", "")] == [False] * 5


def first_words(tmp_path: Path, address: str) -> list[str]:
    """Return what `policykb serve` says before the server takes over."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = "from search_app.cli import main; main()"
    arguments = ["serve", "--kb", str(tmp_path / "kb"), "--address", address, "--port", str(port)]
    lines = []
    with subprocess.Popen(
        [sys.executable, "-c", command, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            lines.append(line.strip())
            if "starts on" in line:
                process.send_signal(signal.SIGKILL)
                break
    return lines


def test_serving_to_others_without_a_login_is_warned_of(tmp_path: Path) -> None:
    assert len(first_words(tmp_path, "127.0.0.1")) == 1
    shared = first_words(tmp_path, "0.0.0.0")
    assert shared[0].startswith("warning: everybody who can reach 0.0.0.0 can read this base, without a login")
    assert shared[1].startswith("policykb starts on http://0.0.0.0:")


def test_a_login_that_would_not_hold_is_told_before_the_server_starts(tmp_path: Path) -> None:
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text("[auth\n")
    said = first_words(tmp_path, "0.0.0.0")
    assert len(said) == 1
    assert said[0].startswith("Error: ")
    assert "cannot be read" in said[0]
