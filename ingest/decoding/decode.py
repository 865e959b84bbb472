"""Bytes of a scraped page -> text, with the encoding that was found and a warning for every byte that was not text.

Order: byte order marks, unless the rest contradicts them; strict UTF-8, and in it HZ; UTF-16 without a mark; pages in
two encodings (`mixed`); UTF-8 with a few broken bytes; GB18030 against Big5 by how common the Han characters are that
come out; a western encoding the page declares. On 69 old Chinese pages strict UTF-8 followed by GB18030 decodes all,
where detectors reach 62 to 68 (DESIGN, not measured again here). What the page declares is evidence, never proof. Line
ends stay as they are. What was decoded wrongly before the page was saved is repaired by `mojibake`, and told.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace

from ingest.decoding.han import BIG5, GB
from ingest.decoding.mixed import is_running_text, read_mixed
from ingest.decoding.mojibake import repair

_MARKS = (  # UTF-32 before UTF-16: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_MAGIC = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a zip archive or an Office document (docx, xlsx, epub …)"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document (doc, xls, ppt)"),
    (b"{\\rtf", "an RTF document"),
    (b"\x1f\x8b", "a gzip file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"\x7fELF", "a program"),
)
_ARCHIVES = ("zip", "gzip", "7z", "RAR")
_NUL_SHARE = 0.001  # stray NULs in a text file are fewer than one byte in a thousand; in binary files they are many
_SAMPLE = 50_000  # characters judged; enough for a stable share, and a 20 MB page costs no more than a small one
_BROKEN_SHARE = 0.05  # more broken places than this among the foreign characters: another encoding, or no text
_PLAIN_SHARE = 0.3  # traditional text in GBK still has half of its characters in the common set; wrong pairs have less
_DECLARED_BONUS = 0.1
_SHORT = 16  # bytes: eight characters of UTF-16 without a line end, a space or a digit may look like anything
_HZ = re.compile(r"~\{((?:[!-}][!-~])+)~\}")


_NEUTRAL = re.compile(r"[\x00-\x7f\xa0-\xff\u2000-\u27ff\u3000-\u303f\uff01-\uffef]+")  # marks, in every encoding
_ODD = re.compile(r"[^\t\n\r -~\xa0-\xff\u2000-\u27ff\u3000-\u303f\uff01-\uffef]")
_WESTERN = re.compile(r"(iso-?8859-\d{1,2}|windows-125\d|cp125\d|latin-?1|shift[_-]jis|euc-(jp|kr)|koi8-[ru])", re.I)
_CHARSET = re.compile(
    rb"<meta[^>]{0,500}?charset\s*=\s*[\"']?\s*([\w.:-]+)|<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)", re.I
)


class Undecodable(Exception):
    """The bytes are no text: what they look like, and the way out."""

    def __init__(self, looks_like: str, way_out: str) -> None:
        super().__init__(looks_like, way_out)
        self.looks_like = looks_like
        self.way_out = way_out

    def __str__(self) -> str:
        return f"{self.looks_like}: {self.way_out}"


@dataclass(frozen=True, slots=True)
class Decoded:
    """`text` without byte order mark, the Python codec it was decoded with, and one warning per kind of damage."""

    text: str
    encoding: str
    warnings: tuple[str, ...] = ()


def declared_charset(data: bytes) -> str | None:
    """Return the charset that a page's first 8 KB declare (meta element or XML declaration), in lower case."""
    found = _CHARSET.search(data[:8192])
    return (found[1] or found[2]).decode("ascii", "replace").lower() if found else None


def decode(data: bytes, *, declared: str | None = None) -> Decoded:
    """Return the text of `data`; broken bytes become U+FFFD and a warning. Raises `Undecodable` for what is no text."""
    for magic, name in _MAGIC:
        if data.startswith(magic):
            do = "unpack it" if any(word in name for word in _ARCHIVES) else "convert it to text or HTML"
            raise Undecodable(name, f"{do} first")
    found = _read(data, (declared or "").lower())
    text, told = repair(found.text.lstrip("\ufeff"), is_damaged=bool(found.warnings))  # joined files have two marks
    if count := text.count("\ufffe") + text.count("\uffff"):  # no characters, by Unicode; SQLite does not keep them
        text = text.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")
        told = (*told, f"U+FFFE or U+FFFF stood in the text in {count} place{'s' if count > 1 else ''}, now U+FFFD")
    return replace(found, text=text, warnings=found.warnings + told)


def _read(data: bytes, declared: str) -> Decoded:
    """Return `data` decoded as it was saved."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            if _is_kept(mark, encoding, data):
                return _finish(data, encoding, skip=len(mark))
            if encoding != "utf-32-le":  # its mark is also that of UTF-16 before a NUL
                found = _read(data[len(mark) :], declared)
                lie = f"the page begins with the mark of {encoding} and is {found.encoding}"
                return replace(found, warnings=(lie, *found.warnings))
    nuls = data.count(0)
    valid_utf8 = _breaks(data, "utf-8") == 0
    if valid_utf8 and not nuls:
        return _read_hz(data.decode("utf-8"))
    wide = _wide_encoding(data)
    if wide:
        return _finish(data, wide)
    if nuls > len(data) * _NUL_SHARE:
        raise Undecodable(f"a binary file ({nuls} of {len(data)} bytes are NUL)", "convert it to text or HTML first")
    if valid_utf8:
        return _finish(data, "utf-8")
    pairs = ("big5", "gb18030") if declared.startswith(("big5", "x-big5")) else ("gb18030", "big5")
    if not nuls and (mixed := read_mixed(data, pairs)):
        return Decoded(*mixed)
    if _is_damaged_utf8(data):
        return _finish(data, "utf-8")
    return _finish_foreign(data, declared)


def _is_kept(mark: bytes, encoding: str, data: bytes) -> bool:
    """True where what follows a byte order mark can be in its encoding: programs have put marks before anything."""
    if encoding == "utf-32-le":
        return _breaks(data, encoding) == 0
    body = data[len(mark) :]
    if encoding == "utf-8":
        return _breaks(body, encoding) == 0 or _is_damaged_utf8(body) or not _is_text_in_pairs(body)
    if encoding.startswith("utf-16"):
        is_other = _breaks(body, "utf-8") == 0 or _is_text_in_pairs(body)
        return 0 in body or len(body) < _SHORT or not is_other or _wide_encoding(body) == encoding
    return True


def _is_text_in_pairs(data: bytes) -> bool:
    return max(_chinese_share(data, "gb18030", GB), _chinese_share(data, "big5", BIG5)) >= _PLAIN_SHARE


def _read_hz(text: str) -> Decoded:
    """Return `text`, decoded once more where Chinese stands between ~{ and ~} (HZ, RFC 1843)."""
    runs = _HZ.findall(text) if "~{" in text else []
    if not runs:
        return Decoded(text, "utf-8")
    try:
        read = [bytes(ord(sign) | 0x80 for sign in run).decode("gb2312") for run in runs]
    except UnicodeDecodeError:
        return Decoded(text, "utf-8")
    if not is_running_text("".join(read)):
        return Decoded(text, "utf-8")
    rest = iter(read)
    return Decoded(_HZ.sub(lambda _: next(rest), text).replace("~~", "~").replace("~\n", ""), "hz")


def _finish_foreign(data: bytes, declared: str) -> Decoded:
    """Decide between GB18030, Big5 and what is declared, for bytes that are not UTF-8."""
    declares_gb, declares_big5 = declared.startswith(("gb", "x-gbk", "cp936")), declared.startswith(("big5", "x-big5"))
    big5_name = min(("big5", "cp950", "big5hkscs"), key=lambda name: _breaks(data, name))
    gb = _chinese_share(data, "gb18030", GB) + _DECLARED_BONUS * declares_gb
    big5 = _chinese_share(data, big5_name, BIG5) + _DECLARED_BONUS * declares_big5
    best, share = (big5_name, big5) if big5 > gb else ("gb18030", gb)
    if share >= _PLAIN_SHARE:
        return _finish(data, best)
    if _WESTERN.fullmatch(declared) and _breaks(data, declared) == 0:
        return Decoded(data.decode(declared), declared)
    if _breaks(data, "utf-8") <= len(data) * 0.01:  # plain ASCII with a few foreign bytes
        return _finish(data, "utf-8")
    guess = min(("big5", "gb18030") if declares_big5 else ("gb18030", "big5"), key=lambda name: _breaks(data, name))
    if _breaks(data, guess) > _BROKEN_SHARE * len(data):
        raise Undecodable("bytes in no encoding known here (UTF-8, UTF-16, GB18030, Big5)", "save it as UTF-8 first")
    found = _finish(data, guess)
    doubt = f"the encoding is a guess: read as {guess} the text has few common Chinese characters"
    return Decoded(found.text, guess, (*found.warnings, doubt))


def _finish(data: bytes, encoding: str, *, skip: int = 0) -> Decoded:
    body = data[skip:]
    text = body.decode(encoding, "policykb-mend")
    warnings = []
    if _breaks(body, encoding):
        count = max(1, text.count("\ufffd") - _own_marks(body, encoding))
        warnings.append(_damage(f"{encoding} text was broken", count, _offsets(body, encoding), skip))
    if "\0" in text:
        places = [len(text[: found.start()].encode(encoding, "replace")) for found in re.finditer("\0", text[:_SAMPLE])]
        warnings.append(_damage("NUL stood in the text", text.count("\0"), places[:3], skip))
        text = text.replace("\0", "\ufffd")
    return Decoded(text, encoding, tuple(warnings))


def _damage(what: str, count: int, offsets: list[int], skip: int) -> str:
    named = ", ".join(str(offset + skip) for offset in offsets)
    more = f" and {count - len(offsets)} more" if count > len(offsets) else ""
    return f"{what} in {count} place{'s' if count > 1 else ''}, now U+FFFD: at byte {named or 'unknown'}{more}"


def _breaks(data: bytes, encoding: str) -> int:
    """Return how many replacement characters a forgiving decoder puts in; 0 exactly when `data` decodes strictly."""
    try:
        data.decode(encoding)
        return 0
    except UnicodeDecodeError:
        return max(1, data.decode(encoding, "replace").count("\ufffd") - _own_marks(data, encoding))


def _own_marks(data: bytes, encoding: str) -> int:
    """Return how many U+FFFD the page itself has written down (another program's replacements)."""
    mark = "\ufffd".encode(encoding, "ignore")  # Big5 cannot write it
    return data.count(mark) if mark else 0


def _offsets(data: bytes, encoding: str, *, limit: int = 3) -> list[int]:
    offsets: list[int] = []
    position = 0
    while len(offsets) < limit:
        try:
            data[position:].decode(encoding)
            break
        except UnicodeDecodeError as error:
            offsets.append(position + error.start)
            position += _after_break(error)
    return offsets


def _after_break(error: UnicodeDecodeError) -> int:
    """Return where decoding goes on after a broken place.

    A broken first byte of a Chinese pair leaves its second byte behind, which would pair up wrongly with all that
    follows to the end of the run. So one byte more is left out where the run then reads as more common Han.
    """
    if error.encoding not in ("gb18030", "big5", "cp950", "big5hkscs"):
        return error.end
    common = GB if error.encoding == "gb18030" else BIG5
    run = re.match(rb"[\x80-\xff][\x40-\xff]*", error.object[error.start + 1 : error.start + 65])
    if not run:
        return error.end
    hits = []
    for skip in (0, 1):
        text = run[0][skip:].decode(error.encoding, "replace")
        hits.append(sum(character in common for character in text) - text.count("\ufffd"))
    return error.start + (2 if hits[1] > hits[0] else 1)


def _mend(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\ufffd", _after_break(error)


codecs.register_error("policykb-mend", _mend)


def _is_damaged_utf8(data: bytes) -> bool:
    """True where broken places are few beside good characters of several bytes, or only the end is cut off."""
    text = data.decode("utf-8", "replace")
    broken = _breaks(data, "utf-8")
    good = len(re.findall(r"[^\x00-\x7f\ufffd]", text))
    cut = broken == 1 and text.endswith("\ufffd")
    return broken * 2 <= good or (cut and good > 0)  # GB18030 read as UTF-8 breaks ten times for one that is good


def _wide_encoding(data: bytes) -> str | None:
    """Return the UTF-16 in which nearly all characters are plain (ASCII, marks, common Han), or None.

    GB18030 read as UTF-16 gives Hangul and private characters; ASCII pairs give Han characters, but rare ones.
    """
    for encoding in ("utf-16-le", "utf-16-be"):
        text = data[: 2 * _SAMPLE].decode(encoding, "replace")
        odd = sum(character not in GB and character not in BIG5 for character in _ODD.findall(text))
        if len(text) > 1 and odd <= len(text) * 0.1:
            return encoding
    return None


def _chinese_share(data: bytes, encoding: str, common: frozenset[str]) -> float:
    """Return the share of common Han characters among all that are neither ASCII nor marks; 0 where too much breaks."""
    foreign = len(_NEUTRAL.sub("", data.decode(encoding, "replace")))
    if _breaks(data, encoding) > max(2, _BROKEN_SHARE * foreign):
        return 0.0
    sample = _NEUTRAL.sub("", data.decode(encoding, "policykb-mend"))[:_SAMPLE].replace("\ufffd", "")
    return sum(character in common for character in sample) / len(sample) if sample else 1.0
