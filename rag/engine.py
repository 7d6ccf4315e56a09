"""Engine.answer and Engine.stream: the steps in order, nothing clever."""

import copy
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from index.embeddings import Embedder
from index.errors import SettingsError
from index.opening import open_searchable
from index.searchable import Searchable
from index.types import Article, Document

from .answering.asked import asked_scope, checked, standalone
from .answering.decided import collection, listed, quoted, refused, said, written
from .answering.on_topic import articles_on, listed_on
from .answering.opened import Means, Opened, opened_after, opened_with_its_embedder
from .answering.parts import answered_parts, continued, read_part, search
from .answering.signed import signed
from .clock import Clock
from .conversation.collection import asked_topic, asks_for_collection
from .conversation.imprint import read_imprint
from .conversation.listed import with_item_named
from .conversation.smalltalk import small_talk, without_courtesy
from .conversation.suggest import first_questions, next_questions
from .converse import MAX_HISTORY, asks_for_more
from .cross_encoder import CrossEncoderReranker
from .decompose import decompose
from .errors import UnknownDocumentError
from .query import read_query
from .question import search_terms
from .rank import RankerWeights, load_weights
from .reading.evidence import load_reader
from .rerank import interleave_hits
from .retrieve import search_bm25, search_dense
from .searching.duplicates import MAX_SAME
from .settings import RagSettings
from .types import Answer, AnswerEvent, Event, Hit, HitsEvent, LanguageModel, Mode, PassageReader, TextEvent, Turn

_DELTA_CHARS = 12


class Engine:
    """Answers questions over one index. May be used from several threads."""

    def __init__(
        self, path: Path, opened: Opened, reader: PassageReader, weights: RankerWeights, settings: RagSettings
    ) -> None:
        self.path = path
        self.settings = settings
        self._open = opened
        self.reader = reader
        self.model: LanguageModel | None = None
        """The language model that writes the answers; without one, sentences are quoted."""
        self._weights = weights
        self._reranker = CrossEncoderReranker(settings.reranker) if settings.reranker else None
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

        `path` is its folder, or an address: `milvus+http://host:port/collection` (see `index.milvus.address`).

        With a language model (`rag.open_model`) it writes the answers; what it writes is verified like any other text.

        Raises:
            IndexMissingError, IndexDamagedError, IndexMismatchError: the index cannot be used; the text says the repair
            ModelError: a model cannot be loaded.
        """
        engine = cls.over(open_searchable(path), settings, reader, weights)
        engine.model = model
        return engine

    @classmethod
    def over(
        cls,
        index: Searchable,
        settings: RagSettings | None = None,
        reader: PassageReader | None = None,
        weights: RankerWeights | None = None,
    ) -> "Engine":
        """The same over a generation that is open already, also one that is not live. Raises as `open` does."""
        opened = opened_with_its_embedder(index)
        return cls(index.path, opened, reader or load_reader(), weights or load_weights(), settings or RagSettings())

    def with_settings(self, settings: RagSettings) -> "Engine":
        """An engine over the same open index and models that answers with other settings.

        Raises ModelError where they name another reranker that cannot be loaded.
        """
        other = copy.copy(self)
        if settings.reranker != self.settings.reranker:
            other._reranker = CrossEncoderReranker(settings.reranker) if settings.reranker else None
        other.settings = settings
        return other

    def refresh(self) -> bool:
        """Picks up a new generation of the index, where there is one; questions under way keep theirs.

        The live one is opened again where its files were written or replaced, and hold what was built.

        Raises:
            IndexMissingError, IndexDamagedError, IndexMismatchError: what is live cannot be used.
        """
        newer = self._open.index.newer()
        if newer is None:
            return False
        self._open = opened_after(newer, self._open)
        return True

    @property
    def index(self) -> Searchable:
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
        means = self._means()
        with means.index.reading():
            return self._retrieved(means, question, top_k, mode, history, filtered)

    def _retrieved(
        self, means: Means, question: str, top_k: int, mode: Mode, history: Sequence[Turn], filtered: bool
    ) -> list[Hit]:
        if top_k < 1:
            raise SettingsError(f"top_k is {top_k}: it must be at least 1.")
        question = standalone(means, checked(question, means.settings.max_question_chars), history)
        scope = asked_scope(means, question, filtered)
        if mode == "bm25":
            return search_bm25(means.index, search_terms(scope.question), top_k, scope.keep)
        if mode in ("dense", "hybrid"):
            query = read_query(means.index, means.embedder, scope.question)
            if mode == "dense":
                return search_dense(means.index, query, top_k, scope.keep)
            return search(means, query, scope, top_k, MAX_SAME, Clock())
        parts = [read_part(means, part, scope, top_k, MAX_SAME, Clock()) for part in decompose(scope.question)]
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
        means = self._means()
        with means.index.reading():
            yield from self._steps(means, question, history, filtered)

    def _steps(
        self, means: Means, question: str, history: Sequence[Turn], filtered: bool
    ) -> Generator[Event, None, None]:
        clock = Clock()
        settings = means.settings
        question = checked(question, settings.max_question_chars)
        at_once = _not_read(means, question, history, clock)
        if at_once is not None:
            yield from at_once
            return
        with clock.step("rewrite"):
            alone = standalone(means, question, history)
            scope = asked_scope(means, alone, filtered)
        topic = asked_topic(scope.question)
        if topic and (found := articles_on(means, topic, scope)):
            yield from listed_on(means, question, alone, found, scope, clock)
            return
        if scope.bare and scope.keep is not None:
            yield from listed(means, question, alone, scope, scope.keep, clock)
            return
        parts = [read_part(means, part, scope, settings.n_read, 1, clock) for part in decompose(scope.question)]
        hits = tuple(interleave_hits([part.hits for part in parts]))
        yield HitsEvent(hits, alone)
        before = "\n".join(turn.answer for turn in history[-MAX_HISTORY:]) if asks_for_more(question) else ""
        if before:
            parts = [continued(part, before, means.weights) for part in parts]
        answered = answered_parts(parts, settings.answer_threshold)
        if answered:
            answer = quoted(means, question, alone, hits, parts, answered, clock, before)
        else:
            answer = refused(means, question, alone, hits, parts, clock)
        notices = (*answer.notices, *((scope.notice,) if scope.notice else ()))
        filters = tuple(one.shown for one in scope.filters)
        answer = replace(answer, filters=filters, notices=notices, reranker=settings.reranker)
        if means.model is not None and answered:
            answer = yield from written(means, means.model, answer, answered, clock)
        if not answer.model or answer.refused:
            for start in range(0, len(answer.text), _DELTA_CHARS):
                yield TextEvent(answer.text[start : start + _DELTA_CHARS])
        yield AnswerEvent(answer)

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
        other = copy.copy(self)
        other.model = None
        return other

    def _means(self) -> Means:
        """What a question that comes now is answered with. Where files are not as they were, it raises as `refresh`."""
        if self._open.index.touched:  # also for who never refreshes: what was cut short must not be read
            self.refresh()
        now = self._open
        return Means(
            now.index, now.embedder, now.facts, self.reader, self._weights, self.settings, self.model, self._reranker
        )


def _not_read(means: Means, question: str, history: Sequence[Turn], clock: Clock) -> Iterator[Event] | None:
    """The events for what is not read for: small talk, and questions about the collection or an article itself."""
    bare = without_courtesy(question)
    if reply := small_talk(question) or small_talk(bare):
        return said(question, reply, clock)
    if asks_for_collection(bare) and means.index.n_chunks:
        return collection(means, question, clock)
    asked = read_imprint(with_item_named(bare, history), history[-1].question if history else "")
    return signed(means, question, asked, history, clock) if asked else None
