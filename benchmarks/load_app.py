"""The real app in a process of its own, for `benchmarks.load`: started, waited for, its memory and CPU time read."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from .measure import ROOT

START_LIMIT_S = 240.0
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class RunningApp:
    """An app that answers at `url`."""

    url: str
    pid: int

    def rss_mb(self) -> float:
        """Resident memory now, in 10^6 bytes: mapped files count as far as they were read."""
        return self._status_kb("VmRSS") * 1024 / 1e6

    def cpu_s(self) -> float:
        """CPU seconds that it has used, in all of its threads: other programs of the machine do not add to it."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS  # utime, stime: proc(5), counted after the name

    def n_threads(self) -> int:
        """Threads that it has now."""
        return self._status_kb("Threads")

    def _status_kb(self, name: str) -> int:
        text = Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8")
        return next(int(line.split()[1]) for line in text.splitlines() if line.startswith(f"{name}:"))


@contextmanager
def free_port() -> Iterator[int]:
    """A port at which nobody listens, and which nobody else is given meanwhile.

    It is held by a socket that does not listen: a server, which sets SO_REUSEADDR, may bind it as well.
    """
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        yield int(held.getsockname()[1])


@contextmanager
def running_app(
    index: Path, work: Path, flags: Sequence[str] = (), environment: Mapping[str, str] | None = None
) -> Iterator[RunningApp]:
    """`app.py` over an index that is there, on a free port of this machine; its files and its output go into `work`.

    Raises RuntimeError with the end of what it printed where it does not come up.
    """
    with free_port() as port, _app_at(port, index, work, flags, environment) as app:
        yield app


@contextmanager
def _app_at(
    port: int, index: Path, work: Path, flags: Sequence[str], environment: Mapping[str, str] | None
) -> Iterator[RunningApp]:
    url = f"http://127.0.0.1:{port}/"
    log = work / f"app-{port}.log"
    command = [sys.executable, str(ROOT / "app.py"), "--index", str(index), "--port", str(port), *flags]
    command += ["--feedback", str(work / "feedback.sqlite"), "--chats", str(work / "chats.sqlite")]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **(environment or {})}, stdout=output, stderr=output
        )
    try:
        _wait_until_it_answers(url, process, log)
        yield RunningApp(url, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_it_answers(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}v1/models", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.2)
    said = log.read_text(encoding="utf-8", errors="replace")[-2000:]
    raise RuntimeError(f"app.py does not answer at {url}. It printed:\n{said}")
