"""Where a command prints to: a full disk, a reader that goes away, nothing at all."""

import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import QUESTION

COMMANDS = {
    "ask": ["rag", "search", QUESTION, "--mode", "bm25", "--index"],
    "info": ["index", "info", "--index"],
    "check": ["eval", "check", "eval/sets/documents-dev.jsonl", "--index"],
}


def run(command: str, redirect: str, index_path: Path) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", *COMMANDS[command], str(index_path)]
    return subprocess.run(
        ["bash", "-c", f'set -o pipefail; "$@" {redirect}', "bash", *words], capture_output=True, text=True
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_output_on_a_full_disk_is_an_error_of_one_line(built: tuple[Path, Path], command: str) -> None:
    done = run(command, "> /dev/full", built[1])
    assert (done.returncode, done.stderr) == (2, "error: the output cannot be written: No space left on device\n")


def test_a_reader_that_goes_away_is_no_error(built: tuple[Path, Path]) -> None:
    done = run("ask", "| head -c 0", built[1])
    assert (done.returncode, done.stderr) == (141, "")


def test_a_command_without_an_output_runs(built: tuple[Path, Path]) -> None:
    done = run("info", ">&-", built[1])
    assert (done.returncode, done.stderr) == (0, "")
