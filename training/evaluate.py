"""What the models that ship are worth, in one table: `python -m training.evaluate` (`make eval-models`).

On questions that the reader was not trained on: CMRC trial, the held-out articles of DRCD, XQuAD with the unanswerable
questions, the news questions over all of `news_2023`, RGB. Retrieval and the whole system are asked as a user asks
(`eval.public`); the reader alone is given the passage. `--sample` questions of each set, taken evenly. What a set gave
is kept below `--work` under the hash of weights and code, so that a command that was stopped goes on where it was.
"""

import argparse
import hashlib
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

from eval.__main__ import open_engine
from eval.errors import SetError
from eval.figures import overall_values
from eval.public import run_benchmark
from eval.report import Table, markdown_table
from rag.reading.evidence import load_reader
from rag.types import Mode
from training.reader.data import Example, development_examples, half_of
from training.reader.evaluate import evidence_first, milliseconds, read_all, span_figures
from training.reader.scores import auc

Figures = dict[str, float]
SETS = ("cmrc2018-trial", "drcd-held-out", "xquad-unanswerable", "rgb-int", "rgb-fact", "news")
MODES: Mapping[Mode, str] = {
    "bm25": "BM25 alone",
    "dense": "dense alone",
    "hybrid": "hybrid",
    "reranked": "hybrid + reader",
}
RANKED = ("success@1", "success@10", "mrr@10")
WHOLE = {
    "right": "right",
    "answer.em": "em",
    "answer.f1": "f1",
    "refusal.false": "false refusals",
    "refusal.wrong_answers": "wrong answers",
    "confidence.auc": "auc",
}
STEPS = ("embed", "bm25", "dense", "fuse", "passages", "read", "rank", "cite", "wall")
MODELS = Path("models")
HEAD = """# What the models reach

Written by `make eval-models` (`python -m training.evaluate`), at most {} questions of each set, taken evenly. Embedder
and reader were not trained on them, except the embedder on XQuAD; the ranker was fitted on half of the XQuAD and of the
held-out DRCD questions. Milliseconds are of the machine that ran it."""


def retrieval(name: str, data: Path, work: Path, sample: int) -> Figures:
    """The figures of one benchmark, asked like a user. Raises SetError where its files are not there."""
    values = overall_values(run_benchmark(name, data, work, open_engine, limit=sample).results)
    return {key: value for key, value in values.items() if value is not None}


def reading(data: Path, sample: int) -> Figures:
    """The reader alone on the right passage, of each set the half that selected nothing."""

    def some(name: str) -> list[Example]:
        found = [e for e in development_examples(data, cast(str, name)) if half_of(e.article) == "report"]
        return found[:: max(1, len(found) // sample)][:sample]

    reader, figures = load_reader(), Figures()
    sets = {name: some(name) for name in ("cmrc", "drcd", "xquad", "unanswerable")}
    read = {name: read_all(reader, examples) for name, examples in sets.items()}
    refused = [one.answerable for one in read["unanswerable"]]
    for name in ("cmrc", "drcd", "xquad"):
        figures[f"{name}.n"] = len(sets[name])
        figures[f"{name}.evidence first"] = evidence_first(sets[name], read[name])
        figures[f"{name}.em"], figures[f"{name}.f1"] = span_figures(sets[name], read[name])
        figures[f"{name}.auc"] = auc([one.answerable for one in read[name]], refused)
    figures["ms"] = milliseconds(reader, development_examples(data, "cmrc")[:100])
    return figures


def kept(path: Path, make: Callable[[], Figures]) -> Figures:
    """The figures in a file, or what `make` gives, written there."""
    if not path.is_file():
        figures = make()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return cast(Figures, json.loads(path.read_text(encoding="utf-8")))


def state_hash() -> str:
    """Eight hex digits over the weights and the code that asks: what others gave is not taken for theirs."""
    weights = (path for name in ("embedder", "ranker", "reader") for path in (MODELS / name).iterdir())
    code = (path for room in ("index", "rag") for path in Path(room).rglob("*.py"))
    digest = hashlib.sha256()
    for path in sorted([*weights, *code]):
        if path.suffix != ".md" and path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()[:8]


def megabytes() -> dict[str, float]:
    """The size of each model folder."""
    folders = (folder for folder in sorted(MODELS.iterdir()) if folder.is_dir())
    return {one.name: sum(file.stat().st_size for file in one.rglob("*") if file.is_file()) / 1e6 for one in folders}


def retrieval_table(results: Mapping[str, Figures]) -> Table:
    """A line for each set and way of searching: how the article that answers is ranked."""
    rows = []
    for name, values in results.items():
        for mode, shown in MODES.items():
            cells = [values.get(f"retrieval.{mode}.article.{figure}") for figure in RANKED]
            rows.append((name, f"{values['n']:.0f}", shown, *map(_cell, cells)))
    return Table("Retrieval", ("set", "n", "search", *RANKED), tuple(rows))


def whole_table(results: Mapping[str, Figures]) -> Table:
    """A line for each set: the answers of the whole system, and what they cost."""
    rows = [
        (name, *(_cell(values.get(figure)) for figure in WHOLE), *(_ms(values.get(f"time.{s}.p50")) for s in STEPS))
        for name, values in results.items()
    ]
    return Table("Answers, and milliseconds (median)", ("set", *WHOLE.values(), *STEPS), tuple(rows))


def reader_table(figures: Figures) -> Table:
    """A line for each set: the reader alone. AUC: against the unanswerable questions."""
    columns = ("evidence first", "em", "f1", "auc")
    rows = [
        (name, f"{figures[f'{name}.n']:.0f}", *(_cell(figures[f"{name}.{column}"]) for column in columns))
        for name in ("cmrc", "drcd", "xquad")
    ]
    return Table("The reader alone, on the right passage", ("set", "n", *columns), tuple(rows))


def _cell(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def main() -> None:
    """See the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(SETS)} (all)")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--work", type=Path, default=Path(".eval-public"), help="where indexes and figures are kept")
    parser.add_argument("--sample", type=int, default=200, help="questions of each set (200)")
    parser.add_argument("--out", type=Path, help="also write the tables here")
    arguments = parser.parse_args()
    began, done = time.monotonic(), arguments.work / f"models-{state_hash()}-{arguments.sample}"
    results: dict[str, Figures] = {}
    for name in arguments.names or SETS:
        try:
            results[name] = kept(
                done / f"{name}.json",
                lambda name=name: retrieval(name, arguments.data, arguments.work, arguments.sample),
            )
        except SetError as error:
            if arguments.names:
                parser.error(str(error))
            print(f"{name} is left out: {error}", flush=True)
        else:
            print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)
    read = kept(done / "reader.json", lambda: reading(arguments.data, arguments.sample))
    tables = [retrieval_table(results), whole_table(results), reader_table(read)]
    sizes = ", ".join(f"{name} {size:.1f}" for name, size in megabytes().items())
    cost = f"MB: {sizes}. Reader: {read['ms']:.0f} ms for 8 passages of 400 characters."
    text = "\n\n".join([*(f"## {table.title}\n\n{markdown_table(table)}" for table in tables), cost])
    print(text)
    if arguments.out:
        when = time.strftime("%Y-%m-%d")
        arguments.out.write_text(f"{HEAD.format(arguments.sample)} {when}.\n\n{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
