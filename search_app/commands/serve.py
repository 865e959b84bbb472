"""`policykb serve`: the web page."""

from __future__ import annotations

import errno
import os
import socket
import sys
from pathlib import Path

import click

from search_app.options import kb_option, store_options
from search_app.sharing import is_loopback, login_settings
from search_app.switches import OPERATION_PAGE, QUESTION_LOG

# How the server learns of --model; read by views/bases.py.
MODEL = "POLICYKB_MODEL"


@click.command()
@kb_option
@click.option("--port", default=8501, show_default=True, type=click.IntRange(1, 65535), help="Port on this machine.")
@click.option("--address", default="127.0.0.1", show_default=True, help="Address to listen on; loopback unless told.")
@click.option("--model", metavar="NAME_OR_DIR", help="The model of the build, where its folder has moved.")
@store_options
@click.option(
    "--question-log/--no-question-log",
    default=True,
    envvar=QUESTION_LOG,
    show_default=True,
    help="Note questions without an answer in the folder of the base.",
)
@click.option(
    "--operation-page/--no-operation-page",
    default=True,
    envvar=OPERATION_PAGE,
    show_default=True,
    help="Show readers the page for the maintainer.",
)
@click.option("--open/--no-open", "open_browser", default=False, help="Open the page in a browser.")
def command(
    kb: Path,
    port: int,
    address: str,
    model: str | None,
    store: str | None,
    url: str | None,
    question_log: bool,
    operation_page: bool,
    open_browser: bool,
) -> None:
    """Open the web page on this machine: ask, read the cited answer, follow it to its source.

    Only this machine can reach it unless --address says otherwise; how to share it stands in docs/operations.md. For a
    check from outside, /_stcore/health answers "ok".

    \b
    Examples:
      policykb serve
      policykb serve --kb /srv/kb --port 8600 --no-open
      policykb serve --no-question-log --no-operation-page
      policykb serve --store qdrant --url http://qdrant:6333
    """
    login = login_settings()
    app = Path(__file__).resolve().parent.parent / "app.py"
    os.environ["POLICYKB_KB"] = str(kb)
    if model is not None:
        os.environ[MODEL] = model
    for name, said in (("POLICYKB_STORE", store), ("POLICYKB_URL", url)):  # read by index/build/served.py
        if said is not None:
            os.environ[name] = said
    for name, wanted in ((QUESTION_LOG, question_log), (OPERATION_PAGE, operation_page)):
        os.environ[name] = "1" if wanted else "0"
    # Each thread would get a heap of its own (glibc), and what is free in one is of no use to another: 20 readers of
    # 100,000 passages then take 405 MB instead of 240 MB (bench/load.py).
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")
    # Readers share the cores, and threads that NumPy and FAISS start wait for more work in busy loops.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    _expect_free(address, port)
    host = "localhost" if address == "127.0.0.1" else f"[{address}]" if ":" in address else address
    if login is None and not is_loopback(address):
        warning = f"warning: everybody who can reach {address} can read this base, without a login and unencrypted"
        click.echo(f"{warning}; see “Share the page” in docs/operations.md", err=True)
    click.echo(f"policykb starts on http://{host}:{port} (stop it with Ctrl+C)", err=True)
    # A process of its own name and signals: streamlit takes over from here.
    os.execv(
        sys.executable,
        [
            sys.executable,
            "-m",
            "streamlit",
            "run",
            str(app),
            f"--server.port={port}",
            f"--server.address={address}",
            f"--server.headless={'false' if open_browser else 'true'}",
            "--server.fileWatcherType=none",
            "--server.showEmailPrompt=false",
            "--logger.hideWelcomeMessage=true",
            "--browser.gatherUsageStats=false",
            # A full collection after each run takes 0.1 s with a base loaded, and every open page runs every few
            # seconds to look for a new build; Python still collects by itself.
            "--runner.postScriptGC=false",
            "--client.toolbarMode=minimal",
        ],
    )


def _expect_free(address: str, port: int) -> None:
    """Raise a message with the way out where nothing can listen; Streamlit's own comes after a false start."""
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does: a port just left is free
            probe.bind(place)
    except OSError as error:
        other = port + 1 if port < 65535 else port - 1
        way_out = {
            errno.EADDRINUSE: f"stop what listens there, or name another port, such as --port {other}",
            errno.EACCES: "name a port above 1023 with --port",
        }.get(error.errno or 0, "name an address of this machine with --address")
        raise click.ClickException(f"cannot listen on {address} port {port} ({error.strerror}); {way_out}") from error
