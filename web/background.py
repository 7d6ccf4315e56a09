"""Work that takes long, in a thread of its own, while the page goes on answering."""

import queue
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

Step = TypeVar("Step")
Result = TypeVar("Result")


def in_background(work: Callable[[Callable[[Step], None]], Result]) -> Iterator[Step | Result]:
    """Runs `work(tell)` in a thread: yields each step that it tells, and its result at last. Raises what it raises.

    Whoever stops listening does not stop the work.
    """
    said: queue.SimpleQueue[tuple[bool, Step | Result | BaseException]] = queue.SimpleQueue()

    def run() -> None:
        try:
            said.put((True, work(lambda step: said.put((False, step)))))
        except BaseException as error:  # it is raised again where it is waited for
            said.put((True, error))

    threading.Thread(target=run, daemon=True).start()
    is_last = False
    while not is_last:
        is_last, step = said.get()
        if isinstance(step, BaseException):
            raise step
        yield step
