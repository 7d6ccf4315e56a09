"""The file of users: names, Argon2 hashes of passwords, hashes of tokens, and who manages. No secret stands in it.

    {"version": 1, "users": {"li": {"id": "...", "password": "$argon2id$...", "owner": false, "tokens": ["..."]}}}

`python -m web.users` edits it; a running server reads it again when it has changed.
"""

import hashlib
import hmac
import json
import os
import re
import secrets
import stat
import tempfile
import threading
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from index.errors import UserError

MIN_PASSWORD_CHARS = 10
MAX_PASSWORD_CHARS = 1000
MAX_NAME_CHARS = 64
N_HASHED_AT_ONCE = 2
"""Each takes 64 MiB and some 50 ms of a core."""

_VERSION = 1
_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
_TOKEN_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_hasher = PasswordHasher()
_hashing = threading.BoundedSemaphore(N_HASHED_AT_ONCE)


class AccountsError(UserError):
    """The users file is missing, malformed, or open to others; or a name or password will not do."""


@dataclass(frozen=True, slots=True)
class User:
    """One user. `id` stays with what is kept of the user: another user of the same name has another one."""

    name: str
    id: str
    password: str
    """Argon2id hash, with its parameters and salt."""
    owner: bool = False
    """May change what all get: documents, index, settings, evaluation."""
    tokens: tuple[str, ...] = ()
    """SHA-256 of each token: it is random, so that no slow hash is needed."""


def new_user(name: str, password: str, *, owner: bool = False) -> User:
    """A user who is not in the file yet. Raises AccountsError where name or password will not do."""
    return User(checked_name(name), secrets.token_hex(16), hash_password(password), owner)


def checked_name(name: str) -> str:
    """A name in its canonical form. Raises AccountsError."""
    name = unicodedata.normalize("NFC", name)
    if not 0 < len(name) <= MAX_NAME_CHARS or not name.isprintable() or name != name.strip():
        raise AccountsError(f"{name!r} is no name of a user: 1 to {MAX_NAME_CHARS} printable characters.")
    return name


def hash_password(password: str) -> str:
    """Its Argon2id hash. Raises AccountsError for one that is too short or too long."""
    if not MIN_PASSWORD_CHARS <= len(password) <= MAX_PASSWORD_CHARS:
        raise AccountsError(
            f"The password has {len(password)} characters: it must have {MIN_PASSWORD_CHARS} to {MAX_PASSWORD_CHARS}."
        )
    return _hasher.hash(password)


def new_token() -> tuple[str, str]:
    """A random token, and its hash for the file."""
    token = f"wenda-{secrets.token_urlsafe(32)}"
    return token, hash_token(token)


def hash_token(token: str) -> str:
    """SHA-256 of a token, as it stands in the file."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def has_password(user: User | None, password: str) -> bool:
    """Whether the password is the user's; for no user it takes as long, and it is not."""
    with _hashing:
        try:
            _hasher.verify(user.password if user is not None else _nobody_hash(), password[: MAX_PASSWORD_CHARS + 1])
        except (VerificationError, InvalidHashError):
            return False
    return user is not None


_nobody: list[str] = []


def _nobody_hash() -> str:
    """A hash with the parameters of all others, of a password that nobody knows."""
    if not _nobody:
        _nobody.append(_hasher.hash(secrets.token_hex(16)))
    return _nobody[0]


def read_accounts(path: Path) -> dict[str, User]:
    """The users by name. Raises AccountsError where the file is missing, malformed, or others may read or write it."""
    add = f"python -m web.users --file {path} add NAME"
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            content = file.read()
    except FileNotFoundError:
        raise AccountsError(f"There is no users file {path}. Make it with its first user: {add} --owner") from None
    except OSError as error:
        raise AccountsError(f"The users file {path} cannot be read: {error.strerror}.") from None
    if mode & 0o077:
        raise AccountsError(
            f"The users file {path} has mode {mode:o}: others may read or write it. Repair: chmod 600 {path}"
        )
    try:
        return _parsed(json.loads(content))
    except (ValueError, RecursionError) as error:
        raise AccountsError(f"The users file {path} is malformed: {error}. Make it anew: {add}") from None


def write_accounts(path: Path, users: Mapping[str, User]) -> None:
    """Puts the file in place in one step, for its owner only. Raises AccountsError."""
    rows = {
        user.name: {"id": user.id, "password": user.password, "owner": user.owner, "tokens": list(user.tokens)}
        for user in users.values()
    }
    text = json.dumps({"version": _VERSION, "users": rows}, ensure_ascii=False, indent=1)
    part = ""
    try:
        descriptor, part = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # of mode 600
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        Path(part).replace(path)
    except OSError as error:
        if part:
            Path(part).unlink(missing_ok=True)
        raise AccountsError(f"The users file {path} cannot be written: {error.strerror}.") from None


def _parsed(content: Any) -> dict[str, User]:
    """Raises ValueError where it is not what this module writes."""
    rows = content.get("users") if isinstance(content, dict) else None
    if not isinstance(rows, dict) or content.get("version") != _VERSION:
        raise ValueError(f'it must hold "version": {_VERSION} and "users"')
    return {name: _user(name, row) for name, row in rows.items()}


def _user(name: str, row: Any) -> User:
    if not isinstance(row, dict) or row.keys() != {"id", "password", "owner", "tokens"}:
        raise ValueError(f"the user {name!r} must have id, password, owner and tokens")
    id, password, owner, tokens = row["id"], row["password"], row["owner"], row["tokens"]
    if not (isinstance(id, str) and _ID.fullmatch(id)):
        raise ValueError(f"the user {name!r} has an id that is not 32 hexadecimal digits")
    if not (isinstance(password, str) and password.startswith("$argon2id$")):
        raise ValueError(f"the password of the user {name!r} is no Argon2id hash")
    if not isinstance(owner, bool):
        raise ValueError(f'"owner" of the user {name!r} is neither true nor false')
    if not isinstance(tokens, list) or not all(isinstance(one, str) and _TOKEN_HASH.fullmatch(one) for one in tokens):
        raise ValueError(f"a token of the user {name!r} is no SHA-256")
    return User(name, id, password, owner, tuple(tokens))


class Accounts:
    """The users of a running server, read again when their file has changed."""

    def __init__(self, path: Path) -> None:
        """Raises AccountsError where the file will not do, or has no user."""
        self.path = path
        self._read: tuple[Any, dict[str, User]] = (None, {})
        if not self.users():
            raise AccountsError(
                f"The users file {path} has no user. Add one: python -m web.users --file {path} add NAME --owner"
            )

    def users(self) -> Mapping[str, User]:
        """All users by name, as the file has them now. Raises AccountsError."""
        state = self._state()
        seen, users = self._read
        if state is None or state != seen:
            users = read_accounts(self.path)
            self._read = (state, users)
        return users

    def find(self, name: str) -> User | None:
        """The user of this name."""
        return self.users().get(unicodedata.normalize("NFC", name))

    def by_token(self, token: str) -> User | None:
        """Whose token this is."""
        wanted, found = hash_token(token), None
        for user in self.users().values():
            for one in user.tokens:
                if hmac.compare_digest(one, wanted):
                    found = user
        return found

    def _state(self) -> Any:
        try:
            now = self.path.stat()
        except OSError:
            return None
        return now.st_mtime_ns, now.st_ino, now.st_size, now.st_mode
