"""Saved questions as HTML: what is answered differently now, before beside after, and what stayed as it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from index.answer import Citation, Sentence
from index.copies import differences
from index.explore.answer_changes import AnswerChange, SavedAnswers, Shown
from index.explore.saved_answers import SavedAnswer
from index.explore.subcorpus import name_of
from search_app.render import escape, isolated
from search_app.views.address import Address
from search_app.when import Clock
from search_app.words import Words

# Earlier builds that are offered to compare with; the address takes any.
_MOST_BUILDS = 6


def saved_html(found: SavedAnswers, here: Address, clock: Clock, say: Words) -> str:
    """Return the questions, those with another answer first, the others folded."""
    changed = found.changed
    new = [item for item in found.items if item.before is None and found.before is not None]
    same = [item for item in found.items if not item.is_changed and item not in new]
    folds = (("saved_unchanged", same), ("saved_new", new))
    parts = [_head(found, here, clock, say), *(_changed(item, here, clock, say) for item in changed)]
    parts += [_fold(say(key, count=len(items)), items, here, clock, say) for key, items in folds if items]
    return f'<section class="pk pk-saved" lang="{say.tag}">{"".join(parts)}</section>'


def _head(found: SavedAnswers, here: Address, clock: Clock, say: Words) -> str:
    asked, changed = len(found.items), len(found.changed)
    key = "saved_first" if found.before is None else "saved_count" if changed else "saved_none_changed"
    before = found.before.build if found.before else ""
    told = escape(say(key, asked=asked, changed=changed, before=before))
    line = f'<p class="pk-saved-count" role="status">{told}</p>'
    if found.before is None:
        return line
    builds = "".join(_build_link(shown, found.before, here, clock, say) for shown in found.earlier[:_MOST_BUILDS])
    now = say("saved_builds", build=found.build.build, at=_at(found.build, clock, say))
    return f'{line}<p class="pk-meta pk-saved-builds"><span>{escape(now)}</span>{builds}</p>'


def _build_link(shown: Shown, chosen: Shown, here: Address, clock: Clock, say: Words) -> str:
    words = escape(say("saved_build", build=shown.build, at=_at(shown, clock, say)))
    current = ' aria-current="true"' if shown == chosen else ""
    return f'<a class="pk-go" href="{escape(here.to(by=shown.build).href)}" target="_self"{current}>{words}</a>'


def _changed(item: AnswerChange, here: Address, clock: Clock, say: Words) -> str:
    now, before = item.now, item.before
    assert before is not None  # else nothing could differ
    whats = (escape(say(f"saved_what_{what}")) for what in item.differing.what)
    marks = "".join(f'<span class="pk-saved-what">{what}</span>' for what in whats)
    return (
        f'<article class="pk-saved-item">{_title(now, here, say)}'
        f'<p class="pk-meta">{marks} {escape(_stands(item, clock, say))}</p>'
        f'<table class="pk-saved-sides"><thead><tr>{_side(before, "saved_before", here, say)}'
        f"{_side(now, 'saved_now', here, say)}</tr></thead><tbody>"
        f"{_verdicts(before, now, say)}{''.join(_rows(item, before, here, say))}</tbody></table></article>"
    )


def _title(answer: SavedAnswer, here: Address, say: Words) -> str:
    there = Address(q=answer.query, lang=here.lang).filtered(answer.filters)
    query = f'<span class="pk-meta" lang="zh-CN">{isolated(answer.query)}</span>' if answer.name != answer.query else ""
    under = name_of(answer.filters) if answer.filters else ""
    filters = f'<span class="pk-meta">{escape(say("saved_asked_under", filters=under))}</span>' if under else ""
    ask = f'<a class="pk-go" href="{escape(there.href)}" target="_self">{escape(say("saved_ask"))}</a>'
    return f'<h2 lang="zh-CN">{isolated(answer.name)}</h2><p class="pk-saved-asked">{query}{filters}{ask}</p>'


def _stands(item: AnswerChange, clock: Clock, say: Words) -> str:
    key = "saved_since_first" if item.since_first else "saved_since"
    since = say(key, build=item.since.build, at=_at(item.since, clock, say))
    return f"{say.name('saved_verdict', item.now.verdict)} · {since}"


def _at(shown: Shown, clock: Clock, say: Words) -> str:
    return clock.at(shown.at) if shown.at else say("saved_undated")


def _side(answer: SavedAnswer, key: str, here: Address, say: Words) -> str:
    there = Address(q=answer.query, lang=here.lang, build=answer.build).filtered(answer.filters)
    words = escape(say(key, build=answer.build))
    return f'<th scope="col"><a class="pk-go" href="{escape(there.href)}" target="_self">{words}</a></th>'


def _verdicts(before: SavedAnswer, now: SavedAnswer, say: Words) -> str:
    if before.verdict == now.verdict:
        return ""
    left, right = (f"<strong>{escape(say.name('saved_verdict', answer.verdict))}</strong>" for answer in (before, now))
    return _row(left, right, say)


def _rows(item: AnswerChange, before: SavedAnswer, here: Address, say: Words) -> Iterable[str]:
    """Yield a row for each sentence of either answer: what took its place beside it."""
    old = {sentence.text: sentence for sentence in before.sentences}
    came_from = {pair.after: pair.before for pair in item.differing.reworded}
    other = {one.text: one for one in item.differing.resourced}
    for sentence in item.now.sentences:
        right = _cites(item.now.cited(sentence), item.now.build, here)
        if (was := came_from.get(sentence.text)) is not None:
            left = _cites(before.cited(old[was]), before.build, here)
            yield _row(
                _marked(was, sentence.text, "del", say) + left, _marked(sentence.text, was, "ins", say) + right, say
            )
        elif sentence.text in item.differing.came:
            yield _row(_nothing(say), _whole(sentence.text, "ins", say) + right, say)
        elif sentence.text in other:
            left = _cites(other[sentence.text].before, before.build, here)
            yield _row(_plain(sentence.text) + left, _plain(sentence.text) + right, say)
        else:
            yield _row(_plain(sentence.text), _plain(sentence.text) + right, say, is_same=True)
    for text in item.differing.went:
        yield _row(_whole(text, "del", say) + _cites(before.cited(old[text]), before.build, here), _nothing(say), say)


def _row(left: str, right: str, say: Words, *, is_same: bool = False) -> str:
    # On a narrow screen the two stand one below the other, each with its side above it.
    cells = "".join(
        f'<td data-side="{escape(say(f"saved_side_{side}"))}">{told}</td>'
        for side, told in (("before", left), ("now", right))
    )
    return f"<tr{' class=pk-saved-same' if is_same else ''}>{cells}</tr>"


def _plain(text: str) -> str:
    return f'<p lang="zh-CN">{isolated(text)}</p>'


def _nothing(say: Words) -> str:
    spoken = f'<span class="pk-spoken">{escape(say("saved_nothing_said"))}</span>'
    return f'<p class="pk-meta"><span aria-hidden="true">—</span>{spoken}</p>'


def _whole(text: str, tag: str, say: Words) -> str:
    return f'<p class="pk-diff" lang="zh-CN">{_sign(text, tag, say)}</p>'


def _marked(text: str, other: str, tag: str, say: Words) -> str:
    """Return a sentence, verbatim, with the words marked that the other one does not have."""
    changes = differences(text, other)
    told = (escape(one.text) if one.sign == "=" else _sign(one.text, tag, say) for one in changes if one.sign != "+")
    return f'<p class="pk-diff" lang="zh-CN">{"".join(told) if changes else isolated(text)}</p>'


def _sign(text: str, tag: str, say: Words) -> str:
    key, sign = ("saved_spoken_before", "−") if tag == "del" else ("saved_spoken_now", "+")
    spoken = f'<span class="pk-spoken" lang="{say.tag}">{escape(say(key))}</span>'
    return f'<{tag}><b aria-hidden="true">{sign}</b>{spoken}{escape(text)}</{tag}>'


def _cites(citations: Sequence[Citation], build: str, here: Address) -> str:
    """Return where a sentence stands, each a link into the build that was asked."""
    items = "".join(
        f'<li><a class="pk-go" href="{escape(here.cite(build, one.article_id, one.start, one.end).href)}"'
        f' target="_self" lang="zh-CN">{isolated(one.title)}</a> <span class="pk-meta">{isolated(one.path)}'
        f"{f' · {escape(one.as_of)}' if one.as_of else ''}</span></li>"
        for one in citations
    )
    return f'<ul class="pk-saved-cites">{items}</ul>' if items else ""


def _fold(title: str, items: Sequence[AnswerChange], here: Address, clock: Clock, say: Words) -> str:
    told = "".join(
        f'<li class="pk-saved-item">{_title(item.now, here, say)}<p class="pk-meta">'
        f"{escape(_stands(item, clock, say))}</p>"
        f"{_sentences(item.now, item.now.sentences, here)}</li>"
        for item in items
    )
    return f'<details class="pk-saved-fold"><summary>{escape(title)}</summary><ul>{told}</ul></details>'


def _sentences(answer: SavedAnswer, sentences: Sequence[Sentence], here: Address) -> str:
    return "".join(_plain(one.text) + _cites(answer.cited(one), answer.build, here) for one in sentences)


def add_html(files: Sequence[tuple[str, str, bool]], say: Words) -> str:
    """Return how a question is added; `files` are where (a key of words), the path, and whether it is there."""
    listed = "".join(
        f"<li>{escape(say(key))} <code>{isolated(path)}</code>"
        f' <span class="pk-meta">{escape(say("saved_file_there" if is_there else "saved_file_missing"))}</span></li>'
        for key, path, is_there in files
    )
    return f'<div class="pk pk-saved-add" lang="{say.tag}"><p>{escape(say("saved_add_how"))}</p><ul>{listed}</ul></div>'
