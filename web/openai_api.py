"""An OpenAI-compatible chat endpoint, `/v1/chat/completions`, so that existing clients can ask the documents.

The answer's citations stand beside its content: `choices[0].message.citations`, or in the last chunk of a stream
`choices[0].delta.citations`. What the client sends as the conversation is its own history: it can only mislead itself.
"""

import asyncio
import json
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, closing
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from index.errors import UserError
from rag.errors import QuestionError
from rag.types import Answer, AnswerEvent, ResetEvent, TextEvent, Turn

from .allowance import UNLIMITED, Allowance, AskedTooOftenError
from .api import answer_record, checked_question
from .capacity import FullError, Places, capacity_for
from .types import AskableEngine

MODEL = "wenda"
MAX_MESSAGES = 200
_LOOK_S = 0.5
"""Between two looks whether who asked is still there."""
_GONE = 499
"""nginx's status for a client that closed the connection; nobody receives it."""


class _BadRequestError(Exception):
    """The body is not what the endpoint takes; the text says what is, too."""


class ChatCompletions:
    """The endpoint around one open engine."""

    def __init__(self, engine: AskableEngine, places: Places | None = None, allowance: Allowance = UNLIMITED) -> None:
        """`places`, `allowance`: those of the other endpoints."""
        self._engine = engine
        self.places = places or Places(capacity_for())
        self._allowance = allowance

    def routes(self) -> list[Route]:
        """What the server adds to its routes."""
        return [
            Route("/v1/chat/completions", self.complete, methods=["POST"]),
            Route("/v1/models", self.models, methods=["GET"]),
        ]

    async def models(self, request: Request) -> Response:
        """The one model that there is."""
        model = {"id": MODEL, "object": "model", "created": 0, "owned_by": "local"}
        return JSONResponse({"object": "list", "data": [model]})

    async def complete(self, request: Request) -> Response:
        """Answers the last message of a conversation, whole or as server-sent events."""
        try:
            question, history, stream = _read(request.headers.get("content-type", ""), await request.body())
        except _BadRequestError as error:
            return _error(400, "invalid_request_error", str(error))
        place = AsyncExitStack()
        try:
            self._allowance.take(request)
            await place.enter_async_context(self.places.place())
        except AskedTooOftenError as often:
            return _later(429, "rate_limit_error", often, often.wait_s)
        except FullError as full:
            return _later(503, "server_error", full, full.seconds)
        if stream:
            return _Held(self._events(question, history), place)
        async with place:
            return await self._whole(request, question, history)

    async def _whole(self, request: Request, question: str, history: Sequence[Turn]) -> Response:
        """Who goes away does not keep a language model busy here either."""
        gone = threading.Event()
        answering = asyncio.ensure_future(run_in_threadpool(self._answer, question, history, gone))
        while not (await asyncio.wait({answering}, timeout=_LOOK_S))[0]:
            if await request.is_disconnected():
                gone.set()
        return answering.result()

    def _answer(self, question: str, history: Sequence[Turn], gone: threading.Event) -> Response:
        answer = None
        try:
            self._engine.refresh()
            with closing(self._engine.stream(question, history)) as events:
                for event in events:
                    if isinstance(event, AnswerEvent):
                        answer = event.answer
                    elif gone.is_set():
                        break
        except UserError as error:
            return _error(400, "invalid_request_error", str(error))
        if answer is None:
            return Response(status_code=_GONE)
        message = {"role": "assistant", "content": answer.text, **_evidence(answer)}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}  # there are no tokens to be paid for
        return JSONResponse({**_header("chat.completion"), "choices": [choice], "usage": usage})

    def _events(self, question: str, history: Sequence[Turn]) -> Iterator[str]:
        """Closing it closes the engine's stream: who goes away does not keep a language model busy."""
        header = _header("chat.completion.chunk")
        try:
            self._engine.refresh()
            yield _event({**header, "choices": [_delta({"role": "assistant", "content": ""})]})
            with closing(self._engine.stream(question, history)) as events:
                for event in events:
                    if isinstance(event, TextEvent):  # an empty one: a comment, which tells whether somebody listens
                        chunk = {**header, "choices": [_delta({"content": event.delta})]}
                        yield _event(chunk) if event.delta else ": waiting\n\n"
                    elif isinstance(event, ResetEvent):  # what was sent cannot be taken back: the answer begins anew
                        yield _event({**header, "choices": [_delta({"content": "\n\n"})]})
                    elif isinstance(event, AnswerEvent):
                        yield _event({**header, "choices": [_delta(_evidence(event.answer), "stop")]})
            yield "data: [DONE]\n\n"
        except UserError as error:
            yield _event({"error": {"message": str(error), "type": "invalid_request_error", "code": 400}})


class _Held(StreamingResponse):
    """Server-sent events that keep their place until they end, or nobody listens any more."""

    def __init__(self, events: Iterator[str], place: AsyncExitStack) -> None:
        super().__init__(events, media_type="text/event-stream")
        self._place = place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._place:
            await super().__call__(scope, receive, send)


def _read(content_type: str, body: bytes) -> tuple[str, tuple[Turn, ...], bool]:
    """The question, the turns before it, and whether a stream is wanted."""
    if content_type.split(";")[0].strip().lower() != "application/json":  # also what makes a foreign page ask first
        raise _BadRequestError("Send JSON: the header content-type must be application/json.")
    try:
        row = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _BadRequestError(f"The body is not JSON: {error}.") from None
    messages = row.get("messages") if isinstance(row, dict) else None
    if not isinstance(messages, list) or not 0 < len(messages) <= MAX_MESSAGES:
        raise _BadRequestError(f'The body needs "messages": a list of 1 to {MAX_MESSAGES}.')
    said = [(_text(message, "role"), _text(message, "content")) for message in messages]
    if said[-1][0] != "user":
        raise _BadRequestError(f"The last message has the role {said[-1][0]!r}: it must be the user's question.")
    stream = row.get("stream") or False
    if not isinstance(stream, bool):
        raise _BadRequestError(f'"stream" is {str(stream)[:40]!r}: it must be true or false.')
    return said[-1][1], _turns(said[:-1]), stream


def _text(message: Any, name: str) -> str:
    """A field of a message; a content in parts is joined, as far as it is text."""
    value = message.get(name) if isinstance(message, dict) else None
    if isinstance(value, list):
        texts = [part.get("text") for part in value if isinstance(part, dict) and part.get("type") == "text"]
        value = "".join(text for text in texts if isinstance(text, str))
    if not isinstance(value, str):
        raise _BadRequestError(f'A message needs "{name}": a text.')
    try:
        return checked_question(value)
    except QuestionError as error:
        raise _BadRequestError(str(error)) from None


def _turns(said: Sequence[tuple[str, str]]) -> tuple[Turn, ...]:
    """Each user's message with the assistant's that follows it; other roles are passed over."""
    turns: list[Turn] = []
    question = ""
    for role, text in said:
        if role == "user":
            question = text
        elif role == "assistant" and question:
            turns.append(Turn(question, text))
            question = ""
    return tuple(turns)


def _evidence(answer: Answer) -> dict[str, Any]:
    return {name: value for name, value in answer_record(answer).items() if name != "text"}


def _header(kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{uuid.uuid4().hex}", "object": kind, "created": int(time.time()), "model": MODEL}


def _delta(delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "finish_reason": finish_reason}


def _event(content: dict[str, Any]) -> str:
    return f"data: {json.dumps(content, ensure_ascii=False)}\n\n"


def _error(status: int, kind: str, message: str) -> Response:
    return JSONResponse({"error": {"message": message, "type": kind, "code": status}}, status_code=status)


def _later(status: int, kind: str, error: UserError, seconds: int) -> Response:
    response = _error(status, kind, str(error))
    response.headers["retry-after"] = str(seconds)
    return response
