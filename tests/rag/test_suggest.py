"""Suggestions are offered only where the documents answer them."""

from pathlib import Path

import pytest

from rag import Engine, Turn
from rag.conversation.facts import MAX_QUESTION_CHARS
from rag.types import Answer

from .conftest import OpenEngine


def cited(engine: Engine, answer: Answer) -> bool:
    return not answer.refused and all(
        engine.document(one.doc_id).text[one.start : one.end] == one.quote for one in answer.citations
    )


@pytest.mark.parametrize(
    "question", ["采油十二厂副厂长是谁？", "沉船案是哪天终审判决的？", "西堠门公铁大桥的主跨是多少米？"]
)
def test_each_suggestion_is_answered_and_none_was_asked(engine: Engine, question: str) -> None:
    answer = engine.answer(question)
    suggested = engine.suggest(answer)
    assert 1 <= len(suggested) <= 3
    assert len(set(suggested)) == len(suggested)
    assert question not in suggested
    turn = Turn(answer.question, answer.text, answer.standalone_question)
    for one in suggested:
        assert len(one) <= MAX_QUESTION_CHARS or "讲了什么" in one
        following = engine.answer(one, [turn])
        assert cited(engine, following)
        article = (answer.citations[0].doc_id, answer.citations[0].article)
        assert (following.citations[0].doc_id, following.citations[0].article) == article


def test_what_was_said_is_not_suggested(engine: Engine) -> None:
    answer = engine.answer("陶寺遗址是什么时候被发现的？")
    said = [Turn("陶寺遗址博物馆什么时候开馆？", "12日[1]", "陶寺遗址博物馆什么时候开馆？")]
    assert "山西临汾的陶寺遗址博物馆是什么时候开馆的？" in engine.suggest(answer)
    assert "山西临汾的陶寺遗址博物馆是什么时候开馆的？" not in engine.suggest(answer, said)


def test_small_talk_has_no_suggestions(engine: Engine) -> None:
    assert engine.suggest(engine.answer("你好")) == ()


def test_a_suggestion_that_would_be_refused_is_none(sample_path: Path, open_engine: OpenEngine) -> None:
    strict = open_engine(sample_path, answer_threshold=1.0)
    assert strict.first_questions() == ()


def test_first_questions_are_of_different_documents_and_answered(engine: Engine) -> None:
    first = engine.first_questions(4)
    assert len(set(first)) == 4
    answers = [engine.answer(question) for question in first]
    assert all(cited(engine, answer) for answer in answers)
    assert len({answer.citations[0].doc_id for answer in answers}) == 4
    assert engine.first_questions(4) == first
