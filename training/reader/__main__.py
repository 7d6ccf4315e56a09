"""Trains the reader from nothing and exports it: `python -m training.reader --data ../shared/data --out models/reader`.

Two stages: seven passes over the questions that people asked, then 850 steps in which half of each batch are the
questions that were written for this project; what ships is .6 of the way from the first state to the second. A stage
whose state lies in `--work` is not trained again (`--fresh` does). About 80 minutes of one free core.
"""

import argparse
import logging
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from training.reader.train import WORK, Stage, gather, run_stage, ship

STAGES = (Stage(epochs=7, written=False), Stage(epochs=1, rate=1e-3, pairs=20, steps=850, blend=0.6, seed=1))


def main() -> None:
    """See the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("models/reader"))
    parser.add_argument("--work", type=Path, default=WORK, help="the lexicon, and the state after each stage")
    parser.add_argument("--steps", type=int, default=0, help="end each stage after so many steps, for a trial")
    parser.add_argument("--fresh", action="store_true", help="train every stage again")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    material, state = gather(args.data, args.work), None
    for number, stage in enumerate(STAGES, start=1):
        done = args.work / f"stage-{number}{f'-of-{args.steps}' if args.steps else ''}.pt"
        if args.fresh or not done.is_file():
            wanted = replace(stage, steps=min(args.steps or stage.steps, stage.steps or args.steps))
            torch.save(run_stage(wanted, material, state, args.work / f"best-{number}.pt"), done)
        state = _loaded(done)
    ship(material, state or {}, args.out)


def _loaded(path: Path) -> dict[str, Tensor]:
    return dict(torch.load(path))


if __name__ == "__main__":
    main()
