"""Writes docs/reference.md from the docstrings of what researchers call: `python docs/make_reference.py`.

Read from the syntax trees, so signatures stand as they are written. What a method gives back is listed behind it, and
what that holds, as far as it is a class of ours. griffe and pdoc were looked at: griffe reads the same trees and leaves
the page to be written all the same, pdoc makes a site of its own and no Markdown.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reference.md"
# The classes that make up KnowledgeBase in the order of the page, with the heading of each.
PARTS = {
    ("index/kb.py", "KnowledgeBase"): "Search, answer, articles",
    ("index/frames.py", "Frames"): "Tables",
    ("index/explore/exploring.py", "Exploring"): "Exploring",
    ("index/opened.py", "OpenedBuild"): "Parts of the build",
}
# What is given to methods rather than by them.
GIVEN = ("index/filters.py", "Filters")
HEAD = """# Reference of the Python way in

Made from the docstrings by `python docs/make_reference.py`; a test holds the two together.
[The tutorial](tutorial.ipynb) shows these at work on the sample corpus. An opened base is one build and never changes;
every frame has the build in its first column. The examples run in the tests, with `kb` on the sample corpus.
"""

Place = tuple[str, str]  # a file, and a name that is defined in it


def make_reference() -> str:
    """Return the whole page."""
    (opening,) = (node for node in tree_of("index/kb.py").body if getattr(node, "name", "") == "open_kb")
    assert isinstance(opening, ast.FunctionDef)
    text, wanted = [HEAD, method(opening, "")], [GIVEN]
    for place, heading in PARTS.items():
        found = members(definition(place))
        text += [f"## {heading}\n", *(method(node, "kb.") for node in found if not is_property(node))]
        text += [*(f"- `kb.{node.name}`: {first_sentence(node)}" for node in found if is_property(node)), ""]
        wanted += [one for node in found if not is_property(node) for one in named(node, place[0])]
    text.append("## What they take and give\n")
    listed: set[Place] = {("index/kb.py", "KnowledgeBase")}
    while wanted:
        place = wanted.pop(0)
        if place in listed:
            continue
        listed.add(place)
        node = definition(place)
        if isinstance(node, ast.ClassDef):
            fields = [
                one for one in node.body if isinstance(one, ast.AnnAssign) and not ast.unparse(one).startswith("_")
            ]
            text.append(type_entry(node, fields, place[0]))
            wanted += [one for field in fields for one in named(field.annotation, place[0])]
        elif isinstance(node, ast.Assign) and "Literal[" in ast.unparse(node.value):
            text.append(f"### {place[1]}\n\n`{ast.unparse(node.value)}`\n")
    return "\n".join(text).rstrip() + "\n"


@cache
def tree_of(file: str) -> ast.Module:
    """Return the syntax tree of a file of the repository."""
    return ast.parse((ROOT / file).read_text(encoding="utf-8"))


def definition(place: Place) -> ast.stmt | None:
    """Return where a class or a name is defined in its file."""
    for node in tree_of(place[0]).body:
        if getattr(node, "name", None) == place[1] or place[1] in [
            ast.unparse(t) for t in getattr(node, "targets", ())
        ]:
            return node
    return None


def home_of(name: str, file: str) -> Place | None:
    """Return where a name of a file is defined, through the imports of our own files; None for one that is not ours."""
    if definition((file, name)):
        return file, name
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.ImportFrom) and node.module and name in [one.asname or one.name for one in node.names]:
            home = f"{node.module.replace('.', '/')}.py"
            return home_of(name, home) if (ROOT / home).is_file() else None
    return None


def named(node: ast.AST, file: str) -> list[Place]:
    """Return what is ours among the names in an annotation, or in those of a method: what it gives comes first."""
    if isinstance(node, ast.FunctionDef):
        given = [argument.annotation for argument in (*node.args.args, *node.args.kwonlyargs) if argument.annotation]
        return [place for one in (node.returns, *given) if one for place in named(one, file)]
    names = [one.id for one in ast.walk(node) if isinstance(one, ast.Name)]
    return [place for name in names if (place := home_of(name, file))]


def members(owner: ast.stmt | None) -> list[ast.FunctionDef]:
    """Return the public methods and properties of a class, in the order of its file."""
    assert isinstance(owner, ast.ClassDef)
    return [node for node in owner.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]


def is_property(node: ast.FunctionDef) -> bool:
    """Say whether a method is read like a field."""
    return any("property" in ast.unparse(decorator) for decorator in node.decorator_list)


def method(node: ast.FunctionDef, before: str) -> str:
    """Return a method: its name, its signature, and its docstring with the examples as code."""
    parts = re.sub(r"(: [^=,]+?)=", r"\1 = ", ast.unparse(node.args)).removeprefix("self").removeprefix(", ")
    signature = f"{before}{node.name}({parts}) -> {ast.unparse(node.returns) if node.returns else None}"
    return f"### {before}{node.name}\n\n```python\n{signature}\n```\n\n{prose(node)}\n"


def type_entry(owner: ast.ClassDef, fields: list[ast.AnnAssign], file: str) -> str:
    """Return a class: its docstring, its fields with their types, and the first sentence of each of its methods."""
    rows = [f"- `{ast.unparse(one.target)}: {ast.unparse(one.annotation)}`" for one in fields]
    rows += [f"- `{node.name}{'' if is_property(node) else '()'}`: {first_sentence(node)}" for node in members(owner)]
    module = file.removesuffix(".py").replace("/", ".")
    return "\n".join([f"### {owner.name}", "", f"`{module}`. {prose(owner)}", *([""] if rows else []), *rows, ""])


def first_sentence(node: ast.FunctionDef) -> str:
    """Return the first paragraph of a docstring in one line."""
    return " ".join((ast.get_docstring(node) or "").partition("\n\n")[0].split())


def prose(node: ast.FunctionDef | ast.ClassDef) -> str:
    """Return a docstring as Markdown: what begins with >>> becomes a block of code, up to the next empty line."""
    docstring = (ast.get_docstring(node) or "") + "\n"
    return re.sub(r"(?m)^>>> (?:.+\n)+", lambda found: f"```pycon\n{found[0]}```\n", docstring).rstrip()


if __name__ == "__main__":
    PAGE.write_text(make_reference(), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)}: written")
