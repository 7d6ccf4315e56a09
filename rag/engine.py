"""Engine.answer and Engine.stream: the steps in order, nothing clever."""

import copy
import datetime
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from index.embeddings import Embedder, load_embedder
from index.errors import IndexDamagedError, IndexMismatchError, SettingsError
from index.store import Index, live_generation, open_index
from index.terms import split_terms
from index.types import Article, Document

from .cite import Cited, cite
from .clock import Clock
from .context import article_texts, build_passages, display_title
from .conversation.smalltalk import is_foreign, small_talk, without_courtesy
from .conversation.suggest import first_questions, next_questions
from .converse import MAX_HISTORY, asks_for_more, rewrite
from .decompose import decompose
from .digest import MORE, digest, opening_hits
from .disagree import with_disagreement
from .errors import QuestionError, UnknownDocumentError
from .generator import generate, rewrite_with_model
from .query import Query, read_query
from .question import search_terms
from .rank import RankerWeights, load_weights, rank_sentences
from .reader import compose, not_yet_said
from .reading.candidates import Candidate
from .reading.evidence import load_reader
from .reading.refusal import answer_features, confidence
from .rerank import interleave_hits, rerank_hits
from .retrieve import Fusion, search_bm25, search_dense, search_hybrid
from .searching.duplicates import MAX_SAME, N_FOR_DUPLICATES, group_duplicates
from .searching.scope import Mask, RowFacts, Scope, scope_of
from .settings import RagSettings
from .types import (
    Answer,
    AnswerEvent,
    Draft,
    Event,
    Hit,
    HitsEvent,
    LanguageModel,
    Mode,
    PassageReader,
    Related,
    TextEvent,
    Turn,
)

REFUSAL = "文档里没有找到这个问题的答案。"
REFUSAL_NOT_CHINESE = "文档是中文的，请用中文提问。(The documents are in Chinese: please ask in Chinese.)"
REFUSAL_NO_WORDS = "没有看懂这个问题：里面没有可以查找的词。请换一种说法。"
_DELTA_CHARS = 12
N_TEXTS = 5
"""Chunks whose articles a follow-up is held against."""


@dataclass(frozen=True, slots=True)
class _Open:
    """What belongs to one generation of the index; replaced as a whole."""

    index: Index
    embedder: Embedder
    facts: RowFacts


@dataclass(frozen=True, slots=True)
class _Part:
    """One of the questions that a question is made of, retrieved and read."""

    query: Query
    hits: list[Hit]
    candidates: list[Candidate]
    confidence: float


class Engine:
    """Answers questions over one index. May be used from several threads."""

    def __init__(
        self, path: Path, opened: _Open, reader: PassageReader, weights: RankerWeights, settings: RagSettings
    ) -> None:
        self.path = path
        self.settings = settings
        self._open = opened
        self.reader = reader
        self.model: LanguageModel | None = None
        """The language model that writes the answers; without one, sentences are quoted."""
        self._weights = weights
        self._first: tuple[str, int] = ("", 0)
        self._first_questions: tuple[str, ...] = ()

    @classmethod
    def open(
        cls,
        path: str | Path,
        settings: RagSettings | None = None,
        reader: PassageReader | None = None,
        weights: RankerWeights | None = None,
        model: LanguageModel | None = None,
    ) -> "Engine":
        """Opens an index with the embedder that built it, and the reader and ranker that ship (or those given).

        With a language model (`rag.open_model`) it writes the answers; what it writes is verified like any other text.

        Raises:
            IndexMissingError, IndexDamagedError, IndexMismatchError: the index cannot be used; the text says the repair
            ModelError: a model cannot be loaded.
        """
        engine = cls.over(open_index(path), settings, reader, weights)
        engine.model = model
        return engine

    @classmethod
    def over(
        cls,
        index: Index,
        settings: RagSettings | None = None,
        reader: PassageReader | None = None,
        weights: RankerWeights | None = None,
    ) -> "Engine":
        """The same over a generation that is open already, also one that is not live. Raises as `open` does."""
        opened = _Open(index, _matching_embedder(index), RowFacts(index))
        return cls(index.path, opened, reader or load_reader(), weights or load_weights(), settings or RagSettings())

    def with_settings(self, settings: RagSettings) -> "Engine":
        """An engine over the same open index and models that answers with other settings."""
        other = copy.copy(self)
        other.settings = settings
        return other

    def refresh(self) -> bool:
        """Picks up a new generation of the index, where there is one; questions under way keep theirs."""
        if live_generation(self.path) == self._open.index.generation:
            return False
        index = open_index(self.path)
        same = index.manifest["embedder"] == self._open.index.manifest["embedder"]
        self._open = _Open(index, self._open.embedder if same else _matching_embedder(index), RowFacts(index))
        return True

    @property
    def index(self) -> Index:
        """The generation that is open now."""
        return self._open.index

    @property
    def generation(self) -> str:
        """The name of the generation that is open now."""
        return self._open.index.generation

    @property
    def embedder(self) -> Embedder:
        """The model that embeds questions."""
        return self._open.embedder

    def document(self, doc_id: str) -> Document:
        """The document that offsets point into. Raises UnknownDocumentError."""
        document = self.index.document(doc_id)
        if document is None:
            raise UnknownDocumentError(f"There is no document {doc_id!r} in the index at {str(self.path)!r}.")
        return document

    def article(self, doc_id: str, number: int) -> Article:
        """One article of a document. Raises UnknownDocumentError."""
        article = self.index.article(doc_id, number)
        if article is None:
            raise UnknownDocumentError(
                f"There is no article {number} of {doc_id!r} in the index at {str(self.path)!r}."
            )
        return article

    def articles(self) -> Iterator[Article]:
        """All articles, by document and number."""
        return self.index.articles()

    def retrieve(
        self,
        question: str,
        top_k: int = 10,
        mode: Mode = "reranked",
        history: Sequence[Turn] = (),
        *,
        filtered: bool = True,
    ) -> list[Hit]:
        """The best chunks for a question, best first, ranks from 1. Raises QuestionError, SettingsError.

        The two legs alone show what they find; where they are fused, near duplicates of one story take no more than
        three places.
        """
        opened = self._open
        if top_k < 1:
            raise SettingsError(f"top_k is {top_k}: it must be at least 1.")
        standalone = self._standalone(opened, self._checked(question), history)
        scope = self._scope(opened, standalone, filtered)
        if mode == "bm25":
            return search_bm25(opened.index, search_terms(scope.question), top_k, scope.keep)
        if mode in ("dense", "hybrid"):
            query = read_query(opened.index, opened.embedder, scope.question)
            if mode == "dense":
                return search_dense(opened.index, query, top_k, scope.keep)
            return self._search(opened, query, scope, top_k, MAX_SAME, Clock())
        parts = [self._part(opened, part, scope, top_k, MAX_SAME, Clock()) for part in decompose(scope.question)]
        return interleave_hits([part.hits for part in parts])[:top_k]

    def answer(self, question: str, history: Sequence[Turn] = (), *, filtered: bool = True) -> Answer:
        """The answer to a question, with verified citations; or a refusal. Raises QuestionError.

        `filtered=False` takes no date or source of the question as a filter.
        """
        for event in self.stream(question, history, filtered=filtered):
            if isinstance(event, AnswerEvent):
                return event.answer
        raise AssertionError("a stream ends with its answer")

    def stream(
        self, question: str, history: Sequence[Turn] = (), *, filtered: bool = True
    ) -> Generator[Event, None, None]:
        """The steps of an answer as they are done: the hits, pieces of the text, the final answer."""
        opened, clock, question = self._open, Clock(), self._checked(question)
        if reply := small_talk(question) or small_talk(without_courtesy(question)):
            yield from _said(question, reply, clock)
            return
        with clock.step("rewrite"):
            standalone = self._standalone(opened, question, history)
            scope = self._scope(opened, standalone, filtered)
        if scope.bare and scope.keep is not None:
            yield from self._digest(opened, question, standalone, scope, scope.keep, clock)
            return
        parts = [self._part(opened, part, scope, self.settings.n_read, 1, clock) for part in decompose(scope.question)]
        hits = tuple(interleave_hits([part.hits for part in parts]))
        yield HitsEvent(hits, standalone)
        said = "\n".join(turn.answer for turn in history[-MAX_HISTORY:]) if asks_for_more(question) else ""
        if said:
            parts = [self._continued(part, said) for part in parts]
        answered = self._answered(parts)
        answer = self._decide(opened, question, standalone, hits, parts, answered, clock, said)
        notice = "\n".join(note for note in (answer.notice, scope.notice) if note)
        answer = replace(answer, filters=tuple(one.shown for one in scope.filters), notice=notice)
        if self.model is not None and answered:
            answer = yield from self._generate(opened, self.model, answer, answered, clock)
        if not answer.model or answer.refused:
            for start in range(0, len(answer.text), _DELTA_CHARS):
                yield TextEvent(answer.text[start : start + _DELTA_CHARS])
        yield AnswerEvent(answer)

    def _digest(
        self, opened: _Open, question: str, standalone: str, scope: Scope, keep: Mask, clock: Clock
    ) -> Generator[Event, None, None]:
        """The headlines of the articles of a date or source, the newest first."""
        with clock.step("passages"):
            hits, more = opening_hits(opened.index, opened.facts.newest_first(keep))
            passages = build_passages(opened.index, standalone, hits)
        yield HitsEvent(tuple(hits), standalone)
        with clock.step("cite"):
            text, citations, claims = self._cite(opened, digest(opened.index, passages))
        yield TextEvent(text)
        yield AnswerEvent(
            Answer(
                question=question,
                standalone_question=standalone,
                text=text,
                refused=False,
                confidence=1.0,
                citations=citations,
                claims=claims,
                hits=tuple(hits),
                timings_ms=clock.steps_ms(),
                filters=tuple(one.shown for one in scope.filters),
                notice=MORE.format(len(hits)) if more else "",
            )
        )

    def suggest(self, answer: Answer, history: Sequence[Turn] = ()) -> tuple[str, ...]:
        """Up to three questions to ask after an answer, which the documents answer: each was asked silently.

        That costs as much as some more answers, so it is not part of one. `history` is what came before the answer.
        """
        return next_questions(self._quoting(), answer, history)

    def first_questions(self, limit: int = 4) -> tuple[str, ...]:
        """Questions to begin with, one for each of the newest articles; the same until the index changes."""
        generation = self._open.index.generation
        if self._first != (generation, limit):
            self._first_questions = first_questions(self._quoting(), limit)
            self._first = (generation, limit)
        return self._first_questions

    def _quoting(self) -> "Engine":
        """This engine without a language model: what is asked silently costs nothing but time."""
        return Engine(self.path, self._open, self.reader, self._weights, self.settings)

    def _checked(self, question: str) -> str:
        limit = self.settings.max_question_chars
        if not question.strip():
            raise QuestionError("问题是空的：请输入一个问题。(The question is empty.)")
        if len(question) > limit:
            raise QuestionError(
                f"问题有 {len(question)} 个字符，最多 {limit} 个：请缩短。"
                f"(The question has {len(question)} characters, the limit is {limit}.)"
            )
        return _encodable(question)

    def _standalone(self, opened: _Open, question: str, history: Sequence[Turn]) -> str:
        found: dict[str, list[str]] = {}

        def find(asked: str) -> list[str]:
            if asked not in found:
                found[asked] = article_texts(opened.index, search_bm25(opened.index, search_terms(asked), N_TEXTS))
            return found[asked]

        turns = [turn for turn in history if not small_talk(turn.question)]
        by_rules = rewrite(without_courtesy(question), turns, find)
        if self.model is not None and self.settings.rewrite_with_model and turns:
            return _encodable(rewrite_with_model(self.model, question, turns, by_rules))
        return _encodable(by_rules)

    def _scope(self, opened: _Open, question: str, filtered: bool) -> Scope:
        if not (filtered and self.settings.use_filters):
            return Scope(question)
        return scope_of(question, opened.facts, datetime.date.today())

    def _search(self, opened: _Open, query: Query, scope: Scope, top_k: int, n_same: int, clock: Clock) -> list[Hit]:
        """The best hits, no more than `n_same` of one story; ranks from 1."""
        own = self.settings
        fusion = Fusion(own.n_candidates, own.bm25_weight, own.fusion, own.preference)
        n_fetched = top_k + N_FOR_DUPLICATES
        found = search_hybrid(opened.index, query, n_fetched, fusion, keep=scope.keep, prefer=scope.prefer, clock=clock)
        with clock.step("fuse"):
            return group_duplicates(found, top_k, n_same)

    def _part(self, opened: _Open, question: str, scope: Scope, top_k: int, n_same: int, clock: Clock) -> _Part:
        """Retrieves and reads for one question."""
        with clock.step("embed"):
            query = read_query(opened.index, opened.embedder, question)
        hits = self._search(opened, query, scope, max(top_k, self.settings.n_read), n_same, clock)
        candidates = self._read(opened, query, hits, clock)
        with clock.step("rank"):
            sure = self._confidence(query, candidates)
            return _Part(query, rerank_hits(hits, candidates), candidates, sure)

    def _continued(self, part: _Part, said: str) -> _Part:
        """A part of which something was already said: how sure it is depends on what is left."""
        return replace(part, confidence=self._confidence(part.query, not_yet_said(part.candidates, said)))

    def _confidence(self, query: Query, candidates: Sequence[Candidate]) -> float:
        if not candidates or not query.terms:
            return 0.0
        features = answer_features(query, candidates)
        return confidence(features, self._weights.answer, self._weights.answer_bias)

    def _read(self, opened: _Open, query: Query, hits: Sequence[Hit], clock: Clock) -> list[Candidate]:
        with clock.step("passages"):
            passages = build_passages(opened.index, query.text, hits[: self.settings.n_read])
        with clock.step("read"):
            texts = [[sentence.text for sentence in passage.sentences] for passage in passages]
            readings = self.reader.read(query.text, texts, [passage.title for passage in passages])
        with clock.step("rank"):
            return rank_sentences(query, passages, readings, opened.embedder, self._weights)

    def _answered(self, parts: Sequence[_Part]) -> list[_Part]:
        """The parts of the question that the documents answer."""
        sure = [part for part in parts if part.candidates and part.confidence >= self.settings.answer_threshold]
        return [part for part in sure if not is_foreign(part.query.text) or is_foreign(part.candidates[0].text)]

    def _generate(
        self, opened: _Open, model: LanguageModel, extract: Answer, answered: Sequence[_Part], clock: Clock
    ) -> Generator[Event, None, Answer]:
        """The language model's answer from the passages that were read, or the extractive one, and why."""
        ranked = [candidate.passage for part in answered for candidate in part.candidates]
        passages = list({(one.doc_id, one.sentences[0].spans): one for one in ranked}.values())
        with clock.step("generate"):
            answer = yield from generate(
                model, passages, extract, lambda draft: self._cite(opened, draft), self.settings
            )
        if answer.refused:
            text = _refusal_text(extract.standalone_question)
            answer = replace(answer, text=text, related=self._related(opened, extract.hits))
        return replace(answer, timings_ms=clock.steps_ms())

    def _cite(self, opened: _Open, draft: Draft) -> Cited:
        return cite(draft, self._document_of(opened), self.settings.drop_unsupported)

    def _decide(
        self,
        opened: _Open,
        question: str,
        standalone: str,
        hits: tuple[Hit, ...],
        parts: Sequence[_Part],
        answered: Sequence[_Part],
        clock: Clock,
        said: str = "",
    ) -> Answer:
        """An answer from the parts of the question that the documents answer; a refusal where they answer none.

        What was `said` before is not said again.
        """
        if not answered:
            return Answer(
                question=question,
                standalone_question=standalone,
                text=_refusal_text(standalone),
                refused=True,
                confidence=max((part.confidence for part in parts), default=0.0),
                hits=hits,
                related=self._related(opened, hits),
                timings_ms=clock.steps_ms(),
            )
        with clock.step("cite"):
            extract = compose([(part.query.text, part.candidates) for part in answered], said)
            draft, disagreement = self._disagreeing(opened, extract.draft, answered)
            text, citations, claims = self._cite(opened, draft)
        left_open = [part.query.text for part in parts if part not in answered]
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
            notice="\n".join([*(f"文档里没有找到这一部分的答案：{part}" for part in left_open), *disagreement]),
        )

    @staticmethod
    def _disagreeing(opened: _Open, draft: Draft, answered: Sequence[_Part]) -> tuple[Draft, list[str]]:
        """The draft, with the sentence of a like article that gives another number where there is one; and a notice."""
        if len(answered) != 1 or len(draft.evidence) != 1:
            return draft, []
        query, candidates = answered[0].query, answered[0].candidates
        twins = [twin for hit in answered[0].hits for twin in hit.duplicates]
        read = {candidate.passage.label: candidate.passage for candidate in candidates}
        others = [*build_passages(opened.index, query.text, twins), *read.values()]
        draft, notice = with_disagreement(draft, query.text, candidates, others)
        return draft, [notice] if notice else []

    @staticmethod
    def _document_of(opened: _Open) -> Callable[[str], Document]:
        def document_of(doc_id: str) -> Document:
            document = opened.index.document(doc_id)
            if document is None:
                raise IndexDamagedError(f"The index lost its document {doc_id!r}. Build it again: make index")
            return document

        return document_of

    def _related(self, opened: _Open, hits: Sequence[Hit]) -> tuple[Related, ...]:
        found: dict[tuple[str, int], Related] = {}
        for hit in hits:
            chunk = hit.chunk
            article = opened.index.article(chunk.doc_id, chunk.article)
            if article is not None and hit.matched_terms:
                title = display_title(article, ()) or f"{chunk.text[:20]}……"
                related = Related(chunk.doc_id, chunk.article, title, chunk.date, chunk.start, chunk.end)
                found.setdefault((chunk.doc_id, chunk.article), related)
        return tuple(found.values())[: self.settings.n_related]


def _encodable(text: str) -> str:
    """The text with question marks for lone surrogates, which neither a tokenizer nor a terminal takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _said(question: str, reply: str, clock: Clock) -> Iterator[Event]:
    """The events of a reply to small talk: nothing is searched, nothing is cited."""
    yield HitsEvent((), question)
    yield TextEvent(reply)
    yield AnswerEvent(Answer(question, question, reply, refused=True, confidence=0.0, timings_ms=clock.steps_ms()))


def _refusal_text(question: str) -> str:
    if not split_terms(question):
        return REFUSAL_NO_WORDS
    return REFUSAL_NOT_CHINESE if is_foreign(question) else REFUSAL


def _matching_embedder(index: Index) -> Embedder:
    """The embedder that built the index; refuses one that only has the same name."""
    built = index.manifest["embedder"]
    embedder = load_embedder(built["name"])
    if embedder.fingerprint != built["fingerprint"]:
        raise IndexMismatchError(
            f"The index at {str(index.path)!r} was built with {built['fingerprint'][:60]}, but the model "
            f"{built['name']!r} is now {embedder.fingerprint[:60]}. Build it again: make index"
        )
    return embedder
