"""The command: save, check, restore."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from index.errors import UserError
from index.milvus.address import is_milvus

from .archive import CHATS, FEEDBACK, SUFFIXES
from .saving import Places, check, restore, save


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0, or 2 with one line that says what is wrong."""
    flags = _parse(arguments)
    try:
        if flags.command == "check":
            contents = check(flags.archive)
        else:
            places = Places.beside(flags.index, flags.feedback, flags.chats)
            contents = (
                save(flags.archive, places)
                if flags.command == "save"
                else restore(flags.archive, places, force=flags.force)
            )
    except UserError as error:
        print(f"backup: {error}", file=sys.stderr)
        return 2
    n_bytes = sum(record["bytes"] for record in contents["files"].values())
    also = [name for name in (FEEDBACK, CHATS) if name in contents["files"]]
    print(f"{flags.archive}: generation {contents['generation']}, {len(contents['files'])} files, {n_bytes:,} bytes; "
          f"with {', '.join(also) or 'no feedback and no chats'}")  # fmt: skip
    return 0


def _folder(text: str) -> Path:
    if is_milvus(text):
        raise argparse.ArgumentTypeError(f"{text} is saved by Milvus' own backup; give the folder of a local index")
    return Path(text)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m web.backup", description="Index, feedback and chats in one file.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, says in (
        ("save", "write the archive; the app may run"),
        ("check", "compare an archive with its list"),
        ("restore", "put back what an archive holds"),
    ):
        command = commands.add_parser(name, help=says, description=says)
        command.add_argument("archive", type=Path, metavar="ARCHIVE", help=f"a file ending in {', '.join(SUFFIXES)}")
        if name == "check":
            continue
        command.add_argument("--index", type=_folder, default=Path(".index"))
        command.add_argument("--feedback", type=Path, help="default: INDEX-feedback.sqlite")
        command.add_argument("--chats", type=Path, help="default: INDEX-chats.sqlite")
        if name == "restore":
            command.add_argument("--force", action="store_true", help="replace what is there")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
