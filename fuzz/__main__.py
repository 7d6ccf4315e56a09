"""`python -m fuzz [TARGET...] --seconds 60`: fuzzes each target for so long, prints a table, keeps what was found.

Exit status: 0 nothing was found, 1 something was (the inputs stand in `.fuzz/TARGET/`), 2 a target is not known.
"""

import argparse
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from fuzz.seeds import ROOT, seeds

_TARGETS = (
    "text",
    "markdown",
    "rows",
    "html",
    "pdf",
    "docx",
    "page",
    "question",
    "filters",
    "citations",
    "manifest",
    "request",
)
_MAX_INPUT_BYTES = 16_384
_MAX_INPUT_SECONDS = 20
_MAX_MEMORY_MB = 4096


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one target."""

    n_runs: int
    seconds: int
    coverage: int
    """libFuzzer's count of edges."""
    findings: tuple[Path, ...]
    """Inputs that crashed it, took too long or too much memory."""
    log: str


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", help=f"of {', '.join(_TARGETS)} (default: all)")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--out", type=Path, default=ROOT / ".fuzz", help="where inputs are kept from run to run")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.targets if name not in _TARGETS]
    if unknown:
        print(f"error: no target {', '.join(unknown)}: there are {', '.join(_TARGETS)}", file=sys.stderr)
        return 2
    found = 0
    print(f"{'target':12} {'runs':>10} {'s':>5} {'edges':>7}  findings", flush=True)
    for name in options.targets or _TARGETS:
        outcome = fuzz(name, options.seconds, options.out)
        found += len(outcome.findings)
        what = " ".join(str(path) for path in outcome.findings) or "none"
        print(f"{name:12} {outcome.n_runs:10} {outcome.seconds:5} {outcome.coverage:7}  {what}", flush=True)
        if outcome.findings:
            print(outcome.log, file=sys.stderr)
    return 1 if found else 0


def fuzz(name: str, seconds: int, out: Path) -> Outcome:
    """Runs one target from its seeds and from what earlier runs have kept."""
    corpus, findings = out / name / "corpus", out / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(seeds(name)):
        (corpus / f"seed-{number}").write_bytes(data)
    before = set(findings.iterdir())
    command = [
        *(sys.executable, "-m", "fuzz.run_target", name, str(corpus), f"-max_total_time={seconds}"),
        *(f"-artifact_prefix={findings}/", f"-max_len={_MAX_INPUT_BYTES}", f"-timeout={_MAX_INPUT_SECONDS}"),
        *(f"-rss_limit_mb={_MAX_MEMORY_MB}", "-print_final_stats=1"),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace")
    log = done.stdout + done.stderr
    new = tuple(sorted(set(findings.iterdir()) - before))
    if done.returncode and not new:
        raise RuntimeError(f"the target {name} did not run:\n{log[-3000:]}")
    runs = re.search(r"stat::number_of_executed_units:\s+(\d+)", log)
    edges = re.findall(r"cov: (\d+)", log)
    return Outcome(int(runs[1]) if runs else 0, seconds, int(edges[-1]) if edges else 0, new, log[-3000:])


if __name__ == "__main__":
    sys.exit(main())
