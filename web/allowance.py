"""How often one user and one address may ask."""

import math
import threading
import time

import limits
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from index.errors import UserError

from .addresses import network_of
from .visitors import AnyRequest, who

MAX_JUMP_S = 2.0
"""By which the time of day may go back before counts are forgotten."""


class RateError(UserError):
    """A rate is none."""


class AskedTooOftenError(UserError):
    """Whoever asks has to wait."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"Too many questions: ask again in {wait_s} s. 问得太快了，请过 {wait_s} 秒再问。")
        self.wait_s = wait_s


class Allowance:
    """Counts questions in a window that moves with the time. Empty rates: everybody may ask as often as they like.

    The library counts by the time of day: where that goes back, all counts are forgotten, else who has asked would wait
    until it has come again.
    """

    def __init__(self, per_user: str = "", per_address: str = "") -> None:
        """Rates such as `20/minute`, or several: `20/minute;200/day`. Raises RateError."""
        self._user, self._address = _parsed(per_user), _parsed(per_address)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._lock = threading.RLock()
        self._ahead = _ahead_s()

    def take(self, request: AnyRequest | None) -> None:
        """One question is asked now. Raises AskedTooOftenError, and then counts nothing."""
        with self._lock:  # both are looked at before one is counted
            wait_s = self.wait_s(request)
            if wait_s:
                raise AskedTooOftenError(wait_s)
            for rate, key in self._counted(request):
                self._limiter.hit(rate, key)

    def wait_s(self, request: AnyRequest | None) -> int:
        """Whole seconds until another question may be asked; 0: now."""
        longest = 0
        with self._lock:
            self._forget_after_a_jump()
            for rate, key in self._counted(request):
                if not self._limiter.test(rate, key):
                    reset_time = self._limiter.get_window_stats(rate, key).reset_time
                    longest = max(longest, 1, math.ceil(reset_time - time.time()))
        return longest

    def _forget_after_a_jump(self) -> None:
        ahead = _ahead_s()
        if ahead < self._ahead - MAX_JUMP_S:
            self._limiter.storage.reset()
        self._ahead = ahead

    def _counted(self, request: AnyRequest | None) -> list[tuple[limits.RateLimitItem, str]]:
        if not self._user and not self._address:
            return []
        user, address = who(request)
        by_user = [(rate, f"user {user}") for rate in self._user] if user else []
        return by_user + [(rate, f"address {network_of(address)}") for rate in self._address]


def _ahead_s() -> float:
    """How far the time of day is ahead of a clock that never goes back."""
    return time.time() - time.monotonic()


def _parsed(rates: str) -> list[limits.RateLimitItem]:
    try:
        return limits.parse_many(rates) if rates else []
    except ValueError:
        raise RateError(f"{rates!r} is no rate: write for example 20/minute, or 20/minute;200/day.") from None


UNLIMITED = Allowance()
