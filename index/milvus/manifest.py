"""Which generation of an index on a server is live, what it holds, and what its builders tell each other.

All of it stands in the collection that the address names, a value under a key:

    live                    {"generation": 7, "set": "articles_ab12..."}: writing it is what makes a generation live
    manifest/7/...          what generation 7 was built from, cut into pieces; written before `live` names it
    shard/8/3of8/...        what the builder of shard 3 of 8 has done for generation 8; `finish` adds them up
    claim/3of8              who builds that shard now
    reference/<set>         the mean length of a row that the sparse vectors of a set are made with
"""

import base64
import json
import os
import socket
import time
import uuid
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ..errors import IndexBusyError, IndexDamagedError, IndexMismatchError, IndexMissingError
from .server import Server
from .sets import DUMMY, create_meta

FORMAT_VERSION = 1
_PIECE_CHARS = 60_000
_LIVE = "live"
STALE_S = 120.0
"""A claim that nobody renewed for so long is of a builder that died."""


@dataclass(frozen=True, slots=True)
class Live:
    """The generation that readers are given."""

    generation: int
    set: str


def read_live(server: Server) -> Live | None:
    """What is live, or None where nothing was published yet."""
    collection = server.address.collection
    if not server.has(collection):
        return None
    found = server.query(collection, f'key == "{_LIVE}"', ["value"])
    if not found:
        return None
    try:
        record = json.loads(found[0]["value"])
        version, live = record["format"], Live(int(record["generation"]), str(record["set"]))
    except (ValueError, KeyError, TypeError) as error:
        raise IndexDamagedError(
            f"{server.address} holds no index of ours ({error}). Name another collection."
        ) from error
    if version != FORMAT_VERSION:
        raise IndexMismatchError(
            f"The index at {server.address} has format {version}, this program reads {FORMAT_VERSION}. Build it again: "
            f"python -m index build DOCUMENTS --out {server.address} --full"
        )
    return live


def require_live(server: Server) -> Live:
    """What is live. Raises IndexMissingError."""
    live = read_live(server)
    if live is None:
        raise IndexMissingError(
            f"There is no index at {server.address}. Build one: python -m index build DOCUMENTS --out {server.address}"
        )
    return live


def publish(server: Server, live: Live) -> None:
    """Makes a complete generation the live one, by writing one record."""
    record = {"format": FORMAT_VERSION, "generation": live.generation, "set": live.set}
    _put(server, {_LIVE: json.dumps(record)})


def write_value(server: Server, key: str, value: object) -> None:
    """Stores a JSON value of any size; `read_value` finds all of it or nothing."""
    packed = base64.b64encode(zlib.compress(json.dumps(value, ensure_ascii=False).encode())).decode()
    pieces = [packed[i : i + _PIECE_CHARS] for i in range(0, len(packed), _PIECE_CHARS)]
    _put(server, {f"{key}/{i}": piece for i, piece in enumerate(pieces)})
    _put(server, {key: str(len(pieces))})  # last: a half-written value is none


def read_value(server: Server, key: str) -> Any:
    """The value, or None where there is none. Raises IndexDamagedError where pieces of it are missing."""
    collection = server.address.collection
    if not server.has(collection):
        return None
    head = server.query(collection, f"key == {json.dumps(key)}", ["value"])
    if not head:
        return None
    keys = [f"{key}/{i}" for i in range(int(head[0]["value"]))]
    pieces: dict[str, str] = {}
    for name in keys:  # each near the largest that a field can be: several would be too much for one answer
        pieces |= {
            r["key"]: r["value"] for r in server.query(collection, f"key == {json.dumps(name)}", ["key", "value"])
        }
    try:
        return json.loads(zlib.decompress(base64.b64decode("".join(pieces[name] for name in keys))))
    except (KeyError, ValueError, zlib.error) as error:
        raise IndexDamagedError(
            f"The index at {server.address} lost a part of {key}. Build it again: "
            f"python -m index build DOCUMENTS --out {server.address} --full"
        ) from error


def remove_values(server: Server, prefix: str) -> None:
    """Removes all values whose keys begin so. The prefix is one of ours."""
    found = server.query_all(server.address.collection, f"key like {json.dumps(prefix + '%')}", ["key"])
    server.delete_keys(server.address.collection, [record["key"] for record in found])


def manifest_key(generation: int) -> str:
    """Under which the manifest of a generation is stored."""
    return f"manifest/{generation}"


def _put(server: Server, values: dict[str, str]) -> None:
    records = [{"key": key, "value": value, "dummy": DUMMY} for key, value in values.items()]
    for record in records:
        server.upsert(server.address.collection, [record])


class Claim:
    """A builder's hold on a shard of an index. Milvus has no lock: `check` finds out who wrote last."""

    def __init__(self, server: Server, shard: str) -> None:
        self._server, self._key = server, f"claim/{shard}"
        self._own = {"token": uuid.uuid4().hex, "host": socket.gethostname(), "pid": os.getpid()}
        self._renewed = 0.0

    def take(self) -> None:
        """Raises IndexBusyError where another builder, not known to be dead, has it, or builds other shards."""
        for key, other in self._all().items():
            if (key == self._key or _parts(key) != _parts(self._key)) and not _is_dead(other):
                raise self._busy(other)
        self._write()
        self.check()

    def renew(self) -> None:
        """Shows that the builder is alive; raises as `check` does. Call it with every batch."""
        if time.monotonic() - self._renewed > STALE_S / 8:
            self.check()
            self._write()

    def check(self) -> None:
        """Raises IndexBusyError where another builder has taken it."""
        other = self._read()
        if not other or other["token"] != self._own["token"]:
            raise self._busy(other or {})

    def release(self) -> None:
        """Lets others build."""
        self._server.delete_keys(self._server.address.collection, [self._key])

    def _write(self) -> None:
        self._renewed = time.monotonic()
        _put(self._server, {self._key: json.dumps({**self._own, "beat": time.time()})})

    def _read(self) -> dict[str, Any] | None:
        return self._all().get(self._key)

    def _all(self) -> dict[str, dict[str, Any]]:
        """Who builds what of this index."""
        found = self._server.query(self._server.address.collection, 'key like "claim/%"', ["key", "value"], limit=1000)
        return {record["key"]: json.loads(record["value"]) for record in found}

    def _busy(self, other: dict[str, Any]) -> IndexBusyError:
        who = f"process {other.get('pid')} on {other.get('host')}"
        return IndexBusyError(
            f"Another build is writing {self._server.address} ({who}): try again when it is done. One that died on "
            f"another machine is waited for {STALE_S:.0f} s."
        )


def _parts(key: str) -> str:
    """Into how many shards a claim's builder cuts the documents."""
    return key.rpartition("of")[2]


def _is_dead(other: dict[str, Any]) -> bool:
    """Whether the builder of a claim is known to have ended."""
    if other["host"] == socket.gethostname():
        try:
            os.kill(int(other["pid"]), 0)
        except ProcessLookupError:
            return True
        except PermissionError:  # somebody else's process: it lives
            return False
        return int(other["pid"]) == os.getpid()  # an earlier build of this very process, which raised
    return time.time() - float(other["beat"]) > STALE_S


@contextmanager
def claimed(server: Server, shard: str) -> Iterator[Claim]:
    """Holds a shard of an index while it is built. Raises IndexBusyError."""
    create_meta(server, server.address.collection)
    claim = Claim(server, shard)
    claim.take()
    try:
        yield claim
    finally:
        claim.release()
