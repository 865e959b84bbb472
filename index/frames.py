"""What a build holds as tables: articles, passages, removals, facts and repeats, each a pandas frame that names it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.opened import OpenedBuild

if TYPE_CHECKING:
    import pandas as pd


class Frames(OpenedBuild):
    """The tables of an opened build."""

    def articles(self) -> pd.DataFrame:
        """Return one row an article, with what is known of its page: title, site, dates, confidence of the cleaning.

        `as_of` is a date and `as_of_kind` says which: `published`, else `captured`. `spans` are the places [start, end)
        in the text of the page that the article consists of; they, `sections` and `doubts` are JSON.

        >>> articles = kb.articles()
        >>> articles["path"].is_unique
        True
        >>> articles.groupby("site").size().nlargest(1)
        site
        安民社保通    5
        dtype: int64
        """
        return self._frame(
            "SELECT articles.row, articles.id, title, short_answer, as_of, as_of_kind, confidence, doubts, spans,"
            " sections, chars, source_kind, source_evidence, path, url, site, publisher, fetched, kind, encoding,"
            " lower(hex(sha256)) AS sha256 FROM articles JOIN pages ON pages.id = articles.id ORDER BY articles.row"
        )

    def passages(self) -> pd.DataFrame:
        """Return one row a passage; `start` and `end` are offsets into the text of its page, `heading_path` is JSON.

        >>> passages = kb.passages()
        >>> bool((passages["end"] - passages["start"] >= passages["text"].str.len()).all())
        True
        """
        return self._frame(
            'SELECT row, id, article_id, heading_path, start, "end" FROM passages ORDER BY row', text_of="article_id"
        )

    def removals(self) -> pd.DataFrame:
        """Return one row a removal: what cleaning took out of which page, by which rule, on which evidence.

        >>> removals = kb.removals()
        >>> removals["rule"].value_counts().idxmax()
        'snippet'
        """
        return self._frame(
            "SELECT path, removals.* FROM removals JOIN pages ON pages.id = page_id ORDER BY path, start",
            text_of="page_id",
        )

    def repeats(self) -> pd.DataFrame:
        """Return one row a line that repeats on a site: on how many pages, and on how many it was removed.

        >>> list(kb.repeats())
        ['build', 'site', 'line', 'pages', 'removed', 'example', 'site_pages']
        """
        return self._frame(
            "SELECT repeats.*, sites.pages AS site_pages FROM repeats JOIN sites USING (site)"
            " ORDER BY site, repeats.pages DESC, line"
        )

    def facts(self) -> pd.DataFrame:
        """Return one row a fact of an article (`scheme`, `region`, `year`, `published`, `captured` …), with its quote.

        >>> facts = kb.facts()
        >>> sorted(facts.loc[facts["kind"] == "region", "value"])[:2]
        ['上海市', '上海市']
        """
        return self._frame("SELECT * FROM facts ORDER BY article_id, kind, start, value")

    def _frame(self, sql: str, *, text_of: str | None = None) -> pd.DataFrame:
        """Return the rows, each with its text where `text_of` names the column that names its page."""
        import pandas as pd

        rows = self.records.with_texts(sql, page=text_of) if text_of else self.records.query(sql)
        # A table without rows has its columns all the same.
        (columns,) = self.records.query(f"SELECT found.* FROM (SELECT 1) LEFT JOIN ({sql}) AS found LIMIT 1")
        frame = pd.DataFrame(rows, columns=[*columns, "text"] if text_of else list(columns))
        frame.insert(0, "build", self.build)
        return frame
