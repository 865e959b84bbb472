#!/usr/bin/env python3
"""Counts in how many stretches of 200 characters each character bigram stands, and writes ingest/common.tsv.

    python bench/relation/count_bigrams.py ../shared/train > ingest/common.tsv

The median over the collections counts: a bigram is common if most fields use it, not if one field does. Only bigrams
of Chinese characters are kept, the most frequent first; the file holds counts, none of the texts.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import median

WINDOW_CHARS = 200
WINDOWS = 4000  # a collection; more moves the shares of common bigrams by less than a tenth
KEPT = 2500  # rarer bigrams are specific anyway
_CHINESE = re.compile(r"[\u3400-\u9fff]{2,}")


def texts(file: Path) -> Iterator[str]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield "\n".join(str(value) for value in row.values())


def windows(file: Path) -> Iterator[str]:
    rest = ""
    count = 0
    for text in texts(file):
        rest += text + "\n"
        while len(rest) >= WINDOW_CHARS:
            yield rest[:WINDOW_CHARS]
            rest = rest[WINDOW_CHARS:]
            count += 1
            if count == WINDOWS:
                return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder with *.jsonl.gz")
    shares: defaultdict[str, list[float]] = defaultdict(list)
    files = sorted(parser.parse_args().folder.glob("*.jsonl.gz"))
    for file in files:
        counts: Counter[str] = Counter()
        seen = 0
        for window in windows(file):
            seen += 1
            counts.update({word[i : i + 2] for word in _CHINESE.findall(window) for i in range(len(word) - 1)})
        for gram, count in counts.items():
            shares[gram].append(count / seen)
    medians = {gram: median([*found, *[0.0] * (len(files) - len(found))]) for gram, found in shares.items()}
    print("# bigram\tin how many of 10,000 stretches of 200 characters it stands (bench/relation/count_bigrams.py)")
    for gram, share in sorted(medians.items(), key=lambda item: (-item[1], item[0]))[:KEPT]:
        print(f"{gram}\t{share * 10_000:.0f}")


if __name__ == "__main__":
    main()
