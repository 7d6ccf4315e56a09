import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.terms import fold, split_terms, term_key, terms_in
from index.traditional import SIMPLIFIED, simplify

ROOT = Path(__file__).resolve().parents[2]
KEY_139_6, KEY_GDP = 5513392406983293393, 7864320165130799585


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", []),
        ("。，！？ \n\u3000", []),
        ("江", ["江"]),
        ("长江", ["长江"]),
        ("长江大桥", ["长江", "江大", "大桥"]),
        ("长江，大桥", ["长江", "大桥"]),
        ("二〇二三年", ["二〇", "〇二", "二三", "三年"]),
        ("５Ｇ基站", ["5", "g", "基站"]),
        ("5G ５g", ["5", "g", "5", "g"]),
        ("1,234.5万吨", ["1234.5", "万吨"]),
        ("3.5", ["3.5"]),
        ("3.", ["3"]),
        ("6.2级", ["6.2", "级"]),
        ("GDP增长", ["gdp", "增长"]),
        ("Wi-Fi_6", ["wi", "fi", "6"]),
        ("H9平台", ["h", "9", "平台"]),
        ("ÀÉ café", ["àé", "café"]),
        ("𠮷野家", ["𠮷野", "野家"]),
        ("2023年12月31日", ["2023", "年", "12", "月", "31", "日"]),
        ("长江长江", ["长江", "江长", "长江"]),
    ],
)
def test_the_terms_of_a_text(text: str, terms: list[str]) -> None:
    assert split_terms(text) == terms


def test_full_width_and_half_width_give_the_same_terms() -> None:
    assert split_terms("ＡＢＣ１２３，４５６．７") == split_terms("abc123,456.7") == ["abc", "123456.7"]


def test_traditional_and_simplified_characters_give_the_same_terms() -> None:
    assert split_terms("臺灣記者於１０月看著裡面的麵條") == split_terms("台湾记者于10月看着里面的面条")


def test_every_traditional_character_becomes_one_that_stays() -> None:
    assert len(SIMPLIFIED) > 2900
    for code, simplified in SIMPLIFIED.items():
        assert fold(chr(code)) == simplified == fold(simplified)


def test_what_models_read_is_simplified_and_a_simplified_text_stays_as_it_is() -> None:
    assert simplify("臺灣的圖書館，於５月") == "台湾的图书馆，于５月"
    cells = [bytes((row, cell)) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF)]
    simplified = "".join(cell.decode("gb2312", "ignore") for cell in cells)
    assert len(simplified) == 6763
    changed = {one: other for one, other in zip(simplified, simplify(simplified), strict=True) if one != other}
    assert changed == {"後": "后", "於": "于", "菸": "烟", "麽": "么"}


@given(st.text())
def test_folding_keeps_every_character_in_its_place(text: str) -> None:
    folded = fold(text)
    assert len(folded) == len(text)
    assert all(fold(character) == other for character, other in zip(text, folded, strict=True))


@pytest.mark.parametrize("character", ["İ", "ß", "㎏", "ﬁ", "㈱", "…", "ǰ"])
def test_a_character_that_would_grow_stays(character: str) -> None:
    assert len(fold(character)) == 1


@given(st.text())
def test_every_term_stands_in_the_folded_text(text: str) -> None:
    bare = fold(text).replace(",", "")
    assert all(term and term in bare for term in split_terms(text))


def test_short_terms_have_keys_of_their_own() -> None:
    characters = "aZ0é长江大桥〇𠮷\U0003134f\uffff"
    terms = [*characters, *("".join(pair) for pair in product(characters, repeat=2))]
    terms += [a + b + c for a, b, c in product(characters, repeat=3)]
    assert len({term_key(term) for term in terms}) == len(terms)
    assert all(0 < term_key(term) < 2**63 for term in terms)


def test_keys_are_what_saved_indexes_hold() -> None:
    assert term_key("江") == ord("江")
    assert term_key("长江") == ord("长") * 2**21 + ord("江")
    code = "from index.terms import term_key; print(term_key('139.6'), term_key('gdp'))"
    finished = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert finished.stdout.split() == [str(term_key("139.6")), str(term_key("gdp"))]
    assert (term_key("139.6"), term_key("gdp")) == (KEY_139_6, KEY_GDP)


PARTS = st.sampled_from(
    ["大桥", "桥", "合龙大桥", "a", "ab", "1,396", "1396", "13.5", "٣", "，", " ", "臺灣", "ＩＢＭ", "\U00020000"]
)


@given(st.lists(PARTS, max_size=8).map("".join), st.lists(PARTS, max_size=4).map("".join))
def test_the_terms_that_stand_in_a_text_are_those_that_splitting_it_gives(text: str, question: str) -> None:
    terms = set(split_terms(question))
    assert terms_in(text, terms) == terms & set(split_terms(text))


def test_a_long_text_is_folded_as_its_characters_are() -> None:
    text = "".join(map(chr, [*range(1, 0x3000), *range(0x4E00, 0x5200), 0x10FFFF, 0xD800, 0xFF21]))
    assert fold(text) == "".join(fold(character) for character in text)
