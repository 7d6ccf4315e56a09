"""The index is damaged, deleted, swapped or put back while an engine answers from it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from index.build import build_index
from index.errors import IndexDamagedError, IndexMissingError
from index.settings import IndexSettings
from index.store import _FILES, CURRENT, GENERATIONS, MANIFEST, open_index, verify_index
from rag import Engine, RagSettings
from rag.__main__ import main as ask
from rag.reading.evidence import LexicalReader

from ..rag.pieces import weights
from .conftest import ANSWER, QUESTION

FILES = tuple(sorted(_FILES))


def overwrite(file: Path, start: int, data: bytes) -> None:
    """In place, as a disk or a hand does it: who has the file open sees it."""
    with file.open("r+b") as handle:
        handle.seek(start)
        handle.write(data)


def garbage(file: Path) -> None:
    overwrite(file, 0, np.random.default_rng(7).bytes(file.stat().st_size))


def one_page(file: Path) -> None:
    middle = file.stat().st_size // 2 // 4096 * 4096
    overwrite(file, middle, np.random.default_rng(7).bytes(min(4096, file.stat().st_size - middle)))


def zeros(file: Path) -> None:
    overwrite(file, 0, bytes(file.stat().st_size))


def longer(file: Path) -> None:
    overwrite(file, file.stat().st_size, b"more")


def test_the_files_are_all_that_an_index_has(engine: Engine) -> None:
    names = {p.relative_to(engine.index.folder).as_posix() for p in engine.index.folder.rglob("*") if p.is_file()}
    assert names == {*FILES, MANIFEST}


def answers(engine: Engine) -> tuple[Callable[[], object], ...]:
    """All ways to ask."""
    return (
        lambda: engine.answer(QUESTION), lambda: list(engine.stream(QUESTION)), lambda: engine.retrieve(QUESTION),
        engine.refresh,
    )  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_named_with_its_repair_and_a_rebuild_brings_the_answers_back(
    engine: Engine, rebuild: Callable[[], None], name: str
) -> None:
    garbage(engine.index.folder / name)
    for ask_again in answers(engine):
        with pytest.raises(IndexDamagedError, match=f"{name} is not what.*python -m index verify --index .*make index"):
            ask_again()
    rebuild()
    assert ANSWER in engine.answer(QUESTION).text  # without a refresh, and without a restart
    assert verify_index(engine.path) == []


@pytest.mark.parametrize("damage", [one_page, zeros, longer])
@pytest.mark.parametrize("name", ["catalog.sqlite", "base/texts.sqlite", "chunks.npy"])
def test_any_damage_of_a_file_is_seen(engine: Engine, name: str, damage: Callable[[Path], None]) -> None:
    damage(engine.index.folder / name)
    for ask_again in answers(engine):
        with pytest.raises(IndexDamagedError, match=f"{name} is not what was built"):
            ask_again()


def test_a_file_cut_short_does_not_end_the_process(index_path: Path, tmp_path: Path) -> None:
    """To read a mapped array beyond the end of its file ends the process (SIGBUS): so in one of its own."""
    script = f"""
import os, shutil
from pathlib import Path
from index.errors import IndexDamagedError
from tests.faults.conftest import QUESTION, open_engine
for name in {FILES!r}:
    copy = Path({str(tmp_path)!r}) / "copy"
    shutil.copytree({str(index_path)!r}, copy)
    engine = open_engine(copy)
    file = engine.index.folder / name
    os.truncate(file, file.stat().st_size // 2)
    try:
        engine.answer(QUESTION)
    except IndexDamagedError:
        print(name)
    shutil.rmtree(copy)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=Path.cwd())
    assert (done.returncode, done.stdout.split()) == (0, list(FILES)), done.stderr


def test_damage_that_leaves_no_trace_is_told_where_it_keeps_from_answering(engine: Engine) -> None:
    """A disk that rots changes no time stamp: it is seen when something cannot be read, and `verify` finds it."""
    file = engine.index.folder / "chunks.npy"
    before = file.stat()
    garbage(file)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(IndexDamagedError, match=r"chunks.npy is not what was built"):
        engine.answer(QUESTION)
    assert verify_index(engine.path) == ["chunks.npy is not what was built (its hash differs)"]


@pytest.mark.parametrize("name", ["catalog.sqlite", "base/texts.sqlite"])
def test_a_damaged_catalog_is_an_error_for_the_user_of_the_command_too(
    built: tuple[Path, Path], index_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    garbage(index_path / GENERATIONS / open_index(index_path).generation / name)
    assert ask(["ask", QUESTION, "--index", str(index_path)]) == 2
    assert capsys.readouterr().err.startswith("error: ")


def test_a_fault_over_sound_files_is_ours_and_is_not_blamed_on_them(index_path: Path) -> None:
    class Broken(LexicalReader):
        def read(self, *_: object) -> list:
            raise RuntimeError("ours")

    broken = Engine.open(index_path, RagSettings(), Broken(), weights())
    with pytest.raises(RuntimeError, match="ours"):
        broken.answer(QUESTION)


def test_files_that_are_removed_are_held_open(engine: Engine) -> None:
    shutil.rmtree(engine.index.folder)
    assert ANSWER in engine.answer(QUESTION).text
    assert ANSWER in engine.document("桥.txt").text


def test_an_index_that_is_removed_is_missed_at_the_next_refresh_and_found_when_it_is_back(
    engine: Engine, rebuild: Callable[[], None]
) -> None:
    shutil.rmtree(engine.path)
    with pytest.raises(IndexMissingError, match="Build one: python -m index build"):
        engine.refresh()
    assert ANSWER in engine.answer(QUESTION).text, "who does not refresh goes on with what is open"
    rebuild()
    assert engine.refresh()
    assert ANSWER in engine.answer(QUESTION).text


def test_a_backup_that_is_put_back_is_opened_again(built: tuple[Path, Path], engine: Engine) -> None:
    generation = engine.generation
    for name in ("catalog.sqlite", "chunks.npy"):
        garbage(engine.index.folder / name)
    with pytest.raises(IndexDamagedError):
        engine.answer(QUESTION)
    shutil.rmtree(engine.path)
    shutil.copytree(built[1], engine.path)
    assert ANSWER in engine.answer(QUESTION).text
    assert engine.generation == generation and not engine.refresh()


def test_a_touched_file_is_hashed_and_the_answers_go_on(engine: Engine) -> None:
    before = engine.index
    os.utime(engine.index.folder / "chunks.npy", ns=(1, 1))
    assert ANSWER in engine.answer(QUESTION).text
    assert engine.index is not before and not engine.refresh()


@pytest.mark.parametrize(
    "content", ["", "../../etc", "no-such-generation\n", "\0\n", "\ud800".encode("utf-8", "surrogatepass")]
)
def test_a_pointer_to_nothing_is_told(engine: Engine, rebuild: Callable[[], None], content: str | bytes) -> None:
    data = content if isinstance(content, bytes) else content.encode()
    (engine.path / CURRENT).write_bytes(data)
    with pytest.raises((IndexDamagedError, IndexMissingError)):
        engine.refresh()
    rebuild()
    assert engine.refresh() and ANSWER in engine.answer(QUESTION).text


def test_a_damaged_new_generation_is_told_and_the_one_after_it_is_picked_up(
    engine: Engine, documents: Path, settings: IndexSettings, rebuild: Callable[[], None]
) -> None:
    (documents / "新.txt").write_text("新闻一则\n\n这是一则新闻，昨天发生。\n", encoding="utf-8")
    build_index(documents, engine.path, settings)
    manifest = open_index(engine.path).folder / MANIFEST
    manifest.write_bytes(manifest.read_bytes()[:99])
    with pytest.raises(IndexDamagedError, match="manifest"):
        engine.refresh()
    rebuild()
    assert engine.refresh() and ANSWER in engine.answer(QUESTION).text


def test_a_question_under_way_ends_with_the_generation_that_it_began_with(
    engine: Engine, documents: Path, settings: IndexSettings
) -> None:
    events = engine.stream(QUESTION)
    next(events)
    (documents / "桥.txt").write_text("青河大桥合龙\n\n青河大桥全长999米。\n", encoding="utf-8")
    for _ in range(2):  # the second build removes the generation that is being read
        build_index(documents, engine.path, settings)
        (documents / "新.txt").write_text("新闻一则\n\n这是一则新闻，昨天发生。\n", encoding="utf-8")
        engine.refresh()
    last = list(events)[-1]
    assert ANSWER in last.answer.text
    assert "999米" in engine.answer(QUESTION).text


def test_damage_in_mid_question_ends_it_with_the_repair(index_path: Path) -> None:
    class Damaging(LexicalReader):
        """Steps in between two reads of one question."""

        def read(self, *_: object) -> list:
            garbage(engine.index.folder / "catalog.sqlite")
            raise ValueError("what a damaged file makes a parser raise")

    engine = Engine.open(index_path, RagSettings(), Damaging(), weights())
    with pytest.raises(IndexDamagedError, match=r"catalog.sqlite is not what was built"):
        engine.answer(QUESTION)
