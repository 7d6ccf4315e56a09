"""Files whose formats are not plain text are parsed in a process of their own, which may be ended at any time.

Documents come from anywhere, and the parsers of PDF and HTML are C code that a crafted file can crash, hang or swell. A
process for each file would cost half a second each. So one is started with the first such file, with a bound on its
memory; it is fed bytes and answers with text. Where it does not answer in time or dies, that file is a failure and the
next one starts another process. Parsers of formats that nobody uses are never imported, and none in this process.
"""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import IO

from .reading import Extracted, UnreadableError

EXTRACTORS = {".html": "html", ".htm": "html", ".pdf": "pdf", ".docx": "docx"}
"""Suffix -> the module beside this one whose `extract(data, alive)` reads it."""
MAX_STEP_SECONDS = 20.0
"""For a page of a PDF, or for the whole of another file: a page of news takes 0.1. As long for the parser's start."""
MAX_SECONDS = 300.0
"""For a file."""
_MAX_MESSAGE_BYTES = 2**28
"""More than the longest text that is answered: a process that a file took over is not believed."""


class Extractor:
    """The parsing process, started when it is first needed. Use it in a `with` block."""

    def __init__(self, max_step_seconds: float = MAX_STEP_SECONDS, max_seconds: float = MAX_SECONDS) -> None:
        self._max_step_seconds = max_step_seconds
        self._max_seconds = max_seconds
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Extractor":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Ends the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def extract(self, suffix: str, data: bytes) -> Extracted:
        """What a file with this suffix (one of `EXTRACTORS`) and these bytes holds.

        Raises:
            UnreadableError: it cannot be read, with the reason; or its parser crashed or took too long.
        """
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._process = _start()
        try:
            answer = json.loads(self._ask(self._process, EXTRACTORS[suffix], data))
            if "reason" not in answer:
                return Extracted(answer["text"], answer["metadata"], tuple(answer["page_starts"]))
        except TimeoutError as error:
            self.close()
            raise UnreadableError(f"takes longer than {error} s to read: split it") from None
        except (OSError, EOFError, ValueError, KeyError, TypeError):  # it died: its answer ends early, or is none
            self.close()
            raise UnreadableError("its parser crashed or ran out of memory: the file is damaged or malicious") from None
        raise UnreadableError(answer["reason"])

    def _ask(self, process: "subprocess.Popen[bytes]", module: str, data: bytes) -> bytes:
        """The answer for some bytes. An empty message before it says that the parser gets on.

        Raises:
            TimeoutError: nothing came in time; its text is the limit in seconds. The process is ended.
        """
        assert process.stdin is not None and process.stdout is not None
        ends = time.monotonic() + self._max_seconds
        answer, is_sent = b"", False
        while not answer:
            limit = min(self._max_step_seconds, ends - time.monotonic())
            expired = threading.Event()
            watch = threading.Timer(max(limit, 0.0), _end, (process, expired))
            watch.start()
            try:
                if not is_sent:
                    write_message(process.stdin, module.encode())
                    write_message(process.stdin, data)
                    is_sent = True
                answer = read_message(process.stdout)
            except (OSError, EOFError):
                if not expired.is_set():
                    raise
                exceeded = self._max_seconds if limit < self._max_step_seconds else self._max_step_seconds
                raise TimeoutError(f"{exceeded:g}") from None
            finally:
                watch.cancel()
        return answer


def _start() -> "subprocess.Popen[bytes]":
    package = Path(__file__).resolve().parents[1]
    environment = os.environ | {"PYTHONPATH": str(package.parent), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, "-P", "-m", f"{package.name}.formats.extract_child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,  # Ctrl-C ends the build, which ends this
    )


def _end(process: "subprocess.Popen[bytes]", expired: threading.Event) -> None:
    expired.set()
    process.kill()


def write_message(pipe: IO[bytes], data: bytes) -> None:
    """Writes bytes with their length before them."""
    pipe.write(len(data).to_bytes(8, "big"))
    pipe.write(data)
    pipe.flush()


def read_message(pipe: IO[bytes]) -> bytes:
    """The bytes of one message.

    Raises:
        EOFError: the pipe ended, or what follows is no message.
    """
    size = int.from_bytes(_read_exactly(pipe, 8), "big")
    if size > _MAX_MESSAGE_BYTES:
        raise EOFError
    return _read_exactly(pipe, size)


def _read_exactly(pipe: IO[bytes], size: int) -> bytes:
    data = pipe.read(size)
    if len(data) != size:
        raise EOFError
    return data
