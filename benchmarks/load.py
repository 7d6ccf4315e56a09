"""`python -m benchmarks.load`: the running app under load: 1, 10, 50 and 200 people who ask at once.

They ask through the chat's own queue and through `/v1`, over the sample documents, of the shipped reader and of a slow
scripted language model. Every reply is compared with what one person alone was told: an error or a mixed answer ends
the command with status 1. `--memory 1000` asks so many questions in a row and prints the memory after every hundred.
"""

import argparse
import asyncio
import datetime
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import httpx

from index.build import build_index
from index.settings import IndexSettings

from .load_app import RunningApp, running_app
from .load_people import Asked, ChatDoor, CompletionsDoor, Door, ask
from .load_table import Row, note_lines, render
from .measure import ROOT
from .slow_model import NAME, slow_model

Surface = Literal["chat", "/v1"]
PEOPLE = (1, 10, 50, 200)
QUESTIONS_OF_SET = ROOT / "eval" / "sets" / "documents-dev.jsonl"
MIN_QUESTIONS = {"reader": 60, "model": 20}
"""Of one scenario: few people ask several questions each, many people ask one or two."""
SCENARIO_LIMIT_S = 90.0
"""After it, a person who has not begun asks no more."""
_SAMPLE_S = 0.2


def read_questions(path: Path = QUESTIONS_OF_SET) -> list[str]:
    """The questions of a set that need no conversation, in its order."""
    rows = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return list(dict.fromkeys(row["question"] for row in rows if not row["history"]))


@dataclass(frozen=True, slots=True)
class Load:
    """What came of one scenario."""

    asked: tuple[Asked, ...]
    elapsed_s: float
    cpu_s: float
    peak_mb: float
    open_s: tuple[float, ...]
    """Seconds of opening a page, of each person who opened one."""


@asynccontextmanager
async def doors(app: RunningApp, surface: Surface) -> AsyncIterator[Door]:
    """A way in for any number of people."""
    unlimited = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(base_url=app.url, timeout=300, limits=unlimited) as client:
        yield CompletionsDoor(client) if surface == "/v1" else ChatDoor(client, (await client.get("config")).json())


async def run_people(
    app: RunningApp, surface: Surface, questions: Sequence[str], n_people: int, n_questions: int
) -> Load:
    """`n_people` open the page, then ask at once; each its own questions, one after the other, `n_questions` in all or
    one each."""
    n_each = max(-(-n_questions // n_people), 1)
    async with doors(app, surface) as door:
        open_s = [await door.open() for _ in range(min(n_people, 10))] if surface == "chat" else []
        begin, deadline, peak = asyncio.Event(), time.monotonic() + SCENARIO_LIMIT_S, [app.rss_mb()]

        async def person(number: int) -> list[Asked]:
            await begin.wait()
            said = []
            for turn in range(n_each):
                if time.monotonic() < deadline:
                    said.append(await ask(door, questions[(number * n_each + turn) % len(questions)]))
            return said

        async def sample() -> None:
            while True:
                peak.append(app.rss_mb())
                await asyncio.sleep(_SAMPLE_S)

        people = [asyncio.ensure_future(person(number)) for number in range(n_people)]
        sampler = asyncio.ensure_future(sample())
        cpu_s, started = app.cpu_s(), time.perf_counter()
        begin.set()
        said = [one for each in await asyncio.gather(*people) for one in each]
        elapsed_s, cpu_s = time.perf_counter() - started, app.cpu_s() - cpu_s
        sampler.cancel()
    return Load(tuple(said), elapsed_s, cpu_s, max(peak), tuple(open_s))


async def known_replies(app: RunningApp, surface: Surface, questions: Sequence[str]) -> dict[str, str]:
    """What one person alone is told. Raises RuntimeError where a question fails even so."""
    known = {}
    async with doors(app, surface) as door:
        for question in questions:
            alone = await ask(door, question)
            if alone.error:
                raise RuntimeError(f"{surface}: {question} asked alone failed: {alone.error}")
            known[question] = alone.reply
    return known


def wrong_replies(load: Load, known: dict[str, str]) -> tuple[list[str], list[str]]:
    """The errors, and the replies that are not what one person alone was told, as lines."""
    errors = [f"{one.question}: {one.error}" for one in load.asked if one.error]
    mixed = [
        f"{one.question}: {one.reply!r}, alone: {known[one.question]!r}"
        for one in load.asked
        if not one.error and one.reply != known[one.question]
    ]
    return errors, mixed


async def measure_surface(
    app: RunningApp, surface: Surface, reader: str, questions: Sequence[str], people: Sequence[int]
) -> tuple[list[Row], list[str]]:
    """A row for each number of people, and what was wrong."""
    known = await known_replies(app, surface, questions)
    rows, wrong = [], []
    for n_people in people:
        load = await run_people(app, surface, questions, n_people, MIN_QUESTIONS[reader])
        errors, mixed = wrong_replies(load, known)
        wrong += [f"{surface}, {reader}, {n_people} people: {line}" for line in [*errors, *mixed]]
        await asyncio.sleep(1)
        rows.append(
            Row.of(surface, reader, n_people, load, n_errors=len(errors), n_mixed=len(mixed), after_mb=app.rss_mb())
        )
        print(rows[-1].line(), file=sys.stderr, flush=True)
    return rows, wrong


def measure(work: Path, index: Path, options: argparse.Namespace) -> tuple[list[Row], list[str]]:
    """All scenarios: an app for each reader, started anew."""
    questions = read_questions()[: options.questions]
    rows: list[Row] = []
    wrong: list[str] = []
    for reader in options.readers:
        with ExitStack() as stack:
            environment = {}
            if reader == "model":
                server = stack.enter_context(slow_model())
                environment = {"WENDA_LLM_BASE_URL": server.url, "WENDA_LLM_MODEL": NAME}
            app = stack.enter_context(running_app(index, work, options.app_flags.split(), environment))
            for surface in options.surfaces:
                asked = questions if reader == "reader" else questions[: options.model_questions]
                more, lines = asyncio.run(measure_surface(app, surface, reader, asked, options.people))
                rows += more
                wrong += lines
    return rows, wrong


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0, or 1 where there was an error or a mixed answer."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description="The running app under load.")
    parser.add_argument("--people", type=int, nargs="+", default=PEOPLE)
    parser.add_argument("--surfaces", nargs="+", choices=("chat", "/v1"), default=("chat", "/v1"))
    parser.add_argument("--readers", nargs="+", choices=("reader", "model"), default=("reader", "model"))
    parser.add_argument("--questions", type=int, default=60, help="different questions of the shipped reader")
    parser.add_argument("--model-questions", type=int, default=12, help="different questions of the slow model")
    parser.add_argument("--app-flags", default="", metavar="FLAGS", help='of app.py, as "--at-once 4"')
    parser.add_argument("--index", type=Path, help="ask this index; without it, one of documents/ is built")
    parser.add_argument("--memory", type=int, metavar="N", help="only this: memory over N questions in a row")
    parser.add_argument("--out", type=Path, help="write the table here, as Markdown")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="load-") as name:
        work, index = Path(name), options.index
        if index is None:
            index = work / "index"
            build_index(ROOT / "documents", index, IndexSettings())
        if options.memory:
            return memory_over(work, index, options.memory)
        rows, wrong = measure(work, index, options)
    table = render(rows)
    print(table)
    for line in wrong[:10]:
        print(f"WRONG: {line[:400]}", file=sys.stderr)
    if options.out:
        date = datetime.date.today().isoformat()
        options.out.write_text("\n".join([*note_lines(date), "", table, ""]), encoding="utf-8")
    return 1 if wrong else 0


def memory_over(work: Path, index: Path, n_questions: int) -> int:
    """Prints the app's memory after every hundredth part of questions, asked by four people through the chat."""
    questions = read_questions()

    async def over(app: RunningApp) -> None:
        async with doors(app, "chat") as door:
            for start in range(0, n_questions, 100):
                asked = [questions[at % len(questions)] for at in range(start, min(start + 100, n_questions))]
                lanes = await asyncio.gather(*(_one_after_another(door, asked[lane::4]) for lane in range(4)))
                failed = sum(bool(one.error) for lane in lanes for one in lane)
                print(f"{start + len(asked):6,} questions  {app.rss_mb():7.1f} MB  {app.n_threads():3} threads  "
                      f"{failed} failed", flush=True)  # fmt: skip

    with running_app(index, work) as app:
        print(f"{0:6,} questions  {app.rss_mb():7.1f} MB  {app.n_threads():3} threads", flush=True)
        asyncio.run(over(app))
    return 0


async def _one_after_another(door: Door, questions: Sequence[str]) -> list[Asked]:
    return [await ask(door, question) for question in questions]


if __name__ == "__main__":
    sys.exit(main())
