"""`python -m benchmarks.pages --data ../shared/data`: how well newspaper pages are read, by kind of trouble.

Pages are composed by `training/pages` from news with real titles. `--half fitted` are the articles that rules and
weights were tuned on, `--half development` those by which they were chosen, `--half "held out"` those that they were
not.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from index.articles import split_articles
from index.types import Document
from training.pages.compose import compose_pages
from training.pages.stories import Half, half_of, read_rows, read_stories
from training.pages.types import GoldPage

from .page_metrics import PageReading, Tally, read_page, tally_page

SETS = {"broadcast": "news/broadcast_2022_2026.jsonl.xz", "news": "news/news_2023.jsonl.xz"}
_COLUMNS = ("title", "dateline", "byline", "date", "sentences mended", "false joins", "repeats left out")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 measured, 2 the data is not there."""
    options = _parser().parse_args(arguments)
    for name in options.sets:
        try:
            stories = read_stories(options.data / SETS[name], options.half)
        except OSError as error:
            print(f"error: {options.data / SETS[name]} cannot be read ({error.strerror}): see --data", file=sys.stderr)
            return 2
        pages = list(compose_pages(stories, options.pages, options.seed))
        readings, elapsed_s = read_pages(pages)
        print(f"\n{name}, {options.half}: {len(pages)} pages of {len(stories)} articles, seed {options.seed}")
        print(render(readings))
        n_chars = sum(len(page.text) for page in pages)
        print(f"{len(pages) / elapsed_s:.0f} pages a second, {n_chars / len(pages):.0f} characters each")
    if options.single:
        print(_single(options.data / SETS["news"], options.half, options.single))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder with the news")
    parser.add_argument("--half", choices=["fitted", "development", "held out"], default="fitted")
    parser.add_argument("--sets", nargs="+", choices=list(SETS), default=list(SETS))
    parser.add_argument("--pages", type=int, default=300, help="pages of each set (default 300)")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--single", type=int, default=2000, help="whole news articles read as files of their own")
    return parser


def read_pages(pages: Sequence[GoldPage]) -> tuple[list[PageReading], float]:
    """The pages as they are read, and the seconds that `split_articles` took for all of them."""
    documents = [Document(page.doc_id, page.text, "") for page in pages]
    start = time.process_time()  # of this process: others may share the core
    found = [split_articles(document) for document in documents]
    elapsed_s = time.process_time() - start
    return [read_page(page, articles) for page, articles in zip(pages, found, strict=True)], elapsed_s


def render(readings: Sequence[PageReading]) -> str:
    """A table with a row for all pages and one for each kind of trouble."""
    kinds = sorted({t for r in readings for t in r.page.troubles.union(*(s.troubles for s in r.page.stories))})
    lines = [f"{'trouble':28} {'n':>5} {'B-cubed':>8} " + " ".join(f"{name:>16}" for name in _COLUMNS)]
    for kind in [None, *kinds]:
        tally = Tally()
        for reading in readings:
            tally_page(reading, tally, kind)
        n_stories = int(tally.rates["date"][1])
        rates = " ".join(f"{tally.rate(name):16.3f}" for name in _COLUMNS)
        lines.append(f"{kind or 'all':28} {n_stories:5} {tally.f1():8.3f} {rates}")
    return "\n".join(lines)


def _single(path: Path, half: Half, limit: int) -> str:
    """How many whole articles stay one, as they come and with a headline and paragraphs."""
    rows = [row for row in read_rows(path) if half_of(row["id"]) == half][:limit]
    whole = sum(len(split_articles(Document("a.txt", row["text"], ""))) == 1 for row in rows)
    stories = read_stories(path, half)
    titled = sum(len(split_articles(Document("a.txt", "\n".join([s.title, *s.paragraphs]), ""))) == 1 for s in stories)
    return (
        f"\nsingle articles that stay one: {whole / len(rows):.4f} of {len(rows)} as they come, "
        f"{titled / len(stories):.4f} of {len(stories)} with headline and paragraphs"
    )


if __name__ == "__main__":
    sys.exit(main())
