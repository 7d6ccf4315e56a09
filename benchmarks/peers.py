"""The peers: the usual recipe for a small search engine, as it is written down everywhere, and bm25s.

The recipe: cut each text every 300 characters, rank_bm25 over the pieces, FAISS Flat over their vectors, both on disk
as `index.pkl` and `index.faiss`. It gets our terms and our embedder, so that what differs is the machinery alone (with
a word segmenter, or the same model through sentence-transformers, it would be slower).
"""

import json
import pickle
from dataclasses import dataclass
from pathlib import Path

import bm25s
import faiss
import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

from index.bm25 import BM25, length_norms, weigh
from index.embeddings import Embedder, load_embedder
from index.terms import split_terms

from .corpus import cut_pieces

_TERMS = 2**14


@dataclass(frozen=True, slots=True)
class Recipe:
    """What the usual recipe holds in memory; piece i has row i in both searches."""

    chunks: list[tuple[str, str]]
    """(name of the article, text) of each piece."""
    bm25: BM25Okapi
    vectors: faiss.Index

    def search(self, embedder: Embedder, question: str, top_k: int) -> list[tuple[str, str]]:
        """The best pieces by the sum of both scores, each divided by its highest."""
        scores = self.bm25.get_scores(split_terms(question))
        cosines, rows = self.vectors.search(embedder.embed_queries([question]), min(10 * top_k, len(self.chunks)))
        fused = scores / max(scores.max(), 1e-9)
        fused[rows[0]] += cosines[0] / max(cosines[0].max(), 1e-9)
        return [self.chunks[row] for row in top_rows(fused, top_k)]


def build_recipe(documents: Path, out: Path, embedder: str) -> None:
    """Builds the recipe over the JSON lines files of a folder and writes it to a new folder."""
    chunks: list[tuple[str, str]] = []
    for path in sorted(documents.glob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                chunks += [(row["id"], piece) for piece in cut_pieces(f"{row['title']}\n{row['text']}")]
    bm25 = BM25Okapi([split_terms(text) for _, text in chunks])
    model = load_embedder(embedder)
    vectors = faiss.IndexFlatIP(model.dim)
    vectors.add(model.embed_passages([text for _, text in chunks]))
    out.mkdir(parents=True)
    with (out / "index.pkl").open("wb") as file:
        pickle.dump((chunks, bm25), file, protocol=pickle.HIGHEST_PROTOCOL)
    faiss.write_index(vectors, str(out / "index.faiss"))


def open_recipe(out: Path) -> Recipe:
    """Opens what `build_recipe` wrote (only ever what this program wrote itself: a pickle runs code)."""
    with (out / "index.pkl").open("rb") as file:
        chunks, bm25 = pickle.load(file)
    return Recipe(chunks, bm25, faiss.read_index(str(out / "index.faiss")))


def as_bm25s(bm25: BM25) -> bm25s.BM25:
    """bm25s with the matrix of a fitted BM25, in memory: terms and scores are the same, only the machinery differs.

    Its fastest setting without numba (which is not installed here): the numpy backend.
    """
    postings = bm25.postings
    retriever = bm25s.BM25(backend="numpy")
    retriever.scores = {
        "data": all_weights(bm25), "indices": np.array(postings.rows), "indptr": np.array(postings.starts),
        "num_docs": bm25.n_rows,
    }  # fmt: skip
    retriever.vocab_dict = {str(key): j for j, key in enumerate(postings.terms.tolist())}
    retriever.nonoccurrence_array = None
    retriever.unique_token_ids_set = set(retriever.vocab_dict.values())
    return retriever


def all_weights(bm25: BM25) -> NDArray[np.float32]:
    """What bm25s stores: the weight of each posting."""
    postings = bm25.postings
    norms = length_norms(postings.lengths, *bm25.statistics.parameters.tolist())
    factors, sizes = bm25.factors(postings.terms), np.diff(postings.starts)
    weights = np.empty(len(postings.rows), np.float32)
    for first in range(0, len(sizes), _TERMS):  # the factors of all postings at once would take gigabytes
        own = slice(int(postings.starts[first]), int(postings.starts[min(first + _TERMS, len(sizes))]))
        of_postings = np.repeat(factors[first : first + _TERMS], sizes[first : first + _TERMS])
        weights[own] = weigh(postings.counts[own], norms.take(postings.rows[own]), of_postings)
    return weights


def search_bm25s(retriever: bm25s.BM25, tokens: list[str], top_k: int) -> NDArray[np.int64]:
    """The `top_k` rows of a question, best first; its terms as `as_bm25s` names them."""
    found = retriever.retrieve([tokens], k=top_k, show_progress=False, backend_selection="numpy")
    return found.documents[0]


def top_rows(scores: NDArray[np.floating], top_k: int) -> NDArray[np.int64]:
    """The rows of the `top_k` highest scores, best first, as numpy's users write it."""
    top_k = min(top_k, len(scores))
    best = np.argpartition(-scores, top_k - 1)[:top_k]
    return best[np.argsort(-scores[best], kind="stable")]
