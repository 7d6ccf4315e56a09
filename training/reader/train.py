"""One stage of the reader's training: `python -m training.reader.train --data ../shared/data --out models/reader`.

All stages, one after the other: `python -m training.reader`.
"""

import argparse
import copy
import logging
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import torch
from torch import Tensor, nn

from rag.reading.features import Lexicon
from training.reader.batches import to_batch
from training.reader.data import (
    Example,
    development_examples,
    half_of,
    sibling_examples,
    split_sentences,
    training_examples,
)
from training.reader.export import export
from training.reader.lexicon import make_lexicon, news_texts
from training.reader.losses import reader_loss
from training.reader.model import Reader, Widths
from training.reader.negatives import NearMisses, Passages, near_passages, with_siblings
from training.reader.restore import restore_state
from training.reader.sampling import LAST_MAX_CHARS, MAX_CHARS, Sampler
from training.reader.selection import calibrate, selection_figures
from training.reader.written import read_written

LOG = logging.getLogger("training.reader")
DEV_SETS: Final[tuple[Literal["cmrc", "drcd", "xquad", "unanswerable"], ...]] = (
    "cmrc", "drcd", "xquad", "unanswerable",
)  # fmt: skip
WORK = Path("training/out/reader")
N_PAIRS = 32
WARM_UP = 100
AVERAGING = 0.998
"""Decay of the running average of the weights, which is what ships."""


def make_sampler(
    data: Path, examples: Sequence[Example], *, written: bool = True, siblings: bool = False, n_news: int = 12_000
) -> Sampler:
    """The sampler over training passages and pieces of news as near negatives."""
    own = {(e.title, e.sentences) for e in examples}
    titles = [title for title, _ in sorted(own)]
    bodies = [body for _, body in sorted(own)]
    news = news_texts(data)
    for text in news[:: max(len(news) // n_news, 1)]:
        title, _, body = text.partition("\n")
        sentences = _piece(body)
        if sentences:
            titles.append(title)
            bodies.append(sentences)
    passages = Passages(tuple(titles), tuple(bodies))
    return Sampler(
        examples,
        near_passages(examples, passages, 8),
        passages,
        NearMisses(examples),
        news,
        read_written(data) if written else (),
        with_siblings(sibling_examples(data)) if siblings else (),
    )


def _piece(body: str) -> tuple[str, ...]:
    return split_sentences(body[:400])


def rate_at(step: int, n_steps: int, peak: float) -> float:
    """Linear warm-up, then a half cosine to a hundredth."""
    if step < WARM_UP:
        return peak * (step + 1) / WARM_UP
    done = (step - WARM_UP) / max(n_steps - WARM_UP, 1)
    return peak * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(done, 1.0))))


def train(
    model: Reader,
    sampler: Sampler,
    lexicon: Lexicon,
    *,
    epochs: int,
    seed: int,
    peak_rate: float,
    n_pairs: int = N_PAIRS,
    max_steps: int = 0,
    selection: dict[str, list[Example]],
    keep: Path,
) -> None:
    """Trains; the best averaged state so far, by the selection half, is always at `keep`.

    `max_steps` ends the schedule sooner than its epochs; 0 does not.
    """
    averaged = copy.deepcopy(model).eval()
    optimizer = torch.optim.AdamW(model.parameters(), lr=peak_rate, weight_decay=0.01, betas=(0.9, 0.98))
    n_steps = epochs * (len(sampler.examples) // sampler.n_own(n_pairs))
    n_steps = min(n_steps, max_steps or n_steps)
    step, best, began = 0, -1.0, time.monotonic()
    for epoch in range(epochs):
        total, seen = 0.0, 0
        max_chars = LAST_MAX_CHARS if epoch == epochs - 1 else MAX_CHARS
        for rows, joined in sampler.epoch(n_pairs, seed=100 * seed + epoch, max_chars=max_chars):
            total += _step(model, optimizer, rows, joined, lexicon, rate_at(step, n_steps, peak_rate))
            _average(averaged, model, min(AVERAGING, (step + 1) / (step + 10)))
            step, seen = step + 1, seen + 1
            if step % 100 == 0:
                LOG.info("step %d/%d loss %.3f %.0f s", step, n_steps, total / seen, time.monotonic() - began)
            if step == n_steps:
                break
        figures = selection_figures(averaged, selection, lexicon)
        LOG.info("epoch %d %s", epoch + 1, " ".join(f"{k} {v:.3f}" for k, v in figures.items()))
        if figures["mean"] > best:
            best = figures["mean"]
            torch.save(averaged.state_dict(), keep)
        if step == n_steps:
            return


def _step(
    model: Reader,
    optimizer: torch.optim.Optimizer,
    rows: list[Example],
    joined: list[bool],
    lexicon: Lexicon,
    rate: float,
) -> float:
    for group in optimizer.param_groups:
        group["lr"] = rate
    arrays, targets = to_batch(rows, joined, lexicon)
    model.train()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        outputs = model(**arrays)
    loss = reader_loss(outputs, targets)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 2.0)
    optimizer.step()
    return float(loss.detach())


@torch.no_grad()
def _average(averaged: nn.Module, model: nn.Module, decay: float) -> None:
    for kept, now in zip(averaged.parameters(), model.parameters(), strict=True):
        kept.lerp_(now, 1 - decay)


def blend(before: dict[str, Tensor], after: dict[str, Tensor], share: float) -> dict[str, Tensor]:
    """The state `share` of the way from one to the other (Wortsman et al. 2022: it keeps what fine-tuning unlearns)."""
    return {
        name: before[name] + (value - before[name]) * share if value.is_floating_point() else value
        for name, value in after.items()
    }


@dataclass(frozen=True, slots=True)
class Stage:
    """One training of the network, from nothing or from a state."""

    epochs: int = 7
    """0: only export the best state kept."""
    rate: float = 2e-3
    """The highest learning rate."""
    pairs: int = N_PAIRS
    """Pairs of passages a step."""
    steps: int = 0
    """Ends the schedule after so many steps; 0: after its epochs."""
    blend: float = 1.0
    """What is kept: this far from the start to the best state."""
    written: bool = True
    """Whether half of each batch are the questions that were written for this project."""
    siblings: bool = False
    """Whether some pairs are a question on two passages of one article (also of XQuAD's selection half)."""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Material:
    """What every stage needs: read or made once."""

    data: Path
    lexicon: Lexicon
    model: Reader
    selection: dict[str, list[Example]]


def gather(data: Path, work: Path) -> Material:
    """The lexicon (made once, kept in `work`), an untrained network, and the half of each set that selects."""
    work.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    torch.manual_seed(0)
    lexicon, chars, bigrams = make_lexicon(data, work / "lexicon.npz")
    selection = {n: [e for e in development_examples(data, n) if half_of(e.article) == "selection"] for n in DEV_SETS}
    model = Reader(torch.from_numpy(chars), torch.from_numpy(bigrams), Widths())
    return Material(data, lexicon, model, selection)


def run_stage(stage: Stage, material: Material, start: dict[str, Tensor] | None, keep: Path) -> dict[str, Tensor]:
    """Trains from a state (None: from nothing); the best state is kept at `keep`, and blended with the start."""
    torch.manual_seed(stage.seed)
    if start is not None:
        material.model.load_state_dict(start)
    if stage.epochs:
        examples = training_examples(material.data)
        sampler = make_sampler(material.data, examples, written=stage.written, siblings=stage.siblings)
        LOG.info("%d questions, %d passages", len(sampler.examples), len(sampler.passages.titles))
        train(
            material.model,
            sampler,
            material.lexicon,
            epochs=stage.epochs,
            seed=stage.seed,
            peak_rate=stage.rate,
            n_pairs=stage.pairs,
            max_steps=stage.steps,
            selection=material.selection,
            keep=keep,
        )
    best = torch.load(keep)
    return best if start is None else blend(start, best, stage.blend)


def ship(material: Material, state: dict[str, Tensor], out: Path) -> None:
    """Calibrates on the selecting half and exports."""
    material.model.load_state_dict(state)
    export(material.model, material.lexicon, calibrate(material.model, material.selection, material.lexicon), out)
    LOG.info("exported to %s", out)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("models/reader"))
    parser.add_argument("--work", type=Path, default=WORK, help="logs, vectors, best state")
    own = Stage()
    parser.add_argument("--epochs", type=int, default=own.epochs, help="0: only export the best state kept")
    parser.add_argument("--seed", type=int, default=own.seed)
    parser.add_argument("--rate", type=float, default=own.rate, help="the highest learning rate")
    parser.add_argument("--pairs", type=int, default=own.pairs, help="pairs of passages a step")
    parser.add_argument("--steps", type=int, default=0, help="end the schedule after so many steps (0: its epochs)")
    parser.add_argument("--start", type=Path, help="a state, or the folder of an exported reader, to go on from")
    parser.add_argument("--blend", type=float, default=1.0, help="what ships: this far from the start to the best")
    parser.add_argument("--siblings", action="store_true", help="also questions on two passages of one article")
    return parser.parse_args()


def start_state(path: Path, like: Reader) -> dict[str, Tensor]:
    """The state in a file of torch, or of an exported reader."""
    if path.is_dir():
        return restore_state(path / "reader.onnx", like.state_dict())
    return dict(torch.load(path))


def main() -> None:
    """See the module's docstring."""
    args = _arguments()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    stage = Stage(args.epochs, args.rate, args.pairs, args.steps, args.blend, siblings=args.siblings, seed=args.seed)
    material = gather(args.data, args.work)
    start = start_state(args.start, material.model) if args.start else None
    ship(material, run_stage(stage, material, start, args.work / "best.pt"), args.out)


if __name__ == "__main__":
    main()
