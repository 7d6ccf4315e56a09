"""Runs -> one HTML file that needs no network: tables, plots, every question with answer, hits, gold and verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from eval.errors import RunFileError
from eval.figures import OVERALL, SUCCESS_KS, Figures, Values, compute_figures, risk_coverage
from eval.plots import Plot, draw_bars, draw_lines
from eval.report import headline, report_tables, wanted
from eval.types import GOOD_VERDICTS, KINDS, MODES, Result, Run

_TEMPLATE = "report.html.j2"
_SHOWN_HITS = 5


@dataclass(frozen=True, slots=True)
class _Section:
    """What the template shows of one run."""

    name: str
    headline: str
    tables: Sequence[Any]
    plots: Sequence[Plot]
    rows: Sequence[dict[str, Any]]


def render_html(runs: Sequence[Run]) -> str:
    """The report of some runs. Whatever stands in a document or an answer is shown as text."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    sections = [_section(run, compute_figures(run)) for run in runs]
    verdicts = sorted({result.verdict for run in runs for result in run.results})
    kinds = [kind for kind in KINDS if any(result.question.kind == kind for run in runs for result in run.results)]
    template = environment.get_template(_TEMPLATE)
    return template.render(sections=sections, verdicts=verdicts, kinds=kinds, modes=MODES)


def save_html(runs: Sequence[Run], path: Path) -> None:
    """Writes the report; it appears whole or not at all. Raises RunFileError where it cannot."""
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(render_html(runs), encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise RunFileError(f"The report cannot be written: {error}. Repair: name another --html.") from None


def _section(run: Run, figures: Figures) -> _Section:
    return _Section(
        name=run.set_name,
        headline=headline(run, figures),
        tables=report_tables(figures),
        plots=_plots(run, figures),
        rows=[_row(result) for result in run.results],
    )


def _plots(run: Run, figures: Figures) -> list[Plot]:
    overall = figures.groups[OVERALL]
    plots = []
    if curve := risk_coverage(run.results):
        plots.append(draw_lines("Risk by coverage, of the answered", {"risk": curve}, "coverage", "risk"))
    ticks = {k / max(SUCCESS_KS): str(k) for k in SUCCESS_KS}
    for level in ("article", "evidence"):
        curves: dict[str, list[tuple[float, float]]] = {m: _success_curve(overall, m, level) for m in MODES}
        if series := {mode: points for mode, points in curves.items() if points}:
            plots.append(draw_lines(f"Success by {level}", series, "k", "success@k", ticks))
    right = {kind: value for kind, values in figures.groups.items() if (value := values.get("right")) is not None}
    plots.append(draw_bars("Right, by kind", right, highest=1.0))
    steps = {
        name.removeprefix("time.").removesuffix(".p50"): value
        for name, value in overall.items()
        if name.startswith("time.") and name.endswith(".p50") and value is not None
    }
    plots.append(draw_bars("Time by step, p50 in ms", steps, digits=1))
    return plots


def _success_curve(values: Values, mode: str, level: str) -> list[tuple[float, float]]:
    found = [(k, values.get(f"retrieval.{mode}.{level}.success@{k}")) for k in SUCCESS_KS]
    return [(k / max(SUCCESS_KS), value) for k, value in found if value is not None]


def _row(result: Result) -> dict[str, Any]:
    question = result.question
    return {
        "id": question.id,
        "kind": question.kind,
        "verdict": result.verdict,
        "good": result.verdict in GOOD_VERDICTS,
        "question": question.question,
        "history": [turn.question for turn in question.history],
        "standalone": result.standalone_question if result.standalone_question != question.question else "",
        "gold": wanted(question),
        "quotes": [f"{e.doc_id}[{e.start}:{e.end}] {e.quote}" for e in question.evidence],
        "text": result.text,
        "confidence": result.confidence,
        "citations": [
            f"[{c.label}] {c.doc_id}[{c.start}:{c.end}] {c.quote}{'' if c.exact else ' (NOT EXACT)'}"
            for c in result.citations
        ],
        "hits": {
            mode: [
                (f"{hit.doc_id}[{hit.start}:{hit.end}]", (hit.doc_id, hit.article) in result.gold_articles)
                for hit in result.hits.get(mode, ())[:_SHOWN_HITS]
            ]
            for mode in MODES
        },
    }
