"""The words that make a sentence a question and say nothing about what it asks: 怎么, 吗, 多少, 需要 …

Cleaning uses them to compare titles, search to mark words and to weigh sentences. Ranking counts
them half: official texts hardly use them, so their IDF is high where they say least (docs/retrieval.md).
"""

from __future__ import annotations

import re

# Single characters only where they build no word of the field: 就 (就医), 地 (异地) and 会 (社会) must stay.
_ASKING = re.compile(
    r"怎么样|怎么办(?!理)|怎么|怎样|咋办(?!理)|咋样|咋|如何|什么|啥|哪些|哪里|哪个|哪儿|多少|多久|是否|能否|能不能|会不会|要不要|有没有|是不是|可不可以"
    r"|可以|需要|应该|请问|想问|为何|还能|还可以|我的|你的|[吗呢啊吧呀嘛么的了我你您]"
)
# What makes a title a question: not 可以 and 需要, which statements use as well.
_QUESTION = re.compile(
    r"怎么|怎样|咋|如何|什么|啥|哪些|哪里|哪个|哪儿|多少|多久|几[个天年月次岁]|是否|能否|能不能|会不会|要不要|有没有|是不是|可不可以|请问|为何|[吗呢?？]"
)


def asks(title: str) -> bool:
    """Say whether a title is a question."""
    return _QUESTION.search(title) is not None


def strip_asking(text: str, blank: str = " ") -> str:
    """Return `text` with each character of question words replaced by `blank`, so that offsets stay the same."""
    return _ASKING.sub(lambda match: blank * len(match.group()), text)
