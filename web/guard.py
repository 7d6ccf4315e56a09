"""What the server refuses and which headers it sends, before a request reaches Gradio.

The page needs its own assets, its events and the named endpoint: nothing that reads a file by its path, fetches an
address, or (but for its owner) takes an upload. So only the routes below are open under Gradio's API prefix.
"""

from http import HTTPStatus

from .asgi import App, Message, Receive, Scope, Send, refuse

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
"""Open only where the page takes documents: from its owner."""
MCP_ROUTES = ("mcp",)
"""Streamable HTTP; the older transport and the schema beside it stay closed."""
CLOSED_PREFIXES = ("/file", "/proxy=", "/upload", "/monitoring")

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


class SecurityHeaders:
    """ASGI layer: adds the security headers to every answer, refusals and errors too."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *HEADERS]
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class Guard:
    """ASGI layer: refuses what the page does not need. WebSockets are among it."""

    def __init__(self, app: App, *, uploads: bool = False, mcp: bool = False) -> None:
        """`uploads`: files may be sent, by those who manage. `mcp`: the tools are there."""
        self._app = app
        self._uploads = uploads
        self._mcp = mcp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        elif scope["type"] != "http" or is_open(scope["path"], uploads=self._uploads, mcp=self._mcp):
            await self._app(scope, receive, send)
        else:
            await refuse(send, HTTPStatus.FORBIDDEN, "This route is closed.")


def is_open(path: str, *, uploads: bool = False, mcp: bool = False) -> bool:
    """Whether the page or an endpoint needs this path; `uploads`, `mcp`: whether files may be sent, tools are there."""
    if path.startswith(API_PREFIX):
        route = path.removeprefix(API_PREFIX)
        return (
            route.startswith(OPEN_ROUTES)
            or (uploads and route in UPLOAD_ROUTES)
            or (mcp and route.rstrip("/") in MCP_ROUTES)
        )
    return not path.startswith(CLOSED_PREFIXES)
