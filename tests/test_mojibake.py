"""Garbled text becomes what it was where that is certain, is told of where it is not, and good text is never touched."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.decoding.decode import decode
from ingest.decoding.mojibake import repair
from ingest.page import page_from_bytes

# Written for these tests. Each ends where UTF-8 read in pairs loses nothing (checked below).
LINES = (
    "小区门口新开了一家面馆，牛肉面十八块一碗，味道还不错的",
    "今天下午的会改到三楼办公室，请大家带好材料准时参加吧",
    "每年九月到十二月是集中缴费的时间，过了就要再等三个月",
)
OLD = ("今天下午的會議改到三樓辦公室，請大家帶好資料準時參加", "每年九月到十二月是集中繳費的時間，過了就要再等三個月吧")
SOUND = "门票在网上预订，成人四十元，学生和老人半价，当天有效。"


def windows_1252(data: bytes) -> str:
    """As browsers and Windows read it: every byte is a character."""
    return "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in data)


def gbk(data: bytes) -> str:
    """As Windows reads it: a byte 80 that begins no pair is the euro sign."""
    text, place = "", 0
    while place < len(data):
        size = 1 if data[place] < 0x81 else 2
        text += "€" if data[place] == 0x80 else data[place : place + size].decode("gb18030", "replace")
        place += size
    return text


def test_the_lines_lose_nothing_when_they_are_garbled() -> None:
    assert ["\ufffd" in gbk(line.encode()) for line in LINES] == [False] * 3


def pieces(count: int, name: str) -> str:
    return f"{count} pieces of text were {name} and have been decoded again"


WESTERN = "UTF-8 read as Latin-1 or Windows-1252"
MISTAKES = {
    "UTF-8 as GBK": (LINES, lambda t: gbk(t.encode()), "UTF-8 read as GBK"),
    "UTF-8 as Windows-1252": (LINES, lambda t: windows_1252(t.encode()), WESTERN),
    "UTF-8 as Latin-1": (OLD, lambda t: t.encode().decode("latin-1"), WESTERN),
    "twice": (LINES, lambda t: windows_1252(windows_1252(t.encode()).encode()), WESTERN),
    "GBK as Latin-1": (LINES, lambda t: t.encode("gbk").decode("latin-1"), "GBK read as Latin-1"),
    "GBK as Windows-1252": (LINES, lambda t: windows_1252(t.encode("gbk")), "GBK read as Latin-1"),
    "Big5 as Latin-1": (OLD, lambda t: t.encode("big5").decode("latin-1"), "Big5 read as Latin-1"),
    "Big5 as GBK": (OLD, lambda t: t.encode("big5").decode("gb18030"), "Big5 read as GBK"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_garbled_page_comes_back(mistake: str) -> None:
    lines, garble, name = MISTAKES[mistake]
    text = "\r\n".join(lines)
    assert garble(text) != text
    assert repair(garble(text)) == (text, (pieces(len(lines), name),))


@pytest.mark.parametrize("mistake", [name for name in MISTAKES if name != "Big5 as GBK"])
def test_markup_around_garbled_text_stays(mistake: str) -> None:
    lines, garble, name = MISTAKES[mistake]
    page = '<html><body class="a">\n' + "".join(f"<p id='x'>{line}</p>\n" for line in lines) + "</body></html>"
    assert repair(garble(page)) == (page, (pieces(len(lines), name),))


@pytest.mark.parametrize("mistake", ["UTF-8 as GBK", "UTF-8 as Windows-1252", "GBK as Latin-1"])
def test_one_garbled_paragraph_in_a_sound_page(mistake: str) -> None:
    _, garble, name = MISTAKES[mistake]
    found = repair("\n".join((SOUND, garble(LINES[1]), SOUND)))
    told = f"1 piece of text was {name} and has been decoded again"
    assert found == ("\n".join((SOUND, LINES[1], SOUND)), (told,))


def test_gbk_read_as_big5() -> None:
    line = "小区门口新开了一家面馆，牛肉面十八块一碗"  # few texts pass through Big5 without a loss
    garbled = line.encode("gbk").decode("big5hkscs")
    assert repair(garbled)[0] == line


def test_short_headings_follow_a_garbled_page_but_are_left_alone_in_a_sound_one() -> None:
    heading = "办理时间"
    garbled = gbk(heading.encode())
    assert repair("\n".join((garbled, *(gbk(line.encode()) for line in LINES))))[0] == "\n".join((heading, *LINES))
    text, told = repair("\n".join((SOUND, SOUND, garbled)))
    assert text == "\n".join((SOUND, SOUND, garbled))
    assert told == ("1 piece of text may be UTF-8 read as GBK: left as found, not sure enough to decode again",)


def test_a_euro_sign_is_the_byte_80_or_the_pair_a2_e3() -> None:
    line = "碢、下一个问题我们明天再说，一个人去就可以了的"  # 碢 ends in A2 and 、 begins with E3; 一 ends in 80
    garbled = gbk(line.encode())
    assert garbled.startswith("纰€€佷笅涓€涓")  # the pair, the byte, the byte
    assert repair(garbled) == (line, ("1 piece of text was UTF-8 read as GBK and has been decoded again",))


@pytest.mark.parametrize("sign", ["\ufffd", "?"])
def test_a_character_lost_at_the_end_of_an_odd_run_is_marked_and_told(sign: str) -> None:
    line = "小区门口新开了一家面馆，牛肉面十块一碗"
    garbled = line.encode().decode("gbk", "replace").replace("\ufffd", sign)
    assert garbled.count(sign) == 1
    text, told = repair(garbled)
    assert text == line[:-1] + "\ufffd"
    assert told == (
        "1 piece of text was UTF-8 read as GBK and has been decoded again; 1 character in them could not be saved, "
        "now U+FFFD",
    )


def test_a_line_half_garbled_is_left_and_told() -> None:
    half = SOUND + gbk((LINES[0] + LINES[1]).encode())
    told = ("1 piece of text may be UTF-8 read as GBK: left as found, not sure enough to decode again",)
    assert repair(half) == (half, told)


def test_what_lost_too_much_is_left_and_told() -> None:
    garbled = "".join(LINES).encode("gbk").decode("cp950", "replace")
    text, told = repair(garbled)
    assert text == garbled
    assert told[0] == "1 piece of text may be GBK read as Big5: left as found, not sure enough to decode again"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (SOUND + "锟斤拷锟斤拷后面没有了", "锟斤拷 (U+FFFD read as GBK) in 2 places"),
        (SOUND + "烫烫烫烫烫", "烫烫 or 屯屯 (memory never written to) in 1 place"),
        (SOUND + "\ufffd\ufffd的\ufffd", "U+FFFD in 2 places"),
        (SOUND + "\n??????????\n????，2024????????", "question marks in 2 lines"),
        ("???????? 2024-05-01 ????\n" + SOUND, "question marks in 1 line"),
    ],
)
def test_lost_characters_are_told(text: str, told: str) -> None:
    assert repair(text) == (text, (f"characters were lost before the page was saved: {told}",))


def test_broken_bytes_are_told_once() -> None:
    assert decode(b"\xe5" + SOUND.encode()).warnings == ("utf-8 text was broken in 1 place, now U+FFFD: at byte 0",)


@pytest.mark.parametrize(
    "text",
    [
        SOUND,
        "为什么会这样????????",
        "这菜好烫烫烫，小心点。",
        "王珺、李喆、张祎晗、陈旻昱、刘翀、赵赟、孙骐、周曌、吴堃、郑犇、冯玥、褚燊、卫婧、蒋珩",
        "犇猋骉蟲麤毳淼掱焱垚赑羴矗鑫",
        "魑魅魍魉、饕餮梼杌、貔貅狴犴、睚眦狻猊、螭吻赑屃",
        "龘靐齉齾爩鱻麤龗灪吁龖厵滟爨癵籱饢驫鲡鹂鸾麣纞虋讟钃骊郁鸜麷鞻韽韾响",
        "蝶恋花·庭院深深深几许，楊柳堆煙，簾幕無重數。玉勒雕鞍遊冶處，樓高不見章臺路。",
        "鐵錢鐘銀錄鏡鋼鍋鑰鎖針釘鈕釣鉤鍵鑽鍊鋪錶鎮",
        "日本語の文章です。駅前の図書館は毎週火曜日が休館、対象は小学生以上、円安の影響で値上げ。",
        "㈠㈡ αβγδε ∑∫√ x² + y² = z², ∂f/∂x ≈ 3·10⁻⁵ Å, 37 °C ± 0,5",
        "nǐ hǎo, zhōng guó rén mín; lǜ sè, é è ê à á ü",
        "Déjà vu à Orléans : « çà et là », où l’été s’achève… café” – naïve",
        "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞß",
        "ÄÖÜäöü ß; Ærøskøbing; São Paulo, Ñandú; ÉCOLE PRÉÉLÉMENTAIRE",
        "（全角）“引号”——ＡＢＣ１２３，ﬁ ﬂ Ⅳ ㎡ ½ ①",
        "Привет, как дела? Γειά σου Κόσμε. 안녕하세요 여러분",
        "<p>é…</p><p>Ê®</p><a title='©®™'>×÷</a>",
    ],
)
def test_good_text_is_not_touched(text: str) -> None:
    assert repair(text) == (text, ())
    assert repair("\n".join((SOUND, text, SOUND)))[0] == "\n".join((SOUND, text, SOUND))


def test_a_page_about_garbled_text_keeps_its_examples() -> None:
    example_line = gbk(LINES[0].encode())
    page = "\n".join(
        ("网页出现乱码怎么办", SOUND * 3, example_line, "上面这一行就是典型的例子，换一个编码打开就好了。")
    )
    text, told = repair(page)
    assert text == page
    assert told == ("1 piece of text may be UTF-8 read as GBK: left as found, not sure enough to decode again",)


# The first example to import ftfy takes longer than the usual deadline.
unhurried = settings(deadline=None)

RARE = [chr(code) for code in range(0x4E00, 0x9FA5, 7)]
OLD_COMMON = sorted(
    bytes(b for lead in range(0xA4, 0xC6) for trail in range(0xA1, 0xFF) for b in (lead, trail)).decode("big5")
)


@unhurried
@given(st.text(st.sampled_from(RARE), max_size=60))
def test_any_list_of_rare_characters_stays(text: str) -> None:
    assert repair(text)[0] == text


@unhurried
@given(st.text(st.sampled_from([*OLD_COMMON, *"，。、\n"]), max_size=80))
def test_any_traditional_text_stays(text: str) -> None:
    assert repair(text) == (text, ())


SYLLABLES = [a + b for a in "àáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿÉÈÀÇÑÖÜ" for b in "abdeghilmnoprstu"]


@unhurried
@given(st.lists(st.sampled_from([*SYLLABLES, *"aeiou st.,’–\n"]), max_size=60).map("".join))
def test_any_words_with_accents_stay(text: str) -> None:
    assert repair(text) == (text, ())


def test_private_characters_are_no_repair() -> None:
    assert repair("Āî¢\xa0") == ("Āî¢\xa0", ())


@unhurried
@given(st.text(max_size=80))
def test_ascii_and_line_ends_are_never_lost(text: str) -> None:
    found = repair(text)[0]
    for sign in '\r\n<>"':
        assert found.count(sign) == text.count(sign)


@unhurried
@given(st.lists(st.sampled_from([*LINES, *OLD, SOUND]), min_size=1, max_size=6), st.sampled_from(["gbk", "1252"]))
def test_repairing_twice_changes_nothing_more(lines: list[str], reader: str) -> None:
    text = "\n".join(lines)
    once = repair(gbk(text.encode()) if reader == "gbk" else windows_1252(text.encode()))[0]
    assert repair(once)[0] == once


def test_a_page_has_the_repaired_text_and_says_so() -> None:
    body = "\n\n".join(("食堂开放时间的", *LINES))
    page = page_from_bytes(gbk(body.encode()).encode(), path="a.txt")
    assert page.text == body
    assert page.warnings == (pieces(4, "UTF-8 read as GBK"),)
