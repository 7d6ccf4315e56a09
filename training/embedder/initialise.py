"""The embeddings that training starts from: latent semantic analysis of the chunks, weighted by rarity."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags
from sklearn.cluster import MiniBatchKMeans
from sklearn.random_projection import GaussianRandomProjection
from sklearn.utils.extmath import randomized_svd

from training.embedder.tokens import IntArray, TokenStore

SENTENCES_PER_UNIT = 4


def count_matrix(store: TokenStore, n_pieces: int) -> csr_matrix:
    """How often each piece stands in each unit of a few sentences: (n_units, n_pieces) float32."""
    bounds = store.sentence_starts[::SENTENCES_PER_UNIT]
    end = store.sentence_starts[-1]
    if bounds[-1] != end:
        bounds = np.append(bounds, end)
    ids = store.ids[:end]
    counts = csr_matrix((np.ones(len(ids), np.float32), ids, bounds), shape=(len(bounds) - 1, n_pieces), copy=False)
    counts.sum_duplicates()
    return counts


def rarity(counts: csr_matrix) -> NDArray[np.float32]:
    """Inverse document frequency, `ln(1 + n_units / (1 + df))`: (n_pieces,)."""
    frequency = np.bincount(counts.indices, minlength=counts.shape[1])
    return np.log1p(counts.shape[0] / (1.0 + frequency)).astype(np.float32)


def initial_embeddings(counts: csr_matrix, weights: NDArray[np.float32], dim: int, seed: int) -> NDArray[np.float32]:
    """Rows of unit length times the piece's weight: (n_pieces, dim) float32.

    The term side of a truncated singular value decomposition of `ln(1 + count) * weight`, each component scaled
    by the square root of its singular value.
    """
    weighted = counts.copy()
    weighted.data = np.log1p(weighted.data)
    weighted = weighted @ diags(weights, dtype=np.float32)
    norms = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    weighted = diags(1.0 / np.maximum(norms, 1e-6), dtype=np.float32) @ weighted
    _, values, components = randomized_svd(weighted.tocsr(), dim, n_oversamples=16, n_iter=1, random_state=seed)
    rows = components.T * np.sqrt(values)  # (n_pieces, dim)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    noise = np.random.default_rng(seed).standard_normal(rows.shape) / np.sqrt(dim)
    rows = np.where(lengths > 1e-6, rows / np.maximum(lengths, 1e-6), noise)
    return (rows * weights[:, None]).astype(np.float32)


def group_documents(store: TokenStore, embeddings: NDArray[np.float32], n_groups: int, seed: int) -> IntArray:
    """Numbers the subject of each document, by k-means over the sums of its pieces' embeddings: (n_documents,)."""
    bounds = store.sentence_starts[store.first_sentences]
    ids = store.ids[: bounds[-1]]
    counts = csr_matrix((np.ones(len(ids), np.float32), ids, bounds), shape=(len(bounds) - 1, len(embeddings)))
    small = GaussianRandomProjection(min(64, embeddings.shape[1]), random_state=seed).fit_transform(embeddings)
    documents = counts @ small.astype(np.float32)
    documents /= np.maximum(np.linalg.norm(documents, axis=1, keepdims=True), 1e-6)
    means = MiniBatchKMeans(n_groups, random_state=seed, n_init=1, max_iter=5, batch_size=8192)
    return means.fit_predict(documents).astype(np.int64)
