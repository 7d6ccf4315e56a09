"""The peers: the usual recipe for a small search engine, as it is written down everywhere, and a search by numpy.

The recipe: cut each file every 300 characters, rank_bm25 over the pieces, FAISS over their vectors, both on disk as
`index.pkl` and `index.faiss`. It gets our terms and our embedder, so that what differs is the machinery alone (with a
word segmenter and a larger model it would be slower).
"""

import pickle
from dataclasses import dataclass
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

from index.embeddings import load_embedder
from index.terms import split_terms

CHUNK_CHARS = 300


@dataclass(frozen=True, slots=True)
class Recipe:
    """What the usual recipe holds in memory; piece i has row i in both searches."""

    chunks: list[tuple[str, str]]
    """(file name, text) of each piece."""
    bm25: BM25Okapi
    vectors: faiss.Index


def build_recipe(documents: Path, out: Path, embedder: str) -> None:
    """Builds the recipe over the text files of a folder and writes it to a new folder."""
    texts = [(path.name, path.read_text(encoding="utf-8")) for path in sorted(documents.glob("*.txt"))]
    chunks = [
        (name, text[start : start + CHUNK_CHARS]) for name, text in texts for start in range(0, len(text), CHUNK_CHARS)
    ]
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


def search_numpy(rows: NDArray[np.float32], query: NDArray[np.float32], top_k: int) -> NDArray[np.int64]:
    """The `top_k` rows of (n, dim) nearest to a query (dim,), best first, by a dot product and a full sort."""
    return top_rows(rows @ query, top_k)


def top_rows(scores: NDArray[np.floating], top_k: int) -> NDArray[np.int64]:
    """The rows of the `top_k` highest scores, best first, equal ones in order, by a full sort."""
    return np.argsort(-scores, kind="stable")[:top_k]
