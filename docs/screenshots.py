"""Takes the README's pictures from the running app over `documents/`: `make screenshots`."""

import io
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

DOCS = Path(__file__).parent
ROOT = DOCS.parent
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-sync"]
START_TIMEOUT_S = 240
N_COLOURS = 160
"""Of a picture: it is text on few colours, and a repository keeps every version."""
QUESTION, FOLLOW_UP, UNANSWERED = "采油十二厂厂长是谁？", "副厂长呢？", "6G基站建好几个了？"


@contextmanager
def app(port: int) -> Iterator[str]:
    """The address of the app over the sample documents, with an index of its own."""
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "app.py", "--documents", "documents", "--index", f"{scratch}/index"]
        process = subprocess.Popen(
            [*command, "--port", str(port)], cwd=ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        try:
            yield _address(process)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _address(process: subprocess.Popen[str]) -> str:
    """What the app says when it is ready. Raises SystemExit where it never is."""
    lines: queue.Queue[str] = queue.Queue()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.put(line)
        lines.put("")

    threading.Thread(target=read, daemon=True).start()
    while line := lines.get(timeout=START_TIMEOUT_S):
        if "The chat is ready: " in line:
            return line.split("The chat is ready: ")[1].split()[0]
    raise SystemExit("app.py ended before it was ready: see what it said above")


@contextmanager
def page(browser: Browser, url: str, *, width: int, height: int, is_dark: bool = False) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale="zh-CN", color_scheme="dark" if is_dark else "light"
    )
    opened = context.new_page()
    opened.goto(url)
    opened.locator("#wd-chat .example").first.wait_for()
    yield opened
    context.close()


def ask(opened: Page, *questions: str) -> None:
    for nth, question in enumerate(questions):
        opened.fill("#wd-box textarea", question)
        opened.press("#wd-box textarea", "Enter")
        opened.locator("#wd-chat .bot.message").nth(nth).locator(".wd-chips").wait_for()
    opened.locator("#wd-chat .option").first.wait_for()


def take(opened: Page, name: str) -> None:
    opened.wait_for_timeout(600)  # scrolling and sheets come to rest
    path = DOCS / f"{name}.png"
    picture = Image.open(io.BytesIO(opened.screenshot()))
    picture.convert("RGB").quantize(N_COLOURS).save(path, optimize=True)
    print(f"docs/{path.name}  {path.stat().st_size // 1024} KB")


def take_all(browser: Browser, url: str) -> None:
    with page(browser, url, width=1280, height=800) as opened:
        ask(opened, QUESTION, FOLLOW_UP)
        opened.locator("[data-open='#cite-1-1']").wait_for()
        take(opened, "chat")
        opened.get_by_role("tab", name="为什么").click()
        opened.fill("#wd-search textarea", QUESTION)
        opened.get_by_role("button", name="试一试").click()
        opened.locator(".wd-hits").wait_for()
        take(opened, "why")
        opened.get_by_role("tab", name="文档").click()
        opened.locator(".wd-article-link").nth(1).click()
        opened.locator("#wd-article h2").wait_for()
        take(opened, "documents")
    with page(browser, url, width=390, height=844, is_dark=True) as opened:
        ask(opened, UNANSWERED)
        take(opened, "phone")


def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 7869
    with app(port) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        take_all(browser, url)
        browser.close()


if __name__ == "__main__":
    main()
