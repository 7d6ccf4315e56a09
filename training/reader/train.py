"""Trains the reader and exports it: `python -m training.reader.train --data ../shared/data --out models/reader`."""

import argparse
import copy
import logging
import math
import time
from collections.abc import Sequence
from pathlib import Path

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
from training.reader.sampling import LAST_MAX_CHARS, MAX_CHARS, Sampler
from training.reader.selection import calibrate, selection_figures
from training.reader.written import read_written

LOG = logging.getLogger("training.reader")
N_PAIRS = 32
WARM_UP = 100
AVERAGING = 0.998
"""Decay of the running average of the weights, which is what ships."""


def make_sampler(data: Path, examples: Sequence[Example], n_news: int = 12_000) -> Sampler:
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
        read_written(data),
        with_siblings(sibling_examples(data)),
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


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("models/reader"))
    parser.add_argument("--work", type=Path, default=Path("training/out/reader"), help="logs, vectors, best state")
    parser.add_argument("--epochs", type=int, default=7, help="0: only export the best state kept")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rate", type=float, default=2e-3, help="the highest learning rate")
    parser.add_argument("--pairs", type=int, default=N_PAIRS, help="pairs of passages a step")
    parser.add_argument(
        "--steps", type=int, default=0, help="end the schedule after so many steps (0: after its epochs)"
    )
    parser.add_argument("--start", type=Path, help="a state to go on from")
    parser.add_argument(
        "--blend", type=float, default=1.0, help="what ships: this far from the start to the best state"
    )
    return parser.parse_args()


def main() -> None:
    """See the module's docstring."""
    args = _arguments()
    args.work.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    lexicon, chars, bigrams = make_lexicon(args.data, args.work / "lexicon.npz")
    names = ("cmrc", "drcd", "xquad", "unanswerable")
    selection = {n: [e for e in development_examples(args.data, n) if half_of(e.article) == "selection"] for n in names}
    model = Reader(torch.from_numpy(chars), torch.from_numpy(bigrams), Widths())
    if args.start:
        model.load_state_dict(torch.load(args.start))
    if args.epochs:
        sampler = make_sampler(args.data, training_examples(args.data))
        LOG.info("%d questions, %d passages", len(sampler.examples), len(sampler.passages.titles))
        train(
            model,
            sampler,
            lexicon,
            epochs=args.epochs,
            seed=args.seed,
            peak_rate=args.rate,
            n_pairs=args.pairs,
            max_steps=args.steps,
            selection=selection,
            keep=args.work / "best.pt",
        )
    best = torch.load(args.work / "best.pt")
    model.load_state_dict(blend(torch.load(args.start), best, args.blend) if args.start else best)
    export(model, lexicon, calibrate(model, selection, lexicon), args.out)
    LOG.info("exported to %s", args.out)


if __name__ == "__main__":
    main()
