"""`/ask` called as a function: what a program gets, and which errors it is told."""

from typing import Any

import gradio as gr
import pytest

from index.errors import IndexMissingError
from tests.web.conftest import LIBRARY, run_async
from tests.web.fakes import FakeEngine
from web.api import AskEndpoint, answer_record
from web.capacity import Capacity, Places


class EngineWithoutIndex(FakeEngine):
    """Its index has gone since it was opened."""

    def refresh(self) -> bool:
        raise IndexMissingError("没有索引")


def ask(engine: FakeEngine) -> dict[str, Any]:
    endpoint = AskEndpoint(engine, Places(Capacity(at_once=1, max_waiting=1)))
    return run_async(endpoint.ask("新桥设计", gr.Request()))


def test_an_answer_is_its_record(engine: FakeEngine) -> None:
    assert ask(engine) == answer_record(engine.answer("新桥设计"))


def test_an_index_that_is_gone_is_told_to_the_program() -> None:
    with pytest.raises(gr.Error) as told:
        ask(EngineWithoutIndex(LIBRARY))
    assert told.value.message == "没有索引"
    assert not told.value.print_exception
