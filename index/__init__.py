"""The offline side: documents -> articles -> chunks -> vectors + terms -> a searchable index on disk."""

from .build import build_index, plan_build
from .errors import UserError
from .settings import IndexSettings
from .store import Index, open_index, verify_index
from .types import Article, Block, BuildPlan, BuildProgress, BuildReport, Chunk, Document, Failure, Sentence

__all__ = [
    "Article",
    "Block",
    "BuildPlan",
    "BuildProgress",
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
    "plan_build",
    "verify_index",
]
