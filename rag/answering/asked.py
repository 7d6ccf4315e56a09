"""What is asked: checked, made to stand alone by the conversation before it, and where it is looked for."""

import datetime
from collections.abc import Sequence

from ..context import article_texts
from ..conversation.listed import with_item_named
from ..conversation.smalltalk import small_talk, without_courtesy
from ..converse import rewrite
from ..errors import QuestionError
from ..generator import rewrite_with_model
from ..question import search_terms
from ..retrieve import search_bm25
from ..searching.scope import Scope, scope_of
from ..types import Turn
from .opened import Means

N_TEXTS = 5
"""Chunks whose articles a follow-up is held against."""


def checked(question: str, max_chars: int) -> str:
    """The question as every step can take it. Raises QuestionError for one that is empty or too long."""
    if not question.strip():
        raise QuestionError("问题是空的：请输入一个问题。(The question is empty.)")
    if len(question) > max_chars:
        raise QuestionError(
            f"问题有 {len(question)} 个字符，最多 {max_chars} 个：请缩短。"
            f"(The question has {len(question)} characters, the limit is {max_chars}.)"
        )
    return _encodable(question)


def standalone(means: Means, question: str, history: Sequence[Turn]) -> str:
    """The question that stands without its history: by the rules, or by the language model where that is set."""
    found: dict[str, list[str]] = {}

    def find(asked: str) -> list[str]:
        if asked not in found:
            found[asked] = article_texts(means.index, search_bm25(means.index, search_terms(asked), N_TEXTS))
        return found[asked]

    turns = [turn for turn in history if not small_talk(turn.question)]
    question = with_item_named(without_courtesy(question), turns)
    by_rules = rewrite(question, turns, find)
    if means.model is not None and means.settings.rewrite_with_model and turns:
        return _encodable(rewrite_with_model(means.model, question, turns, by_rules))
    return _encodable(by_rules)


def asked_scope(means: Means, question: str, filtered: bool) -> Scope:
    """The date and source that a question names; everything where nothing is `filtered`."""
    if not (filtered and means.settings.use_filters):
        return Scope(question)
    return scope_of(question, means.facts, datetime.date.today())


def _encodable(text: str) -> str:
    """The text with question marks for lone surrogates, which neither a tokenizer nor a terminal takes."""
    return text.encode("utf-8", "replace").decode("utf-8")
