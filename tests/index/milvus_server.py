"""Starts Milvus Lite's server on loopback for tests, and ends it by its own process id."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.ports import free_port

START_S = 240.0


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
    """The address of a server over a folder (without the collection), and its process.

    Each gets another port: gRPC remembers for a while that an address did not answer.
    """
    with pytest.MonkeyPatch.context() as patch, _served(data, port or free_port()) as running:
        patch.setattr("pymilvus.client.grpc_handler.time", SimpleNamespace(time=time.time, sleep=_doze))
        yield running


def _doze(seconds: float) -> None:
    """The client looks only every half second whether an index is made: here it is at once."""
    time.sleep(min(seconds, 0.01))


@contextmanager
def _served(data: Path, port: int) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
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
