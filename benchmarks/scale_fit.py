"""A law for each cost, cost(n) = c + a * n ** b, fitted up to 100,000 chunks, and what it says of more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FITTED_UP_TO = 110_000
CHECKED_FROM = 500_000
BEYOND = (10**7, 10**8, 10**9)
COSTS: dict[str, tuple[str, str, int]] = {
    "build_cpu_s": ("full build, processor", "s", 0),
    "build_peak_mb": ("full build, peak memory", "MB", 0),
    "edit_cpu_s": ("one article edited, processor", "s", 0),
    "edit_peak_mb": ("one article edited, peak memory", "MB", 0),
    "texts_mb": ("texts on disk", "MB", 0),
    "vectors_mb": ("vectors on disk", "MB", 50_001),
    "keywords_mb": ("postings on disk", "MB", 0),
    "n_terms": ("distinct terms", "", 0),
    "n_postings": ("postings", "", 0),
    "ask_peak_mb": ("memory of a process that answers", "MB", 0),
    "bm25_cpu_ms": ("keyword question, processor", "ms", 0),
    "dense_cpu_ms": ("vector question, processor", "ms", 50_001),
    "hybrid_cpu_ms": ("hybrid question, processor", "ms", 50_001),
}
"""What is fitted: its name in the table, its unit, and the size from which on its law holds: beyond 50,000 chunks the
vectors are searched by one-bit codes, which is another law."""


@dataclass(frozen=True, slots=True)
class Law:
    """cost(n) = constant + factor * n ** power."""

    constant: float
    factor: float
    power: float

    def at(self, n_chunks: float) -> float:
        """The cost of so many chunks."""
        return self.constant + self.factor * n_chunks**self.power

    def __str__(self) -> str:
        grown = f"{self.factor:.3g} n^{self.power:.2f}"
        return f"{self.constant:.3g} + {grown}" if self.constant else grown


def fit(sizes: Sequence[float], costs: Sequence[float]) -> Law:
    """The law with the least squares of log(cost): a power law over the best of 200 constants.

    With fewer than four sizes the constant is 0: it could not be told from the rest.
    """
    n, y = np.log(np.array(sizes, float)), np.array(costs, float)
    constants = np.linspace(0, 0.999 * y.min(), 200) if len(y) >= 4 else np.zeros(1)
    candidates = [_fit_power(n, y, float(constant)) for constant in constants]
    return min(candidates, key=lambda found: found[0])[1]


def _fit_power(n: NDArray[np.float64], y: NDArray[np.float64], constant: float) -> tuple[float, Law]:
    power, intercept = np.polyfit(n, np.log(y - constant), 1)
    law = Law(constant, float(np.exp(intercept)), float(power))
    errors = np.log(law.at(np.exp(n))) - np.log(y)
    return float(errors @ errors), law


def fit_all(records: Sequence[Mapping[str, Any]]) -> dict[str, Law]:
    """A law for each cost, of the records that may be fitted."""
    laws = {}
    for name, (_, _, from_size) in COSTS.items():
        own = [r for r in records if from_size <= r["n_chunks"] <= FITTED_UP_TO and name in r]
        if len(own) >= 3:
            laws[name] = fit([r["n_chunks"] for r in own], [r[name] for r in own])
    return laws


def render(records: Sequence[Mapping[str, Any]]) -> str:
    """The table of docs/scale.md."""
    laws = fit_all(records)
    sizes = sorted({r["n_chunks"] for r in records if r["n_chunks"] <= FITTED_UP_TO})
    shown = [min(sizes, key=lambda size, near=near: abs(size - near)) for near in (10_000, 100_000)]
    by_size = {r["n_chunks"]: r for r in records}
    large = max((size for size in by_size if size >= CHECKED_FROM), default=0)
    check = large or 10**6
    heads = [f"measured {size:,}" for size in shown]
    heads += [f"law at {check:,}", "measured", "law / measured", *(f"10^{len(str(n)) - 1}" for n in BEYOND)]
    lines = [f"| what | law | {' | '.join(heads)} |", f"|---|---|{'--:|' * len(heads)}"]
    for name, law in laws.items():
        what, unit, _ = COSTS[name]
        measured = by_size[large].get(name) if large else None
        cells = [_shown(by_size[size].get(name), unit) for size in shown]
        cells += [_shown(law.at(check), unit), _shown(measured, unit)]
        cells += [f"{law.at(check) / measured:.2f}" if measured else "-"]
        cells += [_shown(law.at(n), unit) for n in BEYOND]
        lines.append(f"| {what} | {law} | {' | '.join(cells)} |")
    fitted = ", ".join(f"{size:,}" for size in sizes)
    return "\n".join([*lines, "", f"Fitted on {fitted} chunks; what is right of `law / measured` is arithmetic."])


def _shown(value: float | None, unit: str) -> str:
    if value is None:
        return "-"
    for size, larger in ((1e3, {"MB": "GB", "ms": "s"}), (1e6, {"MB": "TB"})):
        if abs(value) >= size and unit in larger and (size == 1e6 or abs(value) < 1e6):
            return f"{value / size:,.3g} {larger[unit]}"
    if unit == "s" and value >= 7200:
        return f"{value / 3600:,.3g} h"
    return f"{value:,.3g} {unit}".rstrip() if abs(value) < 1e4 else f"{value:,.0f} {unit}".rstrip()
