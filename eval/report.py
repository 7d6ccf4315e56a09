"""Figures -> text: aligned columns for the console, or Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass

from eval.figures import MAIN_FIGURES, OVERALL, Figures, Values
from eval.types import GOOD_VERDICTS, MODES, Question, Result, Run

RETRIEVAL_FIGURES = ("success@1", "success@3", "success@5", "success@10", "recall@10", "mrr@10", "ndcg@10")

KIND_COLUMNS = (
    ("n", "n"),
    ("right", "right"),
    ("success@1", "retrieval.reranked.article.success@1"),
    ("evid. s@5", "retrieval.reranked.evidence.success@5"),
    ("evid. mrr", "retrieval.reranked.evidence.mrr@10"),
    ("coverage", "answer.coverage"),
    ("em", "answer.em"),
    ("f1", "answer.f1"),
    ("cite p", "citation.precision"),
    ("cite r", "citation.recall"),
    ("refused", "n_refused"),
    ("p50 ms", "time.wall.p50"),
)

MAIN_COUNTS = {
    "citation.exactness": "n_citations",
    "refusal.precision": "n_refused",
    "refusal.recall": "n_unanswerable",
    "refusal.false": "n_answerable",
    "refusal.wrong_answers": "n_unanswerable",
}
"""Over how many a share is, where it is not plain: a 1.000 over three is worth saying."""


@dataclass(frozen=True, slots=True)
class Table:
    """Cells as text; the first column is left, the others right aligned."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def report_tables(figures: Figures) -> list[Table]:
    """What a reader wants to see of a run, in the order of the questions that one asks."""
    overall = figures.groups[OVERALL]
    return [
        _main_table(figures),
        _kind_table(figures),
        _retrieval_table(overall, "article"),
        _retrieval_table(overall, "evidence"),
        _time_table(overall),
    ]


def render_text(run: Run, figures: Figures, *, verbose: bool = False) -> str:
    """The report for a console; `verbose` adds every question that failed."""
    blocks = [headline(run, figures), *(text_table(table) for table in report_tables(figures))]
    if verbose:
        blocks.append(render_failures(run.results))
    return "\n\n".join(blocks)


def render_markdown(run: Run, figures: Figures) -> str:
    """The report as Markdown tables."""
    blocks = [f"## {run.set_name}", headline(run, figures)]
    blocks += [f"### {table.title}\n\n{markdown_table(table)}" for table in report_tables(figures)]
    return "\n\n".join(blocks) + "\n"


def render_failures(results: Sequence[Result]) -> str:
    """Every question that did not go well: what was asked, what was wanted, what came."""
    failed = [result for result in results if result.verdict not in GOOD_VERDICTS]
    return "\n\n".join([f"Failures: {len(failed)} of {len(results)}", *map(_failure, failed)])


def format_figure(name: str, value: float | None) -> str:
    """A share with three digits, a time or a length with one, a count with none, `-` for None."""
    if value is None:
        return "-"
    if name == "n" or name.startswith("n_"):
        return f"{value:.0f}"
    return f"{value:.1f}" if name.startswith("time.") or name == "answer.chars" else f"{value:.3f}"


def headline(run: Run, figures: Figures) -> str:
    """What was asked, when, and what to know about it: one line each."""
    overall = figures.groups[OVERALL]
    counts = {name: format_figure("n", overall[name]) for name in ("n", "n_answerable", "n_unanswerable")}
    part = "" if run.whole_set else " (a part of the set)"
    lines = [
        f"{run.set_name}: {counts['n']} questions{part}, {counts['n_answerable']} answerable, "
        f"{counts['n_unanswerable']} not"
    ]
    lines += [f"{name}: {value}" for name, value in run.provenance.items()]
    return "\n".join([*lines, *(f"Note: {note}" for note in run.notes)])


def _main_table(figures: Figures) -> Table:
    overall = figures.groups[OVERALL]
    rows = []
    for name in MAIN_FIGURES:
        interval = figures.intervals.get(name)
        between = f"{interval[0]:.3f} - {interval[1]:.3f}" if interval else "-"
        count = format_figure("n", overall[MAIN_COUNTS[name]]) if name in MAIN_COUNTS else ""
        rows.append((name, format_figure(name, overall.get(name)), between, count))
    return Table("Main figures", ("figure", "value", "95 % interval", "over"), tuple(rows))


def _kind_table(figures: Figures) -> Table:
    rows = [
        (group, *(format_figure(name, values.get(name)) for _, name in KIND_COLUMNS))
        for group, values in figures.groups.items()
    ]
    return Table("By kind", ("kind", *(title for title, _ in KIND_COLUMNS)), tuple(rows))


def _retrieval_table(values: Values, level: str) -> Table:
    rows = [
        (
            mode,
            *(format_figure(name, values.get(f"retrieval.{mode}.{level}.{name}")) for name in RETRIEVAL_FIGURES),
        )
        for mode in MODES
    ]
    return Table(f"Retrieval by {level}", ("mode", *RETRIEVAL_FIGURES), tuple(rows))


def _time_table(values: Values) -> Table:
    steps = [name.removeprefix("time.").removesuffix(".p50") for name in values if name.endswith(".p50")]
    rows = [(step, *(format_figure("time.", values[f"time.{step}.{p}"]) for p in ("p50", "p95"))) for step in steps]
    return Table("Time by step, ms", ("step", "p50", "p95"), tuple(rows))


def text_table(table: Table) -> str:
    """One table in aligned columns."""
    lines = [table.columns, *table.rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(table.columns))]
    aligned = [
        "  ".join([line[0].ljust(widths[0]), *(line[i].rjust(widths[i]) for i in range(1, len(line)))]).rstrip()
        for line in lines
    ]
    return "\n".join([table.title, "-" * (sum(widths) + 2 * (len(widths) - 1)), *aligned])


def markdown_table(table: Table) -> str:
    """One table in Markdown."""
    ruler = ["---", *("---:" for _ in table.columns[1:])]
    return "\n".join(f"| {' | '.join(line)} |" for line in [table.columns, ruler, *table.rows])


def wanted(question: Question) -> str:
    """What a right answer says: its items, each in its wordings."""
    if not question.answerable:
        return "(a refusal)"
    return " + ".join(" / ".join(wordings) for wordings in question.required) or " / ".join(question.answers)


def _failure(result: Result) -> str:
    question = result.question
    lines = [f"[{question.id}] {question.kind}, {result.verdict}, confidence {result.confidence:.2f}"]
    lines += [f"  before: {turn.question}" for turn in question.history]
    lines.append(f"  asked:  {question.question}")
    if result.standalone_question != question.question:
        lines.append(f"  as:     {result.standalone_question}")
    lines.append(f"  wanted: {wanted(question)}")
    lines.append(f"  got:    {' '.join(result.text.split())}")
    if question.answerable:
        lines.append(f"  gold article at rank {_gold_rank(result)} of reranked")
    return "\n".join(lines)


def _gold_rank(result: Result) -> str:
    articles = list(dict.fromkeys((hit.doc_id, hit.article) for hit in result.hits.get("reranked", ())))
    ranks = [articles.index(gold) + 1 for gold in result.gold_articles if gold in articles]
    return ", ".join(str(rank) for rank in sorted(ranks)) or "none"
