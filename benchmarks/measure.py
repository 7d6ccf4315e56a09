"""Best-of-n timing, the sizes of folders, and the one table that all of it ends in."""

import gc
import os
import platform
import resource
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

Unit = Literal["ms", "s", "MB", "%"]
ROOT = Path(__file__).resolve().parents[1]
LIMIT_S = 25.0
"""When a thing was measured for so long, it is not done once more."""
COLUMNS = ("what", "chunks", "ours", "peer", "peer / ours", "the peer")


@dataclass(frozen=True, slots=True)
class Measurement:
    """One row: ours beside a peer, measured in the same run, both in `unit`; less is better, but for recall (%)."""

    what: str
    n_chunks: int
    unit: Unit
    ours: float
    peer: float
    peer_name: str

    @property
    def ratio(self) -> float:
        """How many times as much the peer takes: above 1 we are ahead, below 1 the peer is."""
        return self.peer / self.ours


def best_of(
    run: Callable[[int], object],
    n_runs: int,
    *,
    limit_s: float = LIMIT_S,
    prepare: Callable[[int], object] = lambda attempt: None,
) -> float:
    """Seconds of the fastest of `n_runs` calls; no further one once they took `limit_s` in all.

    The fastest, because everything else that the machine does can only add. Each call gets its number, from 0, and
    `prepare` is called with it before, off the clock. Garbage is collected before, and not while it runs, as `timeit`
    does it.
    """
    best, spent = float("inf"), 0.0
    was_enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        for attempt in range(n_runs):
            prepare(attempt)
            started = time.perf_counter()
            run(attempt)
            elapsed = time.perf_counter() - started
            best, spent = min(best, elapsed), spent + elapsed
            if spent >= limit_s:
                break
    finally:
        if was_enabled:
            gc.enable()
    return best


def percentile_ms(seconds: Sequence[float], percent: float) -> float:
    """A percentile of measured times, in milliseconds."""
    return float(np.percentile(seconds, percent)) * 1e3


def peak_mb() -> float:
    """The most memory that this process held, in 10^6 bytes: files that are mapped count as far as they were read.

    By /proc where there is one: `ru_maxrss` of a process counts what its parent held when it was started.
    """
    status = Path("/proc/self/status")
    if not status.is_file():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    (line,) = (line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024 / 1e6


def folder_bytes(folder: Path) -> int:
    """The sizes of all files below a folder, added up."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def render_text(measurements: Sequence[Measurement]) -> str:
    """The table for a terminal; the first and the last column stand left, numbers right."""
    rows = [COLUMNS, *map(cells, measurements)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    lines = []
    for what, *numbers, peer in rows:
        padded = [number.rjust(width) for number, width in zip(numbers, widths[1:-1], strict=True)]
        lines.append("  ".join([what.ljust(widths[0]), *padded, peer]))
    return "\n".join(lines)


def render_markdown(measurements: Sequence[Measurement]) -> str:
    """The same table as Markdown."""
    rows = [COLUMNS, ("---", "--:", "--:", "--:", "--:", "---"), *map(cells, measurements)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def cells(measurement: Measurement) -> tuple[str, ...]:
    """A row of the table, in the order of `COLUMNS`."""
    unit = measurement.unit
    return (
        measurement.what,
        f"{measurement.n_chunks:,}",
        f"{_three_digits(measurement.ours)} {unit}",
        f"{_three_digits(measurement.peer)} {unit}",
        f"{_three_digits(measurement.ratio)}",
        measurement.peer_name,
    )


def _three_digits(value: float) -> str:
    """Three significant digits without an exponent: 0.0123, 4.56, 789, 12,346."""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 1 else 3 if value >= 0.1 else 4
    return f"{value:,.{digits}f}"


def describe_machine() -> str:
    """Processor, cores, memory and Python, on one line."""
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    threads = os.environ.get("OMP_NUM_THREADS", "not set")
    return (
        f"{_processor()}, {os.cpu_count()} cores, {memory_gb:.0f} GB; OMP_NUM_THREADS {threads}; "
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:  # no Linux
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown processor"


def describe_commit() -> str:
    """The commit that was measured, and whether the code measured differs from it; empty outside a repository."""
    commit = _git("rev-parse", "--short", "HEAD")
    changed = _git("status", "--porcelain", "--", "index", "benchmarks")
    return f"{commit} with changes in index/ or benchmarks/" if commit and changed else commit


def _git(*arguments: str) -> str:
    try:
        finished = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    except FileNotFoundError:
        return ""
    return finished.stdout.strip() if finished.returncode == 0 else ""
