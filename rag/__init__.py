"""The online side: question -> hybrid retrieval -> reading -> cited answer -> conversation."""

from .engine import Engine
from .errors import QuestionError, UnknownDocumentError
from .settings import RagSettings
from .types import (
    Answer,
    AnswerEvent,
    Citation,
    Claim,
    Hit,
    HitsEvent,
    PassageReader,
    Reading,
    Related,
    ResetEvent,
    TextEvent,
    Turn,
)

__all__ = [
    "Answer",
    "AnswerEvent",
    "Citation",
    "Claim",
    "Engine",
    "Hit",
    "HitsEvent",
    "PassageReader",
    "QuestionError",
    "RagSettings",
    "Reading",
    "Related",
    "ResetEvent",
    "TextEvent",
    "Turn",
    "UnknownDocumentError",
]
