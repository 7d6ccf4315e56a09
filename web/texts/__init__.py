"""The words of the interface, in Chinese and English, and which of them a browser asks for."""

import gradio as gr

from index.errors import UserError
from rag.errors import GeneratorError
from rag.types import Answer

from .chinese import ZH
from .english import EN
from .fields import Texts

__all__ = ["EN", "MAX_SHOWN_CHARS", "ZH", "Texts", "choose", "error_text", "noticed", "readable_date", "texts_for"]

MAX_SHOWN_CHARS = 600
"""Of a question in the conversation; the rest is counted, not shown."""


def choose(accept_language: str) -> Texts:
    """The texts for a browser's Accept-Language header: Chinese if it names Chinese first or names nothing."""
    for part in accept_language.lower().split(","):
        name = part.split(";")[0].strip()
        if name.startswith("zh"):
            return ZH
        if name.startswith("en"):
            return EN
    return ZH if not accept_language.strip() else EN


def texts_for(request: gr.Request | None) -> Texts:
    """The interface language that this browser asks for."""
    return choose("" if request is None else request.headers.get("accept-language", ""))


def noticed(answer: Answer, texts: Texts) -> list[str]:
    """What the reader should know of how an answer was made, in the reader's language."""
    return [one.english if texts is EN else one.chinese for one in answer.notices]


def error_text(error: UserError, texts: Texts) -> str:
    """What went wrong, in the reader's language where the error knows it."""
    return error.english if texts is EN and isinstance(error, GeneratorError) else str(error)


def readable_date(date: str) -> str:
    """`--12-23`, a date without a year, as `12-23`; any other as it is."""
    return date.removeprefix("--")
