"""Steps in their order, added up."""

from types import SimpleNamespace

import pytest

from rag import clock as clock_module
from rag.clock import Clock


def test_a_step_taken_twice_is_added_up(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([0.0, 1.0, 1.5, 2.0, 2.25, 3.0, 3.125, 4.0])
    monkeypatch.setattr(clock_module, "time", SimpleNamespace(perf_counter=lambda: next(now)))
    clock = Clock()
    for name in ("read", "rank", "read"):
        with clock.step(name):
            pass
    assert clock.steps_ms() == {"read": 500 + 125, "rank": 250, "total": 4000}


def test_a_step_that_fails_is_timed_and_fails() -> None:
    clock = Clock()
    with pytest.raises(KeyError), clock.step("read"):
        raise KeyError
    assert [*clock.steps_ms()] == ["read", "total"]
