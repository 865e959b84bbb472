"""One store in a process of its own: builds it, answers batches of questions, or gives one first answer.

    python bench/peers/worker.py STORE build|ask|first|about FOLDER CORPUS LIMIT

Started by run.py with the Python of the store's environment. Results are lines of JSON on standard output; what the
libraries print goes to standard error. Times are milliseconds around one question, to its texts: wall and processor.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[0] = str(ROOT / "bench")  # and not this folder, whose file names would be modules
sys.path.insert(1, str(ROOT))

from peers.exchange import Corpus, read_corpus  # noqa: E402 - found by the lines above
from peers.store import Hit, Store, load_store  # noqa: E402

MODEL = ROOT / "index" / "model" / "weights"
Tell = Callable[[object], None]


def used() -> dict[str, float]:
    """Return the wall and processor seconds so far, with those of ended children, and the peak memory in bytes.

    The peak is that of the status file: the one of `getrusage` begins with that of the process that started this one.
    """
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return {
        "wall": time.perf_counter(),
        "cpu": own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime,
        "memory": max(int(status["VmHWM"].removesuffix("kB")), children.ru_maxrss) * 1024,
    }


def build(store: Store, folder: Path, corpus: Corpus) -> dict[str, Any]:
    """Build, and return what it took; reading the corpus and importing the library are not counted."""
    gc.freeze()  # as where it is asked
    before = used()
    stages = store.build(folder, corpus.passages, corpus.vectors)
    after = used()
    return {
        "wall": after["wall"] - before["wall"],
        "cpu": after["cpu"] - before["cpu"],
        "memory": after["memory"],
        "disk": store.about.disk(folder, corpus.vectors.nbytes),
        "stages": stages or {},
        "passages": len(corpus.passages),
    }


def ask(store: Store, folder: Path, corpus: Corpus, tell: Tell) -> None:
    """Answer batches: a line `{kind, questions, k, where, seconds}` gives a line `{ms, cpu_ms, rows, memory}`.

    `cpu_ms` is the time of all threads of the process, also those that a library starts outside Python.

    A batch ends early after `seconds`, with one question answered at least.
    """
    gc.freeze()  # the passages of the bench are nothing that a store should look through for garbage
    store.open(folder)
    wheres = {where.name: where for where in corpus.wheres}
    tell("open")
    for line in sys.stdin:
        task = json.loads(line)
        times: list[float] = []
        cpu_times: list[float] = []
        rows: list[list[int]] = []
        begun = time.perf_counter()
        for number in task["questions"]:
            text, vector, k = corpus.questions[number], corpus.question_vectors[number], task["k"]
            start, cpu = time.perf_counter(), time.process_time()
            if task["kind"] == "dense":
                hits = store.dense(vector, k)
            elif task["kind"] == "hybrid":
                hits = store.hybrid(text, vector, k)
            else:
                hits = store.filtered(text, vector, k, wheres[task["where"]])
            times.append(1000 * (time.perf_counter() - start))
            cpu_times.append(1000 * (time.process_time() - cpu))
            rows.append(rows_of(hits))
            if time.perf_counter() - begun > task["seconds"]:
                break
        tell({"ms": times, "cpu_ms": cpu_times, "rows": rows, "memory": used()["memory"]})


def rows_of(hits: list[Hit]) -> list[int]:
    """Return the rows of hits, each of which has its text."""
    if any(not text for _, text in hits):
        raise ValueError(f"a hit came without its text: {hits}")
    return [int(row) for row, _ in hits]


def first(store: Store, folder: Path, corpus_folder: Path, *, with_model: bool) -> dict[str, Any]:
    """Return the first hit of the first question; `with_model` embeds it as a script does, else its vector is read."""
    question = json.loads((corpus_folder / "questions.jsonl").read_text("utf-8").splitlines()[0])
    if with_model:
        from sentence_transformers import SentenceTransformer

        model = SentenceTransformer(str(MODEL), trust_remote_code=True, device="cpu")
        vector = model.encode([question], show_progress_bar=False)[0]
    else:
        import numpy as np

        vector = np.load(corpus_folder / "question_vectors.npy", mmap_mode="r")[0]
    store.open(folder)
    return {"rows": rows_of(store.hybrid(question, vector, 10))}


def main() -> None:
    name, action, place, corpus_place, limit = sys.argv[1:]
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # libraries that print must not stand between the results

    def tell(value: object) -> None:
        print(json.dumps(value, ensure_ascii=False), file=out, flush=True)

    store, folder, corpus_folder = load_store(name), Path(place), Path(corpus_place)
    if action == "about":
        about = store.about
        told = {key: getattr(about, key) for key in ("name", "configuration", "why", "has_words", "most", "built_by")}
        tell(told | {"versions": about.versions()})
    elif action in ("first", "first-given"):
        tell(first(store, folder, corpus_folder, with_model=action == "first"))
    else:
        corpus = read_corpus(corpus_folder, int(limit))
        if action == "build":
            tell(build(store, folder, corpus))
        else:
            ask(store, folder, corpus, tell)


if __name__ == "__main__":
    main()
