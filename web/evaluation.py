"""The evaluation tab: a set is asked with progress, and its report and what changed since the baseline are shown."""

import queue
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from eval.baseline import baseline_path, open_baseline
from eval.compare import render_against_baseline
from eval.datasets import read_set
from eval.figures import compute_figures
from eval.html_report import render_html
from eval.run import AskedEngine, run_set
from eval.types import Run
from index.errors import UserError

from .events import PRIVATE
from .markup import escape_text, notice, styled, tag
from .roles import for_owners
from .texts import ZH, texts_for

Updates = tuple[Any, ...]


class Evaluation:
    """The handlers of the tab, around one engine, a folder of sets and one of baselines."""

    def __init__(self, engine: AskedEngine, sets: Path, baselines: Path) -> None:
        self._engine = engine
        self._sets = sets
        self._baselines = baselines

    def names(self) -> list[str]:
        """The sets that can be asked, by name."""
        return sorted(path.stem for path in self._sets.glob("*.jsonl"))

    def run(self, name: str | None, request: gr.Request) -> Iterator[Updates]:
        """Asks every question of a set; the chat goes on meanwhile."""
        texts = texts_for(request)
        if name not in self.names():  # it comes from the browser and can be anything
            yield notice(texts.evaluation_choose), gr.skip()
            return
        said: queue.SimpleQueue[tuple[int, int] | Run | BaseException] = queue.SimpleQueue()
        threading.Thread(target=self._ask, args=(name, said), daemon=True).start()
        yield _progress(texts.evaluation_asking.format(0, "?"), None), gr.skip()
        while isinstance(step := said.get(), tuple):
            n_done, n_total = step
            yield _progress(texts.evaluation_asking.format(n_done, n_total), n_done / n_total), gr.skip()
        if isinstance(step, Run):
            yield self._against_baseline(step, texts.evaluation_no_baseline), report_frame(step)
        elif isinstance(step, UserError):
            yield notice(str(step)), gr.skip()
        else:
            yield notice(texts.failed), gr.skip()
            raise step

    def _ask(self, name: str, said: "queue.SimpleQueue[tuple[int, int] | Run | BaseException]") -> None:
        try:
            questions = read_set(self._sets / f"{name}.jsonl")
            said.put(run_set(self._engine, questions, set_name=name, progress=lambda n, total: said.put((n, total))))
        except BaseException as error:  # it is raised again where the page waits for it
            said.put(error)

    def _against_baseline(self, run: Run, no_baseline: str) -> str:
        """The figures beside the accepted ones. Raises RunFileError where the baseline is damaged."""
        baseline = open_baseline(baseline_path(self._baselines, run.set_name))
        if baseline is None:
            return notice(no_baseline)
        return styled("pre", "wd-figures", escape_text(render_against_baseline(compute_figures(run), baseline)))


def report_frame(run: Run) -> str:
    """The report in a frame of its own: its scripts see nothing of the page, and it asks nothing of the outside."""
    return tag("iframe", "", {"class": "wd-report", "sandbox": "allow-scripts", "srcdoc": render_html([run])})


def _progress(says: str, share: float | None) -> str:
    bar = tag("progress", "", {"max": "1"} if share is None else {"max": "1", "value": f"{share:.3f}"})
    return styled("div", "wd-status", tag("p", escape_text(says)) + bar, role="status")


def evaluation_tab(page: gr.Blocks, evaluation: Evaluation) -> None:
    """The tab's components and what they do."""
    names = evaluation.names()
    with gr.Column(elem_id="wd-evaluation"):
        with gr.Row():
            chosen = gr.Dropdown(names, value=names[0] if names else None, label=ZH.evaluation_set, scale=3)
            started = gr.Button(ZH.evaluation_run, variant="primary", scale=1)
        status = gr.HTML(elem_id="wd-evaluation-status", show_label=False)
        report = gr.HTML(elem_id="wd-report", show_label=False)
    page.load(_evaluation_words, None, [chosen, started], queue=False, **PRIVATE)
    started.click(for_owners(evaluation.run), [chosen], [status, report], concurrency_limit=1, **PRIVATE)


def _evaluation_words(request: gr.Request) -> tuple[Any, ...]:
    texts = texts_for(request)
    return gr.Dropdown(label=texts.evaluation_set), gr.Button(texts.evaluation_run)
