"""An engine that can be read at a glance: it knows a few sentences, finds and answers by what stands in them.

It is pure: the same question gives the same answer. What a test wants broken is passed in.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from eval.types import Evidence, Kind, Question
from index.types import Article, Block, Chunk, Document
from rag.errors import UnknownDocumentError
from rag.types import Answer, Citation, Hit, Mode, Turn

TEXTS = {
    "桥.txt": "大桥通车\n大桥全长3.5公里。\n总投资12亿元。\n设计者是王明。",
    "馆.txt": "新馆开放\n图书馆7月1日开放。\n藏书20万册。",
}
"""The first line of a document is its title; every other line is a sentence, and a chunk."""


def fake_documents() -> dict[str, Document]:
    return {doc_id: Document(doc_id, text, sha256="") for doc_id, text in TEXTS.items()}


def fake_articles() -> list[Article]:
    """One article to a document, of its whole text."""
    return [Article(doc_id, 0, text.split("\n")[0], (Block(0, len(text)),)) for doc_id, text in TEXTS.items()]


def fake_chunks() -> list[Chunk]:
    """Every line but the title."""
    chunks = []
    for doc_id, text in TEXTS.items():
        title, *lines = text.split("\n")
        for line in lines:
            start = text.index(line)
            chunks.append(Chunk(doc_id, 0, start, start + len(line), line, title=title))
    return chunks


def n_shared_characters(question: str, chunk: Chunk) -> int:
    """The fake's idea of relevance."""
    return len(set(question) & set(chunk.title + chunk.text))


class FakeEngine:
    """Cites the chunk that shares most characters with the question; refuses where it shares fewer than four.

    `change` is applied to every answer: a planted fault.
    """

    def __init__(self, change: Callable[[Answer], Answer] = lambda answer: answer) -> None:
        self._documents = fake_documents()
        self._change = change

    def answer(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        standalone = (history[-1].question if history else "") + question
        best = self.retrieve(question, top_k=1, history=history)[0]
        answer = Answer(
            question=question,
            standalone_question=standalone,
            text="资料里没有答案。",
            refused=True,
            confidence=best.score / 20,
            timings_ms={"retrieve": 2.0, "total": 3.0},
        )
        if best.score >= 4:
            citation = Citation(
                1, best.chunk.doc_id, 0, best.chunk.title, best.chunk.start, best.chunk.end, best.chunk.text
            )
            answer = replace(answer, refused=False, text=f"{best.chunk.text}[1]", citations=(citation,))
        return self._change(answer)

    def retrieve(
        self, question: str, top_k: int = 10, mode: Mode = "reranked", history: Sequence[Turn] = ()
    ) -> list[Hit]:
        """By shared characters, then by the order of the documents; "dense" gives the worst first."""
        standalone = (history[-1].question if history else "") + question
        ranked = sorted(
            fake_chunks(),
            key=lambda chunk: n_shared_characters(standalone, chunk),
            reverse=mode != "dense",
        )
        return [
            Hit(chunk, float(n_shared_characters(standalone, chunk)), rank, mode)
            for rank, chunk in enumerate(ranked[:top_k], start=1)
        ]

    def document(self, doc_id: str) -> Document:
        if doc_id not in self._documents:
            raise UnknownDocumentError(f"No document {doc_id}.")
        return self._documents[doc_id]

    def articles(self) -> list[Article]:
        return fake_articles()


def evidence(doc_id: str, quote: str) -> Evidence:
    start = TEXTS[doc_id].index(quote)
    return Evidence(doc_id, TEXTS[doc_id].split("\n")[0], start, start + len(quote), quote)


def fake_questions() -> list[Question]:
    """One right answer, one false refusal, one follow-up, one right refusal, one wrong answer."""
    return [
        _answerable("q1", "number", "大桥全长多少公里？", "3.5公里", evidence("桥.txt", "大桥全长3.5公里。")),
        _answerable("q2", "number", "花了几个亿？", "12亿", evidence("桥.txt", "总投资12亿元。")),
        replace(
            _answerable("q3", "followup", "设计者是谁？", "王明", evidence("桥.txt", "设计者是王明。")),
            history=(Turn("大桥全长多少？", "3.5公里"),),
        ),
        Question("q4", "unanswerable", "今天天气怎样？", answerable=False),
        Question("q5", "unanswerable", "图书馆的馆长开放吗？", answerable=False),
    ]


def _answerable(id: str, kind: Kind, question: str, answer: str, gold: Evidence) -> Question:
    return Question(id, kind, question, True, (answer,), ((answer,),), (gold,))
