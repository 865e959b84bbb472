"""Fuzzing for minutes: the properties of tests/test_fuzz.py on new cases every time, and damaged knowledge bases.

    python bench/fuzz.py [--minutes 10] [--only NAME] [--seed N]

Prints a line for every property: cases, seconds, the slowest case, and what was found wrong. A case that fails is
shrunk and printed by hypothesis; put it into the tests before mending it.
"""

from __future__ import annotations

import argparse
import importlib.util
import random
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from index.build.build import rebuild
from index.kb import open_kb
from index.model import load_embedder

ROOT = Path(__file__).resolve().parents[1]
_AT_A_TIME = 40  # cases between two looks at the clock


@dataclass(slots=True)
class Count:
    """How many cases were checked, and the longest that one took."""

    cases: int = 0
    slowest_s: float = 0.0


def tests_of(name: str) -> ModuleType:
    """Return the test file `name` as a module: its folder is no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "tests" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def counted(body: Callable[[Any], None], count: Count) -> Callable[[Any], None]:
    """Return `body`, counting its calls and their time."""

    def call(case: Any) -> None:
        begun = time.perf_counter()
        body(case)
        count.cases += 1
        count.slowest_s = max(count.slowest_s, time.perf_counter() - begun)

    return call


def fuzz(name: str, check: Callable[[Count], None], seconds: float) -> bool:
    """Run `check` until the time is up, print a line, and return whether nothing was wrong."""
    count = Count()
    begun = time.monotonic()
    wrong = ""
    while time.monotonic() - begun < seconds and not wrong:
        try:
            check(count)
        except Exception as error:  # whatever it is, it is what this looks for
            traceback.print_exc()
            wrong = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
    print(
        f"{name:16} {count.cases:7,} cases in {time.monotonic() - begun:5.0f} s, slowest {count.slowest_s:6.2f} s"
        f"   {wrong or 'nothing wrong'}",
        flush=True,
    )
    return not wrong


def main() -> int:
    """Fuzz every part for its share of the time."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--only", default="", help="fuzz the parts whose name contains this")
    parser.add_argument("--seed", type=int, default=None, help="of the damage; cases of the properties are always new")
    asked = parser.parse_args()
    hostile, damaged = tests_of("test_fuzz"), tests_of("test_damaged")
    rng = random.Random(asked.seed)
    with tempfile.TemporaryDirectory() as folder:
        rebuild([ROOT / "corpus" / "pages"], Path(folder) / "kb", embedder=load_embedder("bundled"))
        kb = open_kb(Path(folder) / "kb")
        base = damaged.make_base(Path(folder) / "small")
        parts: dict[str, Callable[[Count], None]] = {
            name: lambda count, body=body, cases=cases: hostile.draw(
                counted(body, count), cases, _AT_A_TIME, derandomize=False
            )
            for name, (body, cases) in hostile.PROPERTIES.items()
        }
        parts["questions"] = lambda count: hostile.draw(
            counted(lambda case: hostile.question_is_answered(kb, *case), count),
            hostile.questions,
            _AT_A_TIME,
            derandomize=False,
        )
        parts["damaged bases"] = lambda count: counted(partial(damaged.survives, base), count)(
            damaged.random_damage(base, rng)
        )
        chosen = {name: check for name, check in parts.items() if asked.only in name}
        sound = [fuzz(name, check, asked.minutes * 60 / len(chosen)) for name, check in chosen.items()]
    return 0 if all(sound) else 1


if __name__ == "__main__":
    raise SystemExit(main())
