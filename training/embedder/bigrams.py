"""BM25 over character bigrams on a sparse matrix: what the embedder is measured beside, and hard negatives.

For training and its evaluation only; the product's own lexical search is `index/bm25.py`.
"""

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer

K1 = 1.5
B = 0.75
RUN = re.compile(r"[a-z0-9.]+|[\u4e00-\u9fff]+")


def bigram_terms(text: str) -> list[str]:
    """Character bigrams of Han runs (a single character alone), and Latin and number runs as they are."""
    terms: list[str] = []
    for run in RUN.findall(unicodedata.normalize("NFKC", text).lower()):
        if run[0] < "\u4e00" or len(run) == 1:
            terms.append(run)
        else:
            terms.extend(run[at : at + 2] for at in range(len(run) - 1))
    return terms


class BigramBM25:
    """Scores every text against queries."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.vectorizer = CountVectorizer(analyzer=bigram_terms, dtype=np.float32)
        counts = self.vectorizer.fit_transform(texts).tocsr()  # (n_texts, n_terms)
        n_texts = counts.shape[0]
        frequency = np.bincount(counts.indices, minlength=counts.shape[1])
        self.idf = np.log(1 + (n_texts - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
        lengths = np.asarray(counts.sum(axis=1)).ravel()
        norm = K1 * (1 - B + B * lengths / lengths.mean())
        counts.data = counts.data * (K1 + 1) / (counts.data + np.repeat(norm, np.diff(counts.indptr)))
        counts.data *= self.idf[counts.indices]
        self.by_term: csr_matrix = counts.T.tocsr()  # (n_terms, n_texts)

    def scores(self, queries: Sequence[str]) -> NDArray[np.float32]:
        """(n_queries, n_texts); a term that stands twice in a query counts twice."""
        return (self.vectorizer.transform(queries) @ self.by_term).toarray().astype(np.float32)
