"""A question is embedded and weighed once for each part that it is made of."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

import rag.answering.parts
from index.embeddings import Embedder
from index.store import Index
from rag import Engine
from rag.answering.opened import Opened
from rag.query import read_query
from rag.question import search_terms
from rag.searching.scope import RowFacts


@dataclass
class CountingEmbedder:
    """An embedder that keeps what it was asked to embed."""

    inner: Embedder
    queries: list[str] = field(default_factory=list)

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.queries += texts
        return self.inner.embed_queries(texts)

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self.inner.embed_passages(texts)


def test_a_query_holds_the_terms_their_weights_and_the_vector(sample: Index, embedder: Embedder) -> None:
    query = read_query(sample, embedder, "西堠门大桥的大桥 zzqx")
    assert list(query.terms) == search_terms("西堠门大桥的大桥 zzqx")
    assert query.terms.count("大桥") == 2
    assert query.term_weights.keys() == set(query.terms) - {"zzqx", "门大"}
    assert query.vector.tolist() == embedder.embed_queries([query.text])[0].tolist()


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("西堠门公铁大桥的主跨是多少米？", ["西堠门公铁大桥的主跨是多少米？"]),
        ("农村寄递站有多少个，快递网点又有多少处？", ["农村寄递站有多少个", "快递网点有多少处"]),
    ],
)
def test_each_part_of_a_question_is_embedded_and_weighed_once(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, question: str, parts: list[str]
) -> None:
    embedder, weighed = CountingEmbedder(engine.embedder), []

    def counted(index: Index, embedder: Embedder, text: str) -> object:
        weighed.append(text)
        return read_query(index, embedder, text)

    monkeypatch.setattr(rag.answering.parts, "read_query", counted)
    monkeypatch.setattr(engine, "_open", Opened(engine.index, embedder, RowFacts(engine.index)))
    engine.answer(question)
    assert len(embedder.queries) == len(parts)
    assert embedder.queries == weighed
