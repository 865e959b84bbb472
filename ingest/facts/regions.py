"""The administrative divisions of China to the county: codes, names, paths, and the words that may mean them.

The list is package data, `regions.tsv` (its header says where it comes from); so are the names of apps and schemes that
hint at a place, `region_apps.tsv` and `region_schemes.tsv`, and the names that are ordinary words as well,
`region_words.tsv`. Whether a word in a text means a division is decided in `region_mentions`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

LIST = Path(__file__).with_name("regions.tsv")
APPS = Path(__file__).with_name("region_apps.tsv")
SCHEMES = Path(__file__).with_name("region_schemes.tsv")
CAUTIONS = Path(__file__).with_name("region_words.tsv")

Kind = Literal["province", "province_short", "city", "city_short", "county", "county_short", "app"]

_PROVINCE_END = re.compile(r"(?:省|市|(?:壮族|回族|维吾尔)?自治区|特别行政区)$")
_PEOPLES = (
    "朝鲜族|土家族|苗族|藏族|羌族|彝族|布依族|侗族|哈尼族|壮族|傣族|白族|景颇族|傈僳族|回族|蒙古族?|柯尔克孜族?|哈萨克族?"
    "|满族|瑶族|畲族|黎族|仡佬族|水族|佤族|拉祜族|纳西族|独龙族|怒族|普米族|布朗族|仫佬族|毛南族|各族|土族|撒拉族|东乡族"
    "|保安族|裕固族|锡伯族?|塔吉克族?|达斡尔族|鄂温克族|鄂伦春|联合"
)
_CITY_END = re.compile(rf"(?:市|地区|盟|(?:{_PEOPLES})+自治州)$")
_COUNTY_AUTONOMOUS = re.compile(rf"(?:{_PEOPLES})+自治县$")


class Name(NamedTuple):
    """A word that may mean the division `code`; `kind` says which sort of word it is."""

    code: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Cautions:
    """Names that are ordinary words as well; `region_words.tsv` says what each rule asks for."""

    inside: frozenset[str]
    never: frozenset[str]
    office: frozenset[str]
    before: Mapping[str, str]
    behind: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Divisions:
    """All divisions: `names` by code; `words` that may mean them; `heads`, the words by their first two characters.

    Words under a head are longest first. `start` matches wherever a head may stand, and at little else.
    """

    names: Mapping[str, str]
    words: Mapping[str, tuple[Name, ...]]
    heads: Mapping[str, tuple[str, ...]]
    start: re.Pattern[str]
    cautions: Cautions

    def parent(self, code: str) -> str | None:
        """Return the code of the division above, None for a province. 420106 -> 420100, 110105 -> 110000."""
        if code.endswith("0000"):
            return None
        city = f"{code[:4]}00"
        return city if code != city and city in self.names else f"{code[:2]}0000"

    def chain(self, code: str) -> tuple[str, ...]:
        """Return the codes from the province down to `code`."""
        above = self.parent(code)
        return (code,) if above is None else (*self.chain(above), code)

    def path(self, code: str) -> str:
        """Return the full names from the province down, such as 湖南省/长沙市/岳麓区."""
        return "/".join(self.names[part] for part in self.chain(code))

    def is_under(self, code: str, above: str) -> bool:
        """Say whether `code` lies in `above` and is not `above` itself."""
        return code != above and above in self.chain(code)


@cache  # package data: what it returns depends on no page
def load_divisions() -> Divisions:
    """Return the divisions in the package."""
    names = dict(_read_pairs(LIST))
    words: dict[str, list[Name]] = {}
    for code, name in names.items():
        for word, kind in _words(code, name):
            words.setdefault(word, []).append(Name(code, kind))
    for file in (APPS, SCHEMES):
        for hints, code, *_ in _read_rows(file):
            for hint in hints.split("|"):
                words.setdefault(hint, []).append(Name(code, "app"))
    heads: dict[str, list[str]] = {}
    for word in sorted(words, key=len, reverse=True):
        heads.setdefault(word[:2], []).append(word)
    firsts, seconds = ("".join(sorted(set(part))) for part in zip(*heads, strict=True))
    return Divisions(
        names,
        {word: tuple(found) for word, found in words.items()},
        {head: tuple(found) for head, found in heads.items()},
        re.compile(f"[{firsts}](?=[{seconds}])"),
        _read_cautions(),
    )


def region_paths(place: str) -> tuple[str, ...]:
    """Return the paths that a person may mean by `place`: 湖南, 长沙市, 岳麓区, 湖南/长沙, 430100, or a path itself.

    A province goes before a city of its name (吉林, 海南). A name that several counties share gives all of them, in the
    order of their codes; a place that is not in the list gives none.
    """
    divisions = load_divisions()
    *above, last = (part.strip() for part in place.strip().strip("/").split("/"))
    if last in divisions.names:
        return (divisions.path(last),)
    found = [name for name in divisions.words.get(last, ()) if name.kind != "app"]
    provinces = [name for name in found if name.kind.startswith("province")]
    codes = dict.fromkeys(name.code for name in (found if above else provinces or found))
    for part in above:
        around = {name.code for name in divisions.words.get(part, ())}
        codes = {code: None for code in codes if any(divisions.is_under(code, one) for one in around)}
    return tuple(divisions.path(code) for code in codes)


def _read_rows(file: Path) -> list[list[str]]:
    lines = file.read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def _read_pairs(file: Path) -> list[tuple[str, str]]:
    return [(first, second) for first, second in _read_rows(file)]


def _read_cautions() -> Cautions:
    rules: dict[str, dict[str, str]] = {name: {} for name in ("inside", "never", "office", "before", "behind")}
    for rule, words, *characters in _read_rows(CAUTIONS):
        rules[rule].update((word, "".join(characters)) for word in words.split())
    return Cautions(
        frozenset(rules["inside"]),
        frozenset(rules["never"]),
        frozenset(rules["office"]),
        rules["before"],
        rules["behind"],
    )


def _words(code: str, name: str) -> list[tuple[str, Kind]]:
    """Return the words for a division, full name first. A county has a short one only if it is a city of its own."""
    if code.endswith("0000"):
        return [(name, "province"), (_PROVINCE_END.sub("", name), "province_short")]
    if code.endswith("00"):
        short = _CITY_END.sub("", name)
        words: list[tuple[str, Kind]] = [(name, "city"), (short, "city_short")]
        return [*words, (f"{short}州", "city")] if name.endswith("自治州") else words
    words = [(name, "county")]
    if name.endswith("市") and len(name) > 2:
        words.append((name[:-1], "county_short"))
    plain = _COUNTY_AUTONOMOUS.sub("县", name)
    if plain != name and len(plain) > 2:  # 长阳土家族自治县 is also 长阳县
        words.append((plain, "county"))
    return words
