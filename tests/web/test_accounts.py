"""The users file and the command that edits it."""

import io
import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from web import users
from web.accounts import (
    MIN_PASSWORD_CHARS,
    Accounts,
    AccountsError,
    has_password,
    new_user,
    read_accounts,
    write_accounts,
)

PASSWORD = "correct horse"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "users.json"


def command(monkeypatch: pytest.MonkeyPatch, file: Path, *arguments: str, password: str = PASSWORD) -> int:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{password}\n"))
    return users.main(["--file", str(file), *arguments])


def test_a_user_is_added_and_no_secret_is_kept(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert command(monkeypatch, file, "add", "李", "--owner") == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    user = read_accounts(file)["李"]
    assert user.owner
    assert PASSWORD not in file.read_text(encoding="utf-8")
    assert user.password.startswith("$argon2id$")
    assert has_password(user, PASSWORD)
    assert not has_password(user, PASSWORD + "x")
    assert not has_password(None, PASSWORD)


def test_every_command(file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    command(monkeypatch, file, "add", "amy")
    before = read_accounts(file)["amy"]
    assert command(monkeypatch, file, "password", "amy", password="battery staple") == 0
    assert has_password(read_accounts(file)["amy"], "battery staple")
    assert read_accounts(file)["amy"].id == before.id
    assert command(monkeypatch, file, "role", "amy", "owner") == 0
    capsys.readouterr()
    assert command(monkeypatch, file, "token", "amy") == 0
    token = capsys.readouterr().out.strip()
    assert token not in file.read_text(encoding="utf-8")
    accounts = Accounts(file)
    assert accounts.by_token(token) == accounts.find("amy")
    assert accounts.by_token(token + "x") is None
    assert command(monkeypatch, file, "list") == 0
    assert capsys.readouterr().out == "amy: owner, tokens: 1\n"
    assert command(monkeypatch, file, "revoke", "amy") == 0
    assert accounts.by_token(token) is None  # a running server reads the file again
    command(monkeypatch, file, "add", "bo")
    assert command(monkeypatch, file, "remove", "amy") == 0
    assert accounts.find("amy") is None


@pytest.mark.parametrize(
    ("arguments", "password", "says"),
    [
        (("add", "amy"), "x" * (MIN_PASSWORD_CHARS - 1), f"must have {MIN_PASSWORD_CHARS}"),
        (("add", " amy"), PASSWORD, "is no name of a user"),
        (("add", "a\nb"), PASSWORD, "is no name of a user"),
        (("add", "there"), PASSWORD, "has a user 'there' already"),
        (("remove", "amy"), PASSWORD, "has no user 'amy'"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(
    file: Path,
    arguments: tuple[str, ...],
    password: str,
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_accounts(file, {"there": new_user("there", PASSWORD)})
    before = file.read_bytes()
    assert command(monkeypatch, file, *arguments, password=password) == 2
    said = capsys.readouterr().err
    assert says in said
    assert said.count("\n") == 1
    assert file.read_bytes() == before


def test_a_password_is_no_argument() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "web.users", "add", "amy", PASSWORD], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert "unrecognized arguments" in ended.stderr


USER = {"id": "0" * 32, "password": "$argon2id$x", "owner": False, "tokens": []}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "malformed"),
        ("[" * 100_000, "malformed"),
        ("[]", 'must hold "version": 1'),
        (json.dumps({"version": 2, "users": {}}), 'must hold "version": 1'),
        (json.dumps({"version": 1, "users": {"a": {}}}), "'a' must have id, password"),
        (json.dumps({"version": 1, "users": {"a": USER | {"id": "x"}}}), "an id that is not"),
        (json.dumps({"version": 1, "users": {"a": USER | {"password": "plain"}}}), "no Argon2id hash"),
        (json.dumps({"version": 1, "users": {"a": USER | {"owner": 1}}}), "neither true nor false"),
        (json.dumps({"version": 1, "users": {"a": USER | {"tokens": ["plain"]}}}), "no SHA-256"),
        (json.dumps({"version": 1, "users": {}}), "has no user"),
    ],
)
def test_a_malformed_file_is_told(file: Path, content: str, says: str) -> None:
    file.write_text(content, encoding="utf-8")
    file.chmod(0o600)
    with pytest.raises(AccountsError, match=says) as told:
        Accounts(file)
    assert str(file) in str(told.value)
    assert "python -m web.users" in str(told.value)


def test_a_missing_file_is_told_with_its_repair(file: Path) -> None:
    with pytest.raises(AccountsError, match=r"python -m web.users --file .* add NAME --owner"):
        Accounts(file)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_a_file_that_others_may_touch_is_refused(file: Path, mode: int) -> None:
    write_accounts(file, {"a": new_user("a", PASSWORD)})
    file.chmod(mode)
    with pytest.raises(AccountsError, match=f"mode {mode:o}.*chmod 600"):
        read_accounts(file)


def test_a_running_server_notices_a_file_that_was_opened_to_others(file: Path) -> None:
    write_accounts(file, {"a": new_user("a", PASSWORD)})
    accounts = Accounts(file)
    file.chmod(0o644)
    with pytest.raises(AccountsError, match="chmod 600"):
        accounts.find("a")


def test_the_same_name_in_another_normal_form_is_the_same_user(file: Path) -> None:
    write_accounts(file, {"é": new_user("é", PASSWORD)})
    assert Accounts(file).find("é") is not None


def test_unknown_users_cost_a_hash_of_the_same_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Constant time by construction: the same verification runs, on a hash of the same kind."""
    import web.accounts

    verified: list[str] = []
    real = web.accounts._hasher

    class Hasher:
        def hash(self, password: str) -> str:
            return real.hash(password)

        def verify(self, hashed: str, password: str) -> None:
            verified.append(hashed)

    user = new_user("a", PASSWORD)
    monkeypatch.setattr(web.accounts, "_hasher", Hasher())
    monkeypatch.setattr(web.accounts, "_nobody", [])
    assert not has_password(None, PASSWORD)  # even where the verification succeeds
    assert has_password(user, PASSWORD)
    assert [one.split("$")[1:4] for one in verified] == [user.password.split("$")[1:4]] * 2
