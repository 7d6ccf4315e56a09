"""Keeps a page's stream of updates open for a moment after its last event.

Gradio 6 ends the stream as soon as nothing is under way. A question that is sent in that very moment is lost: the
browser still takes the stream for open, and waits for ever on one that has ended. So an event that is over leaves a
mark among those under way, which goes a few seconds later: the next question finds its stream open.
"""

import asyncio
from functools import partial
from typing import Any

import gradio as gr
from gradio.server_messages import ProcessCompletedMessage

LINGER_S = 5.0
"""Long enough that what a reader does next does not fall together with the end of what came before; short, because a
browser has six connections to one server, for all its windows."""


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
