"""`python -m benchmarks.load_memory --index DIR`: what 1, 2 and 4 processes over one index cost together.

The index is mapped into memory: a page of it that several processes read is there once. PSS counts it so: each process
is charged its share of what it shares. Give it an index that is large beside the program itself.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from .load import doors, read_questions
from .load_app import RunningApp, running_app
from .load_people import ask
from .measure import folder_bytes

N_QUESTIONS = 30
COLUMNS = ("processes", "RSS added up", "PSS added up", "of it private", "of it mapped files, shared")


@dataclass(frozen=True, slots=True)
class Memory:
    """Of some processes together, in 10^6 bytes."""

    rss_mb: float
    pss_mb: float
    private_mb: float
    shared_files_mb: float
    """The share in PSS of what is mapped from files."""

    @classmethod
    def of(cls, apps: Sequence[RunningApp]) -> "Memory":
        """Read now, from the kernel's own sums (proc(5): smaps_rollup)."""
        rolls = [_rollup(app.pid) for app in apps]
        return cls(
            rss_mb=_sum(rolls, "Rss"),
            pss_mb=_sum(rolls, "Pss"),
            private_mb=_sum(rolls, "Private_Clean") + _sum(rolls, "Private_Dirty"),
            shared_files_mb=_sum(rolls, "Pss_File"),
        )


def _rollup(pid: int) -> dict[str, int]:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()[1:]
    return {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines)}


def _sum(rolls: Sequence[dict[str, int]], name: str) -> float:
    return sum(roll[name] for roll in rolls) * 1024 / 1e6


async def _ask_all(apps: Sequence[RunningApp]) -> None:
    """The same questions to each process, so that all have read the same of the index."""
    for app in apps:
        async with doors(app, "/v1") as door:
            for question in read_questions()[:N_QUESTIONS]:
                asked = await ask(door, question)
                if asked.error:
                    raise RuntimeError(f"{question}: {asked.error}")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load_memory", description=__doc__)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--processes", type=int, nargs="+", default=(1, 2, 4))
    options = parser.parse_args(arguments)
    print(f"index: {folder_bytes(options.index / 'generations') / 1e6:,.0f} MB on disk, all generations")
    print(f"| {' | '.join(COLUMNS)} |\n|{' --: |' * len(COLUMNS)}")
    with tempfile.TemporaryDirectory(prefix="load-memory-") as name:
        for n_processes in options.processes:
            with ExitStack() as stack:
                apps = [stack.enter_context(running_app(options.index, Path(name))) for _ in range(n_processes)]
                asyncio.run(_ask_all(apps))
                sums = Memory.of(apps)
            cells = (sums.rss_mb, sums.pss_mb, sums.private_mb, sums.shared_files_mb)
            print(f"| {n_processes} | {' | '.join(f'{cell:,.0f} MB' for cell in cells)} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
