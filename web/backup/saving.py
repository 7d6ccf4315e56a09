"""Saving while the app runs, and restoring without losing what is there until all of it has been checked."""

import json
import os
import shutil
import sqlite3
import tempfile
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.errors import UserError
from index.generation.place import locked
from index.store import CURRENT, GENERATIONS, live_generation, read_manifest, verify_index

from ..kept import kept_beside
from .archive import CHATS, CONTENTS, FEEDBACK, INDEX, SUFFIXES, BackupError, list_contents, unpack, write_archive


@dataclass(frozen=True, slots=True)
class Places:
    """What belongs together on a machine. `feedback` and `chats` need not be there."""

    index: Path
    feedback: Path
    chats: Path

    @classmethod
    def beside(cls, index: Path, feedback: Path | None = None, chats: Path | None = None) -> "Places":
        """The files where `app.py` keeps them for this index, unless others are named."""
        return cls(index, feedback or kept_beside(index, "feedback"), chats or kept_beside(index, "chats"))


def save(archive: Path, places: Places) -> dict[str, Any]:
    """Writes the archive, in one step at its end; its list of contents.

    Raises IndexMissingError, IndexDamagedError, or BackupError with the repair.
    """
    if not archive.name.endswith(SUFFIXES):
        raise BackupError(f"{archive.name!r} names no kind of archive: it must end in {', '.join(SUFFIXES)}.")
    with _beside(places.index) as work:
        _link_generation(places.index, work / INDEX)
        for source, name in ((places.feedback, FEEDBACK), (places.chats, CHATS)):
            if source.is_file():
                _copy_sqlite(source, work / name)
        contents = list_contents(work)
        (work / CONTENTS).write_text(json.dumps(contents, ensure_ascii=False, indent=1), encoding="utf-8")
        if problems := verify_index(work / INDEX):
            raise BackupError(f"The index at {places.index} is damaged ({problems[0]}). Build it again: make index")
        write_archive(archive, work, [CONTENTS, *contents["files"]])
    return contents


def check(archive: Path) -> dict[str, Any]:
    """Reads the whole archive and compares it with its list; the list. Raises BackupError."""
    with tempfile.TemporaryDirectory(prefix="wenda-check-") as name:
        return unpack(archive, Path(name))


def restore(archive: Path, places: Places, *, force: bool = False) -> dict[str, Any]:
    """Puts back what is in the archive; its list of contents. `force`: what is there is replaced.

    An app that is open goes on with the generation that it has, and takes up the restored one at the next question.

    Raises BackupError, or IndexBusyError while a build runs; then nothing was changed.
    """
    targets = {INDEX: places.index, FEEDBACK: places.feedback, CHATS: places.chats}
    there = [str(path) for path in targets.values() if path.exists()]
    if there and not force:
        raise BackupError(f"{', '.join(there)} is there already. To replace it: --force")
    with _beside(places.index) as work:
        contents = unpack(archive, work)
        if problems := verify_index(work / INDEX):
            raise BackupError(f"{archive} is damaged: index/{problems[0]}.")
        with locked(places.index):  # no build swaps another generation in meanwhile
            _take_index(work / INDEX, places.index)
        for name in (FEEDBACK, CHATS):
            if (work / name).is_file():
                _put_back_sqlite(work / name, targets[name])
    return contents


@contextmanager
def _beside(index: Path) -> Any:
    """An empty folder on the file system of the index, so that its files can be linked and moved."""
    index.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{index.name}-backup-", dir=index.parent) as name:
        yield Path(name)


def _link_generation(index: Path, target: Path) -> None:
    """Links the live generation below `target`, as an index of its own."""
    for _ in range(5):
        generation = live_generation(index)
        folder, linked = index / GENERATIONS / generation, target / GENERATIONS / generation
        try:
            read_manifest(folder)
            shutil.copytree(folder, linked, copy_function=_link)
        except (OSError, UserError):
            shutil.rmtree(target, ignore_errors=True)
            if live_generation(index) == generation:  # it was not swapped away under us: it is damaged
                raise
            continue
        (target / CURRENT).write_text(generation + "\n", encoding="utf-8")
        return
    raise BackupError(f"The index at {index} changes faster than it can be saved: wait for its builds to end.")


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # a file system without hard links
        shutil.copyfile(source, target)


def _copy_sqlite(source: Path, target: Path) -> None:
    """A consistent copy, also while others write."""
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, timeout=30)) as reading,
            closing(sqlite3.connect(target)) as writing,
        ):
            reading.backup(writing)
    except sqlite3.Error as error:
        raise BackupError(f"{source} cannot be copied ({error}). Is it a file of app.py, and free?") from None


def _put_back_sqlite(source: Path, target: Path) -> None:
    """Replaces a file's content inside SQLite's own lock, so that an app that has it open is not cut off."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.close(os.open(target, os.O_RDWR | os.O_CREAT, 0o600))
        with closing(sqlite3.connect(source)) as reading, closing(sqlite3.connect(target, timeout=30)) as writing:
            reading.backup(writing)
    except (sqlite3.Error, OSError) as error:
        raise BackupError(f"{target} cannot be restored ({error}). End the app, and move the file away.") from None


def _take_index(restored: Path, index: Path) -> None:
    """Makes the restored generation the live one, beside those that are there."""
    generation = live_generation(restored)
    target = index / GENERATIONS / generation
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        if target.exists():
            target.rename(restored / "replaced")  # the same generation, perhaps damaged: it goes with the work folder
        (restored / GENERATIONS / generation).rename(target)
        pointer = index / f"{CURRENT}.new"
        pointer.write_text(generation + "\n", encoding="utf-8")
        pointer.replace(index / CURRENT)
    except OSError as error:
        raise BackupError(f"{index} cannot be written: {error.strerror or error}.") from None
