"""Answers and passages as JSON, for programs: the named endpoints `/ask` and `/search`."""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import gradio as gr
from starlette.concurrency import run_in_threadpool

from eval.types import MODES
from index.errors import SettingsError, UserError
from rag.errors import QuestionError
from rag.types import Answer, Citation, Hit

from .allowance import UNLIMITED, Allowance, AskedTooOftenError
from .capacity import FullError, Places
from .endpoints import note_refusal
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
        "is_small_talk": answer.is_small_talk,
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


class Endpoint:
    """What `/ask` and `/search` have in common: a place to work in, and how they refuse."""

    def __init__(self, places: Places, allowance: Allowance = UNLIMITED) -> None:
        self._places = places
        self._allowance = allowance

    async def _run(self, call: Callable[[], Any], request: gr.Request) -> Any:
        """What a blocking call makes. Raises gr.Error, and says which status it has over HTTP."""
        try:
            self._allowance.take(request)
            async with self._places.place():
                made = await run_in_threadpool(call)
            # For a tool Gradio hands over the server's own request; and what is no text, it would write as Python does.
            return made if isinstance(request, gr.Request) else json.dumps(made, ensure_ascii=False)
        except AskedTooOftenError as error:
            note_refusal(request, HTTPStatus.TOO_MANY_REQUESTS, error.wait_s)
            raise gr.Error(str(error), print_exception=False) from None
        except FullError as error:
            note_refusal(request, HTTPStatus.SERVICE_UNAVAILABLE, error.seconds)
            raise gr.Error(str(error), print_exception=False) from None
        except UserError as error:
            note_refusal(request, HTTPStatus.BAD_REQUEST)
            raise gr.Error(str(error), print_exception=False) from None


class SearchEndpoint(Endpoint):
    """`/search`: the passages for a question, without an answer."""

    def __init__(self, engine: TunableEngine, places: Places, allowance: Allowance = UNLIMITED) -> None:
        super().__init__(places, allowance)
        self._engine = engine

    # gradio reads these annotations, and shows the docstrings to programs
    async def search(self, question: str, request: gr.Request, top_k: int = 10, mode: str = "reranked") -> list:
        """Find passages of the indexed articles; JSON list of passages, best first.

        Args:
            question: What is looked for, in Chinese.
            top_k: How many passages, 1 to 50.
            mode: One of bm25, dense, hybrid, reranked.
        """

        def found() -> list[dict[str, Any]]:
            asked = checked_question(question)
            if mode not in MODES:
                raise SettingsError(f"mode is {mode!r}: use one of {', '.join(MODES)}.")
            if isinstance(top_k, bool) or not isinstance(top_k, int | float) or not 1 <= top_k <= MAX_TOP_K:
                raise SettingsError(f"top_k is {top_k!r}: it must lie between 1 and {MAX_TOP_K}.")
            self._engine.refresh()
            return [hit_record(hit) for hit in self._engine.retrieve(asked, top_k=int(top_k), mode=mode)]

        hits: list[dict[str, Any]] = await self._run(found, request)
        return hits


class AskEndpoint(Endpoint):
    """`/ask`: one question without history, answered with its citations."""

    def __init__(self, engine: AskableEngine, places: Places, allowance: Allowance = UNLIMITED) -> None:
        super().__init__(places, allowance)
        self._engine = engine

    async def ask(self, question: str, request: gr.Request) -> dict:
        """Answer a question from the indexed articles; JSON with the text and citations that can be checked.

        Args:
            question: The question, in Chinese.
        """

        def answered() -> dict[str, Any]:
            asked = checked_question(question)
            self._engine.refresh()
            return answer_record(self._engine.answer(asked))

        record: dict[str, Any] = await self._run(answered, request)
        return record


def checked_question(question: object) -> str:
    """What a program sent as a question. Raises QuestionError for what is no text that can be written."""
    if not isinstance(question, str):
        raise QuestionError(f"question is {str(question)[:40]!r}: it must be a text.")
    if any("\ud800" <= sign <= "\udfff" for sign in question):
        raise QuestionError("The question holds half a character (a lone surrogate): send valid Unicode.")
    return question
