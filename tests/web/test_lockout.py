"""Waits after wrong logins: how they grow, end and are forgotten, with a clock that the test moves."""

import threading

from tests.web.public import Clock
from web.lockout import FIRST_DELAY_S, FORGOTTEN_AFTER_S, MAX_DELAY_S, MAX_KEYS, N_FREE, Lockout, delay_s


def failing(lockout: Lockout, n: int, *keys: str) -> None:
    for _ in range(n):
        assert lockout.attempt(keys) == 0


def test_delays_double_up_to_their_bound() -> None:
    assert [delay_s(n) for n in range(N_FREE + 1)] == [0.0] * (N_FREE + 1)
    assert [delay_s(N_FREE + n) for n in (1, 2, 3)] == [FIRST_DELAY_S, 2 * FIRST_DELAY_S, 4 * FIRST_DELAY_S]
    assert delay_s(10**6) == MAX_DELAY_S


def test_the_wait_ends_and_the_next_is_twice_as_long() -> None:
    clock = Clock()
    lockout = Lockout(clock)
    failing(lockout, N_FREE + 1, "user a")
    assert lockout.attempt(["user a"]) == FIRST_DELAY_S
    clock.now += FIRST_DELAY_S - 0.5
    assert lockout.attempt(["user a"]) == 0.5  # an attempt within the wait does not make it longer
    clock.now += 0.5
    assert lockout.attempt(["user a"]) == 0
    assert lockout.attempt(["user a"]) == 2 * FIRST_DELAY_S


def test_either_key_locks_and_others_are_free() -> None:
    lockout = Lockout(Clock())
    for n in range(N_FREE + 1):
        failing(lockout, 1, f"user {n}", "address x")
    assert lockout.attempt(["user new", "address x"]) == FIRST_DELAY_S
    assert lockout.attempt(["user new", "address y"]) == 0


def test_success_clears_the_user_but_not_the_address() -> None:
    lockout = Lockout(Clock())
    failing(lockout, N_FREE, "user a", "address x")
    assert lockout.attempt(["user own", "address x"]) == 0
    lockout.succeeded("user own", ["address x"])
    failing(lockout, 1, "user a", "address x")
    assert lockout.attempt(["user b", "address x"]) == FIRST_DELAY_S  # the attacker's own login bought nothing
    lockout.succeeded("user a", [])
    failing(lockout, N_FREE + 1, "user a", "address z")


def test_wrong_logins_are_forgotten_after_an_hour() -> None:
    clock = Clock()
    lockout = Lockout(clock)
    failing(lockout, N_FREE + 1, "user a")
    clock.now += FORGOTTEN_AFTER_S
    failing(lockout, N_FREE + 1, "user a")


def test_a_hundred_at_once_are_a_hundred() -> None:
    lockout, waits = Lockout(Clock()), []
    threads = [threading.Thread(target=lambda: waits.append(lockout.attempt(["user a"]))) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(wait == 0 for wait in waits) == N_FREE + 1


def test_memory_is_bounded() -> None:
    lockout = Lockout(Clock())
    for n in range(MAX_KEYS + 10):
        lockout.attempt([f"user {n}"])
    assert len(lockout._failures) == MAX_KEYS
