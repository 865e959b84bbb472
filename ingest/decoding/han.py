"""Which Han characters are ordinary: the evidence of everything that guesses an encoding.

Three measures, from wide to narrow. Level 1 of GB2312 and of Big5 are the characters that their committees found in
use: text decoded rightly stays inside them but for names, text decoded wrongly has 40 to 67 % outside. `FREQUENT` are
the characters that running text is made of: 74 % of notices and everyday prose in both scripts, at most 10 % of the
same text decoded wrongly (measured on our own sentences in the readings that `mojibake` knows).
"""

from __future__ import annotations

import re

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def _pairs(encoding: str, leads: range, trails: tuple[int, ...]) -> frozenset[str]:
    return frozenset(bytes(b for lead in leads for trail in trails for b in (lead, trail)).decode(encoding, "ignore"))


# Level 1, the common ones: 3,755 of GB2312 and about 5,400 of Big5.
GB = _pairs("gb2312", range(0xB0, 0xD8), (*range(0xA1, 0xFF),))
BIG5 = _pairs("big5", range(0xA4, 0xC7), (*range(0x40, 0x7F), *range(0xA1, 0xFF)))

# The most frequent characters of articles on medicine, administration, law and general knowledge and of everyday
# questions, counted in equal shares and without those of one subject; then their traditional forms.
FREQUENT = frozenset(
    "的有是一和病在人以不中用为么生会大了能要可国尿高发性吗血度法年对时行问分治方上后多出于定作经体地化个理医业进应制"
    "物主者压成合什好动建怎下水吃部药期现民工学及与过疗政等来到同实区机设结果当子加量这网重百本其产关道面种管力小家自"
    "如因市规全并我内常最数新长保得文公提间系表通之事肝基开明食平展位效三科所前健办型康原而相患月就乳意点心入特由电或"
    "传日情活手状症正口使比利也外改代增资些统服答计线术次二务查程速知构他强门宝快施检天据起需还验变组院影流社质复育处"
    "染西第立解样安都素式少低目持信教较降运标形该研导们步品员单感身引两究测名模路义然况响率防级各控算回条共做将孕议取"
    "城南被调场技必府具向类东打但海注指件无护根气从交白别转接功济元十何题儿确反证里维权任很金色你采此北决收细格预没带"
    "图环说值号源析项头抗军世完再美准费划更放总饮哪选去热养早农车推支达参球求空山看斯致联五造专台料器集着节态论阳除神"
    "风精积营域四布干企受拉请按华监适织整报界女例先显战至照包备境岛清直约喝优视炎依片责脑尔消易克极试考职价置层米即断"
    "免县存供排亚广且列痛毒止减范称已革液属土给只她那走见话让真声眼听笑坐叫它呢吧啊钱书房左右晚今昨秒慢红黄蓝黑买卖店"
    "钟票页首篇章评击"
    "爲麼會國發嗎對時問後於經體個醫業進應壓動喫藥現學與過療來實區機設結當這網產關種規並內數長間開辦點電傳狀資統計線術"
    "務構強門寶檢據還驗變組質復處樣較運標該導們員單兩測義況響級條將議調場類東無護氣從別轉濟題兒確證裏維權採決細預沒帶"
    "圖環說號項頭軍準費劃總飲選熱養農車達參聯專臺節態論陽風積營幹請華監適織報顯戰備島約優視責腦爾極試職價層斷縣亞廣減"
    "範稱屬給見話讓聲聽錢書紅黃藍買賣鍾頁評擊裡著週係鐘髮衆"
)
