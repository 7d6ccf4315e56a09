"""The command: its flags, and errors that a user can repair, told in one line."""

import contextlib
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import app
import index.build
from index.settings import IndexSettings
from index.types import BuildReport, Failure
from tests.ports import free_port
from web.addresses import AddressError, check_address, is_loopback
from web.program import _build as build

ROOT = Path(__file__).parents[2]


@contextlib.contextmanager
def taken_port(address: str = "127.0.0.1") -> Iterator[int]:
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as other:
        other.bind((address, 0))
        other.listen()
        yield other.getsockname()[1]


def test_defaults() -> None:
    flags = app.parse_flags([])
    assert (flags.documents, flags.index) == (Path("documents"), Path(".index"))
    assert (flags.host, flags.port) == ("127.0.0.1", 7860)


def test_flags() -> None:
    flags = app.parse_flags(["--documents", "d", "--index", "i", "--host", "0.0.0.0", "--port", "81"])
    assert (flags.documents, flags.index, flags.host, flags.port) == (Path("d"), Path("i"), "0.0.0.0", 81)


@pytest.mark.parametrize("text", ["0", "65536", "-1", "http", "８０", "7860.0", ""])
def test_what_is_not_a_port_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        app.parse_flags([f"--port={text}"])
    assert ended.value.code == 2
    assert "a port is a number from 1 to 65535" in capsys.readouterr().err


def test_a_free_port_passes() -> None:
    check_address("127.0.0.1", free_port())


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "localhost"])
def test_a_taken_port_is_told_with_its_repair(host: str) -> None:
    address = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM)[0][4][0]  # of localhost it may be ::1
    with taken_port(address) as port, pytest.raises(AddressError) as told:
        check_address(host, port)
    for part in (host, str(port), f"--port {port + 1}"):
        assert part in str(told.value)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "192.0.2.1"])
def test_a_host_that_is_not_ours_is_told(host: str) -> None:
    with pytest.raises(AddressError, match=host):
        check_address(host, 7860)


@pytest.mark.parametrize("host", ["a..b", "x" * 64, ".a"])
def test_a_host_that_no_machine_can_have_is_told_in_one_line(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["--host", host]) == 2
    told = f"app.py: {host!r} is no name or address of a machine. On this machine only: --host 127.0.0.1\n"
    assert capsys.readouterr() == ("", told)


def test_a_taken_port_ends_the_command_before_anything_is_loaded(tmp_path: Path) -> None:
    with taken_port() as port:
        ended = subprocess.run(
            [sys.executable, ROOT / "app.py", "--port", str(port), "--index", tmp_path / "none"],
            capture_output=True,
            text=True,
            check=False,
        )
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == 1
    assert f"port {port} on 127.0.0.1 is taken" in ended.stderr


def test_neither_index_nor_documents_is_told_with_its_repair(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = [f"--index={tmp_path / 'none'}", f"--documents={tmp_path / 'no-such-folder'}", f"--port={free_port()}"]
    assert app.main(flags) == 2
    said = capsys.readouterr()
    doing = ["Loading the program ...", f"Reading the index {tmp_path / 'none'}, loading the models ..."]
    assert said.out.splitlines() == doing  # what the start is at; never that it is ready
    assert said.err.count("\n") == 1
    for part in (str(tmp_path / "none"), "no-such-folder", "--documents FOLDER"):
        assert part in said.err


def test_a_missing_index_is_built_with_the_model_of_the_environment_and_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[tuple[Path, Path, IndexSettings]] = []

    def build_index(documents: Path, out: Path, settings: IndexSettings) -> BuildReport:
        asked.append((documents, out, settings))
        return BuildReport(3, 4, 5, 3, (), (), (), (Failure("a\nb.txt", "holds no text"),), (), 1.25)

    monkeypatch.setattr(index.build, "build_index", build_index)
    monkeypatch.setenv("WENDA_EMBEDDER", "other/model")
    build(tmp_path, tmp_path / "none")
    assert asked == [(tmp_path, tmp_path / "none", IndexSettings(embedder="other/model"))]
    said = capsys.readouterr().out
    assert "3 documents, 4 articles, 5 chunks in 1.2 s\n" in said
    assert "not read: 'a\\nb.txt': holds no text\n" in said


def test_an_empty_folder_of_documents_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    flags = [f"--index={tmp_path / 'none'}", f"--documents={tmp_path / 'empty'}", f"--port={free_port()}"]
    assert app.main(flags) == 2
    assert capsys.readouterr().err.startswith("app.py: ")


def test_a_folder_that_is_no_index_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "CURRENT").write_text("nonsense", encoding="utf-8")
    (tmp_path / "other.txt").write_text("x", encoding="utf-8")
    assert app.main([f"--index={tmp_path}", f"--documents={tmp_path}", f"--port={free_port()}"]) == 2
    assert capsys.readouterr().err.startswith("app.py: ")


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("192.168.1.4", False),
        ("a.b", False),
    ],
)
def test_only_this_machine_may_manage(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


@pytest.mark.parametrize("text", ["0", "-1", "1001", "two"])
def test_what_is_no_number_of_questions_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        app.parse_flags([f"--at-once={text}"])
    assert "from 1 to 1000" in capsys.readouterr().err
