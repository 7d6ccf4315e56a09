"""What carries a sentence: its facts stand literally in what it cites, and its words come from there."""

import random
import re

import pytest

from index.sentences import split_article
from index.store import Index
from rag.quoting import in_answer
from rag.verify import (
    FOREIGN_COST,
    MIN_SHARE,
    Carrier,
    carried_share,
    carrier_of,
    facts_of,
    foreign_persons,
    is_carried,
    longest_foreign,
    missing_facts,
)

from .paraphrases import FAITHFUL, FAITHFUL_UNSEEN, WRONG, WRONG_UNSEEN

DIGITS = "0123456789"
HAN_DIGITS = "一二三四五六七八九"


def missing(sentence: str, cited: str) -> list[str]:
    return missing_facts(facts_of(sentence), [carrier_of(cited)])


@pytest.mark.parametrize(
    ("sentence", "cited"),
    [
        ("长620米。", "桥长620米，宽31米。"),
        ("长６２０米。", "桥长620米。"),
        ("有1200人。", "共有1,200人。"),
        ("有1,200人。", "共有1200人。"),
        ("一共12,345,678元。", "12345678元"),
        ("占3.5%。", "占３．５％。"),
        ("占3.5 %。", "占3.5%。"),
        ("长620 米。", "长620米。"),
        ("投资三千二百万元。", "总投资三千二百万元。"),
        ("占七成。", "约占七成。"),
        ("占百分之五。", "占百分之五左右。"),
        ("占三分之一。", "占三分之一。"),
        ("12月23日开工。", "2021年12月23日开工。"),
        ("2021年开工。", "2021年12月23日开工。"),
        ("比分是3：2。", "比分3:2。"),
        ("用GRS1915追踪。", "名叫grs1915+105的微类星体"),
        ("他说“大风要来”。", "“大风要来，”他说。"),
        ("他说「大风要来」。", "他说“大风要来”。"),
        ("写了《大风 歌》。", "《大风歌》"),
        ("1. 桥长620米。", "桥长620米。"),
        ("- 桥长620米。", "桥长620米。"),
        ("长620米。", "长62\n0米。"),
        ("一定要进一步改进。", "没有数字。"),
        ("PM2.5下降。", "PM2.5同比下降。"),
        ("全国唯一一座城市。", "全国唯一一座城市。"),
        ("几乎十分困难，千万不要。", "没有数字。"),
        ("周三和第三。", "周三，第三。"),
        ("增长12、345家。", "增长12，345家。"),
        ("", "什么也没有。"),
    ],
)
def test_facts_that_stand_literally(sentence: str, cited: str) -> None:
    assert missing(sentence, cited) == []


@pytest.mark.parametrize(
    ("sentence", "cited", "lacking"),
    [
        ("长621米。", "长620米。", ["621米"]),
        ("长62米。", "长620米。", ["62米"]),
        ("长20米。", "长620米。", ["20米"]),
        ("长62米。", "长62\n0米。", ["62米"]),
        ("长620公里。", "长620米。", ["620公里"]),
        ("花了620美元。", "花了620元。", ["620美元"]),
        ("有12345家。", "增长12，345家。", ["12345"]),
        ("有3200万人。", "有3200人。", ["3200万"]),
        ("有3200人。", "有3200万人。", ["3200"]),
        ("有3200万人。", "有三千二百万人。", ["3200万"]),
        ("有1500件。", "有1500多件。", ["1500"]),
        ("投资三千三百万元。", "投资三千二百万元。", ["三千三百万元"]),
        ("占八成。", "占七成。", ["八成"]),
        ("占百分之六。", "占百分之五。", ["百分之六"]),
        ("占三分之二。", "占三分之一。", ["三分之二"]),
        ("一起案件。", "三起案件。", ["一"]),
        ("十分。", "五分。", ["十"]),
        ("女单一强。", "女单四强。", ["一"]),
        ("系统一套。", "系统三套。", ["一"]),
        ("5月到12月。", "1月到12月，PM2.5。", ["5月"]),
        ("周四。", "周三，有四个。", ["周四"]),
        ("第四。", "第三，有四个。", ["第四"]),
        ("12月23日。", "11月23日和12月5日。", ["12月23日"]),
        ("2月3日。", "12月3日。", ["2月3日"]),
        ("2022年12月23日。", "2021年12月23日，2022年。", ["2022年12月23日"]),
        ("三月五日。", "四月五日。", ["三月五日"]),
        ("2021-12-24。", "2021-12-23。", ["2021-12-24"]),
        ("比分是2:3。", "比分3:2。", ["2:3"]),
        ("18:30开始。", "18:00到20:30。", ["18:30"]),
        ("用6G。", "用5G。", ["6g"]),
        ("B座。", "A座。", ["b"]),
        ("他说“大风不来”。", "他说“大风要来”。", ["大风不来"]),
        ("他说「大风不来」。", "他说「大风要来」。", ["大风不来"]),
        ('他说"大风不来"。', "他说“大风要来”。", ["大风不来"]),
        ("他说“大风不来", "他说“大风要来”。", ["大风不来"]),
        ("大风不来”，他说。", "“大风要来”，他说。", ["大风不来"]),
        ("写了《大雨歌》。", "写了《大风歌》。", ["《大雨歌》"]),
        ("写了《大风歌》。", "写了大风歌。", ["《大风歌》"]),
        ("2021. 桥。", "桥。", ["2021"]),
    ],
)
def test_facts_that_do_not(sentence: str, cited: str, lacking: list[str]) -> None:
    assert missing(sentence, cited) == lacking


def test_facts_may_stand_in_different_quotes_but_not_across_them() -> None:
    one, other = carrier_of("宽31米，长6"), carrier_of("20米")
    assert missing_facts(facts_of("宽31米，长20米。"), [one, other]) == []
    assert missing_facts(facts_of("长620米。"), [one, other]) == ["620米"]
    assert missing_facts(facts_of("他说“甲乙”。"), [carrier_of("甲"), carrier_of("乙")]) == ["甲乙"]


def test_the_number_of_an_item_is_its_own_or_that_of_the_cited_item() -> None:
    assert is_carried("1. 大桥通车。", [carrier_of("大桥通车。")])
    assert is_carried("3. 大桥通车。", [carrier_of("3.大桥通车。")])
    assert is_carried("大桥通车。", [carrier_of("3.大桥通车。")])
    assert not is_carried("2.大桥通车。", [carrier_of("3.大桥通车。")])
    assert not is_carried("2. 2022年大桥通车。", [carrier_of("3. 2022年大桥通车。")])


def test_each_clause_is_carried_by_one_of_several_texts() -> None:
    railway, bridge = carrier_of("工期定为6年，计划2028年通车。"), carrier_of("东海大桥2018年动工。")
    assert is_carried("工期定为6年，计划2028年通车。", [railway, bridge])
    assert is_carried("工期定为6年，东海大桥2018年动工。", [railway, bridge])
    assert not is_carried("工期定为6年，计划2018年通车。", [railway, bridge])


def test_the_share_is_of_distinct_terms() -> None:
    assert carried_share("大桥通车", [carrier_of("大桥上月通车了")]) == 2 / 3  # 大桥 桥通 通车
    assert carried_share("大桥", [carrier_of("小河")]) == 0
    assert carried_share("，。", [carrier_of("小河")]) == 1


def test_the_subject_of_the_article_may_be_named() -> None:
    cited, title = "主跨1488米，长3118米。", "西堠门公铁大桥开工"
    assert carried_share("西堠门公铁大桥主跨1488米", [carrier_of(cited, title=title)]) == 3 / 4  # not 桥主
    assert carried_share("西堠门公铁大桥主跨1488米", [carrier_of(cited)]) == 3 / 10
    assert carried_share("西堠门公铁大桥", [carrier_of(cited, title=title)]) == 0  # says nothing of what is cited


def test_a_foreign_run_is_one_that_no_passage_holds() -> None:
    cited = carrier_of("大桥上月通车。", "大桥上月通车。\n设计师是陈立新。", "青河大桥")
    assert longest_foreign("青河大桥上月通车。", [cited]) == 0
    assert longest_foreign("设计师是陈立新。", [cited]) == 0
    assert longest_foreign("设计师是王建国。", [cited]) == 3
    assert longest_foreign("正式通车。", [cited]) == 2
    assert longest_foreign("ABC-12", [cited]) == 0


@pytest.mark.parametrize(
    ("sentence", "names"),
    [
        ("厂长王强说。", ["王强"]),
        ("厂长是王强。", ["王强"]),
        ("由陈立新设计。", []),
        ("设计师陈立。", []),
        ("设计师陈新。", ["陈新"]),
        ("顾问是艾热·艾尼。", []),
        ("顾问是艾热·马丁。", ["热·马"]),
    ],
)
def test_a_person_that_the_passage_does_not_name(sentence: str, names: list[str]) -> None:
    assert foreign_persons(sentence, [carrier_of("大桥通车。", "设计师是陈立新。厂长是李明。顾问艾热·艾尼")]) == names


def test_nothing_carries_what_cites_nothing() -> None:
    assert not is_carried("大桥通车。", [])


@pytest.mark.parametrize(
    ("sentence", "cited", "expected"),
    [
        ("大桥没有通车。", "大桥通车。", False),
        ("大桥未通车。", "大桥还没通车。", True),
        ("大桥无法通车。", "大桥不能通车。", True),
        ("不少大桥通车。", "大桥通车。", True),
        ("未来大桥通车。", "大桥通车。", True),
    ],
)
def test_a_negation_needs_a_negation(sentence: str, cited: str, expected: bool) -> None:
    assert is_carried(sentence, [carrier_of(cited)]) is expected


Around = dict[str, tuple[str, str]]
"""Each sentence of the sample -> (four sentences on each side of it, title)."""


def carried(rows: list[tuple[str, str]], around: Around) -> float:
    return sum(is_carried(said, [carrier_in(cited, around)]) for said, cited in rows) / len(rows)


@pytest.fixture(scope="module")
def around(sample: Index) -> Around:
    found = {}
    for article in sample.articles():
        document = sample.document(article.doc_id)
        assert document is not None
        sentences = [sentence.text for sentence in split_article(article, document.text)]
        for at, text in enumerate(sentences):
            found[in_answer(text)] = ("\n".join(sentences[max(0, at - 4) : at + 5]), article.title)
    return found


def carrier_in(cited: str, around: Around) -> Carrier:
    """A sentence of the sample, or a part of it, in its passage."""
    passage, title = next(found for sentence, found in around.items() if in_answer(cited) in sentence)
    return carrier_of(cited, passage, title)


@pytest.mark.parametrize(
    ("rows", "at_least", "at_most"),
    [(FAITHFUL, 0.88, 1), (WRONG, 0, 0.05), (FAITHFUL_UNSEEN, 0.85, 1), (WRONG_UNSEEN, 0, 0.13)],
    ids=["faithful", "wrong", "faithful, unseen", "wrong, unseen"],
)
def test_paraphrases_are_told_from_inventions(
    rows: list[tuple[str, str]], at_least: float, at_most: float, around: Around
) -> None:
    told = carried(rows, around)
    assert at_least <= told <= at_most


def test_both_the_share_and_the_foreign_run_reject_inventions(around: Around) -> None:
    by_share = by_run = 0
    for said, cited in WRONG:
        one = [carrier_in(cited, around)]
        too_little = carried_share(said, one) < MIN_SHARE
        by_share += too_little
        by_run += not too_little and carried_share(said, one) < MIN_SHARE + FOREIGN_COST * longest_foreign(said, one)
    assert by_share >= 10
    assert by_run >= 3


def runs_of(text: str, alphabet: str) -> set[str]:
    """The longest runs of these characters: a plain reading, to judge `facts_of` by."""
    return set(re.findall(f"[{alphabet}]+", text))


@pytest.mark.parametrize(
    ("digits", "alphabet", "n_least"),
    [(DIGITS, r"0-9.,", 2000), (HAN_DIGITS, "零〇一二三四五六七八九十百千万亿两半", 1000)],
    ids=["digits", "Chinese numerals"],
)
def test_one_changed_digit_is_never_carried(digits: str, alphabet: str, n_least: int, around: Around) -> None:
    rng, n_cases, accepted = random.Random(3), 0, []
    for cited, (passage, title) in around.items():
        carriers, held = [carrier_of(cited, passage, title)], runs_of(cited, alphabet)
        for match in re.finditer(f"[{digits}]", cited):
            at = match.start()
            for digit in rng.sample([d for d in digits if d != match.group()], min(8, len(digits) - 1)):
                changed = cited[:at] + digit + cited[at + 1 :]
                if runs_of(changed, alphabet) <= held:
                    continue  # another number of the same sentence came out
                n_cases += 1
                if is_carried(changed, carriers):
                    accepted.append(changed)
    assert accepted == []
    assert n_cases >= n_least


def test_a_mark_that_nobody_sees_does_not_cut_a_number() -> None:
    cited = [carrier_of("村里开会，一共来了12\u200b0人。")]
    assert is_carried("村里开会，一共来了120人。", cited)
    assert not is_carried("村里开会，一共来了0人。", cited)
    assert not is_carried("村里开会，一共来了12人。", cited)
