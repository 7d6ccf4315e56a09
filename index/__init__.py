"""The offline side: documents -> articles -> chunks -> vectors + terms -> a searchable index on disk."""

from .build import build_index
from .errors import UserError
from .settings import IndexSettings
from .store import Index, open_index, verify_index
from .types import Article, Block, BuildReport, Chunk, Document, Failure, Sentence

__all__ = [
    "Article",
    "Block",
    "BuildReport",
    "Chunk",
    "Document",
    "Failure",
    "Index",
    "IndexSettings",
    "Sentence",
    "UserError",
    "build_index",
    "open_index",
    "verify_index",
]
