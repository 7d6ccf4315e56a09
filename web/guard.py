"""What the server refuses and which headers it sends, before a request reaches Gradio.

The page needs its own assets, its events and the named endpoint: nothing that reads a file by its path, fetches an
address, or (but for its owner) takes an upload. So only the routes below are open under Gradio's API prefix.
"""

from http import HTTPStatus
from urllib.parse import urlsplit

from .addresses import is_loopback
from .asgi import App, Message, Receive, Scope, Send, header, refuse
from .proxies import PROXIED

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
CLOSED_ROUTES = ("call/v2/",)
UPLOAD_ROUTES = ("upload", "upload_progress")
"""Open only where the page takes documents: from its owner."""
MCP_ROUTES = ("mcp",)
"""Streamable HTTP; the older transport and the schema beside it stay closed."""
CLOSED_PREFIXES = ("/file", "/proxy=", "/upload", "/monitoring")

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

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
    (b"referrer-policy", b"same-origin"),  # not "no-referrer": a form would then name no origin,
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


class SameOrigin:
    """ASGI layer: what other web pages let a browser send here changes nothing.

    `local`: only this machine reaches the server, so that it must be asked under a name of this machine. Else a page of
    another site could make its own name mean this machine, and read everything. And it must not be asked through a
    proxy that was not named: whoever reaches that one would be taken for the owner.
    """

    def __init__(self, app: App, *, local: bool = False) -> None:
        self._app = app
        self._local = local

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        host = header(scope, "x-forwarded-host").split(",")[0].strip() or header(scope, "host")
        origin = header(scope, "origin")
        if self._local and (scope.get(PROXIED) or not is_loopback(_name(host))):
            asked = "a proxy" if scope.get(PROXIED) else repr(host)
            says = f"This server is for this machine only, not for {asked}. A proxy in front: --trusted-proxy 127.0.0.1"
            await refuse(send, HTTPStatus.MISDIRECTED_REQUEST, says)
        elif origin and scope["method"] not in SAFE_METHODS and _place(origin) != _place(f"//{host}"):
            await refuse(send, HTTPStatus.FORBIDDEN, f"A page of {origin!r} may not send anything here.")
        else:
            await self._app(scope, receive, send)


def _name(host: str) -> str:
    """The name or address in a Host header."""
    return _place(f"//{host}")[0]


def _place(url: str) -> tuple[str, int]:
    """Name and port of a URL; ports that its scheme implies are 0. ("", 0) for what is none, such as `null`."""
    try:
        parts = urlsplit(url)
        port = parts.port or 0
    except ValueError:
        return "", 0
    return (parts.hostname or "").rstrip("."), 0 if port in (80, 443) else port


def is_open(path: str, *, uploads: bool = False, mcp: bool = False) -> bool:
    """Whether the page or an endpoint needs this path; `uploads`, `mcp`: whether files may be sent, tools are there."""
    if path.startswith(API_PREFIX):
        route = path.removeprefix(API_PREFIX)
        return (
            (route.startswith(OPEN_ROUTES) and not route.startswith(CLOSED_ROUTES))
            or (uploads and route in UPLOAD_ROUTES)
            or (mcp and route.rstrip("/") in MCP_ROUTES)
        )
    return not path.startswith(CLOSED_PREFIXES)
