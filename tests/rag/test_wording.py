"""The words of a question in the wording of the documents."""

import pytest

from index.terms import split_terms
from rag.wording import other_words, reworded


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("洪水中死了多少人？", "截至上午，洪灾有12人遇难。", "洪水中遇难多少人？"),
        ("洪水中死了多少人？", "洪水里死了12人。", "洪水中死了多少人？"),  # they say it in these words
        ("洪水中死了多少人？", "洪水退了。", "洪水中死了多少人？"),  # they do not speak of it
        ("工信部怎么说？", "工业和信息化部负责人说。", "工业和信息化部怎么说？"),
        ("工业和信息化部怎么说？", "工信部负责人说。", "工信部怎么说？"),
        ("央视和北大办了什么？", "中央广播电视总台同北京大学办展。", "中央广播电视总台和北京大学办了什么？"),
        ("白塔星期几闭馆？", "白塔每周一闭馆。", "白塔周几闭馆？"),
        ("桥为啥停了？", "桥停了。", "桥为什么停了？"),
        ("占百分之四十的是什么？", "这一项占40%。", "占40%的是什么？"),
    ],
)
def test_a_word_takes_the_form_that_the_texts_have(question: str, text: str, expected: str) -> None:
    assert reworded(question, [text]) == expected


def test_the_keyword_leg_looks_for_the_other_words_too() -> None:
    terms = other_words("芯片缺货怎么办？")
    assert set(split_terms("不够用")) <= set(terms)
    assert not set(split_terms("缺货")) & set(terms)
    assert other_words("芯片有多少？") == []
