"""Why a language model failed, in both languages of the interface."""

import re
from string import Formatter

import pytest

from rag.language_model.failures import _WORDS, Kind, failure

CHINESE = re.compile("[\u3000-\u9fff\uff00-\uffef]")


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


@pytest.mark.parametrize("kind", _WORDS)
def test_both_languages_say_the_same_of_a_failure(kind: Kind) -> None:
    chinese, english = _WORDS[kind]
    assert fields(chinese) == fields(english)
    assert CHINESE.search(chinese)
    assert not CHINESE.search(english)


def test_what_a_server_says_stands_in_both() -> None:
    error = failure("server", where="http://h/v1", model="m", status=500, said="no {memory}")
    assert str(error) == "http://h/v1 出错（500），它说：no {memory}。"
    assert error.english == "http://h/v1 failed (500); it says: no {memory}."
    assert failure("server", where="http://h/v1", model="m", status=500).english == "http://h/v1 failed (500)."
