"""Vectors that a build computed, kept on disk by their content key: an interrupted build does not pay for them twice.

The file grows while a build runs, and is removed when its index is live. It is of one model: `fingerprint` names it.
"""

import hashlib
import shutil
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

UNFINISHED = "unfinished"
"""Below the index's folder."""


class EmbeddedVectors:
    """Vectors by content key; `add` appends, and what a build before this one added is there."""

    def __init__(self, index_path: Path, fingerprint: str, dim: int) -> None:
        self.folder = index_path / UNFINISHED
        self.folder.mkdir(exist_ok=True)
        self._path = self.folder / f"{hashlib.sha256(fingerprint.encode()).hexdigest()[:16]}-{dim}.vectors"
        for other in self.folder.iterdir():
            if other != self._path:
                other.unlink()  # of another model
        self._record = np.dtype([("key", "V16"), ("check", "<u4"), ("vector", "<f4", (dim,))])
        self._places = self._read_intact()
        self._file = self._path.open("r+b" if self._path.exists() else "w+b")
        self._file.truncate(len(self._places) * self._record.itemsize)
        self._file.seek(0, 2)
        self.n_found = len(self._places)
        """How many an interrupted build has left."""
        self._n = self.n_found

    def _read_intact(self) -> dict[bytes, int]:
        """The places of the records up to the first that a crash tore."""
        places: dict[bytes, int] = {}
        if not self._path.exists():
            return places
        n = self._path.stat().st_size // self._record.itemsize
        if not n:
            return places
        for place, record in enumerate(np.memmap(self._path, self._record, "r", shape=(n,))):
            key = record["key"].tobytes()
            if key in places or record["check"] != _check(key, record["vector"]):
                break
            places[key] = place
        return places

    def find(self, key: bytes) -> int | None:
        """The place of a vector, or None."""
        return self._places.get(key)

    def add(self, keys: Sequence[bytes], vectors: NDArray[np.float32]) -> range:
        """Appends the vectors (n, dim) of keys that are not there yet; their places."""
        records = np.zeros(len(keys), self._record)
        records["key"] = np.frombuffer(b"".join(keys), "V16")
        records["vector"] = vectors
        records["check"] = [_check(key, vector) for key, vector in zip(keys, records["vector"], strict=True)]
        self._file.write(records.tobytes())
        self._file.flush()
        places = range(self._n, self._n + len(keys))
        self._places.update(zip(keys, places, strict=True))
        self._n += len(keys)
        return places

    def vectors(self, places: NDArray[np.int64]) -> NDArray[np.float32]:
        """The vectors at these places, shape (n, dim)."""
        if not len(places):
            return np.zeros((0, self._record["vector"].shape[0]), np.float32)
        records = np.memmap(self._path, self._record, "r", shape=(self._n,))
        return np.asarray(records["vector"][places])

    def close(self) -> None:
        """Closes the file and keeps it."""
        self._file.close()

    def remove(self) -> None:
        """Closes and removes it: everything that it holds is in a live index."""
        self.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def _check(key: bytes, vector: NDArray[np.float32]) -> int:
    return zlib.crc32(vector.tobytes(), zlib.crc32(key))
