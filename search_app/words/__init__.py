"""Every word the web page says, in Chinese and in English: one module a part of the page, joined here.

Plain text only: whoever puts it into markup escapes it, with the values that were filled in.
"""

from __future__ import annotations

from typing import Literal

from search_app.words import (
    answer,
    article,
    asking,
    capacity,
    card,
    comparison,
    conflicts,
    corpus_card,
    explore,
    export,
    facets,
    frame,
    home,
    kwic,
    ledger,
    map,
    operation,
    passages,
    report,
    saved,
    sources,
    states,
    vocabulary,
    waiting,
)
from search_app.words.asking import EXAMPLES

__all__ = ["EXAMPLES", "LANGS", "TABLE", "Lang", "Words"]

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")
_PARTS = (
    *(frame, asking, facets, answer, card, passages, article, ledger, report, export, operation, states, waiting),
    explore,
    home,
    kwic,
    sources,
    vocabulary,
    corpus_card,
    saved,
    comparison,
    map,
    conflicts,
    capacity,
)

TABLE: dict[str, tuple[str, str]] = {key: said for part in _PARTS for key, said in part.WORDS.items()}
if len(TABLE) < sum(len(part.WORDS) for part in _PARTS):
    raise ValueError("two parts of the page use the same key for their words; expected a key to be in one part")


class Words:
    """Says things in one language: `say("back")`, `say("captured", date="2025-04-13")`."""

    def __init__(self, lang: Lang) -> None:
        self.lang = lang
        self._column = LANGS.index(lang)

    def __call__(self, key: str, **values: object) -> str:
        """Return the text of `key` with its values filled in."""
        return TABLE[key][self._column].format(**values)

    def name(self, kind: str, key: str) -> str:
        """Return the words for a term of the index (`kind` is `leg`, `rule`, `fact` …), or the term itself."""
        entry = TABLE.get(f"{kind}_{key}")
        return entry[self._column] if entry else key

    def leg(self, leg: str, *, takes_off: bool = False) -> str:
        """Return the words for a part of a score; some are told in other words where they take off."""
        if takes_off and f"leg_{leg}_less" in TABLE:
            return self.name("leg", f"{leg}_less")
        return self.name("leg", leg)

    @property
    def tag(self) -> str:
        """The language tag of the interface for `lang` attributes."""
        return "zh-CN" if self.lang == "zh" else "en"
