"""What serving a base from Qdrant costs, on shards in this process: bytes by part, loading, searches beside the files.

    python bench/qdrant.py KB FOLDER

KB is a base (bench/large makes one of any size), FOLDER where its collections are put, or lie from an earlier run.
Times are processor time of this process, medians and 95th percentiles of the questions below asked twice.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np

from index.build.publish import read_current
from index.filters import Filters
from index.kb import KnowledgeBase
from index.store.qdrant.place import PREFIX, Place
from index.store.qdrant.upload import upload

QUESTIONS = (
    "灵活就业人员医保断缴三个月还能报销吗",
    "异地就医备案",
    "生育津贴怎么领",
    "医保",
    "居民医保缴费标准 2025",
    "退休人员养老金调整",
    "湖南 门诊报销比例",
    "工伤认定需要什么材料",
    "社保转移手续",
    "住院报销比例是多少",
    "大病保险起付线",
    "公积金提取条件",
)
KINDS = {
    "hybrid": {},
    "lexical": {"mode": "lexical"},
    "dense": {"mode": "dense"},
    "hybrid, one province": {"filters": Filters(regions=("湖北省",))},
}
# Files of a shard, by what they are for: the beginnings of their folders' names.
_PARTS = ("vector_storage-words", "vector_index-words", "vector_storage-meaning", "vector_index-meaning", "payload")


def disk(folder: Path, passages: int) -> dict[str, int]:
    """Return the bytes on disk for each passage, by collection and part."""
    sizes: Counter[str] = Counter()
    for file in folder.rglob("*"):
        if file.is_file():
            names = file.relative_to(folder).parts
            part = next((part for part in _PARTS for name in names if name.startswith(part)), "other")
            sizes[f"{names[0].rpartition('_')[2]} {part}"] += file.stat().st_blocks * 512
    return {name: round(size / passages) for name, size in sorted(sizes.items())}


def searches(kb: KnowledgeBase, **asked: object) -> str:
    """Return median and 95th percentile of a search, in milliseconds of processor time."""
    taken = []
    for query in QUESTIONS * 2:
        begun = time.process_time()
        kb.search(query, **asked)  # type: ignore[arg-type]
        taken.append(1000 * (time.process_time() - begun))
    return f"{np.median(taken):.0f} / {np.percentile(taken, 95):.0f} ms"


def main(base: Path, folder: Path) -> None:
    """Load the base unless it is there, and print what it costs."""
    place, build = Place(f"edge:{folder}"), read_current(base)
    files = KnowledgeBase(base, build)
    begun = time.process_time()
    sent = upload(files, place.server(), PREFIX, "exact")
    if sent:
        print(f"{sent} points, {sent / (time.process_time() - begun):.0f} a second of processor time, indexed")
    for name, size in disk(folder, len(files.article_of)).items():
        print(f"{name}: {size} bytes a passage")
    served = KnowledgeBase(base, build, None, place)
    orders = [[[hit.row for hit in kb.search(query)] for query in QUESTIONS] for kb in (files, served)]
    print(f"{sum(one != other for one, other in zip(*orders, strict=True))} of {len(QUESTIONS)} questions differ")
    for name, asked in KINDS.items():
        print(f"{name}: files {searches(files, **asked)}, Qdrant {searches(served, **asked)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
