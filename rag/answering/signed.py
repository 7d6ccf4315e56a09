"""Who wrote an article, when and where it appeared: read from its byline, dateline or front matter, not its text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from index.types import Article, Sentence

from ..cite import LABEL, led_by
from ..clock import Clock
from ..context import display_title
from ..conversation.imprint import Field, ImprintQuestion
from ..conversation.smalltalk import small_talk
from ..digest import headline
from ..imprint import imprint_of, recorded
from ..question import search_terms
from ..quoting import in_answer
from ..refusals import is_refusal, refusal_text
from ..retrieve import search_bm25
from ..types import Answer, AnswerEvent, Draft, Event, Hit, HitsEvent, Notice, Passage, Related, TextEvent, Turn
from ..verify import stands_in
from .decided import cited_draft
from .on_topic import MIN_NAMED, N_HITS, articles_of, nearest
from .opened import Means, documents_of

MAX_ALIKE = 3
"""Articles of one topic that are told of."""
MIN_LINE_CHARS = 6
_MAX_TURN_CHARS = 300
_ASKS: dict[Field, str] = {"author": "是谁写的？", "date": "是哪天的？", "source": "来源是哪里？"}
_LACKS: dict[Field, Notice] = {
    "author": Notice("《{}》没有署名。", "“{}” is not signed."),
    "date": Notice("《{}》没有写明日期。", "“{}” names no date."),
    "source": Notice("《{}》没有写明来源。", "“{}” names no source."),
}
_RECORDED = "{}（文件的记录，正文里没有写）\n"
WHICH = Notice(
    "没有说是哪一篇文章：请写出它的标题或内容，或者先问一个问题，再问答案所在的文章。",
    "No article is named: give its title or topic, or ask something first and then about the answer's article.",
)


@dataclass(frozen=True, slots=True)
class _Told:
    """What is said of one article: its words in the document, and in front of them what only the index knows."""

    sentence: Sentence
    passage: Passage
    short: str = ""
    lead: str = ""


def signed(
    means: Means, question: str, asked: ImprintQuestion, history: Sequence[Turn], clock: Clock
) -> Iterator[Event]:
    """The events of an answer about an article itself; refused where it does not say, or no article is meant."""
    with clock.step("bm25"):
        hits, articles = _named(means, asked.topic) if asked.topic else _spoken_of(means, history)
    alone = question if asked.topic or not articles else f"《{articles[0].title}》{_ASKS[asked.field]}"
    yield HitsEvent(tuple(hits), alone)
    with clock.step("passages"):
        told = [one for article in articles if (one := _told(means, article, asked.field))]
    answer = Answer(question, alone, refusal_text(alone), True, 0.0, hits=tuple(hits))
    if told:
        with clock.step("cite"):
            answer = _quoted(means, answer, told)
    else:
        answer = _lacking(answer, articles, asked)
    yield TextEvent(answer.text)
    yield AnswerEvent(replace(answer, timings_ms=clock.steps_ms()))


def _named(means: Means, topic: str) -> tuple[list[Hit], list[Article]]:
    """The articles of a topic, the likeliest first: more than one only where headline and opening say it of all."""
    hits, found = nearest(means, topic)
    best = found[:1]
    alike = [one for one in found[1:MAX_ALIKE] if one.at_head >= max(best[0].at_head, MIN_NAMED)]
    return hits, [one.article for one in (*best, *alike)]


def _spoken_of(means: Means, history: Sequence[Turn]) -> tuple[list[Hit], list[Article]]:
    """The article that the last answer quotes first."""
    turns = [turn for turn in history if not is_refusal(turn.answer) and not small_talk(turn.question)]
    if not turns:
        return [], []
    last = turns[-1]
    said = LABEL.sub("", last.answer)[:_MAX_TURN_CHARS]
    hits = search_bm25(means.index, search_terms(f"{last.standalone_question or last.question}\n{said}"), N_HITS)
    found = articles_of(means, hits)
    lines = [line for line in said.splitlines() if len(line) >= MIN_LINE_CHARS]
    holding = [article for article, document in found if any(stands_in(line, document.text) for line in lines)]
    return hits, [*holding, *(article for article, _ in found)][:1]


def _told(means: Means, article: Article, field: Field) -> _Told | None:
    """What is said of an article: by a part of it in a document, or by what the index knows; None for nothing."""
    document_of = documents_of(means.index)
    parts = [means.index.article(*place) for place in article.parts]
    for part in (article, *(one for one in parts if one is not None and one != article)):
        if found := imprint_of(part, document_of(part.doc_id), field):
            return _Told(found.sentence, _passage(part, found.sentence), found.short)
    known, title = recorded(article, field), headline(article, document_of(article.doc_id))
    if not known or title is None:
        return None
    return _Told(title, _passage(article, title), lead=_RECORDED.format(known))


def _passage(article: Article, sentence: Sentence) -> Passage:
    title = display_title(article, (sentence,))
    return Passage(0, article.doc_id, article.number, title, article.date, article.source, (sentence,), ())


def _quoted(means: Means, answer: Answer, told: Sequence[_Told]) -> Answer:
    """The answer that quotes what is said of the articles; what only the index knows is told of one, where no document
    says it of any.
    """
    said = [one for one in told if not one.lead] or told[:1]
    short = said[0].short if len(said) == 1 else ""
    lines = [f"{in_answer(short)}[1]"] if short else []
    lines += [f"{in_answer(one.sentence.text)}[{label}]" for label, one in enumerate(said, start=1)]
    evidence = {label: (one.sentence, one.passage) for label, one in enumerate(said, start=1)}
    cited = cited_draft(means, Draft("\n".join(lines), evidence))
    text, citations, claims = led_by(said[0].lead, cited)
    return replace(answer, text=text, refused=False, confidence=1.0, short=short, citations=citations, claims=claims)


def _lacking(answer: Answer, articles: Sequence[Article], asked: ImprintQuestion) -> Answer:
    """The refusal, with what is missing: the article that is meant, or what it does not say."""
    if not articles:
        return answer if asked.topic else replace(answer, notices=(WHICH,))
    notices = tuple(_LACKS[asked.field].format(article.title) for article in articles)
    return replace(answer, related=tuple(map(_related, articles)), notices=notices)


def _related(article: Article) -> Related:
    start, end = article.pieces[0]
    return Related(article.doc_id, article.number, article.title, article.date, start, end)
