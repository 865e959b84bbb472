"""Names what is measured of a sentence and of a result: a calibration has a weight for each.

They stand apart from the code that measures them, which a search that reads its calibration does not need.
"""

from __future__ import annotations

# In this order in every vector of features; what each adds is told in docs/decisions.md.
SENTENCE = (
    "together",
    "near_together",
    "rare_together",
    "cosine_together",
    "lent_cosine_own",
    "lent_cosine_together",
    "lent_words",
    "hit_score",
    "passage",
    "offered",
    "novel",
    "lead",
    "overlong",
)
VERDICT = ("best", "passage", "gap", "lent", "figure_missing")
