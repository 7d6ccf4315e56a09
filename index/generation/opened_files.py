"""Whether the files of an open generation are still what was built.

A live generation is never written again. What happens to its files all the same (a hand, a disk, a backup that is put
back) must be seen before they are read: an array that is mapped into memory cannot be read beyond the end of a file
that was cut short, the system ends the whole process for it.
"""

import hashlib
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Stamp = tuple[int, int, int, int]
"""Device, inode, size in bytes, time of the last write in nanoseconds."""


class OpenFiles:
    """The files of one generation as they were when it was opened. May be asked from several threads."""

    def __init__(self, folder: Path, records: Mapping[str, Any]) -> None:
        """`records` are those of the manifest: by name, `bytes` and `sha256`."""
        self._folder = folder
        self._records = records
        self._opened = self._stamps()
        self._lock = threading.Lock()
        self._seen: dict[tuple[Stamp | None, ...], str] = {}

    @property
    def touched(self) -> bool:
        """Whether a file was written or replaced since. One that was removed is held open, and can still be read."""
        return any(now not in (None, before) for now, before in zip(self._stamps(), self._opened, strict=True))

    def fault(self) -> str:
        """What is wrong with the files, by their hashes; empty where nothing is. Hashes the same files only once."""
        with self._lock:  # many questions ask at once
            stamps = self._stamps()
            if stamps not in self._seen:
                faults = {name: _fault(self._folder / name, record["sha256"]) for name, record in self._records.items()}
                self._seen = {stamps: "; ".join(f"{name} {fault}" for name, fault in faults.items() if fault)}
            return self._seen[stamps]

    def _stamps(self) -> tuple[Stamp | None, ...]:
        return tuple(_stamp(self._folder / name) for name in self._records)


def hash_file(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fault(path: Path, expected: str) -> str:
    try:
        return "" if hash_file(path) == expected else "is not what was built (its hash differs)"
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read ({error.strerror or error})"


def _stamp(path: Path) -> Stamp | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
