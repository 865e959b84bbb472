"""Damaged knowledge bases: every file cut, flipped, emptied, missing or replaced. Only clear errors, never wrong proof.

`bench/fuzz.py` damages at random for minutes with the same `survives`.
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from index.bank.bank import Bank, read_bank
from index.build.build import rebuild
from index.build.manifest import FILE, damaged_files, read_manifest
from index.build.publish import build_folder, read_current
from index.kb import open_kb
from index.model import load_embedder
from index.model.embedder import TableEmbedder
from index.store import StoreError
from index.store.records import Records
from index.store.tables import PASSAGES
from index.verify import verify
from ingest.problem import Problem

ROOT = Path(__file__).resolve().parents[1]
QUESTION = "医保断缴三个月还能报销吗"
_PASSED_OVER = ("LOCK", "cache", "log.jsonl")  # what a reader never opens


@dataclass(frozen=True, slots=True)
class Base:
    """A small base, its pages, what it answers while it is whole, and the checksums of its build."""

    kb: Path
    pages: Path
    hits: tuple[tuple[str, str], ...]
    built: dict[str, str]

    def files(self) -> list[str]:
        """Return the files of the base, relative, in order."""
        return sorted(file.relative_to(self.kb).as_posix() for file in self.kb.rglob("*") if file.is_file())


@dataclass(frozen=True, slots=True)
class Damage:
    """What is done to one file of a base: `how`, at byte `at`."""

    file: str
    how: str
    at: int = 0

    def do(self, kb: Path) -> None:
        """Damage the file."""
        file = kb / self.file
        data = file.read_bytes()
        file.unlink()
        if self.how == "folder":
            file.mkdir()
        elif self.how != "missing":
            flipped = data[: self.at] + bytes([data[self.at] ^ 1]) + data[self.at + 1 :] if data else b""
            kinds = {
                "empty": b"",
                "cut": data[: self.at],
                "flipped": flipped,
                "other": b"\xff\xfe",
                "deep": b"[" * 100_000,
            }
            file.write_bytes(kinds[self.how])


def make_base(folder: Path) -> Base:
    """Build a base of three sample pages."""
    pages = folder / "corpus" / "pages"
    pages.mkdir(parents=True)
    for file in sorted((ROOT / "corpus" / "pages").glob("*.txt"))[:3]:
        shutil.copy(file, pages)
    rebuild([pages], folder / "kb", embedder=load_embedder("bundled"))
    return Base(folder / "kb", pages, searched(folder / "kb"), contents(folder / "kb"))


def contents(kb: Path) -> dict[str, str]:
    """Return the checksums of the published build's files; of the manifest without what merely happened."""
    folder = build_folder(kb, read_current(kb))
    found = {}
    for file in sorted(one for one in folder.rglob("*") if one.is_file()):
        data = file.read_bytes()
        if file.name == FILE:
            told = json.loads(data)
            for happened in ("made", "sha256"):  # the second is over the first as well
                del told[happened]
            data = json.dumps(told, sort_keys=True).encode()
        found[file.relative_to(folder).as_posix()] = hashlib.sha256(data).hexdigest()
    return found


def searched(kb: Path) -> tuple[tuple[str, str], ...]:
    return tuple((hit.passage_id, hit.text) for hit in open_kb(kb).search(QUESTION))


@cache
def lent() -> dict[str, Any]:
    """Return what a base of the bundled model reads from no file of its own, and reads anew whenever it is opened."""
    embedder = load_embedder("bundled")
    assert isinstance(embedder, TableEmbedder)
    return {"embedder": embedder, "table": embedder, "bank": Bank(read_bank(), embedder)}


def used(kb: Path, *, lends: bool) -> None:
    """Read all that readers read; the question first, for that reads nearly everything."""
    opened = open_kb(kb)
    if lends:
        vars(opened).update(lent())
    opened.ask(QUESTION)
    opened.articles(), opened.removals(), opened.facts(), opened.duplicates()


def tried(what: Callable[[], object]) -> str:
    """Do something with a damaged base: return its problem, which is one line, or nothing."""
    try:
        what()
    except Problem as problem:
        message = str(problem)
        assert message.strip()
        assert len(message.splitlines()) == 1, message
        return message
    return ""


def survives(base: Base, damage: Damage) -> None:
    """Check that a damaged copy of `base` is used with clear errors only, is found out by verify, and is mended."""
    kb = base.kb.with_name("damaged")
    shutil.rmtree(kb, ignore_errors=True)
    shutil.copytree(base.kb, kb)
    damage.do(kb)
    tried(lambda: used(kb, lends=Path(damage.file).name != FILE))  # the manifest names the model
    if not damage.file.startswith(_PASSED_OVER):
        found_out(kb, damage)
    if tried(lambda: rebuild([base.pages], kb, embedder=load_embedder("bundled"))):
        assert damage.how == "folder", "what is in the way is named; anything else is mended"
    else:
        assert contents(kb) == base.built, "byte for byte, so what it answers too"
        assert verify(kb, read_current(kb)).problems == ()


def found_out(kb: Path, damage: Damage) -> None:
    """Check that verify names the damaged file, or cannot even begin."""
    told: list[str] = []

    def prove() -> None:
        build = read_current(kb)
        told.extend(verify(kb, build).problems)
        folder = build_folder(kb, build)
        told.extend(damaged_files(folder, read_manifest(folder)))

    told.append(tried(prove))
    name = Path(damage.file).name
    if name in ("CURRENT", "manifest.json"):
        assert any(told) or damage.how in ("cut", "flipped"), "white space, or what merely happened"
    else:
        assert any(name in line for line in told), (damage, told)


def random_damage(base: Base, rng: random.Random) -> Damage:
    """Return some damage."""
    file = rng.choice(base.files())
    how = rng.choice(("missing", "empty", "folder", "other", "deep", "cut", "cut", *("flipped",) * 4))
    return Damage(file, how, rng.randrange(max(1, (base.kb / file).stat().st_size)))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Base:
    return make_base(tmp_path_factory.mktemp("damaged"))


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("manifest.json", "deep"),
        ("records.sqlite", "cut"),
        ("passages/keys.npy", "missing"),
        ("pages/", "flipped"),
    ],
)
def test_a_base_with_one_damaged_file_says_so_and_is_mended(base: Base, name: str, how: str) -> None:
    file = next(file for file in base.files() if name in file)
    survives(base, Damage(file, how, (base.kb / file).stat().st_size // 2))
    assert searched(base.kb.with_name("damaged")) == base.hits


def test_a_letter_of_what_went_in_is_mended(base: Base) -> None:
    file = next(file for file in base.files() if file.endswith(FILE))
    survives(base, Damage(file, "flipped", (base.kb / file).read_bytes().index(b"people.cn")))


@pytest.mark.slow
def test_every_file_is_survived_missing_cut_off_and_flipped(base: Base) -> None:
    for file in base.files():
        at = (base.kb / file).stat().st_size // 3
        for damage in (Damage(file, "missing"), Damage(file, "cut", at), Damage(file, "flipped", at)):
            survives(base, damage)


def test_files_that_may_not_be_read_are_named(as_anyone: Path) -> None:
    base = make_base(as_anyone)
    for name in ("CURRENT", "manifest.json", "records.sqlite", "vectors.faiss", "terms.json", "keys.npy"):
        file = next(base.kb / file for file in base.files() if file.endswith(name))
        mode = file.stat().st_mode
        file.chmod(0)
        assert str(file) in tried(lambda: searched(base.kb)), name
        file.chmod(mode)


@pytest.mark.parametrize(
    "sql",
    [
        "DROP VIEW removals; CREATE VIEW removals AS SELECT load_extension('x') AS page_id",
        "CREATE TRIGGER t AFTER INSERT ON pages BEGIN SELECT 1; END",
        "CREATE VIRTUAL TABLE v USING fts5(x)",
        "CREATE VIRTUAL TABLE v USING fts5(x); PRAGMA writable_schema = ON;"
        " UPDATE sqlite_master SET sql = 'CREATE  VIRTUAL TABLE v USING fts5(x)' WHERE name = 'v'",
        "CREATE TABLE copy AS SELECT * FROM passages; DROP VIEW passages; ALTER TABLE copy RENAME TO Passages",
        "CREATE VIEW other AS SELECT row, id FROM slices",
        'DROP VIEW passages; CREATE VIEW passages AS SELECT row, id, article_id, heading_path, start, "end",'
        " 'anything' AS text FROM slices",
        f"DROP VIEW passages; {PASSAGES} WHERE load_extension('x')",
        "DROP VIEW passages; ALTER TABLE slices RENAME TO passages;"
        f"{PASSAGES.replace('passages', 'slices', 1).replace('FROM slices', 'FROM passages')}",
    ],
)
def test_records_that_would_do_something_when_read_are_refused(base: Base, sql: str) -> None:
    kb = base.kb.with_name("foreign")
    shutil.rmtree(kb, ignore_errors=True)
    shutil.copytree(base.kb, kb)
    (file,) = kb.glob("builds/*/records.sqlite")
    with sqlite3.connect(file) as connection:
        connection.executescript(sql)
    with pytest.raises(StoreError, match=r"records\.sqlite: holds '\w+', expected our tables alone"):
        Records(file)


def test_records_cannot_be_written_through_a_reader(base: Base, tmp_path: Path) -> None:
    (file,) = base.kb.glob("builds/*/records.sqlite")
    for sql in ("DELETE FROM pages", f"ATTACH '{tmp_path / 'other'}' AS o", "PRAGMA user_version = 3"):
        before = file.read_bytes()
        with suppress(StoreError):
            Records(file).query(sql)
        assert file.read_bytes() == before
    assert Records(file).query("SELECT id FROM pages WHERE id = ?", ("\ud800",)) == []
