"""Starts Milvus Lite's server on loopback for tests, and ends it by its own process id."""

import itertools
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_S = 90.0
FIRST_PORT, LAST_PORT = 19530, 19560


_PORTS = itertools.cycle(range(FIRST_PORT, LAST_PORT + 1))
"""Each server in its turn gets another one: gRPC remembers for a while that an address did not answer."""


def free_port() -> int:
    """A port of the range that is kept for these tests, on which nothing listens."""
    for port in itertools.islice(_PORTS, LAST_PORT + 1 - FIRST_PORT):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise RuntimeError(f"something listens on every port from {FIRST_PORT} to {LAST_PORT}")


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Returns when something answers on the port."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        with socket.socket() as probe:
            if not probe.connect_ex(("127.0.0.1", port)):
                return
        time.sleep(0.1)
    raise RuntimeError(f"no server on port {port} within {START_S:.0f} s")


@contextmanager
def lite_server(data: Path, port: int | None = None) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The address of a server over a folder (without the collection), and its process."""
    port = port or free_port()
    command = [str(Path(sys.executable).parent / "milvus-lite"), "server", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--data-dir", str(data)]
    with (data.parent / "milvus.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_for(port, process)
        yield f"milvus+http://127.0.0.1:{port}", process
    finally:
        process.kill()
        process.wait()
