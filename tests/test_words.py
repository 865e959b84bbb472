"""Words, keyness, dispersion, collocates and trends against plain scans, hand-made tables and scipy."""

from __future__ import annotations

import inspect
import io
import math
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest, chi2, chi2_contingency

from index.build.build import rebuild
from index.explore.collocates import collocates
from index.explore.counts import Counts
from index.explore.dispersion import deviation
from index.explore.independent import original_numbers
from index.explore.keyness import KeynessError, log_likelihood, log_ratio, p_value, percent_difference
from index.explore.places import find
from index.explore.prepared import NotPrepared, made
from index.explore.stretches import free_stretches
from index.explore.subcorpus import name_of
from index.explore.trends import poisson_interval, wilson_interval
from index.explore.word_places import codes_of, word_places
from index.explore.words import PART, WordCounts, c_values
from index.filters import Filters
from index.kb import KnowledgeBase, open_kb
from index.lexicon.lexicon import lexicon_of
from index.lexicon.tables import BUNDLED, read_table
from index.model import load_embedder
from index.ngrams import fold
from index.table import Origin, table_file, table_of_frame
from search_app.views.facets_html import chips
from search_app.words import Words

WHERE = Filters(schemes="失业保险")
ROOT = Path(__file__).resolve().parents[1]


def scan(text: str, word: str) -> list[int]:
    """Every place of a word, overlapping ones too, found one after the other."""
    found: list[int] = []
    while (at := text.find(word, found[-1] + 1 if found else 0)) >= 0:
        found.append(at)
    return found


def passages(kb: KnowledgeBase) -> list[str]:
    return [kb.corpus_text.passage(row) for row in range(len(kb.article_of))]


def articles_where(kb: KnowledgeBase, scheme: str) -> set[int]:
    facts = kb.facts()
    named = set(facts[(facts.kind == "scheme") & (facts.value == scheme)].article_id)
    return {row for row, article in enumerate(kb.articles().id) if article in named}


# sub-corpora


def test_a_sub_corpus_is_counted_as_the_frames_say(sample_kb: KnowledgeBase) -> None:
    inside = articles_where(sample_kb, "失业保险")
    rows = [row for row, article in enumerate(sample_kb.article_of.tolist()) if article in inside]
    texts = sample_kb.passages().text
    found = sample_kb.subcorpus(WHERE)
    assert (found.articles, found.passages) == (len(inside), len(rows)) == (5, len(rows))
    assert found.chars == sum(len(texts[row]) for row in rows)
    assert found.sources.texts == len({sample_kb.text_of[row] for row in rows})
    assert found.to_frame().name[0] == "失业保险"
    assert sample_kb.subcorpus().chars == sum(map(len, texts))


def test_a_sub_corpus_is_called_what_its_filters_are_on_the_page() -> None:
    assert name_of(Filters()) == "全部"
    filters = Filters(regions="湖南", schemes="职工医保", years=("2025", "-"), confidence="doubtful", since="2024-05")
    assert name_of(filters) == "湖南省 · 职工医保 · 2025 · 未提年份 · 清洗存疑 · 2024-05 起"
    for one in (filters, Filters(regions=("湖南/长沙", "-"), sites="-", schemes="-", until="2025", confidence="sure")):
        assert name_of(one) == " · ".join(words for words, _ in chips(one, Words("zh")))


# finding words


def plain_stretches(text: str, least: int) -> dict[str, tuple[int, float, float, float]]:
    """Count, cohesion, freedom and share of the commonest neighbour of every frequent stretch, by definition."""

    def is_han(char: str) -> bool:
        return "\u3400" <= char < "\ua000"

    counts: Counter[str] = Counter()
    sides: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for size in range(1, 9):
        for at in range(len(text) - size + 1):
            if all(map(is_han, text[at : at + size])):
                word = text[at : at + size]
                counts[word] += 1
                sides[word][0].append(text[at - 1] if at else "")
                sides[word][1].append(text[at + size] if at + size < len(text) else "")
    counts = Counter({word: count for word, count in counts.items() if count >= least})
    total = sum(count for word, count in counts.items() if len(word) == 1)
    found = {}
    for word, count in counts.items():
        if len(word) == 1:
            continue
        joints = [counts[word[:at]] * counts[word[at:]] for at in range(1, len(word))]
        entropies, shares = [], []
        for side in sides[word]:
            tally = Counter(char for char in side if char.isalnum())
            ends = len(side) - tally.total()  # each is different
            bits = sum(n / count * math.log2(count / n) for n in tally.values()) + ends / count * math.log2(count)
            entropies.append(bits)
            shares.append(max((n for char, n in tally.items() if is_han(char)), default=0) / count)
        found[word] = (count, math.log2(count * total / max(joints)), min(entropies), max(shares))
    return found


def test_stretches_are_counted_and_weighed_as_by_their_definitions(sample_kb: KnowledgeBase) -> None:
    text = sample_kb.corpus_text.text[:9000]
    expected = {word: of for word, of in plain_stretches(text, 4).items() if of[2] >= 0.1 and of[3] < 0.9}
    found = free_stretches(codes_of(text), min_freedom=0.1, piece=0.9)
    words = [text[at : at + size] for at, size in zip(found.firsts.tolist(), found.sizes.tolist(), strict=True)]
    assert sorted(words) == sorted(expected)
    assert len(words) > 150
    for row, word in enumerate(words):
        count, cohesion, freedom, _ = expected[word]
        assert found.firsts[row] == text.find(word)
        assert found.counts[row] == count
        assert found.cohesion[row] == pytest.approx(cohesion)
        assert found.freedom[row] == pytest.approx(freedom)


@pytest.mark.parametrize("text", ["", "a1。", "医", "医保医保医保医保"])
def test_a_text_without_words_has_none(text: str) -> None:
    assert len(free_stretches(codes_of(text), min_freedom=5, piece=0.9).sizes) == 0


def test_the_c_value_takes_off_what_stands_in_longer_ones() -> None:
    # 4 of 医保's 10 places are in 居民医保, 2 in 职工医保: 10 - (4 + 2) / 2 = 7
    values = c_values({"医保": 10, "居民医保": 4, "职工医保": 2})
    assert values == {"医保": 7.0, "居民医保": 8.0, "职工医保": 4.0}


def test_the_words_of_the_sample_are_words(sample_kb: KnowledgeBase) -> None:
    words = set(sample_kb.words.words)
    assert {"居民医保", "等待期", "断缴", "参保地", "经办机构", "失业保险金", "报销", "法定退休年龄"} <= words
    pieces = {"民医保", "居民医", "经办机", "办机构", "待期", "的缴费年限", "参加居民医保的", "按当地", "个月以"}
    assert not pieces & words
    assert {"中断缴费", "跨省异地就医直接结算"} & words  # of the lexicon, whatever the statistic says
    assert sample_kb.words.words == tuple(sorted(words, key=lambda word: (len(word), word)))


def test_the_counts_are_those_of_an_overlapping_scan(sample_kb: KnowledgeBase) -> None:
    counts, texts = sample_kb.words, passages(sample_kb)
    for row, word in enumerate(counts.words):
        plain = {at: len(scan(text, word)) for at, text in enumerate(texts) if word in text}
        where, often = counts.passages.of(row)
        assert dict(zip(where.tolist(), often.tolist(), strict=True)) == plain, word
        by_article: Counter[int] = Counter()
        for at, number in plain.items():
            by_article[int(sample_kb.article_of[at])] += number
        where, often = counts.articles.of(row)
        assert dict(zip(where.tolist(), often.tolist(), strict=True)) == by_article
        assert counts.totals[row] == sum(plain.values())


@pytest.mark.parametrize("turn", [1, 3, 1000])
def test_places_overlap_and_nest(turn: int) -> None:
    text = "哈哈哈哈\n居民医保医保"
    words = ["哈哈", "哈哈哈", "医保", "民医保", "没有"]
    found = {
        words[row]: at.tolist()
        for rows, places in word_places(codes_of(text), words, turn=turn)
        for row in np.unique(rows).tolist()
        for at in [places[rows == row]]
    }
    assert found == {word: scan(text, word) for word in words if word in text}
    assert found["哈哈"] == [0, 1, 2]
    assert found["医保"] == [7, 9]
    assert find(codes_of(text), "哈哈").tolist() == [0, 1, 2]
    assert find(codes_of(text), "哈哈哈哈哈").tolist() == find(codes_of(text), "").tolist() == []


def test_two_makes_of_the_words_have_the_same_bytes(sample_kb: KnowledgeBase, tmp_path: Path) -> None:
    again = open_kb(sample_kb.folder)
    PART.make(again, tmp_path, lambda stage, done, total: None)
    there = made(sample_kb, PART)
    names = sorted(file.name for file in there.iterdir())
    assert len(names) == 7
    assert names == sorted(file.name for file in tmp_path.iterdir())
    assert all((tmp_path / name).read_bytes() == (there / name).read_bytes() for name in names)


def test_all_code_that_decides_the_words_makes_them_anew() -> None:
    code = {(ROOT / name).resolve() for name in PART.code}
    deciding = (lexicon_of, read_table, original_numbers, word_places, free_stretches, fold, c_values)
    assert {Path(inspect.getfile(made_by)) for made_by in deciding} <= code
    assert set(BUNDLED) <= code


def test_a_large_build_is_not_counted_at_a_click(sample_kb: KnowledgeBase) -> None:
    with pytest.raises(NotPrepared, match="policykb prepare"):
        made(sample_kb, PART.__class__("other", (), PART.make), most=10)


# keyness


def test_log_likelihood_is_that_of_a_table_made_by_hand() -> None:
    # 10 of 1,000 here, 5 of 4,000 there: expected 3 and 12, and 997 and 3,988 of all else.
    by_hand = 2 * (
        10 * math.log(10 / 3) + 5 * math.log(5 / 12) + 990 * math.log(990 / 997) + 3995 * math.log(3995 / 3988)
    )
    assert log_likelihood(10, 5, 1000, 4000) == pytest.approx(by_hand)
    assert by_hand == pytest.approx(15.39, abs=0.01)
    assert log_likelihood(0, 0, 1000, 4000) == 0
    assert log_likelihood(10, 40, 1000, 4000) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(("here", "there"), [(10, 5), (0, 8), (7, 0), (300, 2), (1, 1)])
def test_log_likelihood_and_p_are_those_of_scipy(here: int, there: int) -> None:
    table = [[here, there], [1000 - here, 4000 - there]]
    g2, p, *_ = chi2_contingency(table, correction=False, lambda_="log-likelihood")
    assert log_likelihood(here, there, 1000, 4000) == pytest.approx(g2)
    assert p_value(g2) == pytest.approx(p, rel=1e-6, abs=1e-300)


def test_effect_sizes_have_a_rule_for_zero() -> None:
    assert log_ratio(10, 5, 1000, 4000) == pytest.approx(3)  # 10 in a thousand against 1.25
    assert percent_difference(10, 5, 1000, 4000) == pytest.approx(700)
    assert log_ratio(10, 0, 1000, 4000) == pytest.approx(math.log2((10 / 1000) / (0.5 / 4000)))
    assert log_ratio(0, 5, 1000, 4000) == pytest.approx(math.log2((0.5 / 1000) / (5 / 4000)))
    assert percent_difference(0, 5, 1000, 4000) == pytest.approx(-60)


def test_keywords_are_those_of_a_plain_count(sample_kb: KnowledgeBase) -> None:
    inside = articles_where(sample_kb, "失业保险")
    texts: dict[int, list[str]] = defaultdict(list)
    for row, text in enumerate(passages(sample_kb)):
        texts[int(sample_kb.article_of[row])].append(text)
    sizes = {row: sum(map(len, of)) for row, of in texts.items()}
    here, rest = sum(sizes[row] for row in inside), sum(sizes[row] for row in sizes if row not in inside)
    expected = {}
    for word in sample_kb.words.words:
        by = {row: sum(len(scan(text, word)) for text in of if word in text) for row, of in texts.items()}
        a, b = sum(by[row] for row in inside), sum(by[row] for row in by if row not in inside)
        have = sum(by[row] > 0 for row in inside), sum(by[row] > 0 for row in by if row not in inside)
        is_more = (a or 0.5) / here > (b or 0.5) / rest
        if have[0 if is_more else 1] >= 3:
            g2, p, *_ = chi2_contingency([[a, b], [here - a, rest - b]], correction=False, lambda_="log-likelihood")
            expected[word] = (a, b, float(g2), float(p), *have)
    found = sample_kb.keyness(WHERE)
    assert found.tested == len(expected)
    assert (found.chars, found.rest_chars) == (here, rest)
    assert {word.word for word in found} == {w for w, of in expected.items() if of[3] * len(expected) <= 0.05}
    for word in found:
        count, rest_count, g2, p, texts_here, texts_rest = expected[word.word]
        assert (word.count, word.rest_count, word.texts, word.rest_texts) == (count, rest_count, texts_here, texts_rest)
        assert word.g2 == pytest.approx(g2)
        assert word.p == pytest.approx(p * len(expected), rel=1e-6)
        assert word.per_million == pytest.approx(count / here * 1e6)
    assert [word.word for word in found][:2] == ["失业", "失业保险"]
    assert {word.word for word in found.negative} == {"费用", "地方"}
    assert "失业" in {w.word for w in found.positive}
    assert found.ordered("effect")[0].word == max(found, key=lambda word: abs(word.log_ratio)).word
    frame = found.to_frame()
    assert frame.subcorpus[0] == "失业保险"
    assert frame.word[0] == "失业"
    assert frame.build[0] == sample_kb.build


def test_without_a_filter_there_is_no_rest(sample_kb: KnowledgeBase) -> None:
    with pytest.raises(KeynessError, match="found no filter"):
        sample_kb.keyness()
    assert len(sample_kb.keyness(Filters(regions="西藏"))) == 0
    assert len(sample_kb.keyness(Filters(since="1900"))) == 0  # all of it


COPIED = "蓝鲸补贴的申领先在窗口登记。蓝鲸补贴每月发放一次,金额由当地公布。领取蓝鲸补贴以后仍可参加职工医保,蓝鲸补贴不影响缴费年限。"


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    """Five copies of one article of 2031, and seven other articles."""
    folder = tmp_path_factory.mktemp("copied")
    for number in range(5):
        text = f"蓝鲸补贴怎么领\n\n2031年起实行。{COPIED * 3}\n"
        (folder / f"copy{number}.txt").write_text(text, encoding="utf-8")
    things = ("住院", "门诊", "生育", "养老", "工伤", "转移", "异地")
    for number, thing in enumerate(things):
        text = f"{thing}怎么办\n\n{2020 + number}年{thing}的规定:{thing}的费用先由个人支付,{thing}结束以后带材料到窗口,第{number}次办{thing}要登记。\n"
        (folder / f"other{number}.txt").write_text(text, encoding="utf-8")
    rebuild([folder], folder.parent / f"{folder.name}-kb", embedder=load_embedder("bundled"))
    return open_kb(folder.parent / f"{folder.name}-kb")


def test_an_article_that_is_copied_makes_no_keyword(copied: KnowledgeBase) -> None:
    found = copied.dispersion("蓝鲸补贴")
    assert (found.frequency.articles, found.frequency.texts) == (5, 1)
    near = collocates(copied, "蓝鲸补贴", min_g2=0)
    assert len(near) > 0
    assert {row.texts for row in near} == {1}
    where = Filters(years="2031")
    assert copied.subcorpus(where).articles == 5
    assert "蓝鲸补贴" not in copied.words.words  # one text alone says it
    assert [word.word for word in copied.keyness(where).positive] == []
    single = copied.keyness(where, min_texts=1)
    assert all(word.texts == 1 and word.articles == 5 for word in single.positive)
    assert single.positive


def test_a_list_without_rows_keeps_its_columns(sample_kb: KnowledgeBase) -> None:
    nowhere = Filters(regions="西藏")
    pairs = [
        (sample_kb.keyness(nowhere), sample_kb.keyness(WHERE)),
        (sample_kb.collocates("没有这个词组"), sample_kb.collocates("断缴")),
        (sample_kb.trend("断缴", "captured", nowhere), sample_kb.trend("断缴")),
        (sample_kb.frequencies(nowhere), sample_kb.frequencies(most=3)),
    ]
    for empty, full in pairs:
        assert len(empty.to_frame()) == 0 < len(full.to_frame())
        assert list(empty.to_frame().columns) == list(full.to_frame().columns)
        table = table_of_frame(empty.to_frame(), "words", Origin("b", "policykb words"))
        assert table_file(sample_kb, table, "csv").decode("utf-8-sig").split(",")[0] == table.columns[0]
        pa = pytest.importorskip("pyarrow.parquet")
        assert pa.read_table(io.BytesIO(table_file(sample_kb, table, "parquet"))).column_names[0] == table.columns[0]


# dispersion


def test_deviation_of_proportions_by_hand() -> None:
    sizes = np.array([40, 40, 20])
    assert deviation(np.array([4, 4, 2]), sizes, 100) == pytest.approx(0)
    # All five places in the first of the parts of .4, .4 and .2: (.6 + .4 + .2) / 2
    assert deviation(np.array([5]), sizes[:1], 100) == pytest.approx(0.6)
    # Gries (2008): shares of text .4 .4 .2, of places .5 .1 .4: (.1 + .3 + .2) / 2
    assert deviation(np.array([5, 1, 4]), sizes, 100) == pytest.approx(0.3)


@pytest.mark.parametrize(("word", "where"), [("断缴", Filters()), ("领取", WHERE), (" ＡＰＰ ", Filters())])
def test_dispersion_is_that_of_a_plain_scan(sample_kb: KnowledgeBase, word: str, where: Filters) -> None:
    inside = articles_where(sample_kb, "失业保险") if where else set(range(42))
    texts: dict[int, str] = defaultdict(str)
    for row, text in enumerate(passages(sample_kb)):
        if int(sample_kb.article_of[row]) in inside:
            texts[int(sample_kb.article_of[row])] += f"{text}\0"  # a place does not reach into the next passage
    form = "app" if "Ａ" in word else word
    places = {row: scan(text, form) for row, text in texts.items()}
    sizes = {row: len(text.replace("\0", "")) for row, text in texts.items()}
    whole, count = sum(sizes.values()), sum(map(len, places.values()))
    shares = [(len(places[row]) / count, sizes[row] / whole) for row in texts]
    dp = sum(abs(share - size) for share, size in shares) / 2
    found = sample_kb.dispersion(word, where)
    assert found.frequency.word == form
    assert found.frequency.count == count > 0
    assert found.frequency.articles == sum(map(bool, places.values()))
    assert found.frequency.dp == pytest.approx(dp)
    assert found.frequency.dp_norm == pytest.approx(dp / (1 - min(sizes.values()) / whole))
    before, at = 0, []
    for row, text in sorted(texts.items()):
        at += [(before + place - text[:place].count("\0")) / whole for place in places[row]]
        before += sizes[row]
    assert list(found.at) == pytest.approx(at)
    most = max(texts, key=lambda row: (len(places[row]), -row))
    assert found.most[0].article_id == sample_kb.articles().id[most]
    assert found.most[0].count == len(places[most])


def test_frequencies_and_dispersion_agree(sample_kb: KnowledgeBase) -> None:
    for where in (None, WHERE):
        found = sample_kb.frequencies(where)
        assert [row.count for row in found] == sorted((row.count for row in found), reverse=True)
        for row in found[:40]:
            one = sample_kb.dispersion(row.word, where).frequency
            assert (one.count, one.articles, one.texts) == (row.count, row.articles, row.texts)
            assert one.dp == pytest.approx(row.dp)
            assert one.range == row.range
    assert len(sample_kb.frequencies(most=7)) == 7
    assert sample_kb.frequencies(most=7).words == len(sample_kb.words.words)
    nowhere = sample_kb.dispersion("没有这个词组")
    assert nowhere.frequency.count == 0
    assert math.isnan(nowhere.frequency.dp)
    assert nowhere.most == ()


# collocates


@pytest.mark.parametrize(("word", "window", "where"), [("断缴", 5, Filters()), ("领取", 10, WHERE), ("医", 3, WHERE)])
def test_collocates_are_those_of_a_plain_scan(sample_kb: KnowledgeBase, word: str, window: int, where: Filters) -> None:
    inside = articles_where(sample_kb, "失业保险") if where else set(range(42))
    texts = [
        (int(sample_kb.article_of[row]), text)
        for row, text in enumerate(passages(sample_kb))
        if int(sample_kb.article_of[row]) in inside
    ]
    left, right, total, with_it = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    slots, room = Counter[int](), Counter[int]()
    have: dict[str, set[int]] = defaultdict(set)
    nodes = 0

    def near(text: str, length: int, start: int) -> list[tuple[int, int, int]]:
        """Each place of the word near a place of `length` characters: characters between, the side, the place."""
        found = []
        for node in scan(text, word):
            if 0 <= (between := node - start - length) < window:
                found.append((between, 0, node))
            if 0 <= (between := start - node - len(word)) < window:
                found.append((between, 1, node))
        return sorted(found)

    for article, text in texts:
        nodes += len(scan(text, word))
        for length in range(1, 12):
            starts = range(len(text) - length + 1)
            room[length] += len(starts)
            slots[length] += sum(bool(near(text, length, start)) for start in starts) if word in text else 0
        for other in sample_kb.words.words:
            beside = [near(text, len(other), start) for start in scan(text, other)] if other in text else []
            total[other] += len(beside)
            sides = [around[0][1] for around in beside if around]
            left[other] += sides.count(0)
            right[other] += sides.count(1)
            with_it[other] += len({node for around in beside for _, _, node in around})
            if sides:
                have[other].add(article)
    found = collocates(sample_kb, word, window=window, where=where, min_count=1, min_g2=0)
    rows = {row.word: row for row in found}
    assert found.places == found.read == nodes > 0
    count = left + right
    chance = {other: total[other] * slots[len(other)] / max(1, room[len(other)]) for other in count}
    assert set(rows) == {other for other in count if count[other] > chance[other]}
    for other, row in rows.items():
        assert (row.left, row.right, row.frequency) == (left[other], right[other], total[other])
        assert row.texts == len(have[other])
        assert row.expected == pytest.approx(chance[other])
        assert row.mi == pytest.approx(math.log2(row.count / row.expected))
        both = min(row.count, with_it[other])
        assert row.dice == pytest.approx(14 + math.log2(2 * both / (nodes + total[other])))
        inside, outside = slots[len(other)], room[len(other)] - slots[len(other)]
        rest = total[other] - row.count
        g2 = chi2_contingency(
            [[row.count, rest], [inside - row.count, outside - rest]], correction=False, lambda_="log-likelihood"
        )[0]
        assert row.g2 == pytest.approx(g2, abs=1e-9)


def test_a_place_beside_two_places_of_the_word_counts_once(make_kb: Callable[..., KnowledgeBase]) -> None:
    # 急诊 at 0, 4, 9 and 抢救 at 2, 7: both 抢救 have several 急诊 around, the first as near left as right of it.
    kb = make_kb("甲\n\n急诊抢救急诊和抢救急诊。这里写的是别的事情,和前面说的都没有关系,只是要凑够一些字数。")
    words = ("急诊", "抢救")
    spoken = "\n".join(passages(kb))
    assert [spoken.count(word) for word in words] == [3, 2]
    counts = np.array([[3], [2]])
    bounds, where_ = np.array([0, 1, 2]), np.flatnonzero(["急诊" in text for text in passages(kb)]).repeat(2)
    held = Counts(bounds, where_.astype(np.int32), counts.ravel().astype(np.uint8), len(kb.article_of))
    in_article = Counts(bounds, np.zeros(2, np.int32), counts.ravel().astype(np.uint8), 1)
    vars(kb)["words"] = WordCounts(words, held, in_article)
    (row,) = (row for row in collocates(kb, "急诊", window=5, min_count=1, min_g2=0) if row.word == "抢救")
    assert (row.count, row.frequency, row.left, row.right) == (2, 2, 2, 0)
    assert row.dice == pytest.approx(14 + math.log2(2 * 2 / (3 + 2)))
    (turned,) = (row for row in collocates(kb, "抢救", window=5, min_count=1, min_g2=0) if row.word == "急诊")
    assert (turned.count, turned.left, turned.right) == (3, 1, 2)
    # Three places around two: not 3 of f(x,y), or logDice would know more pairs than there are.
    assert turned.dice == row.dice


@pytest.mark.parametrize("most", [None, 60])
def test_no_collocate_counts_more_often_than_it_stands(sample_kb: KnowledgeBase, most: int | None) -> None:
    for word in ("急诊", "抢救", "医保", "一", "断缴", "年"):
        for row in collocates(sample_kb, word, window=50, min_count=1, min_g2=0, most_places=most):
            assert row.count == row.left + row.right <= row.frequency
            assert row.dice <= 14
            assert row.g2 > 0


def test_collocates_of_a_frequent_word_are_read_from_a_part_of_its_places(sample_kb: KnowledgeBase) -> None:
    whole = collocates(sample_kb, "医保", most_places=None)
    part = collocates(sample_kb, "医保", most_places=100)
    assert (whole.places, whole.read, part.places) == (273, 273, 273)
    assert part.read == pytest.approx(100, rel=0.3)  # passages are chosen, not places
    assert {row.word for row in whole[:3]} & {row.word for row in part[:6]}
    assert next(row.word for row in whole.ordered("count")) == max(whole, key=lambda row: row.count).word
    assert whole.to_frame().node[0] == "医保"
    with pytest.raises(ValueError, match="window is 0"):
        sample_kb.collocates("医保", window=0)


# trends


def test_intervals_are_those_of_scipy() -> None:
    for count in (0, 1, 7, 400):
        low, high = poisson_interval(count)
        assert low == pytest.approx(chi2.ppf(0.025, 2 * count) / 2 if count else 0)
        assert high == pytest.approx(chi2.ppf(0.975, 2 * count + 2) / 2)
    for count, number in ((0, 5), (3, 10), (10, 10), (70, 100)):
        expected = binomtest(count, number).proportion_ci(method="wilson")
        assert wilson_interval(count, number) == pytest.approx((expected.low, expected.high), abs=1e-9)


@pytest.mark.parametrize("by", ["captured", "year"])
def test_a_trend_is_that_of_a_plain_count(sample_kb: KnowledgeBase, by: str) -> None:
    frame, facts = sample_kb.articles(), sample_kb.facts()
    texts: dict[str, list[str]] = defaultdict(list)
    for row, text in enumerate(passages(sample_kb)):
        texts[frame.id[int(sample_kb.article_of[row])]].append(text)
    periods: dict[str, list[str]] = defaultdict(list)
    for article, day in zip(frame.id, frame.as_of, strict=True):
        years = (
            {day[:4]} if by == "captured" else set(facts[(facts.kind == "year") & (facts.article_id == article)].value)
        )
        for year in years:
            periods[year].append(article)
    found = sample_kb.trend("断缴", by)  # type: ignore[arg-type] # one of the two
    assert [point.period for point in found.points] == sorted(periods)
    for point in found.points:
        inside = periods[point.period]
        counts = [sum(len(scan(text, "断缴")) for text in texts[article]) for article in inside]
        chars = sum(len(text) for article in inside for text in texts[article])
        assert (point.articles, point.count, point.chars) == (len(inside), sum(counts), chars)
        assert point.with_word == point.texts == sum(map(bool, counts))
        assert point.per_million == pytest.approx(sum(counts) / chars * 1e6)
        assert point.low <= point.per_million <= point.high
        assert point.share_low <= point.share <= point.share_high
        assert point.is_small is (len(inside) < 10)
    assert found.undated == len(set(frame.id) - {article for of in periods.values() for article in of})
    assert found.is_small
    assert list(found.to_frame().period) == sorted(periods)


def test_months_are_told_where_they_have_articles(copied: KnowledgeBase) -> None:
    assert [point.period for point in copied.trend("蓝鲸补贴", "year").points][-1] == "2031"
    assert copied.trend("蓝鲸补贴", "year").points[-1].texts == 1
    assert copied.trend("蓝鲸补贴").points == ()
    assert copied.trend("蓝鲸补贴").undated == 12
    with pytest.raises(ValueError, match="by is 'month'"):
        copied.trend("蓝鲸补贴", "month")  # type: ignore[arg-type] # that is the test
