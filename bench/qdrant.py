"""What serving a base from Qdrant costs, on shards in this process: bytes by part, loading, searches beside the files.

    python bench/qdrant.py KB FOLDER

KB is a base (bench/large makes one of any size), FOLDER where its collections are put, or lie from an earlier run.
Times are processor time of this process, medians of the questions below, each put to both stores in turn; ratios are
medians of a question's. Asked again, a question finds the words of its passages and articles read.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
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
WARM_UP = "失业金领取期限"  # reads lexicon, bank and model
KINDS: Mapping[str, Mapping[str, object]] = {
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


def searches(stores: Sequence[KnowledgeBase], **asked: object) -> str:
    """Return the median search of the files and of Qdrant, a question's first time and its second, and their ratio."""
    for kb in stores:
        kb.search(WARM_UP, **asked)  # type: ignore[arg-type]
    told = []
    for time_of in ("first", "again"):
        taken = np.array([[_milliseconds(kb, query, asked) for kb in stores] for query in QUESTIONS])
        files, served = np.median(taken, axis=0)
        ratio = np.median(taken[:, 1] / taken[:, 0])
        told.append(f"{time_of} {files:.0f}, {served:.0f} ms, Qdrant {ratio:.2f} times the files")
    return "; ".join(told)


def _milliseconds(kb: KnowledgeBase, query: str, asked: Mapping[str, object]) -> float:
    begun = time.process_time()
    kb.search(query, **asked)  # type: ignore[arg-type]
    return 1000 * (time.process_time() - begun)


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
    orders = [
        [[hit.row for hit in kb.search(query)] for query in QUESTIONS]
        for kb in (files, KnowledgeBase(base, build, None, place))
    ]
    print(f"{sum(one != other for one, other in zip(*orders, strict=True))} of {len(QUESTIONS)} questions differ")
    for name, asked in KINDS.items():  # opened anew each time: the engine keeps the words of texts it has read
        stores = [KnowledgeBase(base, build, None, where) for where in (None, place)]
        print(f"{name}: {searches(stores, **asked)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
