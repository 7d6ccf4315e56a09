"""A small library, and one running page around it for the tests that talk to a server."""

import asyncio
import logging
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest

import web.serving
from tests.ports import free_port
from tests.web.fakes import FakeEngine
from web.logs import LOGGER
from web.openai_api import ChatCompletions
from web.page import build_page
from web.serving import serve

T = TypeVar("T")
web.serving.GRACE_S = 0  # a server that a test has done with waits for no stream that a client has left open
LIBRARY = {
    "桥.txt": "苏州新桥通车\n苏州河上的新桥周一通车。桥长三百米，\n宽二十米。\n\n工程师陈立负责设计这座桥。\n",
    "港口.txt": "北港吞吐量创新高\n北港去年吞吐量达到四千万吨。\n港口负责人说，今年还要扩建两个泊位。\n",
}


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """Its result, from a loop in a thread of its own: in this one Playwright's runs, once a browser test has begun."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """A program that a test starts in this process takes all logs to itself: they are given back."""
    root, kept = logging.getLogger(), logging.getLogger().handlers[:]
    levels = {logger: logger.level for logger in (root, LOGGER)}
    yield
    if root.handlers != kept:
        root.handlers[:] = kept
        logging.captureWarnings(False)
        for logger, level in levels.items():
            logger.setLevel(level)


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine(LIBRARY)


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    engine = FakeEngine(LIBRARY)
    page = build_page(engine)
    yield serve(page, "127.0.0.1", free_port(), ChatCompletions(engine).routes())
    page.close(verbose=False)
