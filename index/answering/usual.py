"""How near questions usually come to a passage: what a cosine is worth depends on the passage it is measured with.

A short passage on one thing is near to its questions, a long one on many things to none, and what is written as the
model's training texts were is nearer to everything. So from the cosine of a question and a passage the mean of the
cosines is taken that the passage has with the questions nearest to it, of a bank that was written for other pages
(cross-domain similarity local scaling, Conneau et al., Word Translation without Parallel Data, 2018). Without that,
a threshold that fits one collection silences another: measured in docs/decisions.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from index.kb import KnowledgeBase

Matrix = NDArray[np.float32]
# Every tenth question of the bank stands for all of them, and its ten nearest for what is near; a choice: fewer suit
# the seeds a little better and the gold a little worse, more the other way round.
_EVERY = 10
_NEAREST = 10


def usual_cosines(kb: KnowledgeBase, passages: Matrix) -> Matrix:
    """Return the mean cosine of each passage, a row, with the bank's questions nearest to it; 0 without a bank."""
    questions = kb.bank.vectors_of(np.arange(0, len(kb.bank.pairs), _EVERY))
    if not len(questions):
        return np.zeros(len(passages), dtype=np.float32)
    cosines = passages @ questions.T
    few = min(_NEAREST, len(questions))
    nearest: Matrix = np.partition(cosines, -few, axis=1)[:, -few:].mean(axis=1)
    return nearest
