"""Says what kind of source a page has: a government office, an official account, news, a content site, or unknown.

The rules are a table that can be read and extended, `sources.tsv`; its header says how. This file looks them up and
reads the names that bylines give (来源：, 发布机构：). What a kind counts for in a ranking is left to others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from ingest.facts.dates import FOOT_LINES, HEAD_LINES, is_kept, kept_lines
from ingest.find import folders_beside
from ingest.problem import Problem

FILE = "sources.tsv"
BUNDLED = Path(__file__).with_name(FILE)
KINDS = ("government", "official_account", "news", "content_site")
UNKNOWN = "unknown"
_PLACES = ("host", "host_word", "name")

_LABEL_START = re.compile(r"[文信稿内新来转出发制公主](?=[章息件容闻源自处布文定开办众])")
_NAMED = re.compile(
    r"(?:(?:文章|信息|稿件|内容|新闻)?来源|稿源|转自|出处|发布(?:机构|单位|者)|发文(?:机关|单位|机构)|制定机关|公开主体|主办单位|公众号)"
    r"(?:\s*[:：]\s*|\t+|[^\S\n]*\|[^\S\n]*|\n)(?P<name>[^\s|丨,，;；。:：()（）\[\]【】<>]{2,40})"
)
_NO_NAME = re.compile(
    r"^(?:网络|互联网|本站|本网|原创|未知|不详|佚名|转载|综合|整理|\W+|.*\d{4}.*|https?.*|.*(?:时间|日期|作者|编辑))$"
)
_AROUND = "《》〈〉\"“”'‘’"


class SourcesError(Problem):
    """A table of sources that cannot be used; names the file and the line."""


@dataclass(frozen=True, slots=True)
class Source:
    """What kind of source a page has (government, official_account, news, content_site, unknown) and what says so."""

    kind: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table."""

    kind: str
    place: str
    pattern: str


def find_rules(roots: Sequence[Path]) -> tuple[Rule, ...]:
    """Return the rules of `sources.tsv` beside the folders of pages, then the bundled ones. Raises SourcesError."""
    return read_rules([folder.parent / FILE for folder in folders_beside(roots, FILE)])


def read_rules(files: Sequence[Path] = ()) -> tuple[Rule, ...]:
    """Return the rules in `files`, in their order, then the bundled ones. Raises SourcesError for a bad line."""
    return (*(rule for file in files for rule in _read_table(file)), *_bundled_rules())


def source_kind(
    url: str | None = None,
    site: str | None = None,
    publisher: str | None = None,
    names: Sequence[str] = (),
    *,
    rules: Sequence[Rule] | None = None,
) -> Source:
    """Return the kind of source that an address, or else a name, gives away; `names` are those of bylines.

    The host decides where a rule knows it. Else the publisher, the site's name and the names of bylines are asked in
    this order. A byline alone makes no government page of a page with an address: offices publish under gov.cn, so
    another host that names one has copied it.
    """
    rules = _bundled_rules() if rules is None else rules
    host = _host(url)
    if host:
        for rule in rules:
            if _fits_host(rule, host):
                return Source(rule.kind, f"host {host} fits {rule.place} {rule.pattern}")
    for what, name in (("publisher", publisher), ("site", site), *(("byline", name) for name in names)):
        for rule in rules:
            if name and rule.place == "name" and fnmatchcase(name.strip(), rule.pattern):
                if what == "byline" and rule.kind == "government" and host:
                    return Source(UNKNOWN, f"host {host} fits no rule; a byline names {name.strip()}")
                return Source(rule.kind, f"{what} {name.strip()} fits {rule.pattern}")
    known = [part for part in (host, publisher, site, *names) if part]
    return Source(UNKNOWN, f"no rule fits {', '.join(known)}" if known else "no address, publisher, site or byline")


def byline_names(text: str, spans: Sequence[tuple[int, int]]) -> Iterator[tuple[str, int, int]]:
    """Yield `(name, start, end)` of who the first and last kept lines say a text is from, in order; no authors.

    What stands behind 公众号： is called so: the name alone would not tell.
    """
    lines = kept_lines(text, spans)
    done = 0
    for place in (lines[:HEAD_LINES], lines[HEAD_LINES:][-FOOT_LINES:]):
        if not place:
            continue
        for label in _LABEL_START.finditer(text, place[0][0], place[-1][1]):
            match = _NAMED.match(text, label.start(), place[-1][1])
            if match is None or match.start() < done or text[match.start() - 1 : match.start()].isalnum():
                continue  # 来源 in 文章来源 is read already; 数据来源 is another thing
            done = match.end()
            name = match["name"].strip(_AROUND)
            if not is_kept(match.start(), match.end(), spans) or len(name) < 2 or _NO_NAME.match(name):
                continue
            start = match.start("name") + match["name"].index(name)
            is_account = match.group().startswith("公众号") and "公众号" not in name
            yield f"{name}公众号" if is_account else name, start, start + len(name)


@cache  # package data: what it returns depends on no page
def _bundled_rules() -> tuple[Rule, ...]:
    return tuple(_read_table(BUNDLED))


def _read_table(file: Path) -> Iterator[Rule]:
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SourcesError(f"{file}: cannot be read ({error}); expected a UTF-8 table of sources") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        kind, place, pattern, *_ = [part.strip() for part in (*line.split("\t"), "", "")]
        if kind not in KINDS or place not in _PLACES or not pattern:
            raise SourcesError(
                f"{file}, line {number}: found {line[:60]!r}, expected a kind ({', '.join(KINDS)}), a tab, where to"
                f" look ({', '.join(_PLACES)}), a tab, a pattern"
            )
        yield Rule(kind, place, pattern)


def _host(url: str | None) -> str:
    """Return the host of an address in lower case, with or without a scheme; empty where there is none."""
    if not url:
        return ""
    try:
        host = urlsplit(url if "//" in url else f"//{url}").hostname or ""
    except ValueError:  # brackets that are no IPv6 address
        return ""
    return host.rstrip(".") if "." in host else ""


def _fits_host(rule: Rule, host: str) -> bool:
    if rule.place == "host":
        return host == rule.pattern or host.endswith(f".{rule.pattern}")
    return rule.place == "host_word" and any(rule.pattern in part for part in host.split(".")[:-1])
