"""A full queue says so: in the words of the page, and with the time after which to come back."""

from collections.abc import Callable
from http import HTTPStatus

from .asgi import App, Message, Receive, Scope, Send, answer, header
from .guard import API_PREFIX
from .texts import choose

QUEUED_ROUTES = ("queue/join", "call/", "run/")


class Busy:
    """ASGI layer: Gradio's own 503 for a full queue gets a Retry-After and words.

    Gradio's page shows a fixed English sentence for a 503, and what the server says for any other status: a browser
    gets a 429. A program keeps the 503 that its client knows.
    """

    def __init__(self, app: App, return_s: Callable[[], int]) -> None:
        """`return_s`: after how many seconds it is worth while to come back, now."""
        self._app = app
        self._return_s = return_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_queued(scope["path"]):
            await self._app(scope, receive, send)
            return
        is_full = False

        async def send_or_explain(message: Message) -> None:
            nonlocal is_full
            if message["type"] == "http.response.start" and message["status"] == HTTPStatus.SERVICE_UNAVAILABLE:
                is_full = True
                await self._explain(scope, send)
            elif not is_full:  # of what Gradio says then, nothing is passed on
                await send(message)

        await self._app(scope, receive, send_or_explain)

    async def _explain(self, scope: Scope, send: Send) -> None:
        seconds = self._return_s()
        is_browser = header(scope, "user-agent").startswith("Mozilla/")  # all browsers say so, for historical reasons
        status = HTTPStatus.TOO_MANY_REQUESTS if is_browser else HTTPStatus.SERVICE_UNAVAILABLE
        says = choose(header(scope, "accept-language")).queue_full.format(seconds)
        await answer(send, status, {"detail": says}, [("retry-after", str(seconds))])


def is_queued(path: str) -> bool:
    """Whether a request to this path may put an event into the queue."""
    return path.startswith(API_PREFIX) and path.removeprefix(API_PREFIX).startswith(QUEUED_ROUTES)
