"""Why a question itself leaves nothing to find: it only excludes, it only asks, or its conditions hold nowhere."""

from __future__ import annotations

from index.question.question import Question, read_question
from search_app.words import Words


def unfound(typed: str, say: Words) -> str | None:
    """Return what of `typed`, which found nothing, leaves nothing to find; None where it is not the reason."""
    question = read_question(typed)
    phrases, words = _listed(question.phrases), _listed(question.excluded)
    if question.excluded and question.is_empty:
        return say("only_excludes", words=words)
    if phrases and words:
        return say("none_left_both", phrases=phrases, words=words)
    if phrases:
        return say("none_left_phrases", phrases=phrases)
    if words:
        return say("none_left_excluded", words=words)
    return say("only_asks") if question.is_empty or question.only_asks else None


def unmarked(typed: str) -> str | None:
    """Return a question without its quotation marks and minus words; None where it has none or nothing else."""
    question: Question = read_question(typed)
    is_marked = question.phrases or question.excluded
    return question.text if is_marked and not question.is_empty else None


def _listed(words: tuple[str, ...]) -> str:
    return " ".join(f"“{word}”" for word in words)
