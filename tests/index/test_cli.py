import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import index.__main__ as cli
from index import BuildReport, Failure, build_index, open_index
from index.__main__ import format_report, main, printable
from index.settings import IndexSettings, default_settings

from .pages import BRIDGE_TITLE, RICE_TITLE, ROOT
from .test_build import bridge_page, rice_page, write

Cli = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Cli:
    """Runs a command: exit status, standard output, standard error."""

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        status = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


@pytest.fixture
def build(run: Cli, folder: Path, out: Path, model_folder: Path) -> Callable[[], tuple[int, str, str]]:
    return lambda: run("build", folder, "--out", out, "--embedder", model_folder)


def test_a_build_prints_what_it_did(folder: Path, build: Callable[[], tuple[int, str, str]]) -> None:
    write(folder, a=bridge_page() + "\n" + rice_page())
    (folder / "b.txt").write_bytes(bridge_page().encode("gb18030"))
    (folder / "c.pdf").write_bytes(b"%PDF")
    status, printed, errors = build()
    assert (status, errors) == (0, "")
    assert printed.startswith("2 documents, 3 articles, 3 chunks in ")
    assert "  2 added, 0 changed, 0 removed, 0 unchanged; 2 texts embedded\n" in printed
    assert "  note: b.txt: read as gb18030\n" in printed
    assert "  not read: c.pdf: is no PDF" in printed
    assert "  0 added, 0 changed, 0 removed, 2 unchanged; 0 texts embedded\n" in build()[1]


def test_the_size_of_a_chunk_is_a_setting(run: Cli, folder: Path, out: Path, model_folder: Path) -> None:
    write(folder, a=bridge_page())
    arguments = ["build", folder, "--out", out, "--embedder", model_folder, "--max-chunk-chars", "60"]
    assert run(*arguments)[0] == 0
    assert open_index(out).manifest["settings"]["max_chunk_chars"] == 60
    assert open_index(out).n_chunks == 3


def test_the_model_may_be_named_by_the_environment(
    run: Cli, folder: Path, out: Path, model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, a=bridge_page())
    monkeypatch.setenv("WENDA_EMBEDDER", str(model_folder))
    assert run("build", folder, "--out", out)[0] == 0
    assert open_index(out).manifest["embedder"]["name"] == str(model_folder)


@pytest.mark.parametrize(
    ("environment", "expected"), [({}, IndexSettings().embedder), ({"WENDA_EMBEDDER": ""}, IndexSettings().embedder),
    ({"WENDA_EMBEDDER": "other/model"}, "other/model")],
)  # fmt: skip
def test_only_the_default_settings_read_the_environment(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], expected: str
) -> None:
    monkeypatch.delenv("WENDA_EMBEDDER", raising=False)
    shipped = IndexSettings()
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert default_settings().embedder == expected
    assert IndexSettings() == shipped


@pytest.mark.parametrize(
    ("words", "environment", "expected"),
    [
        ((), {}, "models/embedder"),
        ((), {"WENDA_EMBEDDER": "other/model"}, "other/model"),
        (("EMBEDDER=third",), {"WENDA_EMBEDDER": "other/model"}, "third"),
    ],
)
def test_make_passes_the_model_of_the_environment(
    words: tuple[str, ...], environment: dict[str, str], expected: str
) -> None:
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    inherited = {
        name: value for name, value in os.environ.items() if name not in ("WENDA_EMBEDDER", "EMBEDDER", "MAKEFLAGS")
    }
    command = ["make", "--dry-run", "index", *words]
    finished = subprocess.run(command, cwd=ROOT, env=inherited | environment, capture_output=True, encoding="utf-8")
    assert finished.returncode == 0, finished.stderr
    assert f"--embedder {expected}\n" in finished.stdout


def test_info_lists_the_articles(run: Cli, folder: Path, out: Path, build: Callable[[], tuple[int, str, str]]) -> None:
    write(folder, a=bridge_page() + "\n" + rice_page())
    (folder / "c.pdf").write_bytes(b"%PDF")
    build()
    status, printed, errors = run("info", "--index", out)
    assert (status, errors) == (0, "")
    assert f"  a.txt  --10-03     {BRIDGE_TITLE}\n" in printed
    assert f"  a.txt  --10-02     {RICE_TITLE}\n" in printed
    assert "n_articles   2\n" in printed
    assert "32 dimensions" in printed
    assert "not read: c.pdf" in printed


def test_info_and_verify_print_json_and_nothing_else(
    run: Cli, folder: Path, out: Path, build: Callable[[], tuple[int, str, str]]
) -> None:
    write(folder, a=bridge_page())
    build()
    status, printed, errors = run("info", "--index", out, "--json")
    assert (status, errors) == (0, "")
    assert json.loads(printed) == {"generation": open_index(out).generation, **open_index(out).manifest}
    assert run("verify", "--index", out, "--json") == (0, '{"problems": []}\n', "")


def test_verify_tells_a_damaged_index_by_its_status(
    run: Cli, folder: Path, out: Path, build: Callable[[], tuple[int, str, str]]
) -> None:
    write(folder, a=bridge_page())
    build()
    assert run("verify", "--index", out) == (0, "every file is what was built\n", "")
    file = out / "generations" / open_index(out).generation / "base" / "vectors.faiss"
    data = file.read_bytes()
    file.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    status, printed, errors = run("verify", "--index", out)
    assert (status, printed) == (1, "")
    assert errors.startswith("base/vectors.faiss is not what was built")
    assert errors.endswith(f"Build it again: python -m index build DOCUMENTS --out {out} --full\n")
    status, printed, errors = run("verify", "--index", out, "--json")
    assert (status, errors) == (1, "")
    assert json.loads(printed)["problems"] == ["base/vectors.faiss is not what was built (its hash differs)"]
    assert "1 texts embedded" in build()[1]
    assert run("verify", "--index", out)[0] == 0


def test_info_of_a_damaged_catalog_is_an_error_and_a_build_repairs_it(
    run: Cli, folder: Path, out: Path, build: Callable[[], tuple[int, str, str]]
) -> None:
    write(folder, a=bridge_page())
    build()
    catalog = open_index(out).folder / "catalog.sqlite"
    data = catalog.read_bytes()
    catalog.write_bytes(data[:4096] + b"\xa5" * (len(data) - 4096))
    status, _, errors = run("info", "--index", out)
    assert (status, errors.count("\n")) == (2, 1)
    assert errors.startswith("error: ")
    assert errors.endswith("Build it again: make index\n")
    assert build()[0] == 0
    assert run("info", "--index", out)[0] == 0


def test_a_reader_that_went_away_is_no_fault(folder: Path, out: Path, model_folder: Path) -> None:
    write(folder, a=bridge_page())
    command = [sys.executable, "-m", "index", "build", str(folder), "--out", str(out), "--embedder", str(model_folder)]
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")
    assert open_index(out).manifest["n_documents"] == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["info", "--index", "none"], "There is no index at 'none'"),
        (["verify", "--index", "none", "--json"], "There is no index at 'none'"),
        (["build", "none", "--embedder", "MODEL"], "The documents folder 'none' does not exist"),
        (["build", "empty", "--embedder", "MODEL"], "is empty"),
        (["build", "empty", "--embedder", "./none"], "The embedder './none' cannot be loaded"),
        (["build", "empty", "--max-chunk-chars", "3"], "max_chunk_chars is 3: use 20 or more"),
        (["build", "empty", "--out", "empty", "--embedder", "MODEL"], "documents folder itself"),
        (["build", "empty", "--out", "file/sub", "--embedder", "MODEL"], "'file/sub' cannot be written"),
        (["build", "empty", "--out", "file", "--embedder", "MODEL"], "'file' exists and is no index"),
    ],
)
def test_an_error_that_a_user_can_repair_is_one_line(
    run: Cli, tmp_path: Path, model_folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    Path("file").write_text("", encoding="utf-8")
    status, printed, errors = run(*(str(model_folder) if word == "MODEL" else word for word in arguments))
    assert (status, printed) == (2, "")
    assert errors.startswith("error: ")
    assert said in errors
    assert errors.count("\n") == 1


@pytest.mark.parametrize("arguments", [[], ["nothing"], ["build"], ["build", "a", "--max-chunk-chars", "x"]])
def test_a_wrong_command_line_is_status_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage: python -m index" in capsys.readouterr().err


def test_an_interrupted_build_says_that_the_index_stands(
    run: Cli, folder: Path, out: Path, build: Callable[[], tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, a=bridge_page())
    build()

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "build_index", interrupt)
    assert build() == (130, "", "interrupted: the index is as it was; what was embedded is kept for the next build\n")


def test_a_report_is_one_line_for_each_thing() -> None:
    failed = (Failure("a\nb.txt", "holds no text"),)
    report = BuildReport(
        3, 4, 5, 2, ("a\nc.txt",), ("b.txt",), tuple(map(str, range(11))), failed, ("c.txt: read as big5",), 1.25
    )
    assert format_report(report).split("\n") == [
        "3 documents, 4 articles, 5 chunks in 1.2 s",
        "  1 added, 1 changed, 11 removed, 1 unchanged; 2 texts embedded",
        r"  added: 'a\nc.txt'",
        "  changed: b.txt",
        "  note: c.txt: read as big5",
        "  not read: 'a\\nb.txt': holds no text",
    ]


def test_a_name_is_shown_on_one_line() -> None:
    assert printable("大桥.txt") == "大桥.txt"
    assert printable("a\n\x1b[31m.txt") == r"'a\n\x1b[31m.txt'"


def test_a_name_that_no_terminal_can_show_stops_no_command(folder: Path, out: Path, model_folder: Path) -> None:
    write(folder, **{"a\nb": bridge_page()})
    try:
        Path(os.fsdecode(os.fsencode(folder) + b"/\xb4\xf3.txt")).write_text("大桥。", encoding="utf-8")
    except OSError:
        pytest.skip("this file system takes only names in UTF-8")
    environment = os.environ | {"PYTHONUTF8": "1", "WENDA_EMBEDDER": str(model_folder)}
    for arguments in (["build", folder, "--out", out], ["info", "--index", out], ["verify", "--index", out]):
        command = [sys.executable, "-m", "index", *map(str, arguments)]
        finished = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8")
        assert (finished.returncode, finished.stderr) == (0, "")


def test_the_report_of_a_build_is_what_the_library_returns(
    folder: Path, out: Path, model_folder: Path, build: Callable[[], tuple[int, str, str]]
) -> None:
    write(folder, a=bridge_page())
    first = build()[1].splitlines()
    from_library = build_index(folder, out.with_name("other"), cli.IndexSettings(embedder=str(model_folder)))
    assert format_report(from_library).splitlines()[1:] == first[1:]


class Terminal(io.StringIO):
    """Standard error of someone who looks at it."""

    def isatty(self) -> bool:
        return True


def test_a_build_that_is_looked_at_shows_a_bar_with_rate_and_rest(
    folder: Path, build: Callable[[], tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, a=bridge_page(), b=rice_page())
    monkeypatch.setattr(cli, "_BAR_INTERVAL_S", 0)
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    assert build()[0] == 0
    assert "1/2" in terminal.getvalue()
    assert re.search(r"2/2 .*documents/s, 2 chunks", terminal.getvalue())


def test_a_dry_run_names_what_would_change_and_writes_nothing(
    run: Cli, folder: Path, out: Path, model_folder: Path
) -> None:
    write(folder, a=bridge_page())
    command = ("build", folder, "--out", out, "--embedder", model_folder, "--dry-run")
    status, printed, _ = run(*command)
    assert (status, out.exists()) == (0, False)
    assert printed.split("\n")[:3] == [
        "1 documents to add, 0 changed, 0 to remove, 0 unchanged; nothing was written",
        "  everything is built anew: no index is there that this program and this model can go on with",
        "  to add: a.txt",
    ]
