"""What the tests in a real browser share: the real server on the sample corpus, and headless Chromium.

A test file of its own begins with `pytestmark = pytest.mark.browser`.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import playwright.sync_api as playwright
import pytest

if TYPE_CHECKING:
    from index.kb import KnowledgeBase

CHROMIUM = os.environ.get("POLICYKB_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
QUESTION = "没赶上居民医保集中缴费期，等待期是多久？"
QUOTE = "没赶上集中缴费期,或者中间断过保的,缴费之后先有3个月的固定待遇等待期,这段时间的医疗费用居民医保不予支付。"
NARROW = {"width": 360, "height": 740}
WIDE = {"width": 1600, "height": 1000}

Open = Callable[..., "playwright.Page"]


@contextmanager
def serving(folder: Path, open_: str = "--no-open", **environment: str) -> Iterator[str]:
    """Run the server on a free port of this machine; it ends with its process id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = "from search_app.cli import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", command, "serve", "--kb", str(folder), "--port", str(port), open_],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **environment},
    )
    address = f"http://127.0.0.1:{port}/"
    try:
        for _ in range(120):
            try:
                with urllib.request.urlopen(f"{address}_stcore/health", timeout=1):
                    break
            except OSError:
                assert process.poll() is None, "the server ended before it listened"
                time.sleep(0.25)
        else:
            pytest.fail("the server does not listen after 30 s")
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture(scope="session")
def address(sample_kb: KnowledgeBase) -> Iterator[str]:
    """Where a server shows the sample corpus, the same one for all tests."""
    with serving(sample_kb.folder) as listening:
        yield listening


@pytest.fixture(scope="session")
def browser() -> Iterator[playwright.Browser]:
    """One headless Chromium for all tests; without it they are skipped."""
    if not Path(CHROMIUM).is_file():
        pytest.skip(f"{CHROMIUM} is absent: apt-get install chromium")
    with playwright.sync_playwright() as started:
        launched = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def open_page(browser: playwright.Browser) -> Iterator[Open]:
    """Open an address; afterwards no script failed and nothing was fetched from elsewhere."""
    contexts, faults = [], []

    def open_(url: str, *, viewport: dict[str, int] = WIDE, locale: str = "zh-CN", dark: bool = False) -> object:
        context = browser.new_context(viewport=viewport, locale=locale, color_scheme="dark" if dark else "light")
        contexts.append(context)
        context.set_default_timeout(45_000)
        context.on("request", lambda request: faults.append(request.url) if is_elsewhere(request.url) else None)
        context.on("dialog", lambda dialog: faults.append(f"dialog {dialog.message}"))
        opened = context.new_page()
        opened.on("pageerror", lambda error: faults.append(str(error)))
        opened.goto(url)
        opened.wait_for_selector(".pk-foot, .pk-state")
        return opened

    yield open_
    for context in contexts:
        context.close()
    assert faults == []


def is_elsewhere(url: str) -> bool:
    return not url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:"))


def asked(address: str, question: str = QUESTION, **params: str) -> str:
    more = "".join(f"&{name}={quote(value)}" for name, value in params.items())
    return f"{address}?q={quote(question)}{more}"


def cited_text(opened: playwright.Page) -> str:
    opened.wait_for_selector("#pk-cited")
    return "".join(opened.locator("mark.pk-cited").all_inner_texts())


def mark_in_view(opened: playwright.Page) -> bool:
    inside: bool = opened.evaluate(
        "() => { const box = document.querySelector('#pk-cited').getBoundingClientRect();"
        " return box.top >= 0 && box.bottom <= innerHeight; }"
    )
    return inside
