"""What is said in the end: an answer with verified citations, the headlines of a day, a model's words, or a refusal."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace

from ..cite import Cited, cite, led_by
from ..clock import Clock
from ..context import build_passages, display_title
from ..digest import MAX_ARTICLES, MAX_LISTED, MORE, count_of, digest, opening_hits
from ..disagree import with_disagreement
from ..generator import generate
from ..newest import newest_first, with_earlier
from ..reader import compose
from ..reading.candidates import Candidate
from ..refusals import refusal_text
from ..searching.scope import Mask, Scope
from ..types import Answer, AnswerEvent, Draft, Event, Hit, HitsEvent, LanguageModel, Notice, Related, TextEvent
from .opened import Means, documents_of
from .parts import Part

LEFT_OPEN = Notice("文档里没有找到这一部分的答案：{}", "The articles do not answer this part of the question: {}")


def said(question: str, reply: str, clock: Clock) -> Iterator[Event]:
    """The events of a reply to small talk: nothing is searched, nothing is cited."""
    yield HitsEvent((), question)
    yield TextEvent(reply)
    yield AnswerEvent(Answer(question, question, reply, True, 0.0, timings_ms=clock.steps_ms(), is_small_talk=True))


def listed(
    means: Means, question: str, standalone: str, scope: Scope, keep: Mask, clock: Clock
) -> Generator[Event, None, None]:
    """The events of a digest: the headlines of the articles of a date or source, the newest first."""
    with clock.step("passages"):
        hits, more = opening_hits(means.index, means.facts.newest_first(keep), MAX_ARTICLES)
        passages = build_passages(means.index, standalone, hits)
    yield HitsEvent(tuple(hits), standalone)
    with clock.step("cite"):
        cited = cited_draft(means, digest(means.index, passages))
    answer = certain(question, standalone, cited, hits, clock)
    notices = (MORE.format(len(hits)),) if more else ()
    yield from told(replace(answer, filters=tuple(one.shown for one in scope.filters), notices=notices))


def collection(means: Means, question: str, clock: Clock) -> Iterator[Event]:
    """The events of an answer about the collection itself: how many articles it has, and the newest headlines."""
    with clock.step("passages"):
        everything = means.facts.rows(lambda date, source: True)
        hits, _ = opening_hits(means.index, means.facts.newest_first(everything), MAX_LISTED)
        passages = build_passages(means.index, question, hits)
    yield HitsEvent(tuple(hits), question)
    with clock.step("cite"):
        headlines = cited_draft(means, digest(means.index, passages))
        cited = led_by(count_of(len(hits), means.index.manifest["n_articles"]), headlines)
    yield from told(certain(question, question, cited, hits, clock))


def certain(question: str, standalone: str, cited: Cited, hits: Sequence[Hit], clock: Clock) -> Answer:
    """An answer that nothing was weighed for: what is asked is the articles themselves."""
    text, citations, claims = cited
    return Answer(
        question=question,
        standalone_question=standalone,
        text=text,
        refused=False,
        confidence=1.0,
        citations=citations,
        claims=claims,
        hits=tuple(hits),
        timings_ms=clock.steps_ms(),
    )


def told(answer: Answer) -> Iterator[Event]:
    """The last events of an answer whose text is there at once."""
    yield TextEvent(answer.text)
    yield AnswerEvent(answer)


def quoted(
    means: Means,
    question: str,
    standalone: str,
    hits: tuple[Hit, ...],
    parts: Sequence[Part],
    answered: Sequence[Part],
    clock: Clock,
    before: str = "",
) -> Answer:
    """The answer that quotes the sentences that answer; what was said `before` is not said again."""
    with clock.step("cite"):
        moved = [newest_first(part.query.text, part.candidates) for part in answered]
        texts = [part.query.text for part in answered]
        extract = compose(list(zip(texts, moved, strict=True)), before)
        draft, disagreement = _disagreeing(means, extract.draft, answered, moved)
        text, citations, claims = cited_draft(means, draft)
    left_open = [part.asked for part in parts if part not in answered]
    return Answer(
        question=question,
        standalone_question=standalone,
        text=text,
        refused=False,
        confidence=min(part.confidence for part in answered),
        short=extract.short,
        citations=citations,
        claims=claims,
        hits=hits,
        timings_ms=clock.steps_ms(),
        notices=(*(LEFT_OPEN.format(part) for part in left_open), *disagreement),
    )


def refused(
    means: Means, question: str, standalone: str, hits: tuple[Hit, ...], parts: Sequence[Part], clock: Clock
) -> Answer:
    """The refusal of a question none of whose parts the documents answer, with the articles that are near it."""
    return Answer(
        question=question,
        standalone_question=standalone,
        text=refusal_text(standalone),
        refused=True,
        confidence=max((part.confidence for part in parts), default=0.0),
        hits=hits,
        related=_related(means, hits),
        timings_ms=clock.steps_ms(),
    )


def written(
    means: Means, model: LanguageModel, extract: Answer, answered: Sequence[Part], clock: Clock
) -> Generator[Event, None, Answer]:
    """The language model's answer from the passages that were read, or the extractive one, and why."""
    ranked = [candidate.passage for part in answered for candidate in part.candidates]
    passages = list({(one.doc_id, one.sentences[0].spans): one for one in ranked}.values())
    with clock.step("generate"):
        answer = yield from generate(model, passages, extract, lambda draft: cited_draft(means, draft), means.settings)
    if answer.refused:
        text = refusal_text(extract.standalone_question)
        answer = replace(answer, text=text, related=_related(means, extract.hits))
    return replace(answer, timings_ms=clock.steps_ms())


def cited_draft(means: Means, draft: Draft) -> Cited:
    """The draft with its citations verified, by the settings in use."""
    return cite(draft, documents_of(means.index), means.settings.drop_unsupported)


def _disagreeing(
    means: Means, draft: Draft, answered: Sequence[Part], moved: Sequence[Sequence[Candidate]]
) -> tuple[Draft, list[Notice]]:
    """The draft, with the sentence of a like article that gives another number where there is one; and a notice."""
    if len(answered) != 1 or len(draft.evidence) != 1:
        return draft, []
    query, candidates = answered[0].query, answered[0].candidates
    twins = [twin for hit in answered[0].hits for twin in hit.duplicates]
    read = {candidate.passage.label: candidate.passage for candidate in candidates}
    others = [*build_passages(means.index, query.text, twins), *read.values()]
    draft, notice = with_disagreement(draft, query.text, candidates, others)
    if not notice:
        draft, notice = with_earlier(draft, candidates, moved[0])
    return draft, [notice] if notice else []


def _related(means: Means, hits: Sequence[Hit]) -> tuple[Related, ...]:
    found: dict[tuple[str, int], Related] = {}
    for hit in hits:
        chunk = hit.chunk
        article = means.index.article(chunk.doc_id, chunk.article)
        if article is not None and hit.matched_terms:
            title = display_title(article, ()) or f"{chunk.text[:20]}……"
            related = Related(chunk.doc_id, chunk.article, title, chunk.date, chunk.start, chunk.end)
            found.setdefault((chunk.doc_id, chunk.article), related)
    return tuple(found.values())[: means.settings.n_related]
