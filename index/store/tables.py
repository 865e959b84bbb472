"""The tables of the records of a build, and what a base that someone else made may hold besides them: two views.

Two tables hold what differs from row to row alone, and a view of each puts the rest to it, for any SQLite tool.
`slices` holds of a passage the number of its article, what its id has behind that of the article, and its bounds in
the page: `passages` adds ids and text. `removed` holds of a removal the numbers of its page and of its reason, which
hundreds of removals share: `removals` adds what they are.

The text of a passage costs reading the whole page, which is quick for the hits of a search and slow for all passages of
a book: our own code reads the text of a page once (`Records.texts`, `Records.with_texts`).
"""

from __future__ import annotations

import sqlite3

# Chinese takes two bytes a character, where UTF-8 takes three. Big-endian, because SQLite orders texts by their bytes:
# so the order is that of the characters (those beyond U+FFFF stand before U+E000).
ENCODING = "UTF-16be"

# A page of the file holds whole rows, so what is left of it is lost. Of 100,000 passages 2.7 MB were with 16,384,
# 1.3 MB with 32,768, 0.7 MB with 65,536; an empty table takes a page, and so does a row that is read.
PAGE_BYTES = 32768

TABLES = """
CREATE TABLE pages (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL, path TEXT NOT NULL, sha256 BLOB NOT NULL, encoding TEXT NOT NULL,
  kind TEXT NOT NULL, url TEXT, site TEXT, publisher TEXT, fetched TEXT, published TEXT,
  warnings TEXT NOT NULL, text TEXT NOT NULL
);
CREATE TABLE articles (
  row INTEGER PRIMARY KEY, id TEXT NOT NULL REFERENCES pages (id), title TEXT NOT NULL, short_answer TEXT,
  as_of TEXT, as_of_kind TEXT, confidence REAL NOT NULL, doubts TEXT NOT NULL, spans TEXT NOT NULL,
  sections TEXT NOT NULL, chars INTEGER NOT NULL, source_kind TEXT NOT NULL, source_evidence TEXT NOT NULL,
  first_passage INTEGER NOT NULL, last_passage INTEGER NOT NULL
);
CREATE TABLE slices (
  row INTEGER PRIMARY KEY, article INTEGER NOT NULL REFERENCES articles (row), tail TEXT NOT NULL,
  heading_path TEXT NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL
);
CREATE TABLE reasons (number INTEGER PRIMARY KEY, rule TEXT NOT NULL, evidence TEXT NOT NULL, confidence REAL NOT NULL);
CREATE TABLE removed (
  page INTEGER NOT NULL REFERENCES pages (number), start INTEGER NOT NULL, end INTEGER NOT NULL,
  reason INTEGER NOT NULL REFERENCES reasons (number), title TEXT, summary TEXT, category TEXT, date TEXT,
  related TEXT, related_score REAL
);
CREATE TABLE facts (
  article_id TEXT NOT NULL REFERENCES articles (id), kind TEXT NOT NULL, value TEXT NOT NULL,
  start INTEGER NOT NULL, end INTEGER NOT NULL, quote TEXT NOT NULL
);
CREATE TABLE see_also (
  from_article TEXT NOT NULL REFERENCES articles (id), to_article TEXT NOT NULL REFERENCES articles (id),
  start INTEGER NOT NULL, end INTEGER NOT NULL, title TEXT NOT NULL, chars INTEGER NOT NULL, others INTEGER NOT NULL
);
CREATE TABLE article_duplicates (
  group_id TEXT NOT NULL REFERENCES articles (id), place INTEGER NOT NULL,
  article_id TEXT NOT NULL UNIQUE REFERENCES articles (id), similarity REAL NOT NULL, PRIMARY KEY (group_id, place)
) WITHOUT ROWID;
CREATE TABLE passage_duplicates (
  group_id TEXT NOT NULL, place INTEGER NOT NULL, passage_id TEXT NOT NULL UNIQUE, similarity REAL NOT NULL,
  passage_row INTEGER NOT NULL REFERENCES slices (row), PRIMARY KEY (group_id, place)
) WITHOUT ROWID;
CREATE TABLE sites (site TEXT PRIMARY KEY, pages INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE repeats (
  site TEXT NOT NULL REFERENCES sites (site), line TEXT NOT NULL, pages INTEGER NOT NULL, removed INTEGER NOT NULL,
  example TEXT NOT NULL, PRIMARY KEY (site, line)
) WITHOUT ROWID;
CREATE TABLE traces (
  article_id TEXT NOT NULL REFERENCES articles (id), kind TEXT NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,
  quote TEXT NOT NULL
);
"""

# Both conditions on the article say the same: from a passage its article is found by its row, from an article its
# passages by their rows, and neither needs an index. The text is a subquery and no join: what is asked of passages
# without it reads no page, and a passage whose page is gone is still a passage.
PASSAGES = (
    "CREATE VIEW passages AS SELECT slices.row AS row, articles.id || tail AS id, articles.id AS article_id,"
    ' heading_path, start, "end",'
    ' (SELECT substr(pages.text, start + 1, "end" - start) FROM pages WHERE pages.id = articles.id) AS text'
    " FROM slices JOIN articles ON articles.row = article AND slices.row BETWEEN first_passage AND last_passage"
)

REMOVALS = (
    'CREATE VIEW removals AS SELECT pages.id AS page_id, start, "end", rule, evidence, confidence, removed.title AS'
    " title, summary, category, date, related, related_score"
    " FROM removed JOIN pages ON pages.number = page JOIN reasons ON reasons.number = reason"
)

VIEWS = {"passages": PASSAGES, "removals": REMOVALS}

# Made when the rows are there: sorted once, they are packed full, where rows that come in the order of pages would
# split their leaves, and take a third more.
INDEXES = """
CREATE UNIQUE INDEX pages_by_id ON pages (id);
CREATE UNIQUE INDEX pages_by_path ON pages (path);
CREATE UNIQUE INDEX articles_by_id ON articles (id);
CREATE INDEX removed_of_page ON removed (page, start);
CREATE INDEX facts_of_article ON facts (article_id);
CREATE INDEX see_also_of_article ON see_also (from_article, start);
"""


def find_foreign(connection: sqlite3.Connection) -> str | None:
    """Return the name of something in the file that would run when read and is no view of ours; None: all is ours.

    Only the very words of the views are let in: another view, or a trigger or virtual table, could do anything, and a
    table in the place of a view say something else than those it is made of.
    """
    found = connection.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE type NOT IN ('table', 'index')"
        " OR type = 'table' AND (ifnull(sql, '') NOT LIKE 'CREATE TABLE %' OR lower(name) IN ('passages', 'removals'))"
    )
    names = (str(name) for kind, name, sql in found if not (kind == "view" and VIEWS.get(name) == sql))
    return next(names, None)
