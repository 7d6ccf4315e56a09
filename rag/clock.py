"""How long each step of an answer took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Clock:
    """Milliseconds by step, in the order in which the steps were first taken; a step taken twice is added up."""

    def __init__(self) -> None:
        self._started = time.perf_counter()
        self._steps: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Times what happens inside."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self._steps[name] = self._steps.get(name, 0.0) + (time.perf_counter() - started) * 1000

    def steps_ms(self) -> dict[str, float]:
        """The steps so far, and `total`: all that passed since the clock was made."""
        return {**self._steps, "total": (time.perf_counter() - self._started) * 1000}
