"""How near questions usually come to a passage."""

from __future__ import annotations

import numpy as np
import pytest

from index.answering.usual import usual_cosines
from index.kb import KnowledgeBase


def test_a_passage_of_the_field_is_usually_nearer_than_one_of_another(sample_kb: KnowledgeBase) -> None:
    texts = ["职工医保断缴三个月以内补缴的，待遇可以追溯享受。", "红烧肉要小火慢炖，收汁前放糖。"]
    vectors = sample_kb.table.encode_document(texts)
    inside, outside = usual_cosines(sample_kb, vectors).tolist()
    assert inside > outside + 0.1


def test_it_is_the_mean_of_the_ten_nearest_of_every_tenth_question(sample_kb: KnowledgeBase) -> None:
    passage = sample_kb.table.encode_document(["失业金由参保地经办机构按月发放。"])
    questions = sample_kb.table.encode_query([pair.question for pair in sample_kb.bank.pairs[::10]])
    nearest = np.sort(questions @ passage[0])[-10:]
    assert usual_cosines(sample_kb, passage).tolist() == pytest.approx([float(nearest.mean())], abs=1e-6)
