"""What the READMEs tell a newcomer to type works, and both tell the same."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from index.store.compiled import compiled_loops
from search_app.cli import COMMANDS, main

ROOT = Path(__file__).resolve().parents[1]


def commands(readme: str) -> list[str]:
    """Return the policykb lines of the shell blocks, comments off."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / readme).read_text(encoding="utf-8"), re.DOTALL)
    lines = [line.split("#")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith("policykb ")]


def test_every_command_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "corpus", tmp_path / "corpus")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("POLICYKB_KB", raising=False)
    lines = commands("README.md")
    assert len(lines) >= 6
    for line in lines:
        result = CliRunner().invoke(main, shlex.split(line)[1:], catch_exceptions=False)
        assert result.exit_code == 0, f"{line}: {result.output}"
        assert result.stdout.strip(), line


def test_the_python_lines_of_the_readme_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    CliRunner().invoke(main, ["rebuild", str(ROOT / "corpus/pages")], catch_exceptions=False)
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 1
    namespace: dict[str, object] = {}
    exec(blocks[0].replace("kb.search(", "frame = kb.search("), namespace)
    assert len(namespace["frame"]) == 5  # type: ignore[arg-type]


def test_both_readmes_tell_the_same_commands() -> None:
    assert commands("README.md") == commands("README.zh-CN.md")


@pytest.mark.parametrize("target", ["run", "check", "bench"])
def test_make_targets_exist(target: str) -> None:
    assert subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, check=False).returncode == 0


def test_links_of_the_docs_lead_somewhere() -> None:
    for file in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "corpus/README.md"]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", file.read_text(encoding="utf-8")):
            assert (file.parent / target).exists(), f"{file.name}: {target}"


def test_both_readmes_show_the_pictures_that_the_bench_takes() -> None:
    bench = (ROOT / "bench/screenshots.py").read_text(encoding="utf-8")
    taken = re.findall(r'^    \("(\w+)", "(?:narrow|wide)", ', bench, re.MULTILINE)
    for readme in ("README.md", "README.zh-CN.md"):
        shown = re.findall(r'<img src="docs/images/(\w+)\.png"[^>]* alt="[^"]+">', (ROOT / readme).read_text("utf-8"))
        assert shown == taken, readme


def test_every_command_is_documented() -> None:
    text = "".join(file.read_text(encoding="utf-8") for file in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
    assert [name for name in COMMANDS if f"policykb {name}" not in text] == []


def test_the_wheel_carries_what_the_packages_need() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    listed = set(config["tool"]["setuptools"]["packages"])
    found = {
        ".".join(file.parent.relative_to(ROOT).parts)
        for room in ("ingest", "index", "search_app")
        for file in (ROOT / room).rglob("*.py")
    }
    assert found <= listed


@pytest.mark.parametrize("has_compiler", [True, False])
def test_the_wheel_answers_a_question_from_another_folder(tmp_path: Path, has_compiler: bool) -> None:
    if has_compiler and compiled_loops() is None:
        pytest.skip("no C compiler: the wheel is the one without loops")
    source = tmp_path / "source"
    tracked = ["ingest", "index", "search_app", "pyproject.toml", "setup.py", "README.md", "LICENSE"]
    source.mkdir()
    for name in tracked:
        if (ROOT / name).is_dir():
            built = shutil.ignore_patterns("loops.c", "*.so", "*.pyd", "__pycache__")
            shutil.copytree(ROOT / name, source / name, ignore=built)
        else:
            shutil.copy(ROOT / name, source / name)
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(source)]
    compiler = {} if has_compiler else {"CC": "false"}  # which fails, whatever it is given
    subprocess.run(build, check=True, capture_output=True, env={**os.environ, **compiler})
    site = tmp_path / "site"
    with zipfile.ZipFile(next(tmp_path.glob("policykb-*.whl"))) as wheel:
        wheel.extractall(site)
    assert any((site / "index/store").glob("loops.*.so")) == has_compiler
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    code = (
        "import index, sys; from search_app.cli import main\n"
        f"assert index.__file__.startswith({str(site)!r}), index.__file__\n"
        "main(sys.argv[1:])"
    )
    run = [sys.executable, "-c", code]
    environment = {**os.environ, "PYTHONPATH": str(site)}
    for words in (["rebuild", str(ROOT / "corpus/pages"), "--json"], ["ask", "生育津贴的计发公式是什么？", "--json"]):
        done = subprocess.run(
            [*run, *words], cwd=elsewhere, env=environment, check=True, capture_output=True, text=True
        )
    assert json.loads(done.stdout)["verdict"] == "answered"
    assert (site / "search_app/static/css/10-page.css").is_file()
    assert {file.name for file in (site / "index/bank/vectors").iterdir()} == {"codes.npy", "key.txt", "scales.npy"}
    assert sorted(path.name for path in site.iterdir() if path.is_dir() and not path.name.endswith(".dist-info")) == [
        "index",
        "ingest",
        "search_app",
    ]


def test_the_version_says_how_words_are_added_up(monkeypatch: pytest.MonkeyPatch) -> None:
    for setting, way in (("1", "compiled loops" if compiled_loops() else "NumPy"), ("0", "NumPy")):
        monkeypatch.setenv("POLICYKB_COMPILED", setting)
        shown = CliRunner().invoke(main, ["--version"], catch_exceptions=False).output.splitlines()
        assert shown[0].startswith("policykb 0.")
        assert shown[1].startswith(f"words are added up by {way}")
