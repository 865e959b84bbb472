"""The tables of the records of a build, and what a base that someone else made may hold besides them: one view.

A passage is a slice of its page, so `slices` holds its bounds and no text. The view `passages` adds the text, for any
SQLite tool. It reads the whole page for each passage, which is quick for the hits of a search and slow for all passages
of a book: our own code reads the text of a page once (`Records.texts`, `Records.with_texts`).
"""

from __future__ import annotations

import sqlite3

# A page of text has some 5 kB and lies in pages of the file of its own beyond what fits into one. Measured at 100,000
# passages: 662 bytes a passage with 4,096, 667 with 8,192, 603 with 16,384, 580 with 32,768; a question takes the same
# with all, and an empty table takes a page.
PAGE_BYTES = 16384

TABLES = """
CREATE TABLE pages (
  id TEXT NOT NULL, path TEXT NOT NULL, sha256 TEXT NOT NULL, encoding TEXT NOT NULL, kind TEXT NOT NULL,
  url TEXT, site TEXT, publisher TEXT, fetched TEXT, published TEXT, warnings TEXT NOT NULL, text TEXT NOT NULL
);
CREATE TABLE articles (
  row INTEGER PRIMARY KEY, id TEXT NOT NULL REFERENCES pages (id), title TEXT NOT NULL, short_answer TEXT,
  as_of TEXT, as_of_kind TEXT, confidence REAL NOT NULL, doubts TEXT NOT NULL, spans TEXT NOT NULL,
  sections TEXT NOT NULL, chars INTEGER NOT NULL, source_kind TEXT NOT NULL, source_evidence TEXT NOT NULL
);
CREATE TABLE slices (
  row INTEGER PRIMARY KEY, id TEXT NOT NULL, article_id TEXT NOT NULL REFERENCES articles (id),
  heading_path TEXT NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL
);
CREATE TABLE removals (
  page_id TEXT NOT NULL REFERENCES pages (id), start INTEGER NOT NULL, end INTEGER NOT NULL, rule TEXT NOT NULL,
  evidence TEXT NOT NULL, confidence REAL NOT NULL, title TEXT, summary TEXT, category TEXT, date TEXT,
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
  group_id TEXT NOT NULL REFERENCES slices (id), place INTEGER NOT NULL,
  passage_id TEXT NOT NULL UNIQUE REFERENCES slices (id), similarity REAL NOT NULL, PRIMARY KEY (group_id, place)
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

# A subquery and no join: what is asked of passages without their text is planned as if of the table, and a passage
# whose page is gone is still a passage.
PASSAGES = (
    'CREATE VIEW passages AS SELECT row, id, article_id, heading_path, start, "end",'
    ' (SELECT substr(pages.text, start + 1, "end" - start) FROM pages WHERE pages.id = article_id) AS text FROM slices'
)

# Made when the rows are there: sorted once, they are packed full, where rows that come in the order of pages would
# split their leaves, and take a third more.
INDEXES = """
CREATE UNIQUE INDEX pages_by_id ON pages (id);
CREATE UNIQUE INDEX pages_by_path ON pages (path);
CREATE UNIQUE INDEX articles_by_id ON articles (id);
CREATE UNIQUE INDEX slices_by_id ON slices (id);
CREATE INDEX slices_of_article ON slices (article_id);
CREATE INDEX removals_of_page ON removals (page_id, start);
CREATE INDEX facts_of_article ON facts (article_id, kind, value);
CREATE INDEX see_also_of_article ON see_also (from_article, start);
"""


def find_foreign(connection: sqlite3.Connection) -> str | None:
    """Return the name of something in the file that would run when it is read and is not our view; None: all is ours.

    Only the very words of the view are let in: another view, or a trigger or virtual table, could do anything.
    """
    found = connection.execute(
        "SELECT name FROM sqlite_master WHERE (type NOT IN ('table', 'index') OR sql LIKE 'CREATE VIRTUAL%')"
        " AND NOT (type = 'view' AND name = 'passages' AND sql = ?)",
        (PASSAGES,),
    ).fetchone()
    return found and str(found[0])
