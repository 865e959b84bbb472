"""Verification proves every passage from raw bytes and names the place where one character differs."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from index.build.build import Report, rebuild
from index.build.publish import build_folder
from index.model import load_embedder
from index.store.vectors import Vectors, write_vectors
from index.verify import verify

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def base(tmp_path: Path) -> tuple[Path, Path, Report]:
    pages = Path(shutil.copytree(ROOT / "corpus" / "pages", tmp_path / "pages"))
    kb = tmp_path / "kb"
    return pages, kb, rebuild([pages], kb, embedder=load_embedder("bundled"))


def test_a_whole_base_is_proved(base: tuple[Path, Path, Report]) -> None:
    _, kb, report = base
    proof = verify(kb, report.build)
    assert (proof.ok, proof.passages, proof.pages) == (True, report.passages, 42)
    assert proof.problems == proof.notes == ()


def test_one_changed_character_of_a_source_is_named(base: tuple[Path, Path, Report]) -> None:
    pages, kb, report = base
    page = pages / "unemployment-medical.txt"
    text = page.read_text(encoding="utf-8")
    place = text.index("失业保险基金") + 2
    page.write_text(text[:place] + "X" + text[place + 1 :], encoding="utf-8")
    proof = verify(kb, report.build)
    assert not proof.ok
    assert len(proof.problems) == 1
    assert f"at character {place}" in proof.problems[0]
    assert "in passage" in proof.problems[0]
    assert str(page) in proof.problems[0]
    assert verify(kb, report.build, sources=False).ok


def test_one_changed_byte_of_a_kept_page_is_named(base: tuple[Path, Path, Report]) -> None:
    _, kb, report = base
    raw = next(f for f in (kb / "pages").iterdir() if "失业保险基金".encode() in f.read_bytes())
    data = raw.read_bytes()
    place = data.index("失业保险基金".encode())
    raw.write_bytes(data[:place] + "矢".encode() + data[place + 3 :])
    proof = verify(kb, report.build)
    assert not proof.ok
    assert proof.passages < report.passages
    assert any("unemployment-medical.txt: passage" in problem and "矢业" in problem for problem in proof.problems)


def test_a_source_that_is_gone_is_proved_from_the_kept_page(base: tuple[Path, Path, Report]) -> None:
    pages, kb, report = base
    (pages / "family-account.txt").unlink()
    proof = verify(kb, report.build)
    assert proof.ok
    assert proof.passages == report.passages
    assert [note.split(":")[0] for note in proof.notes] == ["family-account.txt"]


def test_a_ledger_with_a_hole_is_named(base: tuple[Path, Path, Report]) -> None:
    _, kb, report = base
    connection = sqlite3.connect(build_folder(kb, report.build) / "records.sqlite")
    connection.execute("DELETE FROM removed WHERE reason = (SELECT max(number) FROM reasons WHERE rule = 'snippet')")
    connection.commit()
    connection.close()
    assert any("span" in problem for problem in verify(kb, report.build).problems)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ('UPDATE slices SET "end" = "end" - 1 WHERE row = 5', "is not the text, or not under the headings"),
        ("UPDATE slices SET start = start + 1 WHERE row = 5", "is not the text, or not under the headings"),
        ("UPDATE slices SET heading_path = '[\"x\"]' WHERE row = 5", "is not the text, or not under the headings"),
        ('UPDATE slices SET "end" = "end" + 100000 WHERE row = 5', "is no slice of its page"),
    ],
)
def test_a_passage_that_is_not_what_its_id_was_made_of_is_named(
    base: tuple[Path, Path, Report], change: str, told: str
) -> None:
    _, kb, report = base
    file = build_folder(kb, report.build) / "records.sqlite"
    connection = sqlite3.connect(file)
    (passage,) = connection.execute("SELECT id FROM passages WHERE row = 5").fetchone()
    connection.execute(change)
    connection.commit()
    connection.close()
    checksum, *problems = verify(kb, report.build).problems
    assert str(file) in checksum
    assert [f"passage {passage} " in problem and told in problem for problem in problems] == [True]


def test_a_text_that_was_changed_in_the_records_is_named_in_each_of_its_passages(
    base: tuple[Path, Path, Report],
) -> None:
    _, kb, report = base
    file = build_folder(kb, report.build) / "records.sqlite"
    connection = sqlite3.connect(file)
    changed = "article_id = (SELECT article_id FROM passages WHERE row = 5)"
    held = [id_ for (id_,) in connection.execute(f"SELECT id FROM passages WHERE {changed} AND text LIKE '%医保%'")]
    connection.execute(
        "UPDATE pages SET text = replace(text, '医保', '社保') WHERE id = (SELECT article_id FROM passages WHERE row = 5)"
    )
    connection.commit()
    connection.close()
    proof = verify(kb, report.build)
    assert proof.passages == report.passages - len(held) < report.passages
    for id_ in held:
        assert any(f"passage {id_} [" in problem and "社保" in problem for problem in proof.problems)


@pytest.mark.parametrize("name", ["records.sqlite", "vectors.faiss", "terms/articles/norms.npy"])
def test_a_flipped_byte_of_the_index_is_named(base: tuple[Path, Path, Report], name: str) -> None:
    _, kb, report = base
    file = build_folder(kb, report.build) / name
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    proof = verify(kb, report.build)
    assert str(file) in proof.problems[0]
    assert "checksum" in proof.problems[0]


def test_a_deep_proof_names_the_vector_that_is_not_its_passages(base: tuple[Path, Path, Report]) -> None:
    _, kb, report = base
    embedder = load_embedder("bundled")
    proof = verify(kb, report.build, deep=embedder)
    assert proof.ok
    assert proof.notes == (
        f"{report.passages} of {report.passages} vectors are those of their passages; search finds 1.0000 of the nearest",
    )
    file = build_folder(kb, report.build) / "vectors.faiss"
    write_vectors(np.roll(Vectors.open(file).rows(np.arange(report.passages)), 1, axis=0), file)
    told = verify(kb, report.build, deep=embedder).problems
    assert any("row 0 is not the vector of its passage" in problem for problem in told)
    assert not any("is not the vector" in problem for problem in verify(kb, report.build).problems)


def test_a_manifest_changed_by_hand_is_named(base: tuple[Path, Path, Report]) -> None:
    _, kb, report = base
    file = build_folder(kb, report.build) / "manifest.json"
    whole = file.read_text("utf-8")
    file.write_text(whole.replace('"seconds": ', '"seconds": 1'), "utf-8")
    assert list(verify(kb, report.build).problems) == [f"{file}: was changed since it was written"]
    file.write_text(whole, "utf-8")
    pages = file.with_name("pages.json")
    pages.write_text(pages.read_text("utf-8").replace("unemployment-medical.txt", "unemployment-medical.html"), "utf-8")
    told = verify(kb, report.build).problems
    assert any(f"not {report.build}" in problem for problem in told)
