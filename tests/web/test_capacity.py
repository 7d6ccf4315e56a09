"""How much is done at once, and what who finds no place is told."""

import threading
from collections.abc import Generator, Iterator, Sequence

import gradio as gr
import httpx
import pytest

from rag.types import Event, Turn
from tests.conftest import PATIENCE_S
from tests.web.conftest import LIBRARY, free_port, run_async
from tests.web.fakes import FakeEngine
from web.capacity import MAX_RETURN_S, Capacity, FullError, Places, capacity_for, change_capacity, return_s
from web.page import build_page
from web.serving import serve
from web.texts import EN, ZH

ONE_BY_ONE = Capacity(at_once=1, max_waiting=1)


def test_a_language_model_lets_more_wait_inside_than_a_reader_that_keeps_a_core_busy() -> None:
    assert capacity_for(2).at_once == 2
    assert capacity_for(32).at_once == 32
    assert capacity_for(None).at_once == 2
    assert capacity_for(2, has_model=True).at_once == 16
    assert capacity_for(2, has_model=True, at_once=5).at_once == 5


@pytest.mark.parametrize(
    ("n_waiting", "mean_s", "at_once", "expected"),
    [(0, 1.0, 2, 1), (64, 0.5, 2, 64 / 2 * 0.5 / 2), (128, 3.0, 16, 128 / 2 * 3 / 16), (10_000, 9.0, 1, MAX_RETURN_S)],
)
def test_when_to_come_back(n_waiting: int, mean_s: float, at_once: int, expected: float) -> None:
    assert return_s(n_waiting, mean_s, at_once) == expected


def test_places_are_given_back_also_after_an_error() -> None:
    async def use() -> None:
        places = Places(Capacity(at_once=1, max_waiting=1, max_wait_s=0.01))
        with pytest.raises(ZeroDivisionError):
            async with places.place():
                raise ZeroDivisionError
        async with places.place():
            with pytest.raises(FullError, match="come back in 1 s"):
                async with places.place():
                    pass
        assert places.n_waiting == 0
        async with places.place():
            pass

    run_async(use())


class HeldEngine(FakeEngine):
    """Begins to answer when it is let."""

    def __init__(self) -> None:
        super().__init__(LIBRARY)
        self.asked, self.go_on = threading.Semaphore(0), threading.Event()

    def stream(self, question: str, history: Sequence[Turn] = ()) -> Generator[Event, None, None]:
        self.asked.release()
        self.go_on.wait()
        yield from super().stream(question, history)


@pytest.fixture
def held_engine() -> HeldEngine:
    return HeldEngine()


@pytest.fixture
def page(held_engine: HeldEngine) -> gr.Blocks:
    return build_page(held_engine, capacity=ONE_BY_ONE)


@pytest.fixture(name="held")
def held_page(page: gr.Blocks, held_engine: HeldEngine) -> Iterator[tuple[HeldEngine, httpx.Client]]:
    """A page whose one place is taken, whose queue takes one more."""
    url = serve(page, "127.0.0.1", free_port())
    with httpx.Client(base_url=url) as client:
        yield held_engine, client
        held_engine.go_on.set()
    page.close(verbose=False)


def join(client: httpx.Client, session: str, headers: dict[str, str] | None = None) -> httpx.Response:
    config = client.get("config").json()
    (number,) = (one["id"] for one in config["dependencies"] if one["api_name"] == "ask_question")
    body = {"data": ["新桥设计", None], "fn_index": number, "session_hash": session}
    return client.post("gradio_api/queue/join", json=body, headers=headers)


def test_a_full_queue_tells_programs_and_readers_when_to_come_back(held: tuple[HeldEngine, httpx.Client]) -> None:
    engine, client = held
    assert join(client, "a").status_code == 200
    assert engine.asked.acquire(timeout=PATIENCE_S)
    assert join(client, "b").status_code == 200
    program = join(client, "c")
    assert (program.status_code, program.headers["retry-after"]) == (503, "1")
    for language, texts in (("zh-CN,zh;q=0.9", ZH), ("en-US", EN)):
        reader = join(client, "d", {"user-agent": "Mozilla/5.0 (X11)", "accept-language": language})
        assert (reader.status_code, reader.headers["retry-after"]) == (429, "1")
        assert reader.json() == {"detail": texts.queue_full.format(1)}
    called = client.post("gradio_api/call/ask", json={"data": ["新桥设计"]})
    assert (called.status_code, called.headers["retry-after"]) == (503, "1")


def test_more_places_let_in_who_waits(held: tuple[HeldEngine, httpx.Client], page: gr.Blocks) -> None:
    engine, client = held
    assert join(client, "a").status_code == 200
    assert engine.asked.acquire(timeout=PATIENCE_S)
    assert join(client, "b").status_code == 200
    assert not engine.asked.acquire(blocking=False)
    change_capacity(page, Places(ONE_BY_ONE), Capacity(at_once=2, max_waiting=1))
    assert engine.asked.acquire(timeout=PATIENCE_S)  # while the first is still being answered


def test_programs_get_as_many_places_as_there_are_now() -> None:
    async def use() -> None:
        places = Places(Capacity(at_once=1, max_waiting=0))
        async with places.place():
            with pytest.raises(FullError):
                async with places.place():
                    pass
            places.change(Capacity(at_once=2, max_waiting=0))
            async with places.place(), places.place():
                with pytest.raises(FullError):
                    async with places.place():
                        pass
        places.change(Capacity(at_once=1, max_waiting=0))
        async with places.place():
            with pytest.raises(FullError):
                async with places.place():
                    pass

    run_async(use())
