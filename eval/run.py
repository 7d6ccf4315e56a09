"""Asks an engine every question of a set, as a user does, and keeps what came back."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from eval.errors import SetError, SetMismatchError
from eval.journal import Journal
from eval.metrics import overlaps
from eval.text_metrics import coverage, covers, strip_labels
from eval.types import (
    MODES,
    ArticleKey,
    Evidence,
    FoundChunk,
    GivenCitation,
    Kind,
    Question,
    Result,
    Run,
    Verdict,
)
from index.errors import UserError
from index.types import Article, Document
from rag.types import Answer, Citation, Hit, Mode, Turn

TOP_K = 10
"""Hits fetched in each mode: what the figures at 10 need."""


class AskedEngine(Protocol):
    """What an evaluation asks of an engine; `rag.engine.Engine` is one."""

    def answer(self, question: str, history: Sequence[Turn] = ()) -> Answer: ...

    def retrieve(
        self, question: str, top_k: int = 10, mode: Mode = "reranked", history: Sequence[Turn] = ()
    ) -> list[Hit]: ...

    def document(self, doc_id: str) -> Document: ...

    def articles(self) -> Iterable[Article]: ...


def run_set(
    engine: AskedEngine,
    questions: Sequence[Question],
    *,
    set_name: str = "",
    limit: int | None = None,
    kinds: Sequence[Kind] | None = None,
    n_workers: int = 1,
    journal: Journal | None = None,
    progress: Callable[[int, int], None] | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> Run:
    """Ask the first `limit` questions of the named kinds (both None: all of them); results in the set's order.

    `n_workers` questions are asked at once (times then hold the waiting for each other); a `journal` keeps what is
    done and gives what was. `progress(n_done, n_total)` is called after each; `clock` gives seconds. Raises SetError
    where no question is left to ask, SetMismatchError where the index does not hold the set's documents.
    """
    asked = [question for question in questions if kinds is None or question.kind in kinds][:limit]
    if not asked:
        raise SetError(f"No question of {set_name or 'the set'} is left to ask. Repair: --kind and --limit.")
    require_evidence(asked, engine.document)
    articles_of: dict[str, list[Article]] = defaultdict(list)
    for article in engine.articles():
        articles_of[article.doc_id].append(article)
    done = journal.done(asked) if journal else {}
    left = [question for question in asked if question.id not in done]
    pool = ThreadPoolExecutor(max_workers=n_workers)
    try:
        for result in pool.map(lambda question: _ask(engine, question, articles_of, clock), left):
            done[result.question.id] = result
            if journal:
                journal.add(result)
            if progress is not None:
                progress(len(done), len(asked))
    finally:
        pool.shutdown(cancel_futures=True)  # an interrupted run does not ask the rest first
    results = [done[question.id] for question in asked]
    return Run(
        set_name=set_name,
        results=tuple(results),
        whole_set=len(asked) == len(questions),
        notes=_notes(results),
    )


def require_evidence(questions: Sequence[Question], document_of: Callable[[str], Document]) -> None:
    """Raises SetMismatchError unless every gold span stands in the index's documents, quote for quote.

    Figures against another text would be nonsense that looks like a bad engine.
    """
    missing: dict[str, str] = {}
    for question in questions:
        for evidence in question.evidence:
            try:
                text = document_of(evidence.doc_id).text
            except UserError:
                missing.setdefault(evidence.doc_id, question.id)
                continue
            _require_same_text(question, evidence, text)
    if missing:
        names = ", ".join(f"{doc_id} (question {at})" for doc_id, at in list(missing.items())[:3])
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        raise SetMismatchError(
            f"The index does not hold {len(missing)} of the documents that the set points at: {names}{more}. "
            "Repair: `python -m index build DOCUMENTS --out INDEX` with the set's documents, and --index INDEX."
        )


def _require_same_text(question: Question, evidence: Evidence, text: str) -> None:
    found = text[evidence.start : evidence.end]
    if evidence.end > len(text) or (evidence.quote and found != evidence.quote):
        raise SetMismatchError(
            f"The index holds another text of {evidence.doc_id} than the set: question {question.id} expects "
            f"{evidence.quote[:40]!r} at {evidence.start}-{evidence.end}, the index has {found[:40]!r}. "
            "Repair: rebuild the index, or see `python -m eval check SET` for every line."
        )


def judge(question: Question, text: str, *, refused: bool, cites_gold: bool = False) -> Verdict:
    """The verdict by what the answer says, without a judge: see `eval.types.Verdict`.

    Where a question requires nothing, one of its `answers` must be said; of kind `retrieval`, a gold passage cited.
    """
    if not question.answerable:
        return "right_refusal" if refused else "wrong_answer"
    if refused:
        return "false_refusal"
    if question.kind == "retrieval":
        return "right" if cites_gold else "wrong"
    said = strip_labels(text)
    covered = coverage(said, question.required) if question.required else float(covers(said, question.answers))
    return "right" if covered == 1.0 else "partial" if covered > 0 else "wrong"


def article_of(evidence: Evidence, articles: Sequence[Article]) -> ArticleKey:
    """The article that has most of the evidence's characters; number -1 where none has any.

    `articles` are those of the evidence's document.
    """
    best, n_best = -1, 0
    for article in articles:
        n = sum(max(0, min(end, evidence.end) - max(start, evidence.start)) for start, end in article.pieces)
        if n > n_best:
            best, n_best = article.number, n
    return evidence.doc_id, best


def _ask(
    engine: AskedEngine,
    question: Question,
    articles_of: Mapping[str, Sequence[Article]],
    clock: Callable[[], float],
) -> Result:
    started = clock()
    answer = engine.answer(question.question, history=question.history)
    wall_ms = (clock() - started) * 1000
    gold = [article_of(evidence, articles_of.get(evidence.doc_id, ())) for evidence in question.evidence]
    return Result(
        question=question,
        standalone_question=answer.standalone_question,
        text=answer.text,
        short=answer.short,
        refused=answer.refused,
        confidence=float(answer.confidence),
        citations=tuple(_keep_citation(citation, engine) for citation in answer.citations),
        hits={mode: _retrieve(engine, question, mode) for mode in MODES},
        gold_articles=tuple(dict.fromkeys(gold)),
        timings_ms={**{step: float(ms) for step, ms in answer.timings_ms.items()}, "wall": wall_ms},
        verdict=judge_answer(question, answer),
    )


def judge_answer(question: Question, answer: Answer) -> Verdict:
    """The verdict on an engine's answer, by what it says and cites."""
    cites_gold = _cites_gold(answer.citations, question.evidence)
    return judge(question, answer.text, refused=answer.refused, cites_gold=cites_gold)


def _cites_gold(citations: Sequence[Citation], evidence: Sequence[Evidence]) -> bool:
    gold = [(e.doc_id, e.start, e.end) for e in evidence]
    return any(overlaps((c.doc_id, c.start, c.end), span) for c in citations for span in gold)


def _retrieve(engine: AskedEngine, question: Question, mode: Mode) -> tuple[FoundChunk, ...]:
    hits = engine.retrieve(question.question, top_k=TOP_K, mode=mode, history=question.history)
    return tuple(
        FoundChunk(hit.chunk.doc_id, hit.chunk.article, hit.chunk.start, hit.chunk.end, float(hit.score))
        for hit in hits
    )


def _keep_citation(citation: Citation, engine: AskedEngine) -> GivenCitation:
    return GivenCitation(
        label=citation.label,
        doc_id=citation.doc_id,
        article=citation.article,
        start=citation.start,
        end=citation.end,
        quote=citation.quote,
        exact=_is_exact(citation, engine),
    )


def _is_exact(citation: Citation, engine: AskedEngine) -> bool:
    try:
        text = engine.document(citation.doc_id).text
    except UserError:
        return False  # it points at a document that does not exist: the worst kind of inexact
    return bool(citation.quote) and text[citation.start : citation.end] == citation.quote


def _notes(results: Sequence[Result]) -> tuple[str, ...]:
    lost = [result.question.id for result in results if any(number < 0 for _, number in result.gold_articles)]
    if not lost:
        return ()
    return (
        f"{len(lost)} questions have evidence that lies in no article of the index, so retrieval by article "
        f"cannot find it: {', '.join(lost[:5])}{' ...' if len(lost) > 5 else ''}",
    )
