"""What the server refuses and which headers it sends, before a request reaches Gradio.

The page needs its own assets, its events and the named endpoint: nothing that reads a file by its path, fetches an
address, or (but for its owner) takes an upload. So only the routes below are open under Gradio's API prefix.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

API_PREFIX = "/gradio_api/"
OPEN_ROUTES = (
    "queue/join",
    "queue/data",
    "run/",
    "call/",
    "cancel",
    "reset",
    "heartbeat/",
    "startup-events",
    "info",
    "openapi.json",
    "theme.css",
    "app_id",
    "login_check",
)
UPLOAD_ROUTES = ("upload", "upload_progress")
"""Open only where the page takes documents: its owner's own, on this machine."""
CLOSED_PREFIXES = ("/file", "/proxy=", "/upload", "/monitoring", "/login", "/logout")

POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "style-src 'self' 'unsafe-inline'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",  # Gradio's page starts inline and compiles templates
        "connect-src 'self'",
        "frame-src 'self'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)
HEADERS = (
    (b"content-security-policy", POLICY.encode("ascii")),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)


class Guard:
    """ASGI middleware: refuses what the page does not need, and adds the security headers to what it answers."""

    def __init__(self, app: App, uploads: bool = False) -> None:
        self._app = app
        self._uploads = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *HEADERS]
            await send(message)

        if is_open(scope["path"], uploads=self._uploads):
            await self._app(scope, receive, send_with_headers)
        else:
            await _refuse(send_with_headers)


def is_open(path: str, *, uploads: bool = False) -> bool:
    """Whether the page or the endpoint needs this path; `uploads`: whether files may be sent."""
    if path.startswith(API_PREFIX):
        route = path.removeprefix(API_PREFIX)
        return route.startswith(OPEN_ROUTES) or (uploads and route in UPLOAD_ROUTES)
    return not path.startswith(CLOSED_PREFIXES)


async def _refuse(send: Send) -> None:
    await send({"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"This route is closed."})
