"""What waits for a person: questions that got a "no", doubtful pages, skipped pages, and what each rule removed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from index.audit import DoubtfulPage
from index.filters import Filters
from index.unanswered import Unanswered
from search_app.phrases import phrase
from search_app.render import escape, isolated
from search_app.rules import rule_name
from search_app.views.address import Address
from search_app.views.bars_html import Bar, bars_html
from search_app.when import Clock
from search_app.words import Words


def questions_html(questions: Sequence[Unanswered], here: Address, clock: Clock, say: Words, *, most: int) -> str:
    """Return the questions without an answer, the first `most` of them, each a link that asks it now."""
    if not questions:
        return f'<p class="pk-meta">{escape(say("questions_none"))}</p>'
    items = "".join(_question(one, here, clock, say) for one in questions[:most])
    left = len(questions) - most
    more = f'<p class="pk-meta">{escape(say("more", count=left))}</p>' if left > 0 else ""
    return f'<p class="pk-meta">{escape(say("questions_note"))}</p><ol class="pk-questions">{items}</ol>{more}'


def _question(one: Unanswered, here: Address, clock: Clock, say: Words) -> str:
    there = Address(q=one.question, lang=here.lang).filtered(_filters(one.filters))
    times = say("questions_times", count=one.count) if one.count > 1 else say("questions_once")
    facts = [
        f'<span class="pk-event pk-event-plain">{escape(say(f"no_{one.verdict}"))}</span>',
        f"<strong>{escape(times)}</strong>",
        f'<time datetime="{escape(one.last)}">{escape(clock.at(one.last))}</time>',
    ]
    if one.nearest:
        facts.append(f'{escape(say("questions_nearest"))}<bdi lang="zh-CN">{escape(one.nearest)}</bdi>')
    if one.filters:
        told = " ".join(f"{name}={_value(value)}" for name, value in one.filters.items())
        facts.append(f"{escape(say('questions_filters'))}{isolated(told)}")
    return (
        f'<li><p lang="zh-CN"><a class="pk-go" href="{escape(there.href)}" target="_self">{isolated(one.question)}</a>'
        f'</p><p class="pk-meta">{" · ".join(facts)}</p></li>'
    )


def _filters(said: Mapping[str, object]) -> Filters | None:
    """Return the filters that were noted; none where another version noted others."""
    try:
        return Filters.from_dict(said)
    except ValueError:
        return None


def _value(value: object) -> str:
    return "/".join(map(str, value)) if isinstance(value, list) else str(value)


def doubtful_html(pages: Sequence[DoubtfulPage], build: str, here: Address, say: Words) -> str:
    """Return doubtful pages, worst first, with their doubts in words and the link to their ledger."""
    if not pages:
        return f'<p class="pk-meta">{escape(say("doubtful_none"))}</p>'
    items = "".join(_doubtful(page, build, here, say) for page in pages)
    return f'<p class="pk-meta">{escape(say("doubtful_note"))}</p><ol class="pk-doubtful">{items}</ol>'


def _doubtful(page: DoubtfulPage, build: str, here: Address, say: Words) -> str:
    title = f'<bdi lang="zh-CN">{escape(page.title)}</bdi>' if page.title else escape(say("no_article_left"))
    if page.title:
        there = Address(lang=here.lang).cite(build, page.id).to(ledger=True)
        title = f'<a class="pk-go" href="{escape(there.href)}" target="_self">{title}</a>'
    doubts = "".join(f"<li>{isolated(phrase(doubt, say.lang))}</li>" for doubt in page.doubts)
    return (
        f'<li><p><span class="pk-op-sure">{page.confidence:.2f}</span> {title}</p>'
        f'<p class="pk-meta"><code>{escape(page.path)}</code>{" · " if page.site else ""}{isolated(page.site)}</p>'
        f"<ul>{doubts}</ul></li>"
    )


def rules_html(removals: Mapping[str, int], say: Words) -> str:
    """Return how much each rule removed, as bars."""
    most_first = sorted(removals.items(), key=lambda item: -item[1])
    bars = [Bar(rule_name(rule, say), count, f"{count:,}") for rule, count in most_first]
    return bars_html(say("removals_by_rule"), bars, say)


def skipped_html(skipped: Sequence[Mapping[str, str]], say: Words, *, most: int) -> str:
    """Return the pages that were skipped, the first `most`, each with its reason."""
    if not skipped:
        return f'<p class="pk-meta">{escape(say("skipped_none"))}</p>'
    items = "".join(
        f"<li><code>{escape(item['path'])}</code> <span>{isolated(phrase(item['reason'], say.lang))}</span></li>"
        for item in skipped[:most]
    )
    left = len(skipped) - most
    more = f'<p class="pk-meta">{escape(say("more", count=left))}</p>' if left > 0 else ""
    return f'<ul class="pk-skipped">{items}</ul>{more}'
