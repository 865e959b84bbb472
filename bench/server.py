"""`policykb serve` as a process that is measured, its memory and processor time, and the bases that it is given."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COMMAND = [sys.executable, "-c", "from search_app.cli import main; main()"]
MEGABYTE = 1_000_000
START_S = 60


@dataclass(frozen=True, slots=True)
class Memory:
    """The server's memory in megabytes: resident, its own (mapped files that nobody else maps included), anonymous."""

    rss: int
    uss: int
    anonymous: int


class Server:
    """`policykb serve` in a process of its own."""

    def __init__(self, kb: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}/"
        self._process = subprocess.Popen(
            [*COMMAND, "serve", "--kb", str(kb), "--port", str(port)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.pid = self._process.pid

    def wait(self) -> None:
        """Return when the server answers; SystemExit where it does not within a minute."""
        for _ in range(4 * START_S):
            try:
                with urllib.request.urlopen(f"{self.address}_stcore/health", timeout=1):
                    return
            except OSError:
                time.sleep(0.25)
        self.stop()
        raise SystemExit(f"the server does not listen on {self.address} after {START_S} s")

    def stop(self) -> None:
        """End the server."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def memory(self) -> Memory:
        """Return what the server holds now."""
        kilobytes: dict[str, int] = {}
        for line in Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines()[1:]:
            name, value = line.split()[:2]
            kilobytes[name.rstrip(":")] = int(value)
        own = kilobytes["Private_Clean"] + kilobytes["Private_Dirty"]
        return Memory(*(round(n * 1024 / MEGABYTE) for n in (kilobytes["Rss"], own, kilobytes["Anonymous"])))

    def cpu_seconds(self) -> float:
        """Return the processor time that the server has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(kb: Path) -> Iterator[Server]:
    """Run a server on a base; it has ended afterwards."""
    server = Server(kb)
    try:
        server.wait()
        yield server
    finally:
        server.stop()


def view_of(kb: Path, folder: Path) -> Path:
    """Return a base that shares the builds and raw pages of `kb` and publishes on its own."""
    folder.mkdir()
    for name in ("builds", "pages"):
        (folder / name).symlink_to((kb / name).resolve(), target_is_directory=True)
    shutil.copy(kb / "CURRENT", folder / "CURRENT")
    return folder


def sample_base(work: Path) -> Path:
    """Build the sample corpus twice, once with a page edited, and return the base."""
    pages, kb = shutil.copytree(ROOT / "corpus" / "pages", work / "pages"), work / "kb"
    for edited in ("", "\n\n本页内容已经更新。\n"):
        with (pages / "resident-insurance-gap.txt").open("a", encoding="utf-8") as file:
            file.write(edited)
        subprocess.run([*COMMAND, "rebuild", str(pages), "--kb", str(kb), "--json"], check=True, capture_output=True)
    return kb
