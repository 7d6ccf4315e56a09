"""How many questions are answered at once, how many wait, and when to come back where there is no place left.

The page asks through Gradio's queue, programs ask through `Places`; each has the same bounds, so that neither starves
the other.
"""

import asyncio
import math
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import gradio as gr

from index.errors import UserError

ASKING_ID = "asking"
"""The concurrency id of all handlers that answer questions: they share one limit."""
MIN_RETURN_S, MAX_RETURN_S = 1, 60
_FIRST_GUESS_S = 1.0
"""What a question is taken to last before any was answered."""


class FullError(UserError):
    """There is no place left: come back after `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"All places are taken: come back in {seconds} s.")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Capacity:
    """The bounds of one process."""

    at_once: int
    """Questions that are answered at the same time."""
    max_waiting: int
    """Questions that wait for one of these places; one more is told when to come back."""
    max_wait_s: float = 30.0
    """How long a program waits for a place; a page waits as long as it is open."""


def capacity_for(
    n_cores: int | None = os.cpu_count(), *, has_model: bool = False, at_once: int | None = None
) -> Capacity:
    """Bounds for this machine, unless `at_once` is given: measured in benchmarks/LOAD.md.

    The shipped reader keeps a core busy, so that more at once only wait inside instead of outside, and cost memory; a
    language model keeps us waiting, not busy.
    """
    cores = n_cores or 1
    chosen = max(16, 2 * cores) if has_model else max(2, cores)
    return Capacity(at_once=at_once or chosen, max_waiting=128)


def open_queue(page: gr.Blocks, capacity: Capacity) -> None:
    """Gives a page its queue. To be called before it is served."""
    # After every event Gradio makes a data frame of the last 10,000 and groups it, for a monitoring page that is off.
    os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "1")
    os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", str(10**9))
    page.queue(max_size=capacity.max_waiting, default_concurrency_limit=capacity.at_once)


def change_capacity(page: gr.Blocks, places: "Places", capacity: Capacity) -> None:
    """From now on so many are answered at once. Who is being answered, or waits among programs, keeps that place."""
    queue = page._queue
    queue.default_concurrency_limit = capacity.at_once
    named = {one.concurrency_id for one in page.fns.values() if one.concurrency_limit == "default"}
    for name in named & queue.event_queue_per_concurrency_id.keys():  # made at the first event; the default after it
        queue.event_queue_per_concurrency_id[name].concurrency_limit = capacity.at_once
    places.change(capacity)


def n_waiting(page: gr.Blocks) -> int:
    """Events that wait in a page's queue."""
    return len(page._queue)


def page_return_s(page: gr.Blocks) -> int:
    """When a page that finds the queue full should come back."""
    lasted = [one.avg_time for fn, one in page._queue.process_time_per_fn.items() if fn.concurrency_id == ASKING_ID]
    at_once = page._queue.default_concurrency_limit or 1
    return return_s(n_waiting(page), max(lasted, default=_FIRST_GUESS_S), at_once)


def return_s(n_waiting: int, mean_s: float, at_once: int) -> int:
    """Seconds until half of those who wait have had their turn: `n_waiting / 2 * mean_s / at_once`, within bounds."""
    return min(max(math.ceil(n_waiting / 2 * mean_s / at_once), MIN_RETURN_S), MAX_RETURN_S)


class Places:
    """The places of programs that ask over HTTP; used on one event loop, which it never blocks."""

    def __init__(self, capacity: Capacity) -> None:
        self.capacity = capacity
        self.n_waiting = 0
        self._free = asyncio.Semaphore(capacity.at_once)
        self._mean_s = _FIRST_GUESS_S

    def change(self, capacity: Capacity) -> None:
        """From now on there are so many places; those in use now are beside them, until they are given back."""
        self.capacity, self._free = capacity, asyncio.Semaphore(capacity.at_once)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """A place, as long as it is used. Raises FullError at once where too many wait, or after `max_wait_s`."""
        free = self._free
        if free.locked() and self.n_waiting >= self.capacity.max_waiting:
            raise FullError(self.return_s())
        self.n_waiting += 1
        try:
            async with asyncio.timeout(self.capacity.max_wait_s):
                await free.acquire()
        except TimeoutError:
            raise FullError(self.return_s()) from None
        finally:
            self.n_waiting -= 1
        started = asyncio.get_running_loop().time()
        try:
            yield
        finally:
            free.release()
            lasted = asyncio.get_running_loop().time() - started
            self._mean_s += (lasted - self._mean_s) / 8  # a moving mean: of the last dozen or so

    def return_s(self) -> int:
        """When who finds no place should come back."""
        return return_s(self.n_waiting, self._mean_s, self.capacity.at_once)
