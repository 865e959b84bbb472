"""What changed between two builds: pages, passages, removals by rule, what they were made from, and first answers.

Pages and passages are compared by their ids and hashes inside SQLite, so that a large base costs seconds; only passages
of changed articles are read. Questions and saved searches are left to index/build/first_answers.py, of which the latter
are asked only where a build has not kept its answers (index/explore/saved_answers.py).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.build.first_answers import FirstAnswers, Some, first_answers
from index.build.gate import Progress
from index.build.manifest import read_manifest
from index.build.publish import build_folder
from index.gold import GoldQuestion
from index.saved import SavedSearch
from index.store.records import Records

# Two passages of one article with this share of common pairs of characters are one passage, changed: a sentence put in
# or taken out leaves more, passages on other matters of the same article share about a tenth.
ALIKE = 0.3


@dataclass(frozen=True, slots=True)
class BuildDiff:
    """What changed from the build `before` to the build `after`.

    `pages` are `added`, `removed`, `moved` (the same bytes under another path), `changed` (other bytes) and
    `recleaned` (the same bytes, other passages); `passages` are `added`, `removed` and `changed`. `removals` maps each
    rule whose count changed to the counts, `inputs` each input that changed to what it was and is.
    """

    before: str
    after: str
    pages: Mapping[str, Some]
    passages: Mapping[str, Some]
    removals: Mapping[str, tuple[int, int]]
    inputs: Mapping[str, tuple[str, str]]
    answers: FirstAnswers

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "before": self.before,
            "after": self.after,
            "pages": {name: some.as_dict() for name, some in self.pages.items()},
            "passages": {name: some.as_dict() for name, some in self.passages.items()},
            "removals": {rule: list(counts) for rule, counts in self.removals.items()},
            "inputs": {name: list(values) for name, values in self.inputs.items()},
            **self.answers.as_dict(),
        }


def diff(
    kb: Path,
    before: str,
    after: str,
    *,
    gold: Sequence[GoldQuestion] = (),
    searches: Sequence[SavedSearch] = (),
    limit: int | None = None,
    progress: Progress = lambda stage, done, total: None,
) -> BuildDiff:
    """Return what changed between two builds, `limit` examples of each kind, all where it is None.

    The questions of `gold` and the `searches` are asked of both builds. Raises StoreError for a damaged build.
    """
    folders = build_folder(kb, before), build_folder(kb, after)
    old, new = (read_manifest(folder) for folder in folders)
    Records(folders[0] / "records.sqlite").close()  # one that is missing or damaged is told before it is attached
    records = Records(folders[1] / "records.sqlite")
    try:
        older = (folders[0] / "records.sqlite").absolute().as_uri()
        records.query("ATTACH DATABASE ? AS older", (f"{older}?immutable=1",))
        passages, touched = _passages(records, limit)
        pages = {name: Some.of(rows, limit) for name, rows in _pages(records, touched).items()}
    finally:
        records.close()
    answers = first_answers(kb, before, after, gold=gold, searches=searches, limit=limit, progress=progress)
    return BuildDiff(before, after, pages, passages, _removals(old, new), _inputs(old, new), answers)


def _pages(records: Records, touched: Set[str]) -> dict[str, list[dict[str, Any]]]:
    lists = {}
    for name, here, there in (("added", "main", "older"), ("removed", "older", "main")):
        lists[name] = records.query(
            f"SELECT path, lower(hex(sha256)) AS sha256 FROM {here}.pages AS one"
            f" WHERE NOT EXISTS (SELECT 1 FROM {there}.pages AS other WHERE other.path = one.path) ORDER BY path"
        )
    moved, places = [], defaultdict(list)
    for row in lists["added"]:
        places[row["sha256"]].append(row)
    for row in lists["removed"]:
        if places[row["sha256"]]:
            moved.append((row, places[row["sha256"]].pop(0)))
    gone = [row["path"] for row, _ in moved]
    come = [row["path"] for _, row in moved]
    kept = records.query(
        "SELECT new.id, path, old.sha256 = new.sha256 AS same, ifnull(was.chars, 0) AS was, ifnull(now.chars, 0) AS now"
        " FROM main.pages AS new JOIN older.pages AS old USING (path)"
        " LEFT JOIN main.articles AS now ON now.id = new.id LEFT JOIN older.articles AS was ON was.id = old.id"
    )
    # Those that lost most characters of their article first: where a cleaner is broken, they show how.
    kept.sort(key=lambda row: (row["now"] - row["was"], row["path"]))
    return {
        "added": [{"path": row["path"]} for row in lists["added"] if row["path"] not in set(come)],
        "removed": [{"path": row["path"]} for row in lists["removed"] if row["path"] not in set(gone)],
        "moved": [{"path": now, "was": was} for was, now in zip(gone, come, strict=True)],
        "changed": [_with_chars(row) for row in kept if not row["same"]],
        "recleaned": [_with_chars(row) for row in kept if row["same"] and row["id"] in touched],
    }


def _with_chars(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"path": row["path"], "chars": [row["was"], row["now"]]}


def _passages(records: Records, limit: int | None) -> tuple[dict[str, Some], Set[str]]:
    """Return what became of passages, and the ids of the articles that have others than before."""
    added, removed = (_only_in(records, *schemas) for schemas in (("main", "older"), ("older", "main")))
    changed = []
    for article in removed.keys() & added.keys():
        old = _texts(records, "older", article, removed[article])
        new = _texts(records, "main", article, added[article])
        changed += _pairs(old, new)
    was, now = {pair[0] for pair in changed}, {pair[1] for pair in changed}
    lists: dict[str, list[tuple[str | None, str | None]]] = {
        "added": [(None, id_) for ids in added.values() for id_ in ids if id_ not in now],
        "removed": [(id_, None) for ids in removed.values() for id_ in ids if id_ not in was],
        "changed": [*sorted(changed)],
    }
    found = {
        name: Some(len(pairs), tuple(_shown(records, *pair) for pair in pairs[:limit])) for name, pairs in lists.items()
    }
    return found, added.keys() | removed.keys()


def _only_in(records: Records, here: str, there: str) -> dict[str, list[str]]:
    """Return the ids of the passages that one build has and the other has not, by their article."""
    found: dict[str, list[str]] = {}
    for row in records.query(
        f"SELECT id, article_id FROM {here}.passages AS one"
        f" WHERE id NOT IN (SELECT id FROM {there}.passages) ORDER BY row"
    ):
        found.setdefault(row["article_id"], []).append(row["id"])
    return found


def _texts(records: Records, schema: str, article: str, ids: Sequence[str]) -> list[dict[str, Any]]:
    wanted = set(ids)
    sql = f'SELECT id, article_id, heading_path, start, "end" FROM {schema}.passages WHERE article_id = ? ORDER BY row'
    rows = records.with_texts(sql, (article,), schema=schema)
    return [row for row in rows if row["id"] in wanted]


def _pairs(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return which passages of an article became which, the most alike first; each is in one pair at most."""
    grams = [[set(zip(row["text"], row["text"][1:], strict=False)) for row in rows] for rows in (old, new)]
    scored = []
    for left, one in enumerate(grams[0]):
        for right, other in enumerate(grams[1]):
            share = len(one & other) / max(1, len(one | other))
            same_heading = old[left]["heading_path"] == new[right]["heading_path"] != "[]"
            if share >= ALIKE or same_heading:
                scored.append((-share, left, right))
    found: dict[int, int] = {}
    for _, left, right in sorted(scored):
        if left not in found and right not in found.values():
            found[left] = right
    return [(old[left]["id"], new[right]["id"]) for left, right in found.items()]


def _shown(records: Records, was: str | None, now: str | None) -> dict[str, Any]:
    """Return where a passage stands and what it says, before and after where it is in both builds."""
    rows = {
        schema: records.query(
            f"SELECT path, title, heading_path, passages.text FROM {schema}.passages"
            f" JOIN {schema}.articles ON articles.id = article_id JOIN {schema}.pages ON pages.id = article_id"
            " WHERE article_id = ? AND passages.id = ?",  # by its id alone all passages are read
            (id_.partition(".")[0], id_),
        )[0]
        for schema, id_ in (("older", was), ("main", now))
        if id_ is not None
    }
    row = rows.get("main") or rows["older"]
    place = {"path": row["path"], "title": row["title"], "heading_path": json.loads(row["heading_path"])}
    if was is None or now is None:
        return {"id": now or was, **place, "text": row["text"]}
    return {"id": now, "was": was, **place, "before": rows["older"]["text"], "after": row["text"]}


def _removals(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """Return the counts of the rules that removed more or less than before."""
    counts = {
        rule: (old["removals"].get(rule, 0), new["removals"].get(rule, 0))
        for rule in sorted(old["removals"].keys() | new["removals"].keys())
    }
    return {rule: pair for rule, pair in counts.items() if pair[0] != pair[1]}


def _inputs(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Return every input that changed, besides the bytes of pages, in words; what stands beside pages is counted."""
    found = {}
    if old["model"] != new["model"]:
        found["model"] = _model(old["model"]), _model(new["model"])
    for name in sorted((old["inputs"].keys() | new["inputs"].keys()) - {"pages", "model"}):
        values = old["inputs"].get(name), new["inputs"].get(name)
        if values[0] != values[1]:
            found[name] = _brief(values[0]), _brief(values[1])
    olds, news = ({page["path"]: page for page in manifest["inputs"]["pages"]} for manifest in (old, new))
    for name in ("overrules", "sidecar"):
        beside = [{path: page[name] for path, page in pages.items() if page.get(name)} for pages in (olds, news)]
        if (differing := sum(beside[0].get(path) != beside[1].get(path) for path in olds.keys() & news.keys())) > 0:
            found[name] = f"{len(beside[0])} pages", f"{len(beside[1])} pages, {differing} other than before"
    return found


def _model(model: Mapping[str, Any]) -> str:
    return f"{model['name']} ({model['fingerprint'][:12]})"


def _brief(value: object) -> str:
    if isinstance(value, str):
        return value[:12]  # a hash, as people know them
    if isinstance(value, list):
        return f"{len(value)} entries"
    return "none" if value is None else json.dumps(value, ensure_ascii=False)[:80]
