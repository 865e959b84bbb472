"""`policykb serve`: the web page."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from search_app.options import kb_option


@click.command()
@kb_option
@click.option("--port", default=8501, show_default=True, type=click.IntRange(1, 65535), help="Port on this machine.")
@click.option("--address", default="127.0.0.1", show_default=True, help="Address to listen on; loopback unless told.")
@click.option("--open/--no-open", "open_browser", default=False, help="Open the page in a browser.")
def command(kb: Path, port: int, address: str, open_browser: bool) -> None:
    """Open the web page on this machine: ask, read the cited answer, follow it to its source.

    \b
    Examples:
      policykb serve
      policykb serve --kb /srv/kb --port 8600 --no-open
    """
    app = Path(__file__).resolve().parent.parent / "app.py"
    os.environ["POLICYKB_KB"] = str(kb)
    click.echo(f"policykb listens on http://{'localhost' if address == '127.0.0.1' else address}:{port}", err=True)
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
            "--client.toolbarMode=minimal",
        ],
    )
