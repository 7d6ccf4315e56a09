"""The online side: question -> hybrid retrieval -> reading -> cited answer -> conversation."""

from .engine import Engine
from .errors import GeneratorError, QuestionError, UnknownDocumentError
from .generator import open_model
from .settings import ModelSettings, RagSettings
from .types import (
    Answer,
    AnswerEvent,
    Citation,
    Claim,
    Hit,
    HitsEvent,
    LanguageModel,
    Notice,
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
    "GeneratorError",
    "Hit",
    "HitsEvent",
    "LanguageModel",
    "ModelSettings",
    "Notice",
    "PassageReader",
    "QuestionError",
    "RagSettings",
    "Reading",
    "Related",
    "ResetEvent",
    "TextEvent",
    "Turn",
    "UnknownDocumentError",
    "open_model",
]
