"""A question as it is searched and ranked with: its terms, their weights and its vector, each computed once.

Names and numbers that no document holds in the question's spelling are asked for in one that documents hold.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.embeddings import Embedder
from index.searchable import Searchable
from index.terms import split_terms, term_key

from .question import search_terms
from .searching.spellings import in_known_spellings, other_spellings, probes


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """What every step needs of a question."""

    text: str
    """The question, in spellings that documents hold."""
    terms: tuple[str, ...]
    """What the keyword leg looks for, in order, with repeats."""
    term_weights: dict[str, float]
    """The terms that stand in the index -> `log(1 + (N - n + .5) / (n + .5))` of the n of N chunks that hold them."""
    vector: NDArray[np.float32]  # (dim,)
    spellings: tuple[tuple[str, ...], ...] = ()
    """The terms of the question with one name or number spelled otherwise, for the keyword leg."""


def read_query(index: Searchable, embedder: Embedder, question: str) -> Query:
    """Embeds a question and weighs its terms in an index."""
    known = _that_stand(index, probes(question))
    text = in_known_spellings(question, known)
    terms = tuple(search_terms(text))
    spellings = tuple(tuple(search_terms(other)) for other in other_spellings(text, known))
    return Query(text, terms, weigh_terms(index, terms), embedder.embed_queries([text])[0], spellings)


def _that_stand(index: Searchable, texts: Sequence[str]) -> set[str]:
    """Those of some short texts each of whose terms some chunk holds."""
    terms_of = {text: split_terms(text) for text in texts}
    distinct = list(dict.fromkeys(term for terms in terms_of.values() for term in terms))
    if not distinct:
        return set()
    frequency = dict(zip(distinct, index.document_frequencies([term_key(term) for term in distinct]), strict=True))
    return {text for text, terms in terms_of.items() if terms and all(frequency[term] for term in terms)}


def weigh_terms(index: Searchable, terms: Sequence[str]) -> dict[str, float]:
    """The idf of those terms that stand in the index (Lucene's, always positive)."""
    distinct = list(dict.fromkeys(terms))
    frequencies = index.document_frequencies([term_key(term) for term in distinct])
    return {
        term: math.log(1 + (index.n_chunks - n + 0.5) / (n + 0.5))
        for term, n in zip(distinct, frequencies, strict=True)
        if n
    }
