"""The evaluation tab: a set is asked with progress, and its report and what changed since the baseline are shown."""

import datetime
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from eval.baseline import baseline_path, open_baseline
from eval.compare import render_against_baseline
from eval.datasets import read_set
from eval.figures import OVERALL, compute_figures
from eval.html_report import render_html
from eval.report import format_figure
from eval.run import AskedEngine, run_set
from eval.runfile import open_runs, save_runs
from eval.types import Run
from index.errors import UserError

from .background import in_background
from .events import PRIVATE
from .markup import escape_text, notice, styled, tag
from .roles import for_owners
from .texts import ZH, Texts, texts_for

MAX_KEPT_RUNS = 5
"""Of each set."""

Updates = tuple[Any, ...]


class Evaluation:
    """The handlers of the tab, around one engine, a folder of sets and one of baselines."""

    def __init__(self, engine: AskedEngine, sets: Path, baselines: Path, runs: Path | None = None) -> None:
        """`runs`: the folder where the last runs of each set are kept; None: they are not."""
        self._engine = engine
        self._sets = sets
        self._baselines = baselines
        self._runs = runs

    def names(self) -> list[str]:
        """The sets that can be asked, by name."""
        return sorted(path.stem for path in self._sets.glob("*.jsonl"))

    def run(self, name: str | None, request: gr.Request) -> Iterator[Updates]:
        """Asks every question of a set; the chat goes on meanwhile."""
        texts = texts_for(request)
        if name not in self.names():  # it comes from the browser and can be anything
            yield notice(texts.evaluation_choose), gr.skip()
            return
        yield _progress(texts.evaluation_asking.format(0, "?"), None), gr.skip()
        try:
            for step in in_background(partial(self._ask, name)):
                if isinstance(step, Run):
                    self._keep(step)
                    yield self._figures(step, texts), report_frame(step)
                else:
                    n_done, n_total = step
                    yield _progress(texts.evaluation_asking.format(n_done, n_total), n_done / n_total), gr.skip()
        except UserError as error:
            yield notice(str(error)), gr.skip()
        except Exception:
            yield notice(texts.failed), gr.skip()
            raise

    def last(self, name: str | None, request: gr.Request) -> Updates:
        """The last run of a set that was made in this tab: its figures, plots and the comparison, as after the run."""
        texts = texts_for(request)
        kept = self._kept(name) if name in self.names() else []
        if not kept:
            return notice(texts.evaluation_never), ""
        try:
            (run,) = open_runs(kept[-1])
            return self._figures(run, texts), report_frame(run)
        except UserError as error:
            return notice(str(error)), ""

    def _ask(self, name: str, tell: Callable[[tuple[int, int]], None]) -> Run:
        questions = read_set(self._sets / f"{name}.jsonl")
        return run_set(self._engine, questions, set_name=name, progress=lambda n, total: tell((n, total)))

    def _keep(self, run: Run) -> None:
        if self._runs is None:
            return
        now = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
        save_runs([run], self._runs / f"page-{run.set_name}-{now}.json")
        for old in self._kept(run.set_name)[:-MAX_KEPT_RUNS]:
            old.unlink(missing_ok=True)

    def _kept(self, name: str | None) -> list[Path]:
        """The kept runs of a set, the last one last."""
        if self._runs is None or name is None:
            return []
        stamp = re.compile(rf"page-{re.escape(name)}-\d{{8}}T\d{{6}}Z\.json", re.ASCII)
        return sorted(path for path in self._runs.glob("page-*.json") if stamp.fullmatch(path.name))

    def _figures(self, run: Run, texts: Texts) -> str:
        """The figures beside the baseline, and those of the runs before."""
        return self._against_baseline(run, texts.evaluation_no_baseline) + self._before(run, texts)

    def _before(self, run: Run, texts: Texts) -> str:
        lines = []
        for path in self._kept(run.set_name)[::-1]:
            (one,) = open_runs(path)
            stamp = path.stem[-16:]
            when = f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]} {stamp[9:11]}:{stamp[11:13]} UTC"
            right = format_figure("right", compute_figures(one).groups[OVERALL]["right"])
            lines.append(tag("li", escape_text(texts.evaluation_right.format(when, right, len(one.results)))))
        if not lines:
            return ""
        return styled("div", "wd-runs", tag("p", escape_text(texts.evaluation_before)) + tag("ul", "".join(lines)))

    def _against_baseline(self, run: Run, no_baseline: str) -> str:
        """The figures beside the accepted ones. Raises RunFileError where the baseline is damaged."""
        baseline = open_baseline(baseline_path(self._baselines, run.set_name))
        if baseline is None:
            return notice(no_baseline)
        return styled("pre", "wd-figures", escape_text(render_against_baseline(compute_figures(run), baseline)))


def report_frame(run: Run) -> str:
    """The report in a frame of its own: its scripts see nothing of the page, and it asks nothing of the outside."""
    return tag(
        "iframe",
        "",
        {"class": "wd-report", "sandbox": "allow-scripts", "title": run.set_name, "srcdoc": render_html([run])},
    )


def _progress(says: str, share: float | None) -> str:
    bar = tag("progress", "", {"max": "1"} if share is None else {"max": "1", "value": f"{share:.3f}"})
    return styled("div", "wd-status", tag("p", escape_text(says)) + bar, role="status")


def evaluation_tab(page: gr.Blocks, evaluation: Evaluation, tab: gr.Tab) -> None:
    """The tab's components and what they do."""
    names = evaluation.names()
    first = next((name for name in names if name.endswith("-dev")), None)  # one that may be looked at
    with gr.Column(elem_id="wd-evaluation"):
        with gr.Row():
            chosen = gr.Dropdown(
                names,
                value=first,
                label=ZH.evaluation_set,
                scale=3,
            )
            started = gr.Button(ZH.evaluation_run, variant="primary", scale=1)
        status = gr.HTML(elem_id="wd-evaluation-status", show_label=False)
        report = gr.HTML(elem_id="wd-report", show_label=False)
    page.load(_evaluation_words, None, [chosen, started], queue=False, **PRIVATE)
    gr.on([tab.select, chosen.change], for_owners(evaluation.last), [chosen], [status, report], **PRIVATE)
    started.click(for_owners(evaluation.run), [chosen], [status, report], concurrency_limit=1, **PRIVATE)


def _evaluation_words(request: gr.Request) -> tuple[Any, ...]:
    texts = texts_for(request)
    return gr.Dropdown(label=texts.evaluation_set), gr.Button(texts.evaluation_run)
