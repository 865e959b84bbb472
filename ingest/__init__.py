"""From scraped page to passages: bytes in, an article, its passages and a ledger of removals out.

Read in this order: `find` (which files), `decode` and `page` (bytes to text with offsets), `dom` and `lines` (blocks),
`snippets` and `furniture` (what is not the article), `clean` (the article and the ledger), `headings`, `passages`,
`facts`. Nothing here knows of vectors or of the index.
"""
