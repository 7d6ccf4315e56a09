"""Work in a thread -> an iterator that can be closed at any moment, also while the work is silent."""

import queue
import threading
from collections.abc import Callable, Generator

HEARTBEAT_S = 0.2
"""An empty string is yielded after so long a silence, so that whoever iterates can stop."""
_MAX_WAITING = 256


class StoppedError(Exception):
    """Nobody wants the rest."""


class Outlet:
    """What the work is given: where its text goes, and whether it is still wanted."""

    def __init__(self) -> None:
        self._items: queue.Queue[str | BaseException | None] = queue.Queue(_MAX_WAITING)
        self._stopped = threading.Event()

    @property
    def is_stopped(self) -> bool:
        return self._stopped.is_set()

    def put(self, item: str | BaseException | None) -> None:
        """Passes a text on; waits while too much is unread. Raises StoppedError."""
        while not self.is_stopped:
            try:
                return self._items.put(item, timeout=HEARTBEAT_S)
            except queue.Full:
                continue
        raise StoppedError

    def stop(self) -> None:
        self._stopped.set()

    def take(self) -> str | BaseException | None:
        """The next item, None at the end, an empty string after a silence."""
        try:
            return self._items.get(timeout=HEARTBEAT_S)
        except queue.Empty:
            return ""


def pump(work: Callable[[Outlet], None]) -> Generator[str, None, None]:
    """The texts that `work` puts, as they come; its error, if it fails. Closing tells the work to stop, and does not
    wait for it."""
    outlet = Outlet()

    def run() -> None:
        end: BaseException | None = None
        try:
            work(outlet)
        except StoppedError:
            return
        except Exception as error:  # it belongs to whoever iterates
            end = error
        if not outlet.is_stopped:
            outlet.put(end)

    threading.Thread(target=run, name="language model", daemon=True).start()
    try:
        while (item := outlet.take()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        outlet.stop()
