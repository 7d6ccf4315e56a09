"""An engine over a few strings: an answer quotes the sentences that share two characters with the question."""

import copy
import re
from collections.abc import Generator, Iterator, Sequence
from hashlib import sha256

from index.types import Article, Block, Chunk, Document
from rag.errors import QuestionError, UnknownDocumentError
from rag.settings import RagSettings
from rag.types import (
    Answer,
    AnswerEvent,
    Citation,
    Claim,
    Event,
    Hit,
    HitsEvent,
    LanguageModel,
    Mode,
    Related,
    TextEvent,
    Turn,
)

MAX_QUESTION_CHARS = 2000
_SENTENCE = re.compile(r"[^。！？\n]+[。！？]?")


class FakeEngine:
    """Documents whose first line is their title; `doc_id -> text`."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.texts = dict(texts)
        self.settings = RagSettings()
        self.model: LanguageModel | None = None

    def with_settings(self, settings: RagSettings) -> "FakeEngine":
        other = copy.copy(self)
        other.settings = settings
        return other

    def retrieve(
        self, question: str, top_k: int = 10, mode: Mode = "reranked", history: Sequence[Turn] = ()
    ) -> list[Hit]:
        """The bodies of the articles, in the order of the library; "hybrid" gives them in the reverse."""
        articles = list(self.articles())
        if mode == "hybrid":
            articles.reverse()
        chunks = [
            Chunk(a.doc_id, 0, body.start, body.end, self.texts[a.doc_id][body.start : body.end], a.title, a.date)
            for a in articles
            for body in a.blocks[1:]
        ]
        return [
            Hit(chunk, 1 / rank, rank, mode, bm25_rank=rank, bm25_score=2.5, matched_terms=("新桥", "桥"))
            for rank, chunk in enumerate(chunks[:top_k], start=1)
        ]

    def refresh(self) -> bool:
        return False

    @property
    def generation(self) -> str:
        return "fake-generation"

    def document(self, doc_id: str) -> Document:
        if doc_id not in self.texts:
            raise UnknownDocumentError(doc_id)
        text = self.texts[doc_id]
        return Document(doc_id, text, sha256(text.encode("utf-8")).hexdigest())

    def article(self, doc_id: str, number: int) -> Article:
        text = self.document(doc_id).text
        title_end = text.index("\n")
        blocks = (Block(0, title_end, "title"), Block(title_end + 1, len(text)))
        return Article(doc_id, number, text[:title_end], blocks, date="2021-12-23", source="示例日报")

    def articles(self) -> Iterator[Article]:
        return (self.article(doc_id, 0) for doc_id in self.texts)

    def answer(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        if len(question) > MAX_QUESTION_CHARS:
            raise QuestionError(f"问题有 {len(question)} 个字，最多 {MAX_QUESTION_CHARS} 个。")
        standalone = question if not history else f"{history[-1].question} {question}"
        citations = tuple(self._found(question))
        if not citations:
            related = tuple(
                Related(one.doc_id, 0, one.title, one.date, one.blocks[1].start, one.blocks[1].start + 4)
                for one in self.articles()
            )
            return Answer(question, standalone, "文章里没有说。", True, 0.1, related=related)
        text, claims = "", []
        for one in citations:
            claims.append(Claim(len(text), len(text) + len(one.quote), (one.label,)))
            text += f"{one.quote}[{one.label}]"
        return Answer(
            question,
            standalone,
            text,
            False,
            0.9,
            citations=citations,
            claims=tuple(claims),
            timings_ms={"total": 12.3},
        )

    def suggest(self, answer: Answer, history: Sequence[Turn] = ()) -> tuple[str, ...]:
        return ()

    def first_questions(self, limit: int = 4) -> tuple[str, ...]:
        return ()

    def stream(self, question: str, history: Sequence[Turn] = ()) -> Generator[Event, None, None]:
        answer = self.answer(question, history)
        yield HitsEvent((), answer.standalone_question)
        for start in range(0, len(answer.text), 5):
            yield TextEvent(answer.text[start : start + 5])
        yield AnswerEvent(answer)

    def _found(self, question: str) -> Iterator[Citation]:
        pairs = {question[at : at + 2] for at in range(len(question) - 1)}
        label = 0
        for article in self.articles():
            text = self.texts[article.doc_id]
            for found in _SENTENCE.finditer(text, article.blocks[1].start):
                if any(pair in found[0] for pair in pairs):
                    label += 1
                    yield Citation(
                        label,
                        article.doc_id,
                        0,
                        article.title,
                        found.start(),
                        found.end(),
                        found[0],
                        article.date,
                        article.source,
                    )
