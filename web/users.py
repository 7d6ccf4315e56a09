"""Makes and edits the file of users: `python -m web.users add NAME`. Passwords are asked for, never arguments."""

import argparse
import getpass
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from index.errors import UserError

from .accounts import (
    AccountsError,
    User,
    checked_name,
    hash_password,
    new_token,
    new_user,
    read_accounts,
    write_accounts,
)

DEFAULT_FILE = Path("users.json")

Users = dict[str, User]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    flags = _parser().parse_args(arguments)
    try:
        users = {} if flags.command == "add" and not flags.file.exists() else read_accounts(flags.file)
        COMMANDS[flags.command](users, flags)
    except UserError as error:
        print(f"web.users: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m web.users", description="Who may use the chat (app.py --auth FILE)."
    )
    parser.add_argument("--file", type=Path, default=DEFAULT_FILE, help="the users file (default: users.json)")
    commands = parser.add_subparsers(dest="command", required=True)
    add = commands.add_parser(
        "add", help="a new user; the password is asked for, or is the first line of standard input"
    )
    add.add_argument("name")
    add.add_argument("--owner", action="store_true", help="may change documents, index and settings, and evaluate")
    for name, says in (
        ("password", "another password; who is logged in with the old one is logged out"),
        ("token", "a token for programs, printed once"),
        ("revoke", "make all tokens of a user invalid"),
        ("remove", "the user is no more"),
    ):
        commands.add_parser(name, help=says).add_argument("name")
    role = commands.add_parser("role", help="whether a user may change documents, index and settings")
    role.add_argument("name")
    role.add_argument("role", choices=["owner", "reader"])
    commands.add_parser("list", help="names and roles")
    return parser


def _add(users: Users, flags: argparse.Namespace) -> None:
    name = checked_name(flags.name)
    if name in users:
        raise AccountsError(f"{flags.file} has a user {name!r} already. Another password: password {name}")
    users[name] = new_user(name, _asked_password(), owner=flags.owner)
    write_accounts(flags.file, users)
    print(f"{name} was added to {flags.file}")


def _password(users: Users, flags: argparse.Namespace) -> None:
    _change(users, flags, lambda user: replace(user, password=hash_password(_asked_password())))


def _token(users: Users, flags: argparse.Namespace) -> None:
    token, hashed = new_token()
    _change(users, flags, lambda user: replace(user, tokens=(*user.tokens, hashed)))
    print(token)


def _revoke(users: Users, flags: argparse.Namespace) -> None:
    _change(users, flags, lambda user: replace(user, tokens=()))


def _role(users: Users, flags: argparse.Namespace) -> None:
    _change(users, flags, lambda user: replace(user, owner=flags.role == "owner"))


def _remove(users: Users, flags: argparse.Namespace) -> None:
    del users[_found(users, flags).name]
    write_accounts(flags.file, users)


def _list(users: Users, flags: argparse.Namespace) -> None:
    for user in users.values():
        n_tokens = f", tokens: {len(user.tokens)}" if user.tokens else ""
        print(f"{user.name}: {'owner' if user.owner else 'reader'}{n_tokens}")


COMMANDS: dict[str, Callable[[Users, argparse.Namespace], None]] = {
    "add": _add,
    "password": _password,
    "token": _token,
    "revoke": _revoke,
    "role": _role,
    "remove": _remove,
    "list": _list,
}


def _change(users: Users, flags: argparse.Namespace, change: Callable[[User], User]) -> None:
    user = _found(users, flags)
    users[user.name] = change(user)
    write_accounts(flags.file, users)


def _found(users: Users, flags: argparse.Namespace) -> User:
    name = checked_name(flags.name)
    if name not in users:
        raise AccountsError(f"{flags.file} has no user {name!r}.")
    return users[name]


def _asked_password() -> str:
    """Asked for twice at a terminal; else the first line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != password:
        raise AccountsError("The two passwords differ: nothing was changed.")
    return password


if __name__ == "__main__":
    sys.exit(main())
