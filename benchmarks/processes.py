"""A step in a process of its own: its time, and the most memory that it held."""

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from index.build import build_index
from index.settings import IndexSettings

from .measure import ROOT, peak_mb
from .peers import build_recipe


@dataclass(frozen=True, slots=True)
class Cost:
    """What a step took, without the start of its process."""

    seconds: float
    peak_mb: float
    """See `measure.peak_mb`."""


def run_apart(step: str, documents: Path, out: Path, embedder: str) -> Cost:
    """Runs `build` or `recipe` over a folder of documents in a new process.

    Raises RuntimeError with what it printed if it fails.
    """
    arguments = [sys.executable, "-m", "benchmarks.processes", step, str(documents), str(out), embedder]
    finished = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True)
    if finished.returncode:
        raise RuntimeError(f"{step} failed: {finished.stderr}")
    return Cost(**json.loads(finished.stdout.splitlines()[-1]))


def _run(step: str, documents: Path, out: Path, embedder: str) -> Cost:
    started = time.perf_counter()
    if step == "build":
        build_index(documents, out, IndexSettings(embedder=embedder))
    else:
        build_recipe(documents, out, embedder)
    seconds = time.perf_counter() - started
    return Cost(seconds, peak_mb())


if __name__ == "__main__":
    cost = _run(sys.argv[1], Path(sys.argv[2]).resolve(), Path(sys.argv[3]), sys.argv[4])
    print(json.dumps({"seconds": cost.seconds, "peak_mb": cost.peak_mb}))
