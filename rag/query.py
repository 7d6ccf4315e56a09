"""A question as it is searched and ranked with: its terms, their weights and its vector, each computed once."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.embeddings import Embedder
from index.searchable import Searchable
from index.terms import term_key

from .question import search_terms


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """What every step needs of a question."""

    text: str
    terms: tuple[str, ...]
    """What the keyword leg looks for, in order, with repeats."""
    term_weights: dict[str, float]
    """The terms that stand in the index -> `log(1 + (N - n + .5) / (n + .5))` of the n of N chunks that hold them."""
    vector: NDArray[np.float32]  # (dim,)


def read_query(index: Searchable, embedder: Embedder, question: str) -> Query:
    """Embeds a question and weighs its terms in an index."""
    terms = tuple(search_terms(question))
    return Query(question, terms, weigh_terms(index, terms), embedder.embed_queries([question])[0])


def weigh_terms(index: Searchable, terms: Sequence[str]) -> dict[str, float]:
    """The idf of those terms that stand in the index (Lucene's, always positive)."""
    distinct = list(dict.fromkeys(terms))
    frequencies = index.document_frequencies([term_key(term) for term in distinct])
    return {
        term: math.log(1 + (index.n_chunks - n + 0.5) / (n + 0.5))
        for term, n in zip(distinct, frequencies, strict=True)
        if n
    }
