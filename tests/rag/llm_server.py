"""A server that speaks OpenAI's protocol by script: what it does with each request is a function of the test."""

import itertools
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CLOSED_WITHIN_S = 120


class Call:
    """One request, and the means to answer it."""

    def __init__(self, handler: BaseHTTPRequestHandler, body: dict[str, Any], server: "ScriptedServer") -> None:
        self.handler = handler
        self.body = body
        self.server = server

    @property
    def prompt(self) -> str:
        """All that the model is told."""
        return "\n".join(message["content"] for message in self.body["messages"])

    def status(self, code: int, message: str = "no", headers: dict[str, str] | None = None) -> None:
        """An error as OpenAI's servers send it."""
        self.raw(code, json.dumps({"error": {"message": message}}), "application/json", headers)

    def raw(self, code: int, body: str, kind: str, headers: dict[str, str] | None = None) -> None:
        data = body.encode("utf-8")
        self.handler.send_response(code)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(data)), **(headers or {})}.items():
            self.handler.send_header(name, value)
        self.handler.end_headers()
        self.handler.wfile.write(data)

    def begin(self) -> None:
        """Opens the stream; it ends when the connection is closed."""
        self.handler.send_response(200)
        self.handler.send_header("Content-Type", "text/event-stream")
        self.handler.send_header("Connection", "close")
        self.handler.end_headers()
        self.handler.wfile.flush()

    def line(self, text: str) -> None:
        self.handler.wfile.write(f"{text}\n\n".encode())
        self.handler.wfile.flush()

    def say(self, *deltas: str, finish: str | None = None) -> None:
        """Pieces of the answer, as chunks of the stream."""
        for delta in deltas:
            self._chunk({"content": delta}, None)
        if finish:
            self._chunk({}, finish)
            self.line("data: [DONE]")

    def _chunk(self, delta: dict[str, str], finish: str | None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        chunk = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [choice]}
        self.line(f"data: {json.dumps(chunk)}")

    def die(self) -> None:
        """Resets the connection."""
        self.handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.handler.connection.close()

    def wait_until_closed(self) -> None:
        """Until the client is gone; then the test may see `server.closed`."""
        self.handler.connection.settimeout(CLOSED_WITHIN_S)
        try:
            gone = not self.handler.connection.recv(1)
        except OSError as error:
            gone = not isinstance(error, TimeoutError)
        if gone:
            self.server.closed.set()


Script = Callable[[Call], None]


class ScriptedServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, script: Script | Sequence[Script]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._scripts = [script] if callable(script) else list(script)
        self.calls: list[Call] = []
        self.headers: list[dict[str, str]] = []
        """Of each request, by names in small letters."""
        self.closed = threading.Event()
        self.release = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def script_of(self, number: int) -> Script:
        return self._scripts[min(number, len(self._scripts) - 1)]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that is gone is what some tests want; it need not be printed."""


class _Handler(BaseHTTPRequestHandler):
    server: ScriptedServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        call = Call(self, body, self.server)
        self.server.calls.append(call)
        self.server.headers.append({name.lower(): value for name, value in self.headers.items()})
        assert self.path == "/v1/chat/completions"
        self.server.script_of(len(self.server.calls) - 1)(call)
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is printed."""


@contextmanager
def serving(script: Script | Sequence[Script]) -> Iterator[ScriptedServer]:
    """A running server; a script (the last one again and again) for each request."""
    server = ScriptedServer(script)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.release.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


def says(text: str, n_chars: int = 3, finish: str = "stop") -> Script:
    """A server that says this, a few characters at a time."""

    def script(call: Call) -> None:
        call.begin()
        call.say(*(text[at : at + n_chars] for at in range(0, len(text), n_chars)), finish=finish)

    return script


def silent(call: Call) -> None:
    """A server that takes the request and says nothing until the test ends."""
    call.begin()
    call.server.release.wait()


def endless(text: str) -> Script:
    """A server that says this again and again, until the client is gone."""

    def script(call: Call) -> None:
        call.begin()
        try:
            for number in itertools.count():
                call.say(text.format(number))
                time.sleep(0.001)
        except OSError:
            call.server.closed.set()

    return script
