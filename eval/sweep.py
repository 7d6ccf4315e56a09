"""A grid of settings over one set, so that people can tune for their own documents.

A dimension is `name=value,value`: any field of `IndexSettings` (an index is built for each combination of those) or of
`RagSettings`. What wins here was chosen on this set: report it on another one.
"""

import itertools
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from eval.errors import SetError
from eval.figures import Values, overall_values
from eval.report import Table, format_figure
from eval.run import AskedEngine, run_set
from eval.types import Question
from index.build import build_index
from index.settings import IndexSettings
from rag.settings import RagSettings

Grid = Mapping[str, Sequence[Any]]
Open = Callable[[Path, RagSettings], AskedEngine]

COLUMNS = (
    ("right", "right"),
    ("s@1 bm25", "retrieval.bm25.article.success@1"),
    ("s@1 dense", "retrieval.dense.article.success@1"),
    ("s@1 hybrid", "retrieval.hybrid.article.success@1"),
    ("s@1 rerank", "retrieval.reranked.article.success@1"),
    ("evid. mrr", "retrieval.reranked.evidence.mrr@10"),
    ("coverage", "answer.coverage"),
    ("cite p", "citation.precision"),
    ("false ref.", "refusal.false"),
    ("wrong ans.", "refusal.wrong_answers"),
    ("auc", "confidence.auc"),
    ("p50 ms", "time.wall.p50"),
)
_TYPES: dict[str, tuple[type, type]] = {
    field.name: (settings, type(field.default))
    for settings in (IndexSettings, RagSettings)
    for field in fields(settings)
}


@dataclass(frozen=True, slots=True)
class Trial:
    """One combination of the grid and what it scored."""

    settings: Mapping[str, Any]
    values: Values


def parse_grid(dimensions: Sequence[str]) -> dict[str, list[Any]]:
    """`["bm25_weight=.5,.7"]` -> `{"bm25_weight": [0.5, 0.7]}`. Raises SetError: no such setting, or no such value."""
    grid: dict[str, list[Any]] = {}
    for dimension in dimensions:
        name, _, values = dimension.partition("=")
        if name not in _TYPES or not values:
            raise SetError(f"{dimension!r} is no dimension. Repair: name=value,value with one of {', '.join(_TYPES)}.")
        try:
            grid[name] = [_TYPES[name][1](value.strip()) for value in values.split(",")]
        except ValueError:
            wanted = _TYPES[name][1].__name__
            raise SetError(
                f"{dimension!r}: {name} takes values of type {wanted}. Repair: correct the values."
            ) from None
    return grid


def sweep(
    documents: Path, questions: Sequence[Question], grid: Grid, open_engine: Open, work: Path | None = None
) -> Iterator[Trial]:
    """Each combination of the grid in its order, scored; indexes are made below `work` (a temporary folder if None)."""
    of_index = [name for name in grid if _TYPES[name][0] is IndexSettings]
    of_rag = [name for name in grid if _TYPES[name][0] is RagSettings]
    with tempfile.TemporaryDirectory() as temporary:
        for number, index_choice in enumerate(_combinations(grid, of_index)):
            path = (work or Path(temporary)) / f"sweep{number}"
            build_index(documents, path, IndexSettings(**index_choice))
            for rag_choice in _combinations(grid, of_rag):
                run = run_set(open_engine(path, RagSettings(**rag_choice)), questions)
                yield Trial(index_choice | rag_choice, overall_values(run.results))


def _combinations(grid: Grid, names: Sequence[str]) -> list[dict[str, Any]]:
    return [dict(zip(names, values, strict=True)) for values in itertools.product(*(grid[name] for name in names))]


def sweep_table(trials: Sequence[Trial]) -> Table:
    """The trials, the best share of right answers first."""
    names = list(trials[0].settings)
    ranked = sorted(trials, key=lambda trial: -(trial.values["right"] or 0.0))
    rows = [
        (
            ", ".join(f"{name}={trial.settings[name]}" for name in names) or "defaults",
            *(format_figure(name, trial.values.get(name)) for _, name in COLUMNS),
        )
        for trial in ranked
    ]
    return Table(
        "Sweep, best first (chosen on this set: report on another)", ("settings", *(c for c, _ in COLUMNS)), tuple(rows)
    )
