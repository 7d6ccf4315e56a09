"""What a question is answered with: one generation of the index, the model that embeds, and what reads and writes."""

from collections.abc import Callable
from dataclasses import dataclass

from index.embeddings import Embedder, load_embedder
from index.errors import IndexDamagedError, IndexMismatchError
from index.searchable import Searchable
from index.types import Document

from ..cross_encoder import CrossEncoderReranker
from ..rank import RankerWeights
from ..searching.scope import RowFacts
from ..settings import RagSettings
from ..types import LanguageModel, PassageReader


@dataclass(frozen=True, slots=True)
class Opened:
    """What belongs to one generation of the index; replaced as a whole."""

    index: Searchable
    embedder: Embedder
    facts: RowFacts


@dataclass(frozen=True, slots=True)
class Means:
    """What one question is answered with, from its first step to its last: a new generation waits for the next one."""

    index: Searchable
    embedder: Embedder
    facts: RowFacts
    reader: PassageReader
    weights: RankerWeights
    settings: RagSettings
    model: LanguageModel | None
    """Writes the answers; without one, sentences are quoted."""
    reranker: CrossEncoderReranker | None = None
    """Chooses what is read; without one, the fused scores do."""


def opened_with_its_embedder(index: Searchable) -> Opened:
    """A generation with the embedder that built it. Raises IndexMismatchError, ModelError."""
    return Opened(index, matching_embedder(index), RowFacts(index))


def opened_after(index: Searchable, before: Opened) -> Opened:
    """A newer generation, with the same embedder where it was built by it. Raises as above."""
    same = index.manifest["embedder"] == before.index.manifest["embedder"]
    return Opened(index, before.embedder, RowFacts(index)) if same else opened_with_its_embedder(index)


def matching_embedder(index: Searchable) -> Embedder:
    """The embedder that built the index; refuses one that only has the same name."""
    built = index.manifest["embedder"]
    embedder = load_embedder(built["name"])
    if embedder.fingerprint != built["fingerprint"]:
        raise IndexMismatchError(
            f"The index at {str(index.path)!r} was built with {built['fingerprint'][:60]}, but the model "
            f"{built['name']!r} is now {embedder.fingerprint[:60]}. Build it again: make index"
        )
    return embedder


def documents_of(index: Searchable) -> Callable[[str], Document]:
    """Finds a document that the index itself names. What is returned raises IndexDamagedError."""

    def document_of(doc_id: str) -> Document:
        document = index.document(doc_id)
        if document is None:
            raise IndexDamagedError(f"The index lost its document {doc_id!r}. Build it again: make index")
        return document

    return document_of
