"""Which HTML elements do what to the visible text: names only, `dom` walks by them.

After the rendering section of the HTML standard, and what old pages use.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Not shown by a browser, with all they hold.
SKIPPED = _words(
    "script style noscript template title svg math iframe object audio video canvas noframes noembed datalist rp"
)
# Of those, the ones that may hold the article of a page that shows nothing else.
UNFOLDED = _words("template noscript")
# They begin and end a block.
BLOCKS = _words(
    "address article aside blockquote body br caption center dd details dialog dir div dl dt fieldset figcaption "
    "figure footer form frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html legend li main menu nav ol optgroup "
    "option p pre search section summary table tbody td tfoot th thead tr ul"
)
# Blocks are named after these; all others make blocks of kind "text".
KINDS = _words("h1 h2 h3 h4 h5 h6 p li pre dt dd")
# They tell of the page as a whole; `metadata` reads them.
HEAD = _words("meta link title time script")
# One level of indent each.
LISTS = _words("ul ol menu dir dl")
# They change how words look, not where they stand: `<b>医</b><b>保</b>` is one word, two links or labels are two.
FORMATTING = _words(
    "abbr b bdi bdo big code del dfn em font i ins kbd mark q rb rt ruby s small strike strong sub sup tt u var"
)
# Inside them no tag counts but their own end.
RAW = _words("script style title textarea iframe xmp noframes noembed plaintext")
CELLS = _words("td th")
# Inside a table they show that it is layout, not data.
LAYOUT = _words("table h1 h2 h3 h4 h5 h6")
# Inside a cell they show that it holds several blocks.
CELL_BREAKS = _words("p div br ul ol")
