"""How the page is served: Gradio's app and our routes inside one stack of layers, on a uvicorn server of our own.

Not by Gradio's `launch`: its server believes forwarded headers of this machine, it asks its own pages before it is
done (which a login refuses), and its answers to foreign pages come before any layer of ours.
"""

import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import fastapi
import gradio as gr
import uvicorn
from gradio.routes import App as Gradio
from starlette.routing import BaseRoute, Mount

from .addresses import listen
from .allowance import UNLIMITED, Allowance
from .asgi import App, Layer, stack
from .bodies import Bodies
from .busy import Busy
from .calls import Calls
from .capacity import page_return_s
from .endpoints import Endpoints
from .guard import Guard, SameOrigin, SecurityHeaders
from .library import MAX_UPLOAD_BYTES
from .linger import Handover
from .login import Access, Login
from .proxies import Proxies
from .tabs import Tabs
from .theme import HEAD, theme
from .visitors import name_of

MAX_SESSIONS = 500
"""Conversations kept in memory; over it, the one unused longest is forgotten."""
GRACE_S = 3
"""How long open streams may go on when the server ends."""


@dataclass(frozen=True, slots=True)
class Serving:
    """How the page is served. The defaults are those of a page that only this machine reaches."""

    uploads: bool = False
    """Files may be sent to the server; else that route is closed."""
    mcp: bool = False
    """`ask` and `search` are also tools of the Model Context Protocol."""
    root_path: str = ""
    """The path below which a reverse proxy shows the page, without its last slash."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses and networks whose forwarded headers are believed."""
    outer: tuple[Layer, ...] = ()
    """Layers around all but the proxies' one: they see every request, also those that are refused."""
    local: bool = False
    """Only this machine reaches the server: it is not to be asked under another name."""
    access: Access | None = None
    """Who gets in; None: there are no users, and everybody does."""
    allowance: Allowance = UNLIMITED
    """How often may be asked; `ChatCompletions` and the page count with the same one."""


LOCAL = Serving()


def build_app(page: gr.Blocks, routes: Sequence[BaseRoute] = (), serving: Serving = LOCAL) -> App:
    """The page and `routes` beside it as one ASGI app, inside its layers."""
    inner = fastapi.FastAPI(docs_url=None, redoc_url=None, openapi_url=None, routes=list(routes))
    page.state_session_capacity = MAX_SESSIONS
    gr.mount_gradio_app(
        inner,
        page,
        path="/",  # after our own routes: it takes any path
        theme=theme(),
        head=HEAD,
        auth_dependency=name_of if serving.access is not None else None,
        root_path=serving.root_path,
        ssr_mode=False,
        mcp_server=serving.mcp,
        enable_monitoring=False,
        run_history=False,
        footer_links=[],
        allowed_paths=[],
        max_file_size=MAX_UPLOAD_BYTES if serving.uploads else 0,
        app_kwargs={"docs_url": None, "redoc_url": None},
    )
    page.app = page.server_app = next(
        one.app for one in inner.routes if isinstance(one, Mount) and isinstance(one.app, Gradio)
    )
    page.has_launched = True  # without it Gradio checks no file's path: any handler would read any file for anyone
    return stack(inner, layers_of(page, serving))


def layers_of(page: gr.Blocks, serving: Serving) -> list[Layer]:
    """What a request passes through, in order. Who sends it is settled before anything of it is read."""
    login: list[Layer] = [partial(Login, access=serving.access)] if serving.access is not None else []
    return [
        partial(Proxies, trusted=serving.trusted_proxies, root_path=serving.root_path),
        *serving.outer,
        SecurityHeaders,
        partial(SameOrigin, local=serving.local),
        *login,
        partial(Guard, uploads=serving.uploads, mcp=serving.mcp),
        Bodies,
        Tabs,
        Handover,
        partial(Calls, functions=page.fns),
        partial(Endpoints, allowance=serving.allowance),
        partial(Busy, return_s=lambda: page_return_s(page)),
    ]


def serve(page: gr.Blocks, host: str, port: int, routes: Sequence[BaseRoute] = (), serving: Serving = LOCAL) -> str:
    """Serve the page, and `routes` beside it, in the background until `page.close()`; its URL.

    Raises AddressError where host and port cannot be served at.
    """
    listening = listen(host, port)
    server = _Server(build_app(page, routes, serving), listening)
    page.server = server  # type: ignore[assignment]  # what Gradio's `close` ends
    server.start()
    return f"http://{f'[{host}]' if ':' in host else host}:{port}{serving.root_path}/"


class _Server:
    """uvicorn in a thread."""

    def __init__(self, app: App, listening: socket.socket) -> None:
        config = uvicorn.Config(
            app,
            log_config=None,  # the loggers of the process are ours: see web/logs.py
            log_level="warning",
            lifespan="on",
            proxy_headers=False,  # a layer of ours does that, for named proxies only
            server_header=False,
            timeout_graceful_shutdown=GRACE_S,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([listening],), daemon=True, name="uvicorn")

    def start(self) -> None:
        """Returns when requests are answered."""
        self._thread.start()
        while not self._server.started:
            self._thread.join(0.01)
            if not self._thread.is_alive():
                raise OSError("the server ended before it was up")

    def close(self) -> None:
        """Ends it, with its streams."""
        self._server.should_exit = True
        self._thread.join(GRACE_S + 10)
