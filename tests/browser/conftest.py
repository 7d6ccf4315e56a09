"""Chromium, the real app over a small library, and a page that records what it asks for and complains about."""

import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import gradio as gr
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.ports import free_port
from web.serving import serve

ROOT = Path(__file__).parents[2]
Serve = Callable[[gr.Blocks], str]
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-sync",
]
START_TIMEOUT_S = 240
WAIT_MS = 60_000
"""How long a page is waited for. Playwright's own 5 s for an expectation is less than a busy machine may take."""
expect.set_options(timeout=WAIT_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here is a browser test."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)


def pytest_runtest_setup() -> None:
    """Without a browser, skip; fail where $REQUIRE_BROWSER says that there must be one (.ci/run does)."""
    if CHROMIUM.exists():
        return
    reason = f"{CHROMIUM} is not installed (Debian: apt install chromium)"
    if os.environ.get("REQUIRE_BROWSER"):
        pytest.fail(f"{reason}, and REQUIRE_BROWSER is set", pytrace=False)
    pytest.skip(reason)


@dataclass
class Visit:
    """An open page, and what it did."""

    page: Page
    origin: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def ask(self, question: str) -> None:
        """Ask, and wait until the answer is complete: the question can be sent again."""
        before = self.page.locator("#wd-chat .bot.message").count()
        self.page.fill("#wd-box textarea", question)
        self.page.press("#wd-box textarea", "Enter")
        self.page.locator("#wd-chat .bot.message").nth(before).locator(".wd-chips, .wd-notice").wait_for()

    @contextmanager
    def leaving(self) -> Iterator[None]:
        """While the page is left: that its streams are cut off by it is no complaint."""
        before = list(self.complaints)
        yield
        self.complaints[:] = before

    def reload(self) -> None:
        """Leave the page and open it again."""
        with self.leaving():
            self.page.reload()

    def answer(self, nth: int = -1) -> str:
        """The text of an answer as it is seen, without its chips."""
        return self.page.locator("#wd-chat .bot.message .wd-text").nth(nth).text_content() or ""

    def lit(self) -> list[str]:
        """The lit pieces of the source pane, in reading order."""
        return self.page.locator("#wd-pane mark.wd-lit").all_text_contents()

    def foreign_requests(self) -> list[str]:
        return [url for url in self.requests if not url.startswith((self.origin, "data:", "blob:"))]


def is_complaint(said: ConsoleMessage) -> bool:
    """An error; not that a page which was left (a reload, a logout) cut its own stream of updates off."""
    return said.type == "error" and not said.text.startswith("AbortError: signal is aborted")


OpenPage = Callable[..., Visit]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def served() -> Iterator[Serve]:
    """Serves a page that a test has built; its URL. The server ends after the test, and after the browser's pages."""
    pages: list[gr.Blocks] = []

    def serve_it(page: gr.Blocks) -> str:
        url = serve(page, "127.0.0.1", free_port())
        pages.append(page)
        return url

    yield serve_it
    for page in pages:
        page.close(verbose=False)


@pytest.fixture
def open_page(browser: Browser, served: Serve) -> Iterator[OpenPage]:
    """Opens an address; after the test, nothing may have left the machine and nothing may have gone wrong."""
    visits: list[Visit] = []
    contexts = ExitStack()

    def visit(
        url: str,
        *,
        width: int = 1280,
        height: int = 800,
        locale: str = "zh-CN",
        scheme: Literal["dark", "light"] = "light",
        ready: str = "#wd-chat .example",
    ) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": height}, locale=locale, color_scheme=scheme)
        contexts.callback(context.close)
        context.set_default_timeout(WAIT_MS)
        page = context.new_page()
        opened = Visit(page, url)
        page.on("request", lambda request: opened.requests.append(request.url))
        page.on("console", lambda said: is_complaint(said) and opened.complaints.append(said.text))
        page.on("pageerror", lambda error: opened.complaints.append(str(error)))
        visits.append(opened)
        page.goto(url)
        page.locator(ready).first.wait_for()
        return opened

    yield visit
    complaints = [list(opened.complaints) for opened in visits]
    contexts.close()  # a page that is left while it still streams logs that it was cut off: that comes after these
    for opened in visits:
        assert opened.foreign_requests() == []
    assert complaints == [[] for _ in visits]


@pytest.fixture(scope="session")
def app_url(library: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the real app, which has built the index of the library itself."""
    port = free_port()
    index = tmp_path_factory.mktemp("app") / "index"
    command = [sys.executable, ROOT / "app.py", "--documents", library, "--index", index, "--port", str(port)]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8"
    )
    try:
        yield _address_when_ready(process)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _address_when_ready(process: subprocess.Popen[str]) -> str:
    """Reads what the app prints until it names its address; all of it is in the message where it never does."""
    lines: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    said = ""
    while (line := lines.get(timeout=START_TIMEOUT_S)) is not None:
        said += line
        if "The chat is ready: " in line:
            return line.split("The chat is ready: ")[1].split()[0]
    raise AssertionError(f"app.py ended before it was ready:\n{said}")
