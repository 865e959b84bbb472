"""What a base takes in Qdrant: loaded into one shard of the real engine in this process (extra `qdrant`), and asked."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from statistics import fmean

# The folders of a segment, by what they hold; the names of vectors follow a hyphen. Our sparse vectors are `words`.
_HELD = {
    "vector_storage-words": "words",
    "vector_index-words": "index",
    "vector_storage-meaning": "vectors",
    "vector_index-meaning": "graph",
    "payload_storage": "payload",
    "payload_index": "fields",
}


def shard_values(kb: Path, questions: list[str]) -> dict[str, float]:
    """Return bytes of each part by name, and processor seconds to load all and to answer a question.

    Both collections count. The log is left out, as it does not grow with them; in the empty segment that waits for
    more points the blocks that are written count, and those are few.
    """
    from index.build.publish import read_current
    from index.kb import KnowledgeBase
    from index.store.qdrant.place import Place, close_servers
    from index.store.qdrant.upload import upload

    folder = kb.parent / "shard"
    shutil.rmtree(folder, ignore_errors=True)
    place = Place(f"edge:{folder}")
    base = KnowledgeBase(kb, read_current(kb))
    begun = sum(os.times()[:4])
    upload(base, place.server(), place.prefix, "graph")
    values = {"qdrant.cpu.load": sum(os.times()[:4]) - begun}
    served = KnowledgeBase(kb, base.build, None, place)
    served.search(questions[-1])
    times = []
    for question in questions[:-1]:
        begun = time.process_time()
        served.search(question)
        times.append(time.process_time() - begun)
    close_servers()
    codes = codes_bytes(base, kb.parent / "codes")
    return {**values, "query.qdrant": fmean(times), **part_bytes(folder), "qdrant.disk.codes": codes}


def part_bytes(folder: Path) -> dict[str, float]:
    """Return the bytes on disk of each part of all segments below a folder."""
    sizes = dict.fromkeys((f"qdrant.disk.{part}" for part in (*_HELD.values(), "ids")), 0.0)
    for segment in folder.glob("*/shard-*/segments/*"):
        for file in segment.rglob("*"):
            if file.is_file():
                part = _HELD.get(file.relative_to(segment).parts[0], "ids")
                sizes[f"qdrant.disk.{part}"] += file.stat().st_blocks * 512
    return sizes


def codes_bytes(base: object, folder: Path) -> int:
    """Return the bytes that codes of 8 bits take beside the vectors of a base."""
    import numpy as np
    import qdrant_edge as edge

    from index.kb import KnowledgeBase

    assert isinstance(base, KnowledgeBase)
    vectors = base.vectors
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    codes = edge.ScalarQuantizationConfig(edge.ScalarType.Int8, always_ram=True)
    graph = edge.HnswIndexConfig(m=0, ef_construct=100, full_scan_threshold=10_000)
    dense = edge.EdgeVectorParams(vectors.dim, edge.Distance.Dot, quantization_config=codes, hnsw_config=graph)
    optimizers = edge.EdgeOptimizersConfig(default_segment_number=1, indexing_threshold=1)
    shard = edge.EdgeShard.create(str(folder), edge.EdgeConfig({"meaning": dense}, optimizers=optimizers))
    for start in range(0, len(vectors), 1_000):
        rows = vectors.rows(np.arange(start, min(start + 1_000, len(vectors))))
        points = [edge.Point(start + at, {"meaning": row.tolist()}, {}) for at, row in enumerate(rows)]
        shard.update(edge.UpdateOperation.upsert_points(points))
    shard.flush()
    shard.optimize()
    shard.flush()
    shard.close()
    return sum(file.stat().st_blocks * 512 for file in folder.rglob("quantized*") if file.is_file())
