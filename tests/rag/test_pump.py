"""Work in a thread that can be left at any moment."""

import threading

import pytest

from rag.language_model.pump import Outlet, StoppedError, pump


def test_texts_come_in_order_and_errors_at_their_place() -> None:
    def work(outlet: Outlet) -> None:
        outlet.put("一")
        outlet.put("二")
        raise ValueError("三")

    stream = pump(work)
    assert [next(stream), next(stream)] == ["一", "二"]
    with pytest.raises(ValueError, match="三"):
        next(stream)


def test_silence_is_filled_with_signs_of_life() -> None:
    release = threading.Event()

    def work(outlet: Outlet) -> None:
        release.wait()
        outlet.put("好")

    stream = pump(work)
    assert next(stream) == ""
    release.set()
    assert [text for text in stream if text] == ["好"]


def test_work_that_nobody_wants_ends() -> None:
    ended = threading.Event()

    def work(outlet: Outlet) -> None:
        try:
            while True:
                outlet.put("又")
        except StoppedError:
            ended.set()
            raise

    stream = pump(work)
    assert next(stream) == "又"
    stream.close()
    assert ended.wait(120)


def test_nobody_reads_so_the_work_waits() -> None:
    count, paused = [0], threading.Event()

    def work(outlet: Outlet) -> None:
        for _ in range(10_000):
            outlet.put("又")
            count[0] += 1

    stream = pump(work)
    next(stream)
    paused.wait(0.3)
    assert count[0] < 1000
    stream.close()
