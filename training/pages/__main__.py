"""Makes models/pages/weights.json: `python -m training.pages --data ../shared/data --out models/pages`.

Pages are composed from the fitted half of both news sets (by article id); `python -m benchmarks.pages` measures the
result, on the other half too. Deterministic on one machine.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import torch

from index.pages.tagger import Weights, save_weights

from .compose import compose_pages
from .fit import fit_chain
from .label import label_page
from .pairs import fit_joins, fit_placing, fit_tails
from .statistics import count_characters
from .stories import read_stories


def main() -> None:
    """Composes pages, fits the chain model and then, on what that finds, the weights of placing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, default=Path("models/pages"))
    parser.add_argument("--pages", type=int, default=2000, help="pages of television news; half as many of the other")
    parser.add_argument("--epochs", type=int, default=7)
    parser.add_argument("--decay", type=float, default=1e-4)
    options = parser.parse_args()
    torch.set_num_threads(1)
    broadcast = read_stories(options.data / "news/broadcast_2022_2026.jsonl.xz", "fitted")
    news = read_stories(options.data / "news/news_2023.jsonl.xz", "fitted")
    statistics = count_characters([*broadcast, *news])
    pages = [*compose_pages(broadcast, options.pages, 100), *compose_pages(news, options.pages // 2, 101)]
    labelled = [found for page in pages if (found := label_page(page, statistics))]
    print(f"{len(labelled)} of {len(pages)} pages have a right reading", flush=True)
    features, transitions = fit_chain(labelled, epochs=options.epochs, decay=options.decay)
    weights = Weights(features, transitions, statistics, {}, {}, {})
    others = [*compose_pages(broadcast, options.pages // 2, 200), *compose_pages(news, options.pages // 4, 201)]
    weights = replace(weights, placing=fit_placing(others, weights), joins=fit_joins(others, statistics))
    weights = replace(weights, tails=fit_tails(others, weights))
    options.out.mkdir(parents=True, exist_ok=True)
    save_weights(weights, options.out / "weights.json")


if __name__ == "__main__":
    main()
