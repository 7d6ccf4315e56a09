"""The conversations of each browser, in one SQLite file on this machine.

They belong to an owner: a random token that the server made and only its browser knows. Every question to the file
names the owner, so that a key of another one's conversation, or a token nobody has, finds nothing.
"""

import datetime
import json
import os
import re
import secrets
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, get_args

from index.errors import UserError
from rag.types import Answer, Citation, Claim, Notice, Related

from .types import Exchange, Status

MAX_CONVERSATIONS = 200
"""Of one owner; over it, those used longest ago are forgotten."""
MAX_CONVERSATION_BYTES = 1_000_000
"""Of one conversation as it is stored; over it, its first exchanges are forgotten."""
MAX_FILE_BYTES = 2**30
"""Of the whole file; over it, nothing more is kept until something is deleted."""
MAX_TITLE_CHARS = 80
LOCK_TIMEOUT_S = 2.0
"""How long an answer waits for another program that holds the file."""

_TOKEN = re.compile(r"[0-9a-f]{32}", re.ASCII)
_VERSION = 1
_SCHEMA = """create table if not exists conversations (
    owner text not null, key text not null, revision integer not null, used integer not null, updated text not null,
    title text not null, first_question text not null, next_number integer not null, words text not null,
    exchanges blob not null, primary key (owner, key)
)"""


class ConversationsError(UserError):
    """The file of conversations cannot be read or written now."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a conversation was kept."""

    key: str
    revision: int
    """Grows with each time that it is kept; 0: never."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A kept conversation with all that was said."""

    kept: Kept
    exchanges: tuple[Exchange, ...]
    next_number: int
    """Of the next exchange: greater than all that were ever given, also of those taken back."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A kept conversation as it is listed."""

    key: str
    title: str
    updated: str
    """ISO date of its last change."""


def new_token() -> str:
    """128 random bits as 32 hexadecimal digits: nobody guesses one."""
    return secrets.token_hex(16)


def is_token(value: object) -> bool:
    """Whether a value from a browser has the shape of a token."""
    return isinstance(value, str) and _TOKEN.fullmatch(value) is not None


class ConversationStore:
    """The file of conversations; made at the first one. Safe for several threads and processes.

    Every method raises ConversationsError where the file is locked, full, damaged or not ours.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def save(self, owner: str, kept: Kept, exchanges: Sequence[Exchange], next_number: int) -> Kept:
        """Keeps a conversation as it is now; where from now on.

        Where it was changed or deleted by another page since `kept`, it becomes a conversation of its own: nothing
        that was said is lost.
        """
        rows = _fitting([_packed(exchange) for exchange in exchanges])
        asked = [exchange.question for exchange in exchanges if exchange.question.strip()]
        with self._open() as file:
            found = file.execute(
                "select revision, title from conversations where owner = ? and key = ?", (owner, kept.key)
            ).fetchone()
            is_ours = kept.revision == (found[0] if found else 0)
            kept = Kept(kept.key if is_ours else new_token(), kept.revision + 1 if is_ours else 1)
            file.execute(
                "insert or replace into conversations values"
                " (?, ?, ?, (select coalesce(max(used), 0) + 1 from conversations), ?, ?, ?, ?, ?, ?)",
                (
                    owner, kept.key, kept.revision, datetime.datetime.now().astimezone().date().isoformat(),
                    found[1] if found and is_ours else "", _title(asked[0]) if asked else "", next_number,
                    _words(exchanges), b"[" + b",".join(rows) + b"]",
                ),
            )  # fmt: skip
            file.execute(
                "delete from conversations where owner = ? and key not in"
                " (select key from conversations where owner = ? order by used desc limit ?)",
                (owner, owner, MAX_CONVERSATIONS),
            )
        return kept

    def load(self, owner: str, key: str) -> Conversation | None:
        """The owner's conversation of this key, or None where there is none."""
        return self._load("owner = ? and key = ?", (owner, key))

    def latest(self, owner: str) -> Conversation | None:
        """The conversation that the owner used last, or None."""
        return self._load("owner = ? order by used desc limit 1", (owner,))

    def entries(self, owner: str, query: str = "") -> tuple[Entry, ...]:
        """The owner's conversations, the last used first; with a query, those whose title or text holds it."""
        if not self.path.exists():
            return ()
        wanted = _clean(query.strip()).casefold()
        with self._open() as file:
            rows = file.execute(
                "select key, title, first_question, updated, words from conversations where owner = ?"
                " order by used desc",
                (owner,),
            )
            return tuple(
                Entry(key, title or first, updated)
                for key, title, first, updated, words in rows
                if wanted in words or wanted in title.casefold()
            )

    def rename(self, owner: str, key: str, title: str) -> None:
        """Gives the owner's conversation a title; an empty one gives it back its first question."""
        if self.path.exists():
            with self._open() as file:
                file.execute(
                    "update conversations set title = ? where owner = ? and key = ?", (_title(title), owner, key)
                )

    def remove(self, owner: str, key: str) -> None:
        """Deletes the owner's conversation; what it said is overwritten in the file."""
        if self.path.exists():
            with self._open() as file:
                file.execute("delete from conversations where owner = ? and key = ?", (owner, key))

    def _load(self, where: str, values: tuple[str, ...]) -> Conversation | None:
        if not self.path.exists():
            return None
        with self._open() as file:
            row = file.execute(
                f"select key, revision, next_number, exchanges from conversations where {where}", values
            ).fetchone()
        if row is None:
            return None
        key, revision, next_number, packed = row
        try:
            exchanges = tuple(_exchange(one) for one in json.loads(packed.decode("utf-8", "surrogatepass")))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ConversationsError(f"{self.path}: the conversation {key} is damaged ({error!r})") from None
        return Conversation(Kept(key, revision), exchanges, next_number)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """One transaction on the file, which only its owner on this machine may read."""
        try:
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
            with closing(sqlite3.connect(self.path, timeout=LOCK_TIMEOUT_S, isolation_level=None)) as file:
                file.execute("pragma secure_delete = on")
                (page_bytes,) = file.execute("pragma page_size").fetchone()
                file.execute(f"pragma max_page_count = {MAX_FILE_BYTES // page_bytes}")
                file.execute("begin immediate")
                with file:
                    self._check_version(file)
                    yield file
        except (sqlite3.Error, OSError) as error:
            raise ConversationsError(f"{self.path}: {error}") from None

    def _check_version(self, file: sqlite3.Connection) -> None:
        (version,) = file.execute("pragma user_version").fetchone()
        if version not in (0, _VERSION):
            raise ConversationsError(
                f"{self.path} is of version {version}, and this program reads {_VERSION}. Repair: move it away."
            )
        if version == 0:  # nothing is written for who only reads: a full disk must not keep from that
            file.execute(_SCHEMA)
            file.execute(f"pragma user_version = {_VERSION}")


def _packed(exchange: Exchange) -> bytes:
    """An exchange as JSON. The hits stay behind: they are large, and the page shows nothing of them."""
    if exchange.answer is not None:
        timings = dict(exchange.answer.timings_ms)
        exchange = replace(exchange, answer=replace(exchange.answer, hits=(), timings_ms=timings))
    # A browser can send half surrogates, which strict UTF-8 cannot write.
    return json.dumps(asdict(exchange), ensure_ascii=False).encode("utf-8", "surrogatepass")


def _fitting(rows: Sequence[bytes]) -> list[bytes]:
    """The last rows that are small enough together; one that never could be is left out."""
    kept, n_bytes = [], 0
    for row in reversed(rows):
        if len(row) > MAX_CONVERSATION_BYTES:
            continue
        n_bytes += len(row)
        if n_bytes > MAX_CONVERSATION_BYTES:
            break
        kept.append(row)
    return kept[::-1]


def _exchange(row: Mapping[str, Any]) -> Exchange:
    if row["status"] not in get_args(Status) or not isinstance(row["number"], int):
        raise ValueError(f"exchange {row['number']!r} has the status {row['status']!r}")
    answer = None if row["answer"] is None else _answer(row["answer"])
    return Exchange(**{**row, "answer": answer, "suggestions": tuple(row["suggestions"])})


def _answer(row: Mapping[str, Any]) -> Answer:
    row = dict(row)
    if before := row.pop("notice", ""):  # as they were kept until there was English
        row["notices"] = [{"chinese": before, "english": before}]
    parts: dict[str, Any] = {
        "citations": tuple(Citation(**one) for one in row["citations"]),
        "claims": tuple(Claim(**{**one, "labels": tuple(one["labels"])}) for one in row["claims"]),
        "related": tuple(Related(**one) for one in row["related"]),
        "notices": tuple(Notice(**one) for one in row.get("notices", ())),
        **{name: tuple(row[name]) for name in ("hits", "filters", "suggestions")},
    }
    return Answer(**{**row, **parts})


def _words(exchanges: Sequence[Exchange]) -> str:
    """What a search looks through: what was asked and answered."""
    return _clean("\n".join(f"{one.question}\n{one.text}" for one in exchanges)[-MAX_CONVERSATION_BYTES:]).casefold()


def _title(text: str) -> str:
    return _clean(" ".join(text.split()))[:MAX_TITLE_CHARS]


def _clean(text: str) -> str:
    """Text that SQLite can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
