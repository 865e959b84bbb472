"""Slips by sound and by pinyin: which are mended, which correct words stay, and how many of 87 slips are found."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from index.kb import KnowledgeBase
from index.ngrams import gram_keys
from index.question.question import read_question
from index.question.slips import Slip, find_slips
from index.question.vocabulary import Vocabulary

GOLD = Path(__file__).resolve().parents[1] / "corpus" / "gold" / "questions.jsonl"
Knows = Callable[[str], bool]

TERMS = [
    "医保",
    "报销",
    "异地就医",
    "养老金",
    "参保登记",
    "伤残等级",
    "备案",
    "工伤保险",
    "工商",
    "缴费",
    "银行",
    "医保卡",
]
VOCABULARY = Vocabulary(
    terms=[*TERMS, *(f"{place}缴费" for place in "东西南北中上下前后左右")], everyday=["买药", "医报"]
)


def slips(text: str, *known: str) -> list[tuple[str, str]]:
    return [(text[s.start : s.end], s.word) for s in find_slips(text, VOCABULARY, lambda pair: pair in known)]


def test_a_word_of_the_same_sound_that_nothing_knows() -> None:
    assert slips("医宝断了") == [("医宝", "医保")]
    assert find_slips("住院报消", VOCABULARY, lambda _: False) == (Slip(2, 4, "报销"),)


def test_a_known_pair_is_no_slip() -> None:
    assert slips("医宝断了", "医宝") == []


def test_characters_of_a_known_word_stay() -> None:
    assert slips("买药报销") == []
    assert slips("医保销") == []  # 保销 sounds like 报销, but 保 stands in 医保
    assert slips("医报了") == []  # an everyday word of the lexicon


def test_the_change_must_not_spoil_a_known_neighbour() -> None:
    assert slips("子女医宝宝") == [("医宝", "医保")]
    assert slips("子女医宝宝", "宝宝") == []


def test_long_words_of_the_lexicon_are_sure() -> None:
    assert slips("一地就医", "一地", "地就", "就医") == [("一地就医", "异地就医")]
    assert slips("工商保险", "工商", "商保", "保险") == [("工商保险", "工伤保险")]


def test_two_changes_that_are_a_word_together_stay() -> None:
    assert slips("参保灯级") == [("参保灯级", "参保登记")]
    assert slips("参保灯级", "灯级") == []


def test_confusions_of_southern_speech() -> None:
    assert slips("阳老金怎么领") == [("阳老金", "养老金")]
    assert slips("养恼金") == [("养恼金", "养老金")]  # n and l
    assert slips("缴灰") == [("缴灰", "缴费")]  # hui and fei, in one of the first words of the field
    assert slips("银汉") == []  # in two characters only there
    assert slips("养扰金") == [("养扰金", "养老金")]  # r and l


def test_half_of_a_word_must_be_right() -> None:
    assert slips("衣饱") == []
    assert slips("衣饱卡") == [("衣饱卡", "医保卡")]


def test_words_of_grammar_are_no_slips_of_two_characters() -> None:
    assert slips("北案") == [("北案", "备案")]
    assert slips("被案") == []


def test_question_words_are_left_alone() -> None:
    assert slips("异的就医") == []  # 的 only asks


@pytest.mark.parametrize(
    ("typed", "suggestion"),
    [
        ("yibao断了", "医保断了"),
        ("YIBAO", "医保"),
        ("yi bao ka", "医保卡"),
        ("yibaobaoxiao", "医保报销"),
        ("yibao app", "医保 app"),
        ("yanglaojin gongshang baoxian", "养老金 gongshang baoxian"),
        ("yi di jiu yi beian", "异地就医备案"),
    ],
)
def test_words_in_latin_letters(typed: str, suggestion: str) -> None:
    vocabulary = Vocabulary(terms=["医保", "医保卡", "报销", "app", "养老金", "异地就医", "备案"])
    assert read_question(typed, vocabulary, lambda _: True).suggestion == suggestion


@pytest.mark.parametrize("typed", ["drg", "app", "chs dip drg", "hello world", "a b c d e f g h i j", "医保app"])
def test_other_latin_words_stay(typed: str) -> None:
    assert read_question(typed, Vocabulary(terms=["医保", "app"]), lambda _: True).suggestion is None


def test_words_of_titles_are_learned_where_several_share_them() -> None:
    titles = ["核磁共振怎么报", "做核磁共振要钱吗", "核磁共振", "甲乙丙丁", "甲乙"]
    vocabulary = Vocabulary(titles=titles, headings=["", "核磁共振", "乙丙"])
    assert [word for word in ("核磁共振", "核磁", "磁共", "甲乙", "乙丙") if word in vocabulary] == ["核磁共振"]
    assert vocabulary.weight("核磁共振") == 3  # the same line twice is one
    assert read_question("核磁共震", vocabulary, lambda pair: pair != "共震").suggestion == "核磁共振"


def test_a_piece_of_a_longer_word_is_left_out() -> None:
    titles = [f"{year} 养老金标准" for year in range(2010, 2022)]
    assert "养老" in Vocabulary(titles=["养老", "养老", "怎样养老", "养老吗", *titles[:2]])
    vocabulary = Vocabulary(titles=["养老金", "养老", *titles])
    assert ("养老金标准" in vocabulary, "养老金" in vocabulary, "养老" in vocabulary) == (True, False, False)


def test_the_joint_of_two_words_is_no_word() -> None:
    titles = ["医保缴费标准", "社保缴费流程", "医保缴纳时间", "社保缴纳地点"]
    assert "保缴" not in Vocabulary(titles=titles)
    assert "保缴" in Vocabulary(titles=[*titles, "保缴"])


def test_a_latin_word_of_the_lexicon_is_no_pinyin() -> None:
    assert read_question("dating", Vocabulary(terms=["大厅"])).suggestion == "大厅"
    assert read_question("dating", Vocabulary(terms=["大厅", "dating"])).suggestion is None


def test_an_empty_vocabulary_mends_nothing() -> None:
    assert find_slips("医宝断了yibao", Vocabulary(), lambda _: False) == ()


# Each slip with what was meant. Written before the rules, two pairs that do not sound alike replaced after a first run; the
# rules were set with these in sight. Some are not to be found: 产价 stands in 农产价格.
SLIPS = """
医宝断了怎么办 医保断了怎么办
医宝卡丢了怎么补 医保卡丢了怎么补
住院报消比例是多少 住院报销比例是多少
报消需要什么材料 报销需要什么材料
生玉津贴怎么领 生育津贴怎么领
生育今贴多久到账 生育津贴多久到账
一地就医怎么备案 异地就医怎么备案
异地就衣备案流程 异地就医备案流程
社宝卡激活 社保卡激活
社宝断缴有影响吗 社保断缴有影响吗
共计账户怎么开通 共济账户怎么开通
家庭共剂怎么绑定 家庭共济怎么绑定
养老今怎么算 养老金怎么算
养老保显转移 养老保险转移
医疗保现转移 医疗保险转移
失业今能领几个月 失业金能领几个月
公伤认定需要什么 工伤认定需要什么
工商保险怎么赔 工伤保险怎么赔
门珍统筹怎么用 门诊统筹怎么用
门诊统愁报销比例 门诊统筹报销比例
起付线是多少住远 起付线是多少住院
住苑押金退吗 住院押金退吗
缴非年限不够怎么办 缴费年限不够怎么办
缴费年现怎么查 缴费年限怎么查
交费记录怎么茶询 交费记录怎么查询
医保待裕什么时候恢复 医保待遇什么时候恢复
待育等待期多长 待遇等待期多长
灵活就叶人员参保 灵活就业人员参保
灵活久业怎么交社保 灵活就业怎么交社保
职工医宝转居民医保 职工医保转居民医保
居民一保多少钱一年 居民医保多少钱一年
居民医饱集中缴费期 居民医保集中缴费期
新农和怎么交 新农合怎么交
长期户理保险是什么 长期护理保险是什么
长护先怎么申请 长护险怎么申请
大病保显报多少 大病保险报多少
慢病备按怎么办 慢病备案怎么办
门慢特冰怎么申请 门慢特病怎么申请
个人账护里的钱能取吗 个人账户里的钱能取吗
个人帐户余额 个人账户余额
统愁地区是什么意思 统筹地区是什么意思
转移接序怎么办 转移接续怎么办
社保转意手续 社保转移手续
退秀以后医保怎么办 退休以后医保怎么办
推休医保要交多少年 退休医保要交多少年
生遇保险报销 生育保险报销
产检费用报肖 产检费用报销
产价多少天 产假多少天
剖妇产报销多少 剖腹产报销多少
新生尔参保 新生儿参保
新生儿罗地参保 新生儿落地参保
电子凭正怎么激活 电子凭证怎么激活
医保店子凭证 医保电子凭证
定店医院怎么选 定点医院怎么选
定点要店可以刷医保吗 定点药店可以刷医保吗
药品木录查询 药品目录查询
甲类药和已类药区别 甲类药和乙类药区别
自费和自父的区别 自费和自付的区别
手工报销才料 手工报销材料
零星抱销多久到账 零星报销多久到账
医疗救住怎么申请 医疗救助怎么申请
困南群众参保补贴 困难群众参保补贴
低饱户医保 低保户医保
参宝证明在哪打印 参保证明在哪打印
参保等记怎么办 参保登记怎么办
断脚三个月还能报销吗 断缴三个月还能报销吗
不缴的社保能补吗 补缴的社保能补吗
补脚社保 补缴社保
中段缴费怎么办 中断缴费怎么办
连续缴费连限 连续缴费年限
待遇等呆期 待遇等待期
京津异地就一备案 京津异地就医备案
直接解算怎么用 直接结算怎么用
跨省直接接算 跨省直接结算
yibao断了怎么办 医保断了怎么办
shengyu jintie怎么领	生育津贴怎么领
yi di jiu yi备案	异地就医备案
shebaoka丢了 社保卡丢了
yanglaojin怎么算 养老金怎么算
yibao app下载	医保 app下载
高额医疗飞用 高额医疗费用
林活就业参保 灵活就业参保
缴灰记录 缴费记录
异地就医被案 异地就医备案
家庭共记账户 家庭共济账户
公鸡金断缴 公积金断缴
医宝报消比例 医保报销比例
"""


@pytest.fixture(scope="module")
def vocabulary(sample_kb: KnowledgeBase) -> Vocabulary:
    return sample_kb.vocabulary


@pytest.fixture(scope="module")
def knows(sample_kb: KnowledgeBase) -> Knows:
    strangest = sample_kb.passage_terms.idf_of(np.array([0], dtype=np.uint64))[0]  # of a key in no text

    def known(pair: str) -> bool:
        keys = gram_keys([pair])[0][-1:]
        return bool(sample_kb.passage_terms.idf_of(keys)[0] < strangest or sample_kb.table.rows_of(keys)[0] >= 0)

    return known


def test_most_slips_are_mended_and_what_was_meant_stays(vocabulary: Vocabulary, knows: Knows) -> None:
    pairs = [tuple(line.split("\t")) if "\t" in line else tuple(line.split()) for line in SLIPS.split("\n") if line]
    offered = {typed: read_question(typed, vocabulary, knows).suggestion for typed, _ in pairs}
    mended = [typed for typed, meant in pairs if offered[typed] == meant]
    wrong = [(typed, offered[typed]) for typed, meant in pairs if offered[typed] not in (meant, None)]
    assert (len(pairs), wrong) == (87, [])
    assert len(mended) >= 78, sorted(set(offered) - set(mended))  # 80 when this was written
    assert [meant for _, meant in pairs if read_question(meant, vocabulary, knows).suggestion] == []


def test_official_wordings_are_never_mended(vocabulary: Vocabulary, knows: Knows) -> None:
    questions = [json.loads(line) for line in GOLD.read_text(encoding="utf-8").splitlines()]
    official = [question["text"] for question in questions if question["kind"] == "official"]
    assert len(official) >= 20
    assert [text for text in official if read_question(text, vocabulary, knows).suggestion] == []
