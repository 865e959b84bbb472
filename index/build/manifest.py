"""The manifest of a build: what went in, what came out, and the checksum of every file. Written last.

Its existence means that the rest of the build is complete. The pages that went in and where their files lay stand in
files of their own, as a search need not read them: those of 100,000 pages took half a second of its start and a fifth.
What decides the build's id is kept apart from what merely happened (times, places), so that the same input gives the
same id on any machine.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from index.store import StoreError

# 7: words in less space (index/store/packing.py); 6: records in UTF-16, ids and reasons stand once; 5: vectors in
# float16, passages are slices of their pages, the places of page files apart; 4: packed words, a summary of articles
FORMAT = 7
FILE = "manifest.json"
PAGES_FILE = "pages.json"
PLACES_FILE = "places.json"  # what merely happened, so its checksum stands there too, and not among the files
_KEYS = {"id", "inputs", "counts", "removals", "skipped", "warnings", "model", "vectors", "made", "files", "sha256"}


def file_sha256(file: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _canonical(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8", "surrogatepass")


# The code that decides what the files of a build hold; how they are searched afterwards is not among it.
_DECIDING = (
    "ingest/**/*.py",
    "ingest/**/*.tsv",
    "index/context.py",
    "index/ngrams.py",
    "index/products.py",  # counts words, adds up vectors
    "index/lexicon/*.py",
    "index/store/*.py",
    "index/build/make.py",
    "index/build/gather.py",
    "index/build/page_work.py",
    "index/build/page_cache.py",  # how it reads what an earlier build wrote
    "index/build/group.py",
    "index/build/texts.py",
    "index/build/write_index.py",
    "index/build/index_vectors.py",
    "index/ranking.py",  # how many rows it looks at is where recall is measured
    "index/bank/bank.py",  # whose questions recall is measured with
    "index/bank/pairs/*.jsonl",
    "index/question/vocabulary.py",  # the words that titles share
    "index/model/__init__.py",
    "index/model/embedder.py",
    "index/model/transformer.py",
)
# Their versions decide too: what a page's text is, which texts are alike, what a vector is.
_PACKAGES = (
    "beautifulsoup4",
    "lxml",
    "ftfy",
    "opencc",
    "rensa",
    "faiss-cpu",
    "numpy",
    "scipy",
    "sentence-transformers",
)
# What decides the vector of a text, beside the model: another cleaner leaves the vectors of the same texts as they are.
_EMBEDDING = (
    "index/ngrams.py",
    "index/products.py",
    "index/model/__init__.py",
    "index/model/embedder.py",
    "index/model/transformer.py",
)
_EMBEDDING_PACKAGES = ("opencc", "numpy", "scipy", "sentence-transformers")


@cache
def code_fingerprint() -> str:
    """Return a fingerprint of the code and the parsers that decide what a build holds."""
    return _fingerprint(_DECIDING, _PACKAGES)


@cache
def embedding_fingerprint() -> str:
    """Return a fingerprint of the code that decides, with the model, what the vector of a text is."""
    return _fingerprint(_EMBEDDING, _EMBEDDING_PACKAGES)


def _fingerprint(patterns: Iterable[str], packages: Iterable[str]) -> str:
    root = Path(__file__).resolve().parents[2]
    digest = hashlib.sha256()
    for file in sorted(file for pattern in patterns for file in root.glob(pattern)):
        digest.update(file.relative_to(root).as_posix().encode())
        digest.update(file.read_bytes().replace(b"\r\n", b"\n"))
    for package in packages:
        digest.update(f"{package} {package_version(package)}".encode())
    digest.update(unicodedata.unidata_version.encode())
    return digest.hexdigest()


def package_version(name: str) -> str:
    """Return the installed version of a package, `unknown` where it is not installed as one."""
    from importlib.metadata import PackageNotFoundError, version  # a search reads no versions

    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"


def build_id(inputs: Mapping[str, object]) -> str:
    """Return the id of the build that these inputs give: 12 hex digits."""
    return hashlib.sha256(_canonical(inputs)).hexdigest()[:12]


def write_manifest(folder: Path, content: Mapping[str, Any]) -> None:
    """Write the manifest of a staged build, with the checksum of every other file in it."""
    (folder / PAGES_FILE).write_text(_lines(content["inputs"]["pages"]), encoding="utf-8")
    (folder / PLACES_FILE).write_text(_lines(content["made"]["files"]), encoding="utf-8")
    files = {
        file.relative_to(folder).as_posix(): file_sha256(file)
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.relative_to(folder).as_posix() not in (FILE, PLACES_FILE)
    }
    made = {**content["made"], "places": file_sha256(folder / PLACES_FILE)}
    whole = {"format": FORMAT, **content, "made": made, "files": files}
    head = {
        **whole,
        "inputs": {name: value for name, value in content["inputs"].items() if name != "pages"},
        "made": {name: value for name, value in made.items() if name != "files"},
    }
    head["sha256"] = hashlib.sha256(_canonical(whole)).hexdigest()
    (folder / FILE).write_text(_lines(head), encoding="utf-8")


def _lines(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a build whole, as it was handed to `write_manifest`; raises as `read_head` does."""
    return with_pages(folder, read_head(folder))


def with_pages(folder: Path, head: Mapping[str, Any]) -> dict[str, Any]:
    """Return the manifest whose `head` was read. Raises StoreError where its pages or their places are damaged."""
    pages, places = _read(folder / PAGES_FILE), _read(folder / PLACES_FILE)
    if not isinstance(pages, list) or not all(isinstance(page, dict) for page in pages):
        raise StoreError(f"{folder / PAGES_FILE}: damaged, expected a list of pages; run `policykb rebuild --full`")
    if not isinstance(places, dict) or not all(isinstance(place, str) for place in places.values()):
        raise StoreError(f"{folder / PLACES_FILE}: damaged, expected names of files; run `policykb rebuild --full`")
    return {**head, "inputs": {**head["inputs"], "pages": pages}, "made": {**head["made"], "files": places}}


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise StoreError(f"{file}: damaged ({error}); run `policykb rebuild --full`") from error


def read_head(folder: Path) -> dict[str, Any]:
    """Return the manifest of a build without its pages and their places.

    Raises StoreError when it is missing, damaged or of another format.
    """
    file = folder / FILE
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise StoreError(f"{folder}: no {FILE}, so this build is not complete; run `policykb rebuild`") from error
    except (OSError, ValueError, RecursionError) as error:
        raise StoreError(f"{file}: damaged ({error}); run `policykb rebuild --full`") from error
    found = manifest.get("format") if isinstance(manifest, dict) else None
    if found != FORMAT:
        raise StoreError(f"{file}: format {found}, this version reads format {FORMAT}; run `policykb rebuild --full`")
    missing = sorted(_KEYS - set(manifest))
    if missing:
        raise StoreError(f"{file}: lacks {', '.join(missing)}, so it is damaged; run `policykb rebuild --full`")
    return dict(manifest)


def manifest_problems(folder: Path, manifest: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a manifest that could be read: changed since it was written, or of another build."""
    problems = []
    rest = {name: value for name, value in manifest.items() if name != "sha256"}
    if hashlib.sha256(_canonical(rest)).hexdigest() != manifest["sha256"]:
        problems.append(f"{folder / FILE}: was changed since it was written")
    if build_id(manifest["inputs"]) != folder.name:
        problems.append(f"{folder / FILE}: its inputs make the build {build_id(manifest['inputs'])}, not {folder.name}")
    return problems


def checksums(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return the SHA-256 of every other file of a build by its name, as the manifest has them."""
    places = manifest.get("made", {}).get("places")
    return {**manifest["files"], **({PLACES_FILE: places} if places else {})}


def damaged_files(folder: Path, manifest: Mapping[str, Any]) -> list[str]:
    """Return one line for every file of a build that is missing or whose checksum differs from the manifest."""
    problems = []
    for name, expected in checksums(manifest).items():
        file = folder / name
        if not file.is_file():
            problems.append(f"{file}: missing")
        elif (found := file_sha256(file)) != expected:
            problems.append(f"{file}: checksum {found[:12]}, the manifest says {expected[:12]}")
    return problems
