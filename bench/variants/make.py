"""Writes the test pages for the cleaner: `python bench/variants/make.py OUT [--seed N] [--pages N]`.

OUT/html/ holds the pages, OUT/gt.jsonl the answers: id, template (the group of the scores), title, body (without title
and byline), rec (the printed recommendation blocks, absent without one), snippets, noise (whatever is neither). The
same seed writes the same bytes. The rules of the cleaner were not looked at when this was written.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import dumps
import layouts
from material import Material


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pages", type=int, default=6, help="pages of each layout and variant")
    options = parser.parse_args()
    print(write_variants(options.out, seed=options.seed, pages=options.pages))


def write_variants(out: Path, *, seed: int = 1, pages: int = 6) -> str:
    """Write the pages and gt.jsonl to the folder `out` and return in one line what was written."""
    folder = out / "html"
    folder.mkdir(parents=True, exist_ok=True)
    material, rows = Material(), []
    plan = [(dumps.make, name) for name in dumps.VARIANTS] + [(layouts.make, name) for name in layouts.LAYOUTS]
    for make, name in plan:
        for number in range(pages):
            rng = random.Random(f"{seed} {name} {number}")  # a page does not depend on the pages before it
            page = make(material, name, number, rng)
            kind = "html" if page.suffix == ".html" else "text"
            ident = f"{kind}_{name}_{number}"
            (folder / (ident + page.suffix)).write_bytes(page.data)
            row = {"id": ident, "template": f"{kind}:{name}", "title": page.title, "body": page.body}
            if page.rec:
                row["rec"] = page.rec
            row["snippets"] = [snippet.gold() for snippet in page.snippets]
            row["noise"] = page.noise
            rows.append(row)
    with (out / "gt.jsonl").open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return f"{len(rows)} pages, {len(plan)} groups, {sum(len(row['snippets']) for row in rows)} snippets in {out}"


if __name__ == "__main__":
    main()
