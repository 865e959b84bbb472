"""The pages of a large corpus are the same every time, and have as many passages as they are asked for."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "bench"))

from large.pages import PASSAGES, draft, page, read_material  # noqa: E402 - bench is no package

from ingest.clean import clean  # noqa: E402
from ingest.page import page_from_bytes  # noqa: E402
from ingest.passages import split_passages  # noqa: E402

MATERIAL = read_material()


@pytest.mark.parametrize(("passages", "low", "high"), [(PASSAGES, 4, 6), (10, 8, 12)])
def test_articles_have_about_as_many_passages_as_asked_for(passages: int, low: int, high: int) -> None:
    count = 0
    for number in range(24):
        path, data, _ = page(MATERIAL, number, 1, 24, passages=passages)
        read = page_from_bytes(data, path=path)
        count += len(split_passages(read.text, clean(read)))
    assert low < count / 24 < high


def test_a_page_is_the_same_every_time_and_five_passages_are_the_default() -> None:
    assert page(MATERIAL, 7, 1, 24) == page(MATERIAL, 7, 1, 24, passages=PASSAGES)
    assert page(MATERIAL, 7, 1, 24, passages=10) == page(MATERIAL, 7, 1, 24, passages=10)
    assert [3 <= len({head for head, _ in draft(MATERIAL, n, 1).paragraphs if head}) <= 6 for n in range(9)] == [
        True
    ] * 9
