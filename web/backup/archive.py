"""The archive: a list of its files with sizes and hashes, then the files. What comes out of one is checked first.

An archive may come from anywhere: nothing in it is believed that its list does not name, no link and no path out of the
folder is followed, and no more bytes are written than the list says.
"""

import datetime
import hashlib
import json
import lzma
import os
import tarfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from index.errors import UserError
from index.store import CURRENT, hash_file, live_generation

CONTENTS, INDEX, FEEDBACK, CHATS = "contents.json", "index", "feedback.sqlite", "chats.sqlite"
FORMAT = 1
SUFFIXES = (".tar", ".tar.gz", ".tar.xz")
MAX_CONTENTS_BYTES = 64 * 2**20
_UNREADABLE = (
    *(tarfile.TarError, OSError, EOFError, zlib.error, lzma.LZMAError),
    *(ValueError, LookupError, TypeError, AttributeError),  # a list that is none
)


class BackupError(UserError):
    """An archive cannot be written, is damaged, or would overwrite what is there."""


def list_contents(work: Path) -> dict[str, Any]:
    files = {
        path.relative_to(work).as_posix(): {"bytes": path.stat().st_size, "sha256": hash_file(path)}
        for path in sorted(work.rglob("*"))
        if path.is_file()
    }
    made = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    return {"format": FORMAT, "made": made, "generation": live_generation(work / INDEX), "files": files}


def write_archive(archive: Path, work: Path, names: Sequence[str]) -> None:
    """For its owner only: what readers asked stands in it. Raises BackupError."""
    part = archive.with_name(f".{archive.name}.part")
    mode: Any = {"tar": "w", "gz": "w:gz", "xz": "w:xz"}[archive.name.rpartition(".")[2]]
    try:
        archive.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        # Never into a file that another user laid there: the folder of backups may be everybody's.
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w+b") as file, tarfile.open(fileobj=file, mode=mode) as tar:
            for name in names:
                tar.add(work / name, name, filter=_nobody)
        part.replace(archive)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise BackupError(f"{archive} cannot be written: {error.strerror or error}.") from None


def _nobody(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """An entry without the names and numbers of this machine's users, readable by its owner alone."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mode = 0o600
    return entry


def unpack(archive: Path, work: Path) -> dict[str, Any]:
    """Unpacks into an empty folder what the list names, and checks each file; the list."""
    try:
        with tarfile.open(archive, "r:*") as tar:
            entries = iter(tar)
            contents = _read_contents(archive, tar, next(entries, None))
            wanted = dict(contents["files"])
            for entry in entries:
                if entry.name not in wanted:
                    raise BackupError(f"{archive} holds {entry.name!r}, which its list does not name.")
                _unpack_one(tar, entry, wanted.pop(entry.name), work, archive)
    except FileNotFoundError:
        raise BackupError(f"There is no archive {archive}.") from None
    except _UNREADABLE as error:
        raise BackupError(f"{archive} is damaged, or is no backup of this program ({error}).") from None
    if wanted:
        raise BackupError(f"{archive} is damaged: {min(wanted)} is missing.")
    return contents


def _read_contents(archive: Path, tar: tarfile.TarFile, entry: tarfile.TarInfo | None) -> dict[str, Any]:
    """The list: the first entry."""
    if entry is None or entry.name != CONTENTS or not entry.isreg() or entry.size > MAX_CONTENTS_BYTES:
        raise BackupError(f"{archive} is no backup of this program: it does not begin with {CONTENTS}.")
    file = tar.extractfile(entry)
    contents: dict[str, Any] = json.loads(file.read()) if file else {}
    if contents["format"] != FORMAT:
        raise BackupError(f"{archive} has format {contents['format']}, this program reads {FORMAT}.")
    for name, record in contents["files"].items():
        parts = PurePosixPath(name).parts
        if name.startswith("/") or ".." in parts or parts[0] not in (INDEX, FEEDBACK, CHATS):
            raise BackupError(f"{archive} names {name!r}, which belongs to no backup.")
        if type(record["bytes"]) is not int or type(record["sha256"]) is not str:
            raise ValueError(f"{name} has no size and hash")
    if f"{INDEX}/{CURRENT}" not in contents["files"]:
        raise BackupError(f"{archive} holds no index.")
    return contents


def _unpack_one(
    tar: tarfile.TarFile, entry: tarfile.TarInfo, record: dict[str, Any], work: Path, archive: Path
) -> None:
    """One plain file: its size is known before a byte is written, and its hash is compared as it is written."""
    file = tar.extractfile(entry) if entry.isreg() else None
    if file is None or entry.size != record["bytes"]:
        raise BackupError(f"{archive} is damaged: {entry.name} is no file of {record['bytes']} bytes.")
    target = work / entry.name
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with target.open("xb") as writing:
        while block := file.read(2**20):
            digest.update(block)
            writing.write(block)
    if digest.hexdigest() != record["sha256"]:
        raise BackupError(f"{archive} is damaged: {entry.name} is not what was saved (its hash differs).")
