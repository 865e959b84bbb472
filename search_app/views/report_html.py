"""How to report a mistake of the cleaning: the line for overrules.tsv that puts it right, ready to copy.

The line comes from `index.mistakes`; here it is said where it goes and what happens then.
"""

from __future__ import annotations

from index.mistakes import Mistake, mistake_at
from index.reading import Reading
from search_app.render import escape
from search_app.views.address import Address
from search_app.words import Words

# What the address says of the part of the ledger that a reader came to report.
REPORT = "report"


def find_mistake(reading: Reading, here: Address, say: Words) -> Mistake | None:
    """Return what is reported at the place that `here` marks, if a report is wanted there.

    The reason in the line is in the reader's language.
    """
    if here.part != REPORT or here.start is None or here.end is None:
        return None
    return mistake_at(reading, here.start, here.end, kept_why=say("why_keep"), removed_why=say("why_remove"))


def report_html(mistake: Mistake, say: Words) -> str:
    """Return the report at a place: the lines, and what becomes of them; or why there is none."""
    title = f"<h2>{escape(say.name('report', mistake.action))}</h2>"
    if mistake.undo:
        number = mistake.undo.split()[2] if say.lang == "zh" else mistake.undo
        inner = f"<p>{escape(say('report_undo', line=number))}</p>"
    elif not mistake.lines:
        inner = f"<p>{escape(say('report_impossible'))}</p>"
    else:
        lines = escape("\n".join(mistake.lines))
        label = escape(say("report_line"))
        inner = (
            f"<p>{escape(say.name('report_what', mistake.action))}</p>"
            f'<pre id="pk-report-line" tabindex="0" role="group" lang="zh-CN" aria-label="{label}">{lines}</pre>'
            '<p class="pk-does"><button type="button" class="pk-copy" data-pk-copy="#pk-report-line"'
            f' data-pk-done="{escape(say("copied"))}" data-pk-failed="{escape(say("copy_failed"))}">'
            f"{escape(say('report_copy'))}</button></p>"
            f'<p class="pk-meta">{escape(say("report_then"))}</p>'
        )
    label = escape(say("report_box"))
    return f'<aside class="pk-report" lang="{say.tag}" aria-label="{label}" data-pk-aside>{title}{inner}</aside>'


def picker_html(here: Address, say: Words) -> str:
    """Return the two links that static/select.js shows beside selected words, with their place in the address."""
    base = here.to(start=None, end=None, part=None)
    links = "".join(
        f'<a class="pk-go" href="{escape(place.href)}" target="_self">{escape(say(key))}</a>'
        for key, place in (("pick_place", base), ("pick_report", base.to(ledger=True, part=REPORT)))
    )
    attributes = f'role="group" aria-label="{escape(say("picked"))}" data-pk-picked hidden'
    return f'<div class="pk pk-picked" lang="{say.tag}" {attributes}>{links}</div>'
