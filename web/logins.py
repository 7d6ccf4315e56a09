"""Who is logged in: one SQLite file beside the users file, so that a restart logs nobody out.

It holds the SHA-256 of each cookie, never the cookie. A login ends by its time, by logging out, and when the user is
removed or has another password.
"""

import hashlib
import os
import secrets
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from index.errors import UserError

from .accounts import Accounts, User, hash_token

LIFETIME_S = 14 * 24 * 3600
MAX_LOGINS = 50
"""Of one user; over it, the oldest ends."""
LOCK_TIMEOUT_S = 2.0

_SCHEMA = """create table if not exists logins (
    cookie text primary key, user_id text not null, password text not null, expires real not null
)"""


class LoginsError(UserError):
    """The file of logins cannot be read or written now."""


class Logins:
    """The file of logins. Safe for several threads and processes. Every method raises LoginsError."""

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        """`clock` gives seconds since 1970."""
        self.path = path
        self._clock = clock
        self._lock = threading.Lock()
        self._open: sqlite3.Connection | None = None

    def begin(self, user: User) -> str:
        """Log a user in; the cookie's value."""
        cookie, now = secrets.token_urlsafe(32), self._clock()
        with self._lock:
            self._run("delete from logins where expires <= ?", (now,))
            self._run(
                "insert into logins values (?, ?, ?, ?)",
                (hash_token(cookie), user.id, _fingerprint(user), now + LIFETIME_S),
            )
            self._run(
                "delete from logins where user_id = ? and cookie not in"
                " (select cookie from logins where user_id = ? order by expires desc limit ?)",
                (user.id, user.id, MAX_LOGINS),
            )
        return cookie

    def user(self, cookie: str, accounts: Accounts) -> User | None:
        """Whose cookie this is, if it still holds."""
        with self._lock:
            row = self._run("select user_id, password, expires from logins where cookie = ?", (hash_token(cookie),))
        if row is None or row[2] <= self._clock():
            return None
        for user in accounts.users().values():
            if user.id == row[0] and _fingerprint(user) == row[1]:
                return user
        return None

    def end(self, cookie: str) -> None:
        """Log out."""
        with self._lock:
            self._run("delete from logins where cookie = ?", (hash_token(cookie),))

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._open is not None:
                self._open.close()
                self._open = None

    def _run(self, statement: str, values: tuple[object, ...]) -> tuple[str, str, float] | None:
        try:
            if self._open is None:
                self._open = self._connect()
            with closing(self._open.execute(statement, values)) as found:
                row: tuple[str, str, float] | None = found.fetchone()
        except (sqlite3.Error, OSError) as error:
            raise LoginsError(f"{self.path}: {error}") from None
        return row

    def _connect(self) -> sqlite3.Connection:
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        opened = sqlite3.connect(self.path, timeout=LOCK_TIMEOUT_S, isolation_level=None, check_same_thread=False)
        opened.execute("pragma journal_mode = wal")  # so that a writer makes no reader wait
        opened.execute(_SCHEMA)
        return opened


def _fingerprint(user: User) -> str:
    """Of the password that the login was made with."""
    return hashlib.sha256(user.password.encode("utf-8")).hexdigest()
