"""Proposes questions from a user's own documents, so that people get a set of their own: a person checks each row.

The questions come from the articles' own facts (`rag.conversation.facts`), a few of as many articles as possible and
of as many kinds as there are. Near misses are proposed too: a question about one article's fact in which the name of
another article stands. Whether a proposal is a good question, and whether nothing answers a near miss, is for a person
to say.
"""

import random
from collections.abc import Iterable, Sequence
from typing import Any

from eval.run import AskedEngine
from index.sentences import split_article
from index.types import Article
from rag.conversation.facts import Fact, article_name, find_facts, names_article

NOTE = "DRAFT: check the question and the gold, then remove this note"
NEAR_MISS_NOTE = "DRAFT, a near miss: keep it only if the documents do not say this"
_KINDS = {"person": "person", "number": "number", "date": "date", "list": "list", "why": "why"}
_MAX_SENTENCES = 400
"""Of one article, that are looked at for facts."""


def draft_rows(
    engine: AskedEngine, n_questions: int, *, unanswerable_share: float = 0.25, seed: int = 0
) -> list[dict[str, Any]]:
    """Up to `n_questions` rows of a set, the answerable ones first; the same index and seed give the same rows."""
    articles = [article for article in engine.articles() if article.title and not article.unplaced]
    random.Random(seed).shuffle(articles)
    n_near = round(n_questions * unanswerable_share)
    rows = _answerable_rows(engine, articles, n_questions - n_near)
    return [*rows, *_near_misses(rows, [_name(engine, article) for article in articles], n_near)]


def _answerable_rows(engine: AskedEngine, articles: Sequence[Article], n: int) -> list[dict[str, Any]]:
    """One fact of each article, then a second of each, and so on; kinds that are rare so far come first."""
    facts_of = [(article, list(_facts(engine, article))) for article in articles[: max(50, 4 * n)]]
    rows: list[dict[str, Any]] = []
    n_of: dict[str, int] = {}
    while len(rows) < n and any(facts for _, facts in facts_of):
        for article, facts in facts_of:
            if facts and len(rows) < n:
                fact = min(facts, key=lambda one: n_of.get(one.kind, 0))
                facts.remove(fact)
                n_of[fact.kind] = n_of.get(fact.kind, 0) + 1
                rows.append(_row(engine, article, fact, f"draft{len(rows) + 1}"))
    return rows


def _facts(engine: AskedEngine, article: Article) -> Iterable[Fact]:
    sentences = split_article(article, engine.document(article.doc_id).text)[:_MAX_SENTENCES]
    return (fact for fact in find_facts(article.title, sentences) if fact.expected and names_article(fact))


def _row(engine: AskedEngine, article: Article, fact: Fact, id: str) -> dict[str, Any]:
    text = engine.document(article.doc_id).text
    sentence = split_article(article, text)[fact.position]
    return {
        "id": id,
        "kind": _KINDS.get(fact.kind, "fact"),
        "question": fact.question,
        "answerable": True,
        "answers": [fact.expected],
        "required": [[fact.expected]],
        "evidence": [
            {"doc_id": article.doc_id, "title": article.title, "start": start, "end": end, "quote": text[start:end]}
            for start, end in sentence.spans
        ],
        "note": NOTE,
    }


def _name(engine: AskedEngine, article: Article) -> str:
    return article_name(article.title, engine.document(article.doc_id).text)


def _near_misses(rows: Sequence[dict[str, Any]], names: Sequence[str], n: int) -> list[dict[str, Any]]:
    """Questions of `rows` that name an article, with the name of another one in its place."""
    known = sorted({name for name in names if name}, key=len, reverse=True)
    found: list[dict[str, Any]] = []
    for row in rows:
        own = next((name for name in known if name in row["question"]), "")
        others = [name for name in known if name not in row["question"]]
        if own and others and len(found) < n:
            other = others[len(found) % len(others)]
            question = row["question"].replace(own, other)
            found.append({**_EMPTY, "id": f"near{len(found) + 1}", "question": question, "note": NEAR_MISS_NOTE})
    return found


_EMPTY: dict[str, Any] = {
    "kind": "unanswerable",
    "answerable": False,
    "answers": [],
    "required": [],
    "evidence": [],
}
