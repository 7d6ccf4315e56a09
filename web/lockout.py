"""How long one must wait after wrong logins: per user and per address, growing with each."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

N_FREE = 4
"""Wrong logins without a wait."""
FIRST_DELAY_S = 2.0
"""After the next one; then twice as long each time."""
MAX_DELAY_S = 900.0
FORGOTTEN_AFTER_S = 3600.0
"""Without another wrong login."""
MAX_KEYS = 20_000
"""Over it, the key that failed longest ago is forgotten."""


@dataclass(slots=True)
class _Failures:
    count: int
    last: float


class Lockout:
    """Counts wrong logins by key. `clock` gives seconds that never go back."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, _Failures] = OrderedDict()
        self._lock = threading.Lock()

    def attempt(self, keys: Sequence[str]) -> float:
        """Seconds to wait before a login of these keys is looked at; 0: now, and it counts as wrong until `succeeded`.

        Counted before it is looked at: a hundred at once are a hundred, not one.
        """
        with self._lock:
            now = self._clock()
            wait = max(self._wait(key, now) for key in keys)
            if wait <= 0:
                for key in keys:
                    self._count(key, now)
        return max(wait, 0.0)

    def succeeded(self, user_key: str, keys: Sequence[str]) -> None:
        """The attempt was right: the user's wrong ones are forgotten, of the other keys only this one is taken back.

        Else an attacker could clear the address by logging in to an account of their own.
        """
        with self._lock:
            self._failures.pop(user_key, None)
            for key in keys:
                if (one := self._failures.get(key)) is not None:
                    one.count -= 1
                    if one.count <= 0:
                        del self._failures[key]

    def _wait(self, key: str, now: float) -> float:
        one = self._failures.get(key)
        if one is None:
            return 0.0
        if now - one.last >= max(FORGOTTEN_AFTER_S, delay_s(one.count)):
            del self._failures[key]
            return 0.0
        return one.last + delay_s(one.count) - now

    def _count(self, key: str, now: float) -> None:
        one = self._failures.setdefault(key, _Failures(0, now))
        one.count, one.last = one.count + 1, now
        self._failures.move_to_end(key)
        if len(self._failures) > MAX_KEYS:
            self._failures.popitem(last=False)


def delay_s(n_failures: int) -> float:
    """Seconds to wait after so many wrong logins: 0 for the first ones, then 2, 4, 8, ... up to 15 minutes."""
    if n_failures <= N_FREE:
        return 0.0
    return float(min(MAX_DELAY_S, FIRST_DELAY_S * 2.0 ** min(n_failures - N_FREE - 1, 30)))
