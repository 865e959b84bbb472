import numpy as np
from numpy.typing import NDArray

VERSION: int

class Loops:
    def __init__(
        self,
        texts: int,
        starts: NDArray[np.int64],
        kinds: NDArray[np.uint8],
        places: NDArray[np.int64],
        rows: NDArray[np.uint8],
        is_more: NDArray[np.uint8],
        ranks: NDArray[np.uint32],
        more: NDArray[np.uint8],
        often_at: NDArray[np.uint32],
        often: NDArray[np.uint8],
    ) -> None: ...
    def add(
        self,
        terms: NDArray[np.int64],
        factors: NDArray[np.float32],
        once: NDArray[np.float32],
        norms: NDArray[np.float32],
        k1: float,
        sums: NDArray[np.float32],
    ) -> None: ...
    def add_once(
        self,
        terms: NDArray[np.int64],
        factors: NDArray[np.float32],
        once: NDArray[np.float32],
        sums: NDArray[np.float32],
    ) -> None: ...
    def times(self, terms: NDArray[np.int64], wanted: NDArray[np.int32]) -> NDArray[np.uint8]: ...
