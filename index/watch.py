"""Watching a folder of documents: the index is brought up to date whenever they change, until someone says stop."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import UserError

DEBOUNCE_MS = 1500
"""How long changes are gathered before a build: an editor, or a copy of many files, makes many at once."""
RETRY_S = 30.0
"""After a build that failed it is tried again without a change: another build may be done, a disk have space."""


def watch_documents(
    folder: Path,
    index_path: Path,
    rebuild: Callable[[], str],
    *,
    stop: threading.Event,
    say: Callable[[str], None],
    debounce_ms: int = DEBOUNCE_MS,
    retry_s: float = RETRY_S,
) -> None:
    """Calls `rebuild` now, and then whenever something below `folder` changes, until `stop` is set.

    What `rebuild` returns is said; so is a `UserError`, and any other fault: the watch goes on, with the index as it
    was. Changes of the index itself, of hidden files and of what lies outside, which are no documents, are passed over.
    """
    import watchfiles

    def is_document(change: watchfiles.Change, name: str) -> bool:
        # Links to folders are watched too, which the reader does not enter: one that leads to the index would see each
        # build and start another.
        path = Path(name).parent.resolve() / Path(name).name
        if path.is_relative_to(index_path.resolve()) or not path.is_relative_to(folder.resolve()):
            return False
        return not any(part.startswith(".") for part in path.relative_to(folder.resolve()).parts)

    tick_s = min(retry_s, 0.5)
    changes = watchfiles.watch(
        folder,
        watch_filter=is_document,
        debounce=debounce_ms,
        step=min(debounce_ms, 100),
        stop_event=stop,
        rust_timeout=int(tick_s * 1000),
        yield_on_timeout=True,
    )
    is_built, waited_s = False, retry_s  # the first build comes at the first tick: nothing changes unseen meanwhile
    for changed in changes:
        waited_s += tick_s
        if changed or (not is_built and waited_s >= retry_s):
            is_built, waited_s = _try(rebuild, say), 0.0


def _try(rebuild: Callable[[], str], say: Callable[[str], None]) -> bool:
    try:
        say(rebuild())
    except UserError as error:
        say(f"not built, the index is as it was: {error}")
        return False
    except Exception as error:  # a fault of one build must not end the watch over the next documents
        say(f"not built, the index is as it was: {type(error).__name__}: {error}")
        return False
    return True


@contextmanager
def stopped_by_signals() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set; a build under way is interrupted, and leaves the index as it was."""
    stop = threading.Event()

    def interrupt(signal_number: int, _: object) -> None:
        stop.set()
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    except KeyboardInterrupt:
        if not stop.is_set():
            raise
        print("stopped watching", file=sys.stderr)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
