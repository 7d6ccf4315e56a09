"""`python -m benchmarks.chaos --kills 200`: builds are killed at random moments, and the index is asked after each.

A child process builds; SIGKILL comes after a random part of the time that a build takes, so that it meets reading,
embedding, writing, syncing and the swap. After each kill, a chat that has been open all the time and a newly opened
index must both hold one whole state of the documents, the one before the edit or the one after it, and every file must
be what its manifest says. Every second round edits through linked layers, as a large index does.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from index import IndexSettings, build_index, open_index, verify_index
from index.generation import assemble
from index.store import live_generation
from rag import Engine

N_DOCUMENTS = 40
State = dict[str, str]
"""doc_id -> text."""


class WrongAnswerError(AssertionError):
    """After a kill, the index held or said something that was never true."""


@dataclass(slots=True)
class ChaosReport:
    """What came of the kills."""

    n_kills: int = 0
    """Builds that were killed while they ran."""
    n_swapped: int = 0
    """Of these, those whose new generation was live already."""
    n_finished: int = 0
    """Builds that were done before the signal came."""
    generations: set[str] = field(default_factory=set)

    def __str__(self) -> str:
        return (
            f"{self.n_kills} builds killed ({self.n_swapped} after the swap), {self.n_finished} were done before; "
            f"{len(self.generations)} generations went live; no wrong answer, no lost generation"
        )


def run_chaos(
    place: Path, settings: IndexSettings, n_kills: int, seed: int, say: Callable[[str], None] = lambda line: None
) -> ChaosReport:
    """Kills `n_kills` builds below an empty folder. Raises WrongAnswerError at the first thing that is wrong."""
    rng, report = random.Random(seed), ChaosReport()
    documents, out = place / "documents", place / "index"
    documents.mkdir()
    state = _edit(documents, {}, rng, everything=True)
    build_index(documents, out, settings)
    engine = Engine.open(out)
    wanted = _edit(documents, state, rng)
    started = time.monotonic()
    build_index(documents, out, settings)
    build_s = time.monotonic() - started
    state = _check(out, engine, (wanted,), rng)
    layers = assemble.LAYERED_FROM, assemble.MAX_RECENT
    while report.n_kills < n_kills:
        wanted = _edit(documents, wanted, rng)
        assemble.LAYERED_FROM, assemble.MAX_RECENT = rng.choice([layers, (0, 0.5)])
        before = live_generation(out)
        if _kill_build(documents, out, settings, rng.uniform(0, build_s)):
            report.n_kills += 1
            report.n_swapped += live_generation(out) != before
        else:
            report.n_finished += 1
        state = _check(out, engine, (state, wanted), rng)
        report.generations.add(live_generation(out))
        say(f"{report.n_kills} of {n_kills}")
    assemble.LAYERED_FROM, assemble.MAX_RECENT = layers
    build_index(documents, out, settings)
    if _check(out, engine, (wanted,), rng) != wanted:
        raise WrongAnswerError("the last build did not bring the index up to date")
    return report


def _edit(folder: Path, state: State, rng: random.Random, *, everything: bool = False) -> State:
    """Writes, changes and removes some documents; the new state. Each has a number that no other state has."""
    state = dict(state)
    names = [f"{i:02d}.txt" for i in range(N_DOCUMENTS)]
    for name in names if everything else rng.sample(names, rng.randint(1, 4)):
        if name in state and len(state) > 2 and rng.random() < 0.2:
            (folder / name).unlink()
            del state[name]
            continue
        code = rng.randrange(10**6, 10**7)
        state[name] = (
            f"第{name[:2]}号车站昨天通车\n\n本报讯 第{name[:2]}号车站昨天通车，编号是{code}。\n"
            + "旅客说很方便。\n" * 9
        )
        (folder / name).write_text(state[name], encoding="utf-8")
    return state


def _kill_build(documents: Path, out: Path, settings: IndexSettings, delay_s: float) -> bool:
    """Builds in a child process and kills it after a while; whether it was still running."""
    child = os.fork()
    if not child:
        try:
            build_index(documents, out, settings)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    time.sleep(delay_s)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise WrongAnswerError("a build failed (see above)")
    return os.WIFSIGNALED(status)


def _check(out: Path, engine: Engine, states: Sequence[State], rng: random.Random) -> State:
    """The state that the index holds, one of `states`; raises WrongAnswerError."""
    if problems := verify_index(out):
        raise WrongAnswerError(f"damaged: {problems}")
    index = open_index(out)
    held = {entry.doc_id: "" for entry in index.texts.entries()}
    for doc_id in held:
        document = index.document(doc_id)
        held[doc_id] = document.text if document else ""
    if held not in states:
        raise WrongAnswerError("the index holds documents of two states")
    engine.refresh()  # what the chat does between two questions
    doc_id = rng.choice(sorted(held))
    question = f"第{doc_id[:2]}号车站的编号是多少？"
    code = held[doc_id].partition("编号是")[2].partition("。")[0]
    found = engine.retrieve(question, top_k=1)
    if not found or code not in found[0].chunk.text:
        raise WrongAnswerError(f"{question} found {found[:1]}, not {code}")
    answer = engine.answer(question)
    if not any(code in citation.quote for citation in answer.citations):
        raise WrongAnswerError(f"{question} was answered {answer.text!r}, not {code}")
    if any(held[c.doc_id][c.start : c.end] != c.quote for c in answer.citations):
        raise WrongAnswerError(f"{question}: a citation does not stand in its document")
    return held


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0, or 1 where a kill led to a wrong answer."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos", description="Kill builds, ask after each.")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20230804)
    parser.add_argument("--embedder", default=IndexSettings().embedder)
    options = parser.parse_args(arguments)
    show = (lambda line: print(f"\r{line}", end="", file=sys.stderr)) if sys.stderr.isatty() else lambda line: None
    with tempfile.TemporaryDirectory(prefix="chaos-") as name:
        try:
            report = run_chaos(Path(name), IndexSettings(embedder=options.embedder), options.kills, options.seed, show)
        except WrongAnswerError as error:
            print(f"WRONG: {error}", file=sys.stderr)
            return 1
    print(report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
