"""Runs docs/tutorial.ipynb on the sample corpus and writes its outputs: `python docs/run_tutorial.py`.

The cells are plain Python, so they run here as they do in Jupyter, without a kernel: nbclient and ipykernel would bring
25 packages (debugger, ZeroMQ, a terminal) into the tests for this one file. A cell tagged `varies` has outputs that
another machine may round otherwise.
"""

from __future__ import annotations

import ast
import io
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import chdir, redirect_stdout
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOK = ROOT / "docs" / "tutorial.ipynb"
# What a value may show itself as, by the method that a notebook asks.
_SHOWN = {"_repr_html_": "text/html", "_repr_svg_": "image/svg+xml", "_repr_markdown_": "text/markdown"}


def run(notebook: dict[str, Any], kb: Path) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Yield each cell of code with the outputs that it gives where `../kb` is the knowledge base `kb`."""
    names: dict[str, Any] = {"__name__": "__main__"}
    with tempfile.TemporaryDirectory() as place:
        here = Path(place) / "docs"
        here.mkdir()
        (here.parent / "kb").symlink_to(kb.resolve(), target_is_directory=True)
        with chdir(here):
            cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
            for number, cell in enumerate(cells, start=1):
                yield cell, list(_outputs("".join(cell["source"]), names, number))


def _outputs(source: str, names: dict[str, Any], number: int) -> Iterator[dict[str, Any]]:
    """Run a cell; what it prints and the value of its last line are its outputs, as nbformat 4 has them."""
    body = ast.parse(source).body
    last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
    value = None
    with redirect_stdout(io.StringIO()) as printed:
        exec(compile(ast.Module(body, []), f"cell {number}", "exec"), names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), f"cell {number}", "eval"), names)
    if printed.getvalue():
        yield {"output_type": "stream", "name": "stdout", "text": _lines(printed.getvalue())}
    if value is not None:
        shown = {"text/plain": repr(value)}
        shown |= {kind: getattr(value, method)() for method, kind in _SHOWN.items() if hasattr(value, method)}
        data = {kind: _lines(text) for kind, text in shown.items()}
        yield {"output_type": "execute_result", "execution_count": number, "metadata": {}, "data": data}


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def main() -> None:
    """Build the sample corpus, run the notebook on it, and write it back with its outputs."""
    from index.build.build import rebuild
    from index.kb import open_kb
    from index.model import load_embedder

    os.environ.setdefault("OMP_NUM_THREADS", "1")
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as place:
        kb = Path(place) / "kb"
        rebuild([ROOT / "corpus" / "pages"], kb, embedder=load_embedder("bundled"))
        notebook["metadata"]["policykb"] = {"build": open_kb(kb).build}
        for number, (cell, outputs) in enumerate(run(notebook, kb), start=1):
            cell["outputs"], cell["execution_count"] = outputs, number
    NOTEBOOK.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"{NOTEBOOK.relative_to(ROOT)}: written")


if __name__ == "__main__":
    main()
