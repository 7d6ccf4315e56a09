"""Behind a reverse proxy: whose forwarded headers are believed, and below which path the page lies."""

import ipaddress
from collections.abc import Sequence
from http import HTTPStatus

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from index.errors import UserError

from .asgi import App, Receive, Scope, Send, address, refuse

FORWARDED = (b"forwarded", b"x-real-ip", b"x-gradio-server")
"""Beside all that begin with `x-forwarded-`: headers by which a request says where it came from or was meant to go."""


PROXIED = "wenda.proxied"
"""The key of a scope that says that a proxy which was not named has passed the request on."""
_SIGNS = (b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"forwarded", b"x-real-ip")


class ProxyError(UserError):
    """A proxy's address, or the path below which the page lies, is none."""


class Proxies:
    """ASGI layer: drops forwarded headers of everyone but the named proxies, and the path before the page's own.

    Of a named proxy the caller's address and the scheme are taken over. The proxy may strip `root_path` or leave it.
    """

    def __init__(self, app: App, trusted: Sequence[str] = (), root_path: str = "") -> None:
        self._app = app
        self._forwarded = ProxyHeadersMiddleware(app, list(trusted))  # type: ignore[arg-type]  # its App, by another name
        self._root_path = root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        scope = {**scope, "path": self._below(scope["path"])}
        # Starlette would strip the path once more, behind all layers that decide by it: /wenda/wenda/gradio_api/...
        if scope["type"] == "http" and self._below(scope["path"]) != scope["path"]:
            await refuse(send, HTTPStatus.NOT_FOUND, f"There is nothing below {self._root_path}{self._root_path}.")
            return
        if self._root_path and scope.get("raw_path"):
            scope["raw_path"] = self._below(scope["raw_path"].decode("latin-1")).encode("latin-1")
        if address(scope) in self._forwarded.trusted_hosts:
            await self._forwarded(scope, receive, send)  # type: ignore[arg-type]
            return
        scope[PROXIED] = any(name in _SIGNS for name, _ in scope["headers"])
        scope["headers"] = [one for one in scope["headers"] if not _is_forwarded(one[0])]
        await self._app(scope, receive, send)

    def _below(self, path: str) -> str:
        if self._root_path and (path == self._root_path or path.startswith(f"{self._root_path}/")):
            return path.removeprefix(self._root_path) or "/"
        return path


def _is_forwarded(name: bytes) -> bool:
    return name.startswith(b"x-forwarded-") or name in FORWARDED


def checked_root_path(text: str) -> str:
    """A flag's value as a path without its last slash, "" for none. Raises ProxyError."""
    path = text.rstrip("/")
    if path and not (
        path.startswith("/") and path.isascii() and path.isprintable() and not set(path) & set(" ?#%\\\"'<>")
    ):
        raise ProxyError(f"--root-path is {text!r}: it must be a path such as /wenda.")
    return path


def checked_proxies(texts: Sequence[str]) -> tuple[str, ...]:
    """A flag's values as addresses or networks. Raises ProxyError."""
    for text in texts:
        try:
            ipaddress.ip_network(text)
        except ValueError:
            raise ProxyError(
                f"--trusted-proxy is {text!r}: it must be an address or a network, such as 10.0.0.7 or 10.0.0.0/24."
            ) from None
    return tuple(texts)
