"""What may be asked next, and first: questions made from facts, each asked silently before it is offered."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Protocol

from index.sentences import split_article
from index.terms import split_terms
from index.types import Article, Document

from ..question import search_terms
from ..types import Answer, Turn
from .facts import Fact, Kind, find_facts, names_article, plain

Ask = Callable[[str], Answer]

MAX_SUGGESTIONS = 3
MAX_TRIES = 8
"""Questions asked silently for one answer."""
MAX_ARTICLES = 500
"""Articles among which the newest are looked for: an index may hold hundreds of thousands."""
MIN_CONFIDENCE = 0.5
MAX_SHARED_TERMS = 0.6
"""Of a suggestion's terms, how many may stand in the question before it, or in another suggestion."""


class Quoting(Protocol):
    """An open index that answers with what it quotes; `rag.Engine` without a language model is one."""

    def answer(self, question: str, history: Sequence[Turn] = ()) -> Answer: ...

    def document(self, doc_id: str) -> Document: ...

    def article(self, doc_id: str, number: int) -> Article: ...

    def articles(self) -> Iterator[Article]: ...


def next_questions(engine: Quoting, answer: Answer, history: Sequence[Turn]) -> tuple[str, ...]:
    """What may be asked after an answer, of the article that it quotes first, or else of the nearest one.

    Each was asked as the next turn of this conversation. Nothing that was asked or said comes again.
    """
    places = [(one.doc_id, one.article) for one in answer.citations or answer.related]
    if not places:
        return ()
    turns = (*history, Turn(answer.question, answer.text, answer.standalone_question))
    asked = [turn.standalone_question or turn.question for turn in turns]
    said = "".join(turn.answer for turn in turns)
    article = engine.article(*places[0])
    facts = find_facts(article.title, split_article(article, engine.document(article.doc_id).text))
    return tuple(_choose(facts, lambda question: engine.answer(question, turns), places[0], asked=asked, said=said))


def first_questions(engine: Quoting, limit: int) -> tuple[str, ...]:
    """What may be asked first: a question for each of the newest articles, from as many documents as possible."""
    articles = [article for article in islice(engine.articles(), MAX_ARTICLES) if not article.unplaced]
    articles.sort(key=lambda article: article.date if article.date[:1].isdigit() else "", reverse=True)
    first = {article.doc_id: article for article in reversed(articles)}
    others = [article for article in articles if first[article.doc_id] is not article]
    chosen: list[str] = []
    n_tried = 0
    for article in [*sorted(first.values(), key=articles.index), *others]:
        facts = find_facts(article.title, split_article(article, engine.document(article.doc_id).text))
        telling = [fact for fact in facts if names_article(fact)]
        n_tried += bool(telling)
        if len(chosen) == limit or n_tried > MAX_TRIES:
            break
        place = (article.doc_id, article.number)
        chosen += _choose(telling[:2], engine.answer, place, asked=chosen, limit=1)
    return tuple(chosen)


def _choose(
    facts: Sequence[Fact],
    ask: Ask,
    article: tuple[str, int],
    *,
    asked: Sequence[str],
    said: str = "",
    limit: int = MAX_SUGGESTIONS,
) -> list[str]:
    """Up to `limit` of the facts' questions, of as many kinds as there are, that are answered as they should be.

    `article` is whose facts they are; what was `asked` or `said` already is left out.
    """
    chosen: list[str] = []
    said = plain(said)
    fresh = [fact for fact in facts if not fact.expected or fact.expected not in said]
    tried = [*_varied(fresh)[: MAX_TRIES - 1], *(fact for fact in fresh if fact.kind == "about")]
    for fact in dict.fromkeys(tried):
        if len(chosen) == limit:
            break
        new = not any(_near(fact.question, other) for other in (*asked, *chosen))
        if new and _answers(ask(fact.question), fact, article):
            chosen.append(fact.question)
    return chosen


def _answers(answer: Answer, fact: Fact, article: tuple[str, int]) -> bool:
    """Whether an answer quotes the article, first of all, and says what the fact says."""
    if answer.refused or answer.confidence < MIN_CONFIDENCE or not answer.citations:
        return False
    first = answer.citations[0]
    return (first.doc_id, first.article) == article and fact.expected in plain(answer.text)


def _varied(facts: Sequence[Fact]) -> list[Fact]:
    """The first fact of each kind, then the second of each, and so on; what the article is about comes last."""
    by_kind: dict[Kind, list[Fact]] = {}
    for fact in facts:
        by_kind.setdefault(fact.kind, []).append(fact)
    rounds = [(i, fact) for of_kind in by_kind.values() for i, fact in enumerate(of_kind)]
    return [fact for _, fact in sorted(rounds, key=lambda one: (one[1].kind == "about", one[0]))]


def _near(question: str, other: str) -> bool:
    terms, others = set(search_terms(question)), set(split_terms(other))
    return len(terms & others) > MAX_SHARED_TERMS * len(terms)
