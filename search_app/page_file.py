"""Cleaned pages as web pages of their own: one file, or a folder with an index, without scripts or links to elsewhere.

The whole text stands in order, kept text plain, removals folded behind their first words and tinted by the kind of
their rule; unfolding one shows its words, evidence, confidence, fields and relation. Works from the keyboard, in light
and dark, on paper, and from any folder. Which characters go where is `render`'s business.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from ingest.clean import Article
from ingest.doubtful import DOUBTFUL_BELOW
from ingest.ledger import Removal
from ingest.page import Page
from ingest.problem import Problem
from search_app.cleaned import pieces, removed_share
from search_app.phrases import phrase
from search_app.render import escape, line_html, lines, web_address
from search_app.rules import KINDS, kind_of, rule_name
from search_app.words import Lang, Words

_STYLE = Path(__file__).resolve().parent / "static" / "page_file.css"
_SUFFIXES = (".html", ".htm")
_EXCERPT_CHARS = 60


class ReportRefused(Problem):
    """The report cannot be written where it was asked for."""


@dataclass(slots=True)
class Report:
    """Takes pages one at a time and writes each as it comes; `is_folder` says whether each gets a file of its own."""

    place: Path
    is_folder: bool
    say: Words
    index: list[tuple[float, str]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    made: list[Path] = field(default_factory=list)

    @property
    def _part(self) -> Path:
        """Where the one file grows; it takes its name when it is whole."""
        return self.place.with_name(f".{self.place.name}.part")

    def add(self, page: Page, article: Article) -> None:
        """Write one page."""
        if not self.is_folder:
            self._write(self._part, page_section(page, article, self.say), mode="a")
            return
        name = page.path.replace("/", "__")
        while name in self.names:
            name += "_"
        self.names.add(name)
        file = self.place / f"{name}.html"
        self._write(file, document(article.title or page.path, page_section(page, article, self.say), self.say))
        self.index.append((article.confidence, _index_row(file.name, page, article)))

    def begin(self) -> None:
        """Make the folder, or begin the file."""
        folder = self.place if self.is_folder else self.place.parent
        self.made = [place for place in (folder, *folder.parents) if not place.exists()]
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ReportRefused(f"{self.place}: cannot be made ({error.strerror}); name another place") from error
        if not self.is_folder:
            self._write(self._part, _opening(self.say("report"), self.say))

    def end(self) -> None:
        """Write the index, worst pages first, or close the file."""
        if not self.is_folder:
            self._write(self._part, _CLOSING, mode="a")
            try:
                self._part.replace(self.place)
            except OSError as error:
                raise ReportRefused(
                    f"{self.place}: cannot be written ({error.strerror}); name another place"
                ) from error
            return
        heads = "".join(f"<th>{escape(self.say(key))}</th>" for key in ("page", "confidence", "removed"))
        rows = "".join(row for _, row in sorted(self.index))
        table = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
        body = f"<h1>{escape(self.say('report'))}</h1><p>{escape(self.say('report_order'))}</p>{table}"
        self._write(self.place / "index.html", document(self.say("report"), body, self.say))

    def drop(self) -> None:
        """Leave nothing behind that looks like a report: no half file, and no empty folder of our making."""
        with suppress(OSError):
            if not self.is_folder:
                self._part.unlink(missing_ok=True)
            for folder in self.made:
                folder.rmdir()

    def _write(self, file: Path, html: str, *, mode: str = "w") -> None:
        try:
            with file.open(mode, encoding="utf-8", newline="\n") as stream:
                stream.write(html)
        except OSError as error:
            raise ReportRefused(f"{file}: cannot be written ({error.strerror}); name another place") from error


@contextmanager
def html_report(place: Path | None, inputs: Sequence[Path], *, lang: Lang) -> Iterator[Report | None]:
    """Yield a report that writes to `place`, or None where none is wanted. Raises ReportRefused.

    A place ending in .html is one file, any other a folder. What lies in a folder of `inputs` would be read as a page
    by the next rebuild, so nothing is written there. A report that fails leaves no file of its name, or the older
    one; of a folder those pages stay that were written.
    """
    if place is None:
        yield None
        return
    target = place.resolve()
    for path in inputs:
        root = path.resolve()
        if target == root or (root.is_dir() and target.is_relative_to(root)):
            raise ReportRefused(
                f"{place}: lies among the pages, where a rebuild would read the report as one of them; name a place"
                f" outside {path}"
            )
    is_folder = place.is_dir() or place.suffix.lower() not in _SUFFIXES
    report = Report(target, is_folder, Words(lang))
    try:
        report.begin()
        yield report
        report.end()
    except BaseException:
        report.drop()
        raise


def document(title: str, body: str, say: Words) -> str:
    """Return a whole HTML document."""
    return _opening(title, say) + body + _CLOSING


def _opening(title: str, say: Words) -> str:
    style = _STYLE.read_text(encoding="utf-8")
    return (
        f'<!doctype html><html lang="{say.tag}"><head><meta charset="utf-8"><meta name="viewport"'
        ' content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">'
        # Nothing on the page may load or run, whatever stands in the scraped text.
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(title)} · policykb</title><style>{style}</style></head><body><main>"
    )


_CLOSING = "</main></body></html>\n"


def _index_row(name: str, page: Page, article: Article) -> str:
    look = ' class="look"' if article.confidence < DOUBTFUL_BELOW else ""
    return (
        f'<tr{look}><td lang="zh-CN"><a href="./{escape(name)}">{escape(article.title or page.path)}</a>'
        f"<br><code>{escape(page.path)}</code></td><td>{article.confidence:.2f}</td>"
        f"<td>{100 * removed_share(page, article):.0f} %</td></tr>\n"
    )


def page_section(page: Page, article: Article, say: Words) -> str:
    """Return a page as a section: what is known of it, the legend by rule, and its whole text."""
    inner = "".join(
        _kept(page.text, piece.start, piece.end, article)
        if piece.removal is None
        else _removed(page.text, piece.removal, say)
        for piece in pieces(article)
    )
    return (
        f'<section>{_about(page, article, say)}{_legend(article, say)}<article lang="zh-CN">{inner}</article></section>'
    )


def _about(page: Page, article: Article, say: Words) -> str:
    known = [part for part in dict.fromkeys((page.site, page.publisher)) if part] or [say("site_unknown")]
    known.append(say(article.as_of_kind, date=article.as_of) if article.as_of_kind else say("undated"))
    parts = [escape(part) for part in known] + [f"<code>{escape(page.path)}</code>"]
    if address := web_address(page.url):
        parts.append(f'<a href="{escape(address)}" rel="noopener noreferrer">{escape(say("original"))}</a>')
    is_doubtful = article.confidence < DOUBTFUL_BELOW
    look = f" · {escape(say('doubtful'))}" if is_doubtful else ""
    share = say("noise", percent=f"{100 * removed_share(page, article):.0f}", count=len(article.removals))
    parts.insert(len(known), escape(say.name("source", article.source.kind)))
    traces = [f"<li>{escape(trace.quote)}</li>" for trace in article.traces]
    generated = f'<p class="look">{escape(say("traces"))}</p><ul lang="zh-CN">{"".join(traces)}</ul>' if traces else ""
    doubts = "".join(f"<li>{escape(phrase(doubt, say.lang))}</li>" for doubt in article.doubts)
    return (
        f'<header><h1 lang="zh-CN">{escape(article.title or page.path)}</h1><p class="meta">{" · ".join(parts)}</p>'
        f'<p class="confidence{" look" if is_doubtful else ""}"><strong>{escape(say("page_confidence"))}'
        f" {article.confidence:.2f}</strong>{look} · {escape(share if article.removals else say('noise_none'))}</p>"
        f"{f'<ul>{doubts}</ul>' if doubts else ''}{generated}</header>"
    )


def _legend(article: Article, say: Words) -> str:
    """Return the rules that removed something, each with how often and how much, in the colour of its kind."""
    if not article.removals:
        return ""
    counts = Counter(removal.rule for removal in article.removals)
    chars: Counter[str] = Counter()
    for removal in article.removals:
        chars[removal.rule] += removal.end - removal.start
    rows = "".join(
        f'<li class="{kind_of(rule)}">{escape(rule_name(rule, say))} <b>{counts[rule]}</b>'
        f" <small>{escape(say('chars', count=chars[rule]))}</small></li>"
        for rule in sorted(counts, key=lambda rule: (KINDS.index(kind_of(rule)), -chars[rule], rule))
    )
    return (
        f'<ul class="legend" aria-label="{escape(say("legend"))}">{rows}</ul><p class="meta">{escape(say("fold"))}</p>'
    )


def _kept(text: str, start: int, end: int, article: Article) -> str:
    headings = {article.body[index].start for index in article.heading_texts}
    made = []
    for line in lines(text, start, end):
        is_title = text[line.start : line.end] == article.title
        name = "heading" if is_title or line.start in headings else ""
        made.append(line_html(text, line, name=name))
    return f'<div class="text">{"".join(made)}</div>'


def _removed(text: str, removal: Removal, say: Words) -> str:
    words = " ".join(text[removal.start : removal.end].split())
    excerpt = f"{words[:_EXCERPT_CHARS]}…" if len(words) > _EXCERPT_CHARS else words
    name = rule_name(removal.rule, say)
    if removal.related:
        name = f"{name} · {say.name('related', removal.related.label)}"
    facts = [(say("evidence_label"), phrase(removal.evidence, say.lang)), (say("rule"), removal.rule)]
    facts += [(say.name("field", key), value) for key, value in removal.fields.items() if value]
    if removal.related:
        why = phrase(removal.related.evidence, say.lang)
        facts.append((say("related_score"), f"{removal.related.score:.2f}{f' · {why}' if why else ''}"))
    facts.append((say("place"), f"[{removal.start}, {removal.end})"))
    listed = "".join(f"<dt>{escape(key)}</dt><dd>{escape(value)}</dd>" for key, value in facts)
    body = "".join(line_html(text, line) for line in lines(text, removal.start, removal.end))
    why = say("removed_why", rule=name, evidence=facts[0][1], confidence=f"{removal.confidence:.2f}")
    return (
        f'<details class="{kind_of(removal.rule)}"><summary title="{escape(why)}"><span class="rule" lang="{say.tag}">'
        f"{escape(name)} {removal.confidence:.2f}</span> {escape(excerpt)}</summary>"
        f'<div class="text">{body}</div><dl lang="{say.tag}">{listed}</dl></details>'
    )
