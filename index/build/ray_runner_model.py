"""A large model on a Ray cluster: passages are embedded in shards, on GPUs where the cluster has any.

The model is loaded where it is used, once a worker: each machine has it in its own cache of the hub, or in the same
folder, and its fingerprint must be that of the rebuild.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import ray
from numpy.typing import NDArray

from index.build.manifest import code_fingerprint
from index.build.ray_runner_tasks import DIED, RETRIES, RayFailed, expect_code, machine, resources, result_of
from index.model import load_embedder
from index.model.embedder import Embedder
from ingest.problem import Problem

# Texts a shard: whole batches of the model (64, index/model/transformer.py), so that a text stands beside the same
# texts as in one process, and its vector has the same bits on the same kind of processor.
_TEXTS = 128


@dataclass(frozen=True, slots=True)
class ClusterModel:
    """A model by its name, loaded where it is used; it embeds passages on the cluster, with GPUs where there are any.

    Each machine has the model in its own cache of the hub, or in the same folder.
    """

    name: str
    fingerprint: str
    dim: int

    def fits(self, text: str) -> bool:
        """Whether the model reads the whole of `text` in one go."""
        return _loaded(self).fits(text)

    def encode_query(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row a question, shape (n, dim), made here."""
        return _loaded(self).encode_query(texts)

    def encode_document(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Return one row a passage, shape (n, dim). Raises RayFailed and ModelError."""
        gpus = 1 if resources().get("GPU") else 0
        task = ray.remote(_vectors).options(max_retries=RETRIES, num_gpus=gpus)
        shards = [texts[at : at + _TEXTS] for at in range(0, len(texts), _TEXTS)]
        places = {task.remote(code_fingerprint(), self, shard): place for place, shard in enumerate(shards)}
        rows = [np.zeros((0, self.dim), dtype=np.float32)] * len(shards)
        try:
            while places:
                ready, _ = ray.wait(list(places))
                for done in ready:
                    rows[places[done]] = result_of(done)
                    if progress is not None:
                        progress(len(rows[places[done]]))
                    del places[done]
        except DIED as error:
            raise RayFailed(
                f"{self.name}: the process that embedded with it was ended {RETRIES + 1} times, perhaps for want of"
                " memory; give the workers more, or take a smaller model, and run the rebuild again"
            ) from error
        finally:
            for left in places:
                ray.cancel(left)
        return np.concatenate([np.zeros((0, self.dim), dtype=np.float32), *rows])


def _vectors(code: str, model: ClusterModel, texts: Sequence[str]) -> NDArray[np.float32]:
    """Return the document vectors of some texts. Runs on a worker."""
    expect_code(code)
    return _loaded(model).encode_document(texts)


@lru_cache(maxsize=1)
def _loaded(model: ClusterModel) -> Embedder:
    try:
        embedder = load_embedder(model.name)
    except Problem as problem:
        raise RayFailed(f"{machine()}: {problem}") from problem
    if embedder.fingerprint != model.fingerprint:
        raise RayFailed(
            f"{machine()}: found another model {model.name} ({embedder.fingerprint[:8]}), expected that of the rebuild"
            f" ({model.fingerprint[:8]}); put the same files on every machine of the cluster"
        )
    return embedder
