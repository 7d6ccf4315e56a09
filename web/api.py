"""Answers and passages as JSON, for programs: the named endpoints `/ask` and `/search`."""

from typing import Any

import gradio as gr

from eval.types import MODES
from index.errors import SettingsError, UserError
from rag.types import Answer, Citation, Hit

from .types import AskableEngine, TunableEngine

MAX_TOP_K = 50
"""Passages that one search may ask for."""


def answer_record(answer: Answer) -> dict[str, Any]:
    """An answer as plain JSON values. Offsets are code points into the document's text, half open."""
    return {
        "text": answer.text,
        "refused": answer.refused,
        "confidence": answer.confidence,
        "citations": [_citation_record(one) for one in answer.citations],
        "standalone_question": answer.standalone_question,
        "filters": list(answer.filters),
        "model": answer.model,
        "notice": answer.notice,
        "claims": [
            {"start": one.start, "end": one.end, "labels": list(one.labels), "supported": one.supported}
            for one in answer.claims
        ],
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


def hit_record(hit: Hit) -> dict[str, Any]:
    """A hit as plain JSON values; a rank of 0 means that this leg did not find it."""
    chunk = hit.chunk
    return {
        "rank": hit.rank,
        "score": hit.score,
        "doc_id": chunk.doc_id,
        "article_title": chunk.title,
        "date": chunk.date,
        "start": chunk.start,
        "end": chunk.end,
        "text": chunk.text,
        "bm25_rank": hit.bm25_rank,
        "dense_rank": hit.dense_rank,
        "matched_terms": list(hit.matched_terms),
    }


class SearchEndpoint:
    """`/search`: the passages for a question, without an answer."""

    def __init__(self, engine: TunableEngine) -> None:
        self._engine = engine

    def search(self, question: str, top_k: int = 10, mode: str = "reranked") -> list:  # gradio reads this annotation
        """Find passages of the indexed articles; mode is one of bm25, dense, hybrid, reranked."""
        try:
            if mode not in MODES:
                raise SettingsError(f"mode is {mode!r}: use one of {', '.join(MODES)}.")
            if not 1 <= top_k <= MAX_TOP_K:
                raise SettingsError(f"top_k is {top_k}: it must lie between 1 and {MAX_TOP_K}.")
            self._engine.refresh()
            return [hit_record(hit) for hit in self._engine.retrieve(question, top_k=top_k, mode=mode)]
        except UserError as error:
            raise gr.Error(str(error), print_exception=False) from None


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
