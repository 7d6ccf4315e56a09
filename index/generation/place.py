"""Where an index stands: which folders can be one, and the lock that one build at a time holds."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import IndexBusyError, IndexMismatchError
from ..store import GENERATIONS


def check_places(folder: Path, path: Path) -> None:
    """Raises IndexMismatchError where `path` cannot hold the index of `folder`."""
    if path.exists() and not _may_be_index(path):
        raise IndexMismatchError(f"{str(path)!r} exists and is no index: name another folder with --out")
    if folder.is_dir() and path.resolve() == folder.resolve():
        raise IndexMismatchError(f"The index cannot stand in the documents folder itself ({str(folder)!r}).")
    if folder.is_dir() and path.resolve().is_relative_to(folder.resolve()):
        below = path.resolve().relative_to(folder.resolve())
        if not any(part.startswith(".") for part in below.parts):  # hidden folders are passed over
            raise IndexMismatchError(
                f"The index cannot stand among the documents ({str(path)!r} would be read as one of them): "
                "name a hidden folder, or one outside, with --out"
            )


def _may_be_index(path: Path) -> bool:
    """Whether a folder is empty or an index: a `generations` that is another program's is not for us to clear."""
    if not path.is_dir():
        return False
    names = {entry.name for entry in path.iterdir()}
    return not names or (GENERATIONS in names and ("lock" in names or not any((path / GENERATIONS).iterdir())))


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Makes the index's folder and holds its lock; the system lets go of it when the process ends, however it ends.

    Raises:
        IndexBusyError: another build holds it.
        IndexMismatchError: the folder cannot be written.
    """
    try:
        (path / GENERATIONS).mkdir(parents=True, exist_ok=True)
        lock = (path / "lock").open("w")
    except OSError as error:
        text = f"{str(path)!r} cannot be written ({error.strerror}): name another folder with --out"
        raise IndexMismatchError(text) from error
    with lock as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise IndexBusyError(f"Another build is writing {str(path)!r}: try again when it is done.") from error
        yield
