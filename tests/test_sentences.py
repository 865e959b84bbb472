"""Sentences are cut where a reader would cut them, and nowhere else."""

from hypothesis import given
from hypothesis import strategies as st

from ingest.sentences import sentence_spans


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


def test_ends_at_full_stops_and_line_ends() -> None:
    assert sentences("先停保。再参保！\n第三步") == ["先停保。", "再参保！", "第三步"]


def test_a_semicolon_keeps_conditions_together() -> None:
    assert sentences("满2年的,次日享受;未满2年的,180日后享受。") == ["满2年的,次日享受;未满2年的,180日后享受。"]


def test_a_number_is_never_split() -> None:
    assert sentences("报销比例为87.5%。起付线1,300元") == ["报销比例为87.5%。", "起付线1,300元"]


def test_closing_marks_stay_with_their_sentence() -> None:
    assert sentences("他说“可以。”然后走了。") == ["他说“可以。”", "然后走了。"]


def test_offsets_count_from_the_whole_text() -> None:
    text = "前文。后文。尾"
    assert sentence_spans(text, 3, 6) == [(3, 6)]


@given(st.text(alphabet="医保。！?;\n .a9”", max_size=60))
def test_every_visible_character_is_in_one_sentence(text: str) -> None:
    covered = [position for start, end in sentence_spans(text) for position in range(start, end)]
    assert len(covered) == len(set(covered))
    assert {p for p, c in enumerate(text) if not c.isspace()} <= set(covered)
