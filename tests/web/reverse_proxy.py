"""A small reverse proxy that shows one server below a path, as nginx would."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from tests.web.conftest import free_port
from web.addresses import listen
from web.serving import _Server as Server

_OF_ONE_HOP = {"connection", "content-length", "content-encoding", "transfer-encoding", "keep-alive", "host"}


@contextmanager
def reverse_proxy(target: str, prefix: str, *, strips: bool = True, scheme: str = "http") -> Iterator[str]:
    """Serves `target` (ends with a slash) below `prefix`; the URL. `strips`: the prefix is taken off on the way."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, Any]]:
        async with httpx.AsyncClient(timeout=None) as client:
            yield {"client": client}

    async def forward(request: Request) -> Response:
        path = request.url.path.removeprefix(prefix) if strips else request.url.path
        kept = [(name, value) for name, value in request.headers.items() if name not in _OF_ONE_HOP]
        told = {
            "host": request.headers["host"],
            "x-forwarded-host": request.headers["host"],
            "x-forwarded-proto": scheme,
            "x-forwarded-for": request.headers.get("x-test-address", "192.0.2.1"),
        }
        sent = request.state.client.build_request(
            request.method,
            target.rstrip("/") + path,
            params=request.query_params,
            headers=[*kept, *told.items()],
            content=await request.body(),
        )
        answer = await request.state.client.send(sent, stream=True)
        headers = {name: value for name, value in answer.headers.multi_items() if name not in _OF_ONE_HOP}
        return StreamingResponse(answer.aiter_bytes(), answer.status_code, headers, background=None)

    methods = ["GET", "POST", "HEAD", "DELETE"]
    rest = Route("/{path:path}", lambda request: Response(status_code=204))  # of the host: a browser asks for its icon
    app = Starlette(routes=[Route(f"{prefix}{{path:path}}", forward, methods=methods), rest], lifespan=lifespan)
    port = free_port()
    server = Server(app, listen("127.0.0.1", port))
    server.start()
    try:
        yield f"http://127.0.0.1:{port}{prefix}/"
    finally:
        server.close()
