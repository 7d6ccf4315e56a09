"""The rows of `benchmarks.load` and the table that they end in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .measure import describe_commit, describe_machine, percentile_ms
from .slow_model import FIRST_TOKEN_S, PIECE_CHARS, PIECE_S

COLUMNS = (
    "asked through", "of", "people", "questions", "errors", "mixed", "told to return", "first words p50",
    "whole p50", "p95", "p99", "questions/s", "CPU ms/question", "peak RSS", "RSS after",
)  # fmt: skip
READERS = {"reader": "shipped reader", "model": "slow language model"}


@dataclass(frozen=True, slots=True)
class Row:
    """One scenario. Times are in milliseconds, memory in 10^6 bytes."""

    surface: str
    reader: str
    n_people: int
    n_questions: int
    n_errors: int
    n_mixed: int
    n_returns: int
    first_p50_ms: float
    whole_ms: tuple[float, float, float]
    """p50, p95, p99, waiting and returning included."""
    per_s: float
    cpu_ms: float
    peak_mb: float
    after_mb: float

    @classmethod
    def of(
        cls, surface: str, reader: str, n_people: int, load: Any, *, n_errors: int, n_mixed: int, after_mb: float
    ) -> "Row":
        """The figures of a load (`benchmarks.load.Load`)."""
        good = [one for one in load.asked if not one.error]
        whole = [one.seconds for one in good] or [float("nan")]
        return cls(
            surface=surface,
            reader=reader,
            n_people=n_people,
            n_questions=len(load.asked),
            n_errors=n_errors,
            n_mixed=n_mixed,
            n_returns=sum(one.n_returns for one in load.asked),
            first_p50_ms=percentile_ms([one.first_s for one in good] or [float("nan")], 50),
            whole_ms=(percentile_ms(whole, 50), percentile_ms(whole, 95), percentile_ms(whole, 99)),
            per_s=len(good) / load.elapsed_s,
            cpu_ms=load.cpu_s * 1000 / max(len(load.asked), 1),
            peak_mb=load.peak_mb,
            after_mb=after_mb,
        )

    def cells(self) -> tuple[str, ...]:
        """In the order of `COLUMNS`."""
        return (
            self.surface, READERS[self.reader], str(self.n_people), str(self.n_questions), str(self.n_errors),
            str(self.n_mixed), str(self.n_returns), f"{self.first_p50_ms:,.0f} ms",
            *(f"{ms:,.0f} ms" for ms in self.whole_ms),
            f"{self.per_s:.1f}", f"{self.cpu_ms:.0f}", f"{self.peak_mb:.0f} MB", f"{self.after_mb:.0f} MB",
        )  # fmt: skip

    def line(self) -> str:
        """For a terminal, as soon as it is measured."""
        return "  ".join(f"{name} {cell}" for name, cell in zip(COLUMNS, self.cells(), strict=True))


def render(rows: Sequence[Row]) -> str:
    """The table as Markdown."""
    marks = ("---", "---", *("--:",) * (len(COLUMNS) - 2))
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (COLUMNS, marks, *(row.cells() for row in rows)))


def note_lines(date: str) -> list[str]:
    """What stands above the table: when, what and where it was measured, and how to read it."""
    return [
        "# The service under load",
        "",
        "Made by `make load` (`python -m benchmarks.load --out benchmarks/LOAD.md`).",
        "",
        f"- Date: {date}",
        f"- Commit: {describe_commit()}",
        f"- Machine: {describe_machine()}; the people who ask run on the same cores",
        f"- The slow language model: {FIRST_TOKEN_S:g} s to its first word, then {PIECE_CHARS / PIECE_S:.0f} "
        "characters a second",
        "- Times run from the first attempt to the whole answer, with all waiting: everybody asks at the same",
        "  moment, and the last in line waits for all others. *Told to return*: found the queue full, and came back",
        "  when it had said. *Mixed*: not word for word what one person alone was told. CPU is the app's own.",
    ]
