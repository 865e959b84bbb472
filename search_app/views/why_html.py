"""Why a passage was found, as HTML: one sentence, the parts of its score as bars, and one click deeper the numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce

from index.hits import Hit
from index.telling import MOST_WORDS, Fit, Piece, Telling, pieces
from search_app.render import escape
from search_app.words import Words


def why_html(hit: Hit, telling: Telling | None, say: Words) -> str:
    """Return why a hit was found, behind a line to unfold. Without `telling`, what its reasons alone say."""
    if telling is None:
        words = tuple(word for word, _ in hit.reasons.words[:MOST_WORDS])
        telling = Telling((), words, (), (), (), pieces(hit.reasons.legs, {}))
    largest = max((abs(piece.share) for piece in telling.pieces), default=0.0) or 1.0
    bars = "".join(_bar(piece, largest, say) for piece in telling.pieces)
    return (
        f'<details class="pk-why"><summary>{escape(say("why"))}</summary>'
        f'<p class="pk-because">{because_html(telling, say)}</p><ul class="pk-legs">{bars}</ul>'
        f'<p class="pk-meta">{escape(say("why_share", rank=hit.rank))}</p>{_numbers(hit, telling, say)}</details>'
    )


def because_html(told: Telling, say: Words) -> str:
    """Return why a hit was found in one sentence, as a person would explain it."""
    clauses = [*_about_words(told, say), *(_about_fit(fit, say) for fit in told.fits)]
    if told.pieces:
        most = _piece_words(told.pieces[0], say)
        clauses.append(escape(say("why_most", piece=most[:1].lower() + most[1:])))
    sentence = escape(say("why_join")).join(clauses) + escape(say("why_end"))
    return sentence[:1].upper() + sentence[1:]  # clauses begin with words of ours or with a tag, never with an entity


def _about_words(told: Telling, say: Words) -> Iterator[str]:
    groups = (
        ("why_both", told.both),
        ("why_text", told.text_words),
        ("why_title", told.title_words),
        ("why_wordings", [other for _, other in told.wordings if other not in (*told.both, *told.text_words)]),
    )
    for key, words in groups:
        if words:
            quoted = [f"“{_term(word)}”" for word in dict.fromkeys(words)]
            listed = reduce(lambda first, rest: _clause("words_list", say, first=first, rest=rest), quoted)
            yield _clause(key, say, words=listed)
    if not any(words for _, words in groups) and {piece.name for piece in told.pieces} & {"meaning"}:
        yield _clause("why_meaning", say)


def _about_fit(fit: Fit, say: Words) -> str:
    key = f"why_{fit.leg}" if fit.is_fit else f"why_{fit.leg}_less"
    return _clause(key, say, names=_listed(fit.names or fit.asked, say), asked=_listed(fit.asked, say))


def _clause(key: str, say: Words, **html: str) -> str:
    """Return the words of `key`, escaped, with values that are HTML already."""
    template = say(key, **{name: f"{{{name}}}" for name in html})
    parts = re.split(r"\{(\w+)\}", template)
    return "".join(html[part] if number % 2 else escape(part) for number, part in enumerate(parts))


def _listed(names: Iterable[str], say: Words) -> str:
    return escape(say("names_join")).join(f'<span lang="zh-CN">{escape(name)}</span>' for name in names)


def _term(word: str, share: float | None = None) -> str:
    part = "" if share is None else f" <small>{share:.0%}</small>"
    return f'<span class="pk-term" lang="zh-CN">{escape(word)}{part}</span>'


def _piece_words(piece: Piece, say: Words) -> str:
    """Return what a part of the score is called; one of an unknown kind keeps its own name."""
    if piece.share < 0 and (less := say.name("piece", f"{piece.name}_less")) != f"{piece.name}_less":
        return less
    return say.name("piece", piece.name)


def _bar(piece: Piece, largest: float, say: Words) -> str:
    """Return one part of the score; what takes off has other words, a sign and another colour."""
    percent = f"{piece.percent}%" if piece.percent else "<1%"
    return (
        f'<li><span class="pk-leg">{escape(_piece_words(piece, say))}</span>'
        f'<span class="pk-figure">{escape(percent.replace("-", "−"))}</span>'
        f'<span class="pk-bar{" pk-off" if piece.share < 0 else ""}" aria-hidden="true">'
        f'<i style="width:{100 * abs(piece.share) / largest:.0f}%"></i></span></li>'
    )


def _numbers(hit: Hit, told: Telling, say: Words) -> str:
    """Return the legs as the index ranked by them, their sum, and the words found."""
    legs = sorted(hit.reasons.legs.items(), key=lambda pair: -pair[1].share)
    rows = "".join(
        f'<tr><th scope="row">{escape(say.leg(name, takes_off=leg.share < 0))}</th>'
        f"<td>{_figure(leg.raw, 2)}</td><td>{_figure(leg.scaled, 2)}</td><td>{_figure(leg.share, 3)}</td></tr>"
        for name, leg in legs
    )
    heads = "".join(
        f'<th scope="col">{escape(say(f"why_{key}"))}</th>' for key in ("evidence", "raw", "scaled", "part")
    )
    return (
        f'<details class="pk-numbers"><summary>{escape(say("why_numbers"))}</summary>'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody>"
        f'<tfoot><tr><th scope="row" colspan="3">{escape(say("why_score"))}</th>'
        f"<td>{_figure(hit.score, 3)}</td></tr></tfoot></table>"
        f"{_reworded(told.pieces, say)}{_found(hit, say)}</details>"
    )


def _reworded(parts: Sequence[Piece], say: Words) -> str:
    share = next((piece.share for piece in parts if piece.name == "wordings"), 0.0)
    return f'<p class="pk-meta">{escape(say("why_reworded", share=_figure(share, 3)))}</p>' if share else ""


def _found(hit: Hit, say: Words) -> str:
    """Return the words found with their parts of the word score, and the other wordings by what was typed."""
    words = " ".join(_term(word, share) for word, share in hit.reasons.words)
    pairs = " ".join(_term(f"{typed} → {official}") for typed, official in hit.reasons.synonyms)
    return "".join(
        f'<p class="pk-terms"><span class="pk-meta">{escape(say(key))}</span> {terms}</p>'
        for key, terms in (("why_words", words), ("why_synonyms", pairs))
        if terms
    )


def _figure(value: float, digits: int) -> str:
    return f"{value:.{digits}f}".replace("-", "−")
