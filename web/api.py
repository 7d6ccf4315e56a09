"""The answer as JSON, for programs: the named endpoint `/ask`."""

from typing import Any

import gradio as gr

from index.errors import UserError
from rag.types import Answer, Citation

from .types import AskableEngine


def answer_record(answer: Answer) -> dict[str, Any]:
    """An answer as plain JSON values. Offsets are code points into the document's text, half open."""
    return {
        "text": answer.text,
        "refused": answer.refused,
        "confidence": answer.confidence,
        "citations": [_citation_record(one) for one in answer.citations],
        "standalone_question": answer.standalone_question,
    }


def _citation_record(citation: Citation) -> dict[str, Any]:
    return {
        "label": citation.label,
        "doc_id": citation.doc_id,
        "article_title": citation.article_title,
        "date": citation.date,
        "source": citation.source,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
        "page": citation.page,
    }


class AskEndpoint:
    """`/ask`: one question without history, answered with its citations."""

    def __init__(self, engine: AskableEngine) -> None:
        self._engine = engine

    def ask(self, question: str) -> dict:  # gradio reads this annotation
        """Answer a question from the indexed articles, with citations that can be checked."""
        try:
            self._engine.refresh()
            return answer_record(self._engine.answer(question))
        except UserError as error:
            raise gr.Error(str(error), print_exception=False) from None
