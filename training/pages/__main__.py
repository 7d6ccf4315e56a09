"""Makes models/pages: `python -m training.pages --data ../shared/data --out models/pages`.

First the network of breaks (seams.npz), then, on pages composed of articles that it does not know, all other weights
(weights.json); both from the fitted part of both news sets (by article id). `python -m benchmarks.pages` measures the
result, on the other parts too. Deterministic on one machine.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import torch

from index.pages.seams import load_seams, save_seams
from index.pages.tagger import Weights, save_weights

from .compose import compose_pages
from .fit import fit_chain
from .label import label_page
from .pairs import fit_joins, fit_placing, fit_tails
from .seams import fit_seams
from .statistics import count_characters
from .stories import read_paragraphs, read_stories

_N_PAGES = 2000
"""Pages of television news that are composed together; of the other news half as many."""


def main() -> None:
    """Composes pages, fits the chain model and then, on what that finds, the weights of placing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, default=Path("models/pages"))
    parser.add_argument(
        "--rounds", type=int, default=4, help="of 2,000 pages of television news and 1,000 of the other"
    )
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--decay", type=float, default=1e-4)
    parser.add_argument("--breaks", type=int, default=24_000_000, help="examples of cut sentences")
    parser.add_argument("--keep-seams", action="store_true", help="use the network of breaks that is there")
    options = parser.parse_args()
    torch.set_num_threads(1)
    broadcast_file, news_file = (
        options.data / f"news/{name}.jsonl.xz" for name in ("broadcast_2022_2026", "news_2023")
    )
    options.out.mkdir(parents=True, exist_ok=True)
    if not options.keep_seams:
        paragraphs = [*read_paragraphs(broadcast_file, titled=True), *read_paragraphs(news_file, titled=False)]
        save_seams(fit_seams(paragraphs, n_examples=options.breaks), options.out / "seams.npz")
    seams = load_seams(options.out / "seams.npz")
    broadcast, news = read_stories(broadcast_file, "fitted", "pages"), read_stories(news_file, "fitted")
    statistics = count_characters([*read_stories(broadcast_file, "fitted"), *news], seams)
    seeds = range(100, 100 + 10 * options.rounds, 10)
    drawn = (pages for seed in seeds for pages in ((broadcast, _N_PAGES, seed), (news, _N_PAGES // 2, seed + 1)))
    pages = [page for stories, n_pages, seed in drawn for page in compose_pages(stories, n_pages, seed)]
    labelled = [found for page in pages if (found := label_page(page, statistics))]
    print(f"{len(labelled)} of {len(pages)} pages have a right reading", flush=True)
    features, transitions, network = fit_chain(labelled, epochs=options.epochs, decay=options.decay)
    weights = Weights(features, network, transitions, statistics, {}, {}, {})
    others = [*compose_pages(broadcast, _N_PAGES // 2, 200), *compose_pages(news, _N_PAGES // 4, 201)]
    weights = replace(weights, placing=fit_placing(others, weights))
    weights = replace(weights, tails=fit_tails(others, weights))
    weights = replace(weights, joins=fit_joins(others, weights))
    save_weights(weights, options.out / "weights.json")


if __name__ == "__main__":
    main()
