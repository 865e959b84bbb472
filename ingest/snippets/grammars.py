"""The grammars of recommendation items: small automata over the roles of lines (title, summary, meta line …).

How well a line fits a role is told in `role_scores`; the run that scores best is found in `alignment`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class State:
    """A place in an item: the role it reads, whether an item may begin and end with it, and what it may follow."""

    role: str
    begins: bool
    ends: bool
    after: tuple[tuple[int, float], ...]


# A summary missing where the others have one.
MISSING = -0.8
_SECOND = -0.6
# Between items: a marker that nobody knows, an advertisement.
GAP_ROLE = "gap"
GRAMMARS: dict[str, tuple[State, ...]] = {
    "title, summary, meta line": (
        State("title", True, False, ()),
        State("again", False, False, ((0, 0.0),)),
        State("summary", False, False, ((0, 0.0), (1, 0.0))),
        State("summary", False, False, ((2, _SECOND),)),
        State("meta", False, True, ((0, MISSING), (1, MISSING), (2, 0.0), (3, 0.0))),
        State("more meta", False, True, ((4, 0.0), (5, 0.0))),
        State("again", False, True, ((4, 0.0), (5, 0.0))),
    ),
    "label, title, summary, meta line": (
        State("label", True, False, ()),
        State("title", False, False, ((0, 0.0),)),
        State("summary", False, False, ((1, 0.0),)),
        State("meta", False, True, ((1, MISSING), (2, 0.0))),
        State("more meta", False, True, ((3, 0.0), (4, 0.0))),
    ),
    "title, meta line, summary": (
        State("title", True, False, ()),
        State("meta", False, True, ((0, 0.0),)),
        State("summary", False, True, ((1, 0.0), (3, 0.0))),
        State("more meta", False, True, ((1, 0.0), (3, 0.0))),
    ),
    "meta line, title, summary": (
        State("meta", True, False, ()),
        State("title", False, True, ((0, 0.0), (4, 0.0))),
        State("again", False, False, ((1, 0.0),)),
        State("summary", False, True, ((1, 0.0), (2, 0.0))),
        State("more meta", False, False, ((0, 0.0), (4, 0.0))),
    ),
    "title, meta line": (
        State("title", True, False, ()),
        State("again", False, False, ((0, 0.0),)),
        State("meta", False, True, ((0, 0.0), (1, 0.0))),
        State("more meta", False, True, ((2, 0.0), (3, 0.0))),
    ),
    "meta line, title": (
        State("meta", True, False, ()),
        State("title", False, True, ((0, 0.0), (2, 0.0))),
        State("more meta", False, False, ((0, 0.0), (2, 0.0))),
    ),
    "title, summary": (
        State("title", True, False, ()),
        State("again", False, False, ((0, 0.0),)),
        State("summary", False, True, ((0, 0.0), (1, 0.0))),
    ),
    "title, summary with meta": (
        State("title", True, False, ()),
        State("summary+meta", False, True, ((0, 0.0),)),
    ),
    "title with meta": (State("title+meta", True, True, ()),),
    "title with meta, summary": (
        State("title+meta", True, True, ()),
        State("summary", False, True, ((0, 0.0),)),
    ),
}
WITHOUT_META = ("title, summary",)
ON_ONE_LINE = ("title, summary with meta", "title with meta", "title with meta, summary")
# Where items end before their summary although the grammar has one, each costs this much.
BARE_END = {
    "title, meta line, summary": (1, 3),
    "meta line, title, summary": (1,),
    "title with meta, summary": (0,),
}
