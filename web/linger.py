"""That no question is lost where a page's stream of updates ends.

Gradio 6 ends the stream as soon as nothing is under way. A question that is sent in that very moment is lost: the
browser still takes the stream for open, and waits for ever on one that has ended. So

- an event that is over leaves a mark among those under way, which goes a few seconds later: the next question mostly
  finds its stream open (`keep_streams_open`);
- where it ended all the same, the question is confirmed only when the browser must have seen the end, and opens a new
  stream (`Handover`).
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import gradio as gr
from gradio.server_messages import ProcessCompletedMessage

from .asgi import App, Message, Receive, Scope, Send
from .guard import API_PREFIX
from .tabs import named_sessions

LINGER_S = 5.0
"""Long enough that what a reader does next does not fall together with the end of what came before; short, because a
browser has six connections to one server, for all its windows."""
HOLD_S = 0.5
"""How long after the end of its stream a browser is given to see it."""
_STREAM, _JOIN = f"{API_PREFIX}queue/data", f"{API_PREFIX}queue/join"
_END = b'"msg":"close_stream"'
"""What Gradio sends last. A text cannot hold it: its quotation marks would be escaped."""


class Handover:
    """ASGI layer: confirms a question that came as its page's stream ended when the browser has seen the end."""

    def __init__(
        self,
        app: App,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._app = app
        self._clock = clock
        self._sleep = sleep
        self._ended: dict[str, float] = {}
        """When the last stream of a session ended, in order; only those that may still matter."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == "http" else ""

        async def noting(message: Message) -> None:
            if _END in message.get("body", b""):
                self._note(named_sessions(scope))
            await send(message)

        async def holding(message: Message) -> None:
            if message["type"] == "http.response.start":
                ended = max((self._ended.get(name, 0.0) for name in named_sessions(scope)), default=0.0)
                if (left := ended + HOLD_S - self._clock()) > 0:
                    await self._sleep(left)
            await send(message)

        await self._app(scope, receive, noting if path == _STREAM else holding if path == _JOIN else send)

    def _note(self, sessions: set[str]) -> None:
        now = self._clock()
        self._ended = {name: at for name, at in self._ended.items() if at + HOLD_S > now} | dict.fromkeys(sessions, now)


def keep_streams_open(page: gr.Blocks, linger_s: float = LINGER_S) -> None:
    """To be called when the page has its queue."""
    queue = page._queue
    send = queue.send_message

    def send_message(event: Any, message: Any) -> None:
        pending = queue.pending_event_ids_session.get(event.session_hash)
        if isinstance(message, ProcessCompletedMessage) and event.alive and pending is not None:
            mark = f"lingers-{event._id}"
            pending.add(mark)
            loop = asyncio.get_running_loop()
            loop.call_later(linger_s, partial(_let_go, queue, event.session_hash, mark))
        send(event, message)

    setattr(queue, "send_message", send_message)  # noqa: B010  # a method of this one queue


def _let_go(queue: Any, session: str, mark: str) -> None:
    """The mark goes the way of an event that is over: its message reaches the stream, which then may end."""
    if session in queue.pending_messages_per_session:
        over = ProcessCompletedMessage(output={}, success=True, event_id=mark)
        queue.pending_messages_per_session[session].put_nowait(over)
        return
    pending = queue.pending_event_ids_session.get(session, set())  # the page was closed
    pending.discard(mark)
    if not pending:
        queue.pending_event_ids_session.pop(session, None)
