"""Text that was decoded wrongly before it was saved -> the text it was, where that is certain, and words on the rest.

    鍖讳繚       UTF-8 read as GBK           åŒ»ä¿        UTF-8 read as Windows-1252 (left to ftfy, encodings only)
    Ò½±£       GBK read as Latin-1         瓟悵         GBK read as Big5, and Big5 read as GBK or Latin-1
    锟斤拷 U+FFFD ???   lost: nothing to decode, only told

A repair is certain where a whole piece of text (a line, in HTML the text between two tags) encodes back and decodes
strictly, and ordinary characters come out where rare ones stood. What fails stays as it is; ftfy's other repairs
(width, quotes, ligatures) are never asked for. Nearly all pages end at one look at which characters they use.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import pairwise

from ingest.decoding.han import BIG5, FREQUENT, GB, HAN
from ingest.decoding.misread import PAIRS, Reading, probable, swapped

# Never part of a character in any encoding here, so mojibake cannot reach across them.
_PIECE = re.compile(r'[^\r\n<>"]+')
_FEW_RARE = 3  # different rare characters on a page: a person's name has one or two, a garbled line more
_SAMPLE = 10_000  # characters of a piece that are judged; what holds for them holds for megabytes
_NEAR = 10  # characters: where a fifth are rare, two of them stand this near
_RARE_SHARE = 0.2  # of the Han characters of a piece; garbled text has 0.39 to 0.67, other text under 0.05
_USUAL_AFTER = 0.8  # names may be rare
_MOST_LOST = 0.15  # of the characters of a piece: UTF-8 read as pairs loses one at the end of every odd run
_LEAST_WESTERN = 4  # pairs: western words give pairs too, but those of rare characters
_LONGEST_FOR_FTFY = 20_000  # characters in one piece; longer ones are data, not sentences
_WHOLE_PAGE = 0.5  # from this share on the page is garbled as such, and its short pieces follow the long ones
_ABOUT_GARBLED_TEXT = re.compile("乱码|亂碼|文字化け|mojibake", re.I)  # such a page shows examples

_NOT_HAN = frozenset(map(chr, (*range(0x3400), *range(0xA000, 0xE000), *range(0xFB00, 0x10000))))
_USUAL = GB | BIG5 | _NOT_HAN
_MARKS = re.compile(r"[\x00-\x7f\xb7\u2010-\u2027\u3000-\u303f\uff01-\uffee]*")

_WINDOWS = {
    bytes([byte]).decode("cp1252"): chr(byte) for byte in range(0x80, 0xA0) if byte not in b"\x81\x8d\x8f\x90\x9d"
}
_SIGNS = "".join(_WINDOWS)
_BYTES = str.maketrans(_WINDOWS)
_WESTERN_RUN = re.compile(rf"[\x20-\x7e\x80-\xff{_SIGNS}]{{2,}}")
_TWO_SIGNS = re.compile(rf"[\x80-\xff{_SIGNS}]{{2}}")
# UTF-8 as characters, one a byte; a byte A0 has often become a space.
_UTF8_BYTES = re.compile(
    r"(?:[\x00-\x7f]++|[\xc2-\xdf][\x80-\xbf ]|[\xe0-\xef][\x80-\xbf ]{2}|[\xf0-\xf4][\x80-\xbf ]{3})*+"
)
_PAIR_SIGN = re.compile(rf"[\xa1-\xfe][\x40-\xfe{_SIGNS}]")
# What text garbled in western letters cannot do without; neither the letters of pinyin (àáèéêìíòóùúü) nor ©, ·, °.
_WESTERN_HINTS = frozenset(map(chr, range(0xC2, 0x100))) - frozenset("×÷àáèéêìíòóùúü")

_LOST = (
    ("锟斤拷 (U+FFFD read as GBK)", re.compile("锟斤拷|锟[\ufffd?]"), "锟"),
    ("烫烫 or 屯屯 (memory never written to)", re.compile("烫{4,}|屯{4,}"), "烫屯"),
    ("U+FFFD", re.compile("\ufffd+"), "\ufffd"),
)

# Longer text is no page (`page` refuses it when its markup is gone), and to look at each piece of it takes seconds.
MAX_CHARS = 3_000_000
_QUESTION_MARKS = re.compile(r"\?(?:[\s\d.,:;()/-]*\?){7,}")  # eight at least, with nothing but figures between


def repair(text: str, *, is_damaged: bool = False) -> tuple[str, tuple[str, ...]]:
    """Return `text` with garbled pieces decoded again, and one warning per kind of damage, repaired or not.

    Text that is not garbled comes back as it is. `is_damaged`: the U+FFFD in it have been told already.
    """
    used = set(_telling().findall(text))
    rare = {character for character in used - _USUAL if HAN.match(character) or "\ue000" <= character <= "\uf8ff"}
    rare = rare if len(rare) >= _FEW_RARE else set()
    is_western = not used.isdisjoint(_WESTERN_HINTS)
    warnings: list[str] = []
    told = 0
    if (rare or is_western) and len(text) <= MAX_CHARS:
        text, warnings, told = _repair_pieces(text, rare, is_western)
    lost = []
    for name, pattern, needs in _LOST:
        places = 0 if used.isdisjoint(needs) else len(pattern.findall(text))
        if name == "U+FFFD":
            places = 0 if is_damaged else places - told
        if places > 0:
            lost.append(f"{name} in {_count(places, 'place')}")
    if "????" in text and (lines := sum(map(_is_question_marks, text.splitlines()))):
        lost.append(f"question marks in {_count(lines, 'line')}")
    warnings += [f"characters were lost before the page was saved: {what}" for what in lost]
    return text, tuple(warnings)


@cache  # made of constants, in 30 ms that a command without pages need not wait
def _telling() -> re.Pattern[str]:
    """Return what matches the characters that `repair` looks for: rare ones, hints, what lost text needs; also emoji.

    On a page without any it takes a fourth of the time in which the set of all its characters is made.
    """
    needed = _WESTERN_HINTS.union(*(needs for *_, needs in _LOST))
    usual = GB | BIG5 | frozenset(map(chr, range(0xC2, 0x100)))
    return re.compile(f"[^\0-\xc1\u0100-\u33ff\ua000-\udfff\ufb00-\ufffc\ufffe\uffff{''.join(sorted(usual - needed))}]")


def _repair_pieces(text: str, rare: set[str], is_western: bool) -> tuple[str, list[str], int]:
    """Return the repaired text, what to say of it, and how many U+FFFD that tells of."""
    odd = [match.start() for match in _telling().finditer(text) if match[0] in rare] if rare else []
    is_near = any(right - left < _NEAR for left, right in pairwise(odd))
    is_western = is_western and bool(_TWO_SIGNS.search(text))
    if not (is_near or is_western):
        return text, [], 0
    pieces = list(_PIECE.finditer(text))
    found: dict[int, tuple[str, Reading]] = {}
    doubtful: dict[int, str] = {}
    place = 0
    for number, match in enumerate(pieces):
        piece, first = match[0], place
        while place < len(odd) and odd[place] < match.end():
            place += 1
        seen = bisect_left(odd, match.start() + _SAMPLE, first, place) - first
        if seen >= 2 and seen >= _RARE_SHARE * len(HAN.findall(piece[:_SAMPLE])):  # others are not worth a try
            if proved := _proved(piece, PAIRS):
                found[number] = proved
            elif name := probable(piece):
                doubtful[number] = name
        elif is_western and _TWO_SIGNS.search(piece) and (mended := _repair_western(piece)):
            found[number] = mended
    if found:
        rest = [number for number in range(len(pieces)) if number not in found]
        garbled = sum(len(HAN.findall(result[:_SAMPLE])) for result, _ in found.values())
        sound = sum(character in FREQUENT for number in rest for character in pieces[number][0][:_SAMPLE])
        if garbled > _WHOLE_PAGE * (garbled + sound):
            _follow(pieces, rest, found)
        elif any(_ABOUT_GARBLED_TEXT.search(pieces[number][0]) for number in rest):
            doubtful |= {number: reading.name for number, (_, reading) in found.items()}
            found = {}
    doubts = Counter(name for number, name in doubtful.items() if number not in found)
    lost = sum(result.count("\ufffd") for result, _ in found.values())
    return _put_together(text, pieces, found), _told(found.values(), doubts), lost


def _proved(piece: str, readings: Iterable[Reading]) -> tuple[str, Reading] | None:
    """Return `piece` in the first of `readings` that proves itself, with that reading."""
    for reading in readings:
        result = reading.undo(piece)
        if result is None:
            continue
        sample = result[:_SAMPLE]
        han = HAN.findall(sample)
        if (
            len(han) >= reading.least_han
            and sample.count("\ufffd") <= _MOST_LOST * len(han)
            and sum(character in _USUAL for character in han) >= _USUAL_AFTER * len(han)
            and sum(character in FREQUENT for character in han) >= reading.least_frequent * len(han)
        ):
            return result, reading
    return None


def _follow(pieces: Sequence[re.Match[str]], rest: Iterable[int], found: dict[int, tuple[str, Reading]]) -> None:
    """Decode the short pieces of a garbled page in the reading of its long ones, where that makes them ordinary."""
    reading = Counter(reading for _, reading in found.values()).most_common(1)[0][0]
    for number in rest:
        piece = pieces[number][0]
        result = None if piece.isascii() else reading.undo(piece)
        if result is None or result == piece:
            continue
        han = HAN.findall(result)
        if 2 * result.count("\ufffd") > len(han):  # a heading may end in a lost character
            continue
        is_marks = bool(_MARKS.fullmatch(result)) and not _MARKS.fullmatch(piece)
        before, after = (sum(character in FREQUENT for character in text) for text in (piece, result))
        if is_marks or (after > before and sum(character in _USUAL for character in han) >= _USUAL_AFTER * len(han)):
            found[number] = result, reading


def _repair_western(piece: str) -> tuple[str, Reading] | None:
    """Return `piece` with its runs of western letters decoded again, and the reading of the last one, or None."""
    used: list[Reading] = []

    def mend(match: re.Match[str]) -> str:
        run = match[0]
        if len(_PAIR_SIGN.findall(run)) >= _LEAST_WESTERN and (proved := _proved(run, _WESTERN_READINGS)):
            used.append(proved[1])
            return proved[0]
        if (
            len(run) <= _LONGEST_FOR_FTFY
            and _UTF8_BYTES.fullmatch(run.translate(_BYTES))
            and (result := _undo_with_ftfy(run))
        ):
            used.append(_UTF8_READING)
            return result
        return run

    result = _WESTERN_RUN.sub(mend, piece)
    return (result, used[-1]) if used else None


def _undo_with_ftfy(piece: str) -> str | None:
    """Return `piece` without its layers of UTF-8 read as a western encoding, if putting them on gives it back."""
    import ftfy  # lazily: 0.1 s that few pages need

    config = ftfy.TextFixerConfig(  # fix_encoding alone, and of it only what loses nothing
        unescape_html=False,
        remove_terminal_escapes=False,
        replace_lossy_sequences=False,
        decode_inconsistent_utf8=False,
        fix_c1_controls=False,
        fix_latin_ligatures=False,
        fix_character_width=False,
        uncurl_quotes=False,
        fix_line_breaks=False,
        fix_surrogates=False,
        remove_control_chars=False,
        normalization=None,
    )
    fixed, steps = ftfy.fix_encoding_and_explain(piece, config)
    again = fixed
    for step in reversed(steps or []):
        if step.action == "encode":
            try:
                again = again.encode("utf-8").decode(step.parameter)
            except UnicodeError:
                return None
    is_same = again.replace("\xa0", " ") == piece.replace("\xa0", " ")  # programs turn a byte A0 into a space
    is_text = all(sign.isprintable() or sign.isspace() or sign in piece or sign == "\ufeff" for sign in set(fixed))
    return fixed if is_same and is_text and fixed != piece else None


def _western(name: str, right: str, least_frequent: float) -> Reading:
    undo = swapped("latin-1", right)
    return Reading(name, lambda run: undo(run.translate(_BYTES)), _LEAST_WESTERN, least_frequent)


_UTF8_NAME = "UTF-8 read as Latin-1 or Windows-1252"
_UTF8_READING = Reading(_UTF8_NAME, _undo_with_ftfy, 0, 0.0)
# Plain cases of Chinese without ftfy, which needs a second for a million characters.
_WESTERN_READINGS = (
    _western(_UTF8_NAME, "utf-8", 0.3),
    _western("GBK read as Latin-1", "gbk", 0.5),
    _western("Big5 read as Latin-1", "cp950", 0.5),
)


def _put_together(text: str, pieces: Sequence[re.Match[str]], found: Mapping[int, tuple[str, Reading]]) -> str:
    parts: list[str] = []
    end = 0
    for number in sorted(found):
        parts += text[end : pieces[number].start()], found[number][0]
        end = pieces[number].end()
    return "".join((*parts, text[end:]))


def _told(found: Iterable[tuple[str, Reading]], doubtful: Mapping[str, int]) -> list[str]:
    places: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    for result, reading in found:
        places[reading.name] += 1
        lost[reading.name] += result.count("\ufffd")
    told = []
    for name, count in places.items():
        was, has = ("was", "has") if count == 1 else ("were", "have")
        more = f"; {_count(lost[name], 'character')} in them could not be saved, now U+FFFD" if lost[name] else ""
        told.append(f"{_count(count, 'piece')} of text {was} {name} and {has} been decoded again{more}")
    for name, count in doubtful.items():
        told.append(f"{_count(count, 'piece')} of text may be {name}: left as found, not sure enough to decode again")
    return told


def _is_question_marks(line: str) -> bool:
    return bool(_QUESTION_MARKS.search(line)) and not re.search(r"[^\W\d_]", _QUESTION_MARKS.sub("", line))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
