"""A baseline: the figures that a set had when they were accepted, and how much of each may be lost."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from eval.errors import RunFileError
from eval.figures import OVERALL, Figures, Values

DEFAULT_TOLERANCES = {
    "right": 0.02,
    "retrieval.bm25.article.mrr@10": 0.02,
    "retrieval.dense.article.mrr@10": 0.02,
    "retrieval.hybrid.article.mrr@10": 0.02,
    "retrieval.reranked.article.mrr@10": 0.02,
    "retrieval.reranked.article.success@1": 0.02,
    "retrieval.reranked.evidence.success@5": 0.02,
    "retrieval.reranked.evidence.mrr@10": 0.02,
    "answer.coverage": 0.02,
    "answer.f1": 0.02,
    "answer.direct_right": 0.04,
    "citation.precision": 0.02,
    "citation.recall": 0.02,
    "citation.exactness": 0.0,
    "refusal.f1": 0.03,
    "refusal.false": 0.02,
    "refusal.wrong_answers": 0.04,
    "confidence.auc": 0.02,
}
"""Absolute, by figure. Time is no part of a baseline: it belongs to the machine that ran it."""

LOWER_IS_BETTER = frozenset({"refusal.false", "refusal.wrong_answers", "risk.area"})

_ROUNDING = 1e-9
"""Figures are written with all their digits, but a mean in another order may differ in the last."""


@dataclass(frozen=True, slots=True)
class Guard:
    """One figure of a baseline. `value` None: it was not defined, and nothing can be lost."""

    value: float | None
    tolerance: float


@dataclass(frozen=True, slots=True)
class Baseline:
    """What one set must not fall below."""

    set_name: str
    n_questions: int
    figures: dict[str, Guard]


@dataclass(frozen=True, slots=True)
class Loss:
    """A figure that is worse than its baseline by more than its tolerance."""

    name: str
    baseline: float
    value: float | None
    tolerance: float

    def __str__(self) -> str:
        value = "not defined" if self.value is None else f"{self.value:.4f}"
        better = "at most" if self.name in LOWER_IS_BETTER else "at least"
        sign = 1 if self.name in LOWER_IS_BETTER else -1
        bound = self.baseline + sign * self.tolerance
        return (
            f"{self.name}: {value}, baseline {self.baseline:.4f}, tolerance {self.tolerance:g}: "
            f"must be {better} {bound:.4f}"
        )


def baseline_path(folder: Path, set_name: str) -> Path:
    """Where the baseline of a set lies."""
    return folder / f"{set_name}.json"


def open_baseline(path: Path) -> Baseline | None:
    """The baseline at `path`; None where there is no such file. Raises RunFileError where it is not one."""
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
        guards = {
            name: Guard(None if guard["value"] is None else float(guard["value"]), float(guard["tolerance"]))
            for name, guard in row["figures"].items()
        }
        return Baseline(str(row["set_name"]), int(row["n_questions"]), guards)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RunFileError(
            f"{path} is not a baseline ({type(error).__name__}: {error}). Repair: write it anew with --update-baseline."
        ) from None


def save_baseline(baseline: Baseline, path: Path) -> None:
    """Write the baseline, one figure a line, so that a change of it can be reviewed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(baseline), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def accept(figures: Figures, before: Baseline | None = None) -> Baseline:
    """The baseline that these figures make. Tolerances that someone set before are kept."""
    values = figures.groups[OVERALL]
    tolerances = DEFAULT_TOLERANCES | (
        {name: guard.tolerance for name, guard in before.figures.items()} if before else {}
    )
    guards = {name: Guard(values.get(name), tolerance) for name, tolerance in tolerances.items()}
    return Baseline(figures.set_name, _n_questions(values), guards)


def find_losses(figures: Figures, baseline: Baseline) -> list[Loss]:
    """What is worse than the baseline allows. A figure that is no longer defined is lost, too."""
    values = figures.groups[OVERALL]
    losses = []
    for name, guard in baseline.figures.items():
        if guard.value is None:
            continue
        value = values.get(name)
        lost = value is None or _worsening(name, guard.value, value) > guard.tolerance + _ROUNDING
        if lost:
            losses.append(Loss(name, guard.value, value, guard.tolerance))
    return losses


def size_note(figures: Figures, baseline: Baseline) -> str:
    """What to know where the set has grown or shrunk since; empty otherwise."""
    n = _n_questions(figures.groups[OVERALL])
    if n == baseline.n_questions:
        return ""
    return (
        f"the baseline of {baseline.set_name} was made with {baseline.n_questions} questions, now {n} were "
        "asked: accept the new figures with --update-baseline"
    )


def _worsening(name: str, before: float, now: float) -> float:
    return now - before if name in LOWER_IS_BETTER else before - now


def _n_questions(values: Values) -> int:
    return int(values["n"] or 0)
