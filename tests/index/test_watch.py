"""Watching a folder: built at the start, after changes, and again after a failure; stopped by a signal."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from index import open_index
from index.errors import UserError
from index.watch import watch_documents

from .test_build import bridge_page, rice_page, write

LIMIT_S = 120.0


def wait_for(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + LIMIT_S
    while not holds():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)


def lay(document: Path) -> None:
    """A document that is there at once: one that is made and then written may be two changes, and two builds."""
    made = document.parents[1] / f"made-{document.name}"
    made.write_text("大桥", encoding="utf-8")
    made.replace(document)


class Watch:
    """`watch_documents` in a thread; each build returns or raises what stands in `outcomes`, then "built"."""

    def __init__(self, folder: Path, out: Path, outcomes: list[str | Exception]) -> None:
        self.outcomes, self.n_builds, self.said = outcomes, 0, list[str]()
        self.stop = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(folder, out), daemon=True)
        self._thread.start()

    def _run(self, folder: Path, out: Path) -> None:
        watch_documents(folder, out, self._rebuild, stop=self.stop, say=self.said.append, debounce_ms=100, retry_s=0.3)

    def _rebuild(self) -> str:
        self.n_builds += 1
        outcome = self.outcomes.pop(0) if self.outcomes else "built"
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def end(self) -> None:
        self.stop.set()
        self._thread.join(LIMIT_S)
        assert not self._thread.is_alive()


@pytest.fixture
def out(folder: Path) -> Path:
    """An index in a hidden folder of the documents."""
    (folder / ".index").mkdir()
    return folder / ".index"


def test_it_builds_at_the_start_and_when_a_document_changes(folder: Path, out: Path) -> None:
    watch = Watch(folder, out, [])
    wait_for(lambda: watch.n_builds == 1)
    lay(folder / "a.txt")
    wait_for(lambda: watch.n_builds == 2)
    watch.end()
    assert watch.said == ["built", "built"]


def test_what_is_no_document_starts_no_build(folder: Path, out: Path) -> None:
    watch = Watch(folder, out, [])
    wait_for(lambda: watch.n_builds == 1)
    (out / "lock").write_text("", encoding="utf-8")
    (folder / ".a.txt.swp").write_text("", encoding="utf-8")
    time.sleep(1.0)
    assert watch.n_builds == 1
    lay(folder / "a.txt")
    wait_for(lambda: watch.n_builds == 2)
    watch.end()


def test_a_link_that_leads_to_the_index_starts_no_build(folder: Path, tmp_path: Path) -> None:
    place = tmp_path / "around" / "place"
    place.mkdir(parents=True)
    (folder / "up").symlink_to(tmp_path / "around", target_is_directory=True)
    watch = Watch(folder, place, [])
    wait_for(lambda: watch.n_builds == 1)
    (place / "CURRENT").write_text("", encoding="utf-8")
    (place.parent / "outside.txt").write_text("大桥", encoding="utf-8")
    time.sleep(1.0)
    assert watch.n_builds == 1
    lay(folder / "a.txt")
    wait_for(lambda: watch.n_builds == 2)
    watch.end()


def test_a_failing_build_is_told_and_tried_again(folder: Path, out: Path) -> None:
    watch = Watch(folder, out, [UserError("the folder is empty"), ValueError("boom")])
    wait_for(lambda: watch.n_builds == 3)
    watch.end()
    assert watch.said == [
        "not built, the index is as it was: the folder is empty",
        "not built, the index is as it was: ValueError: boom",
        "built",
    ]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_follows_the_folder_and_ends_at_a_signal(
    folder: Path, tmp_path: Path, model_folder: Path, number: int
) -> None:
    place = tmp_path / "place"
    command = [sys.executable, "-m", "index", "watch", str(folder), "--out", str(place)]
    write(folder, a=bridge_page())
    process = subprocess.Popen(
        [*command, "--embedder", str(model_folder)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        for n_documents, page in ((1, rice_page()), (2, "")):  # what it says of a build, it says when that is done
            while (line := process.stdout.readline()) and not line.startswith(f"{n_documents} documents"):
                pass
            assert f"  1 added, 0 changed, 0 removed, {n_documents - 1} unchanged" in process.stdout.readline()
            assert open_index(place).manifest["n_documents"] == n_documents
            if page:
                (tmp_path / "b.txt").write_text(page, encoding="utf-8")
                (tmp_path / "b.txt").replace(folder / "b.txt")
        process.send_signal(number)
        _, errors = process.communicate(timeout=LIMIT_S)
    finally:
        process.kill()
    assert process.returncode == 0, errors
    assert errors == "stopped watching\n"


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "index", "watch", str(tmp_path / "gone"), "--out", str(tmp_path / "place")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, "does not exist" in done.stderr) == (2, True)
