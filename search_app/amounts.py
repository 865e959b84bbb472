"""Large amounts as people type them and as they are told: passages, bytes, seconds."""

from __future__ import annotations

import math
import re

import click

# What a number may be followed by. 万 and 亿 as Chinese counts, k, M and G as elsewhere.
_COUNTS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "万": 10**4, "亿": 10**8}
_BYTES = {"b": 1, "": 1}
_BYTES |= {f"{letter}{end}": 1000**power for power, letter in enumerate("kmgtp", 1) for end in ("b", "")}
_BYTES |= {f"{letter}ib": 1024**power for power, letter in enumerate("kmgtp", 1)}
_AMOUNT = re.compile(r"\s*([\d.][\d.,，_]*(?:e\+?\d{1,2})?)\s*([a-z万亿]*)\s*", re.IGNORECASE)
_SIZES = ("B", "kB", "MB", "GB", "TB", "PB", "EB")
# From so many seconds on, a time is told in this unit.
_TIMES = ((86_400 * 2, 86_400, "d"), (3_600 * 2, 3_600, "h"), (120, 60, "min"), (1, 1, "s"), (0, 1e-3, "ms"))


class Count(click.ParamType[int]):
    """A whole number above zero: 250000, 1,000,000, 1e6, 1.5M, 100万, 2亿."""

    name = "N"

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number, or end with wrong usage."""
        if isinstance(value, int):
            return value
        found = _read(value, _COUNTS)
        if found is None or not 1 <= found < 2**63 or found != int(found):
            self.fail(f"found {value!r}, expected a whole number above 0: 250000, 1,000,000, 1e6 or 100万.", param, ctx)
        return int(found)


class Size(click.ParamType[float]):
    """An amount of memory or disk in bytes: 64GB (10^9 each), 64GiB (2^30 each), 2TB."""

    name = "SIZE"

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the bytes, or end with wrong usage."""
        if isinstance(value, (int, float)):
            return float(value)
        found = _read(value, _BYTES)
        if found is None or not 1 <= found < 2**63:
            self.fail(f"found {value!r}, expected an amount such as 64GB, 64GiB or 2TB.", param, ctx)
        return found


def _read(text: str, units: dict[str, int]) -> float | None:
    found = _AMOUNT.fullmatch(text)
    if found is None or found[2].lower() not in units:
        return None
    digits = re.sub(r"[,，_]", "", found[1])
    try:
        return float(digits) * units[found[2].lower()]
    except ValueError:  # two points
        return None


def bytes_told(size: float) -> str:
    """Return an amount of bytes in three digits: 1.23 GB, steps of a thousand."""
    power = min(len(_SIZES) - 1, max(0, int(math.log10(max(size, 1)) // 3)))
    return f"{_three(size / 1000**power)} {_SIZES[power]}"


def seconds_told(seconds: float) -> str:
    """Return a time in two digits and the unit that fits: 35 ms, 2.1 h, 14 d."""
    for least, length, unit in _TIMES:
        if seconds >= least:
            shown = seconds / length
            return f"{shown:,.0f} {unit}" if shown >= 10 else f"{shown:.2g} {unit}"
    raise ValueError(f"{seconds} is no length of time, expected 0 or more seconds")


def _three(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"
