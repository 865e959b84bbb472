"""A very long page in parts: nothing is left out, no part is too long, every place is found in its part."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from search_app.page_parts import Piece, parts_of


@st.composite
def pages(draw: st.DrawFn) -> tuple[str, list[Piece]]:
    text = draw(st.text(st.sampled_from("字句。\n"), max_size=120))
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)) | {0, len(text)})
    removals = draw(st.lists(st.booleans(), min_size=len(cuts), max_size=len(cuts)))
    pairs = zip(cuts, cuts[1:], removals, strict=False)
    return text, [Piece(start, end, {"start": start} if is_removed else None) for start, end, is_removed in pairs]


@given(pages(), st.integers(1, 40), st.integers(1, 4))
def test_parts_tile_the_page_within_their_bounds(
    made: tuple[str, list[Piece]], max_chars: int, max_pieces: int
) -> None:
    text, pieces = made
    parts = parts_of(text, pieces, max_chars=max_chars, max_pieces=max_pieces)
    shown = [piece for run in parts.runs for piece in run]
    assert "".join(text[piece.start : piece.end] for piece in shown) == text
    assert all(left.end == right.start for left, right in pairwise(shown))
    assert all(piece.start < piece.end for piece in shown)
    assert max(sum(piece.end - piece.start for piece in run) for run in parts.runs) <= max_chars
    assert max(len(run) for run in parts.runs) <= max_pieces
    assert all(parts.runs) or not text
    for piece in shown:
        owner = next(one for one in pieces if one.start <= piece.start < one.end)
        assert piece.removal == owner.removal
    for number, run in enumerate(parts.runs, start=1):
        for piece in run:
            assert parts.choose(None, piece.start) == parts.number_of(piece.end - 1) == number


def test_a_piece_that_fits_is_not_torn_and_a_longer_one_ends_at_a_line() -> None:
    text = "一二三\n四五六\n七八九\n"
    parts = parts_of(text, [Piece(0, 2), Piece(2, 8), Piece(8, 12)], max_chars=6)
    assert [[(piece.start, piece.end) for piece in run] for run in parts.runs] == [[(0, 2)], [(2, 8)], [(8, 12)]]
    parts = parts_of(text, [Piece(0, 12)], max_chars=6)
    assert [[(piece.start, piece.end) for piece in run] for run in parts.runs] == [[(0, 4)], [(4, 8)], [(8, 12)]]


def test_an_address_names_a_part_by_number_or_by_place() -> None:
    parts = parts_of("甲" * 10, [Piece(0, 10)], max_chars=4)
    assert [parts.choose(said, 9) for said in ("2", "0", "99", "report", None)] == [2, 1, 3, 3, 3]
    assert parts.choose(None, None) == 1
    assert parts.choose(None, 10**9) == 3
    assert len(parts_of("", [])) == 1
