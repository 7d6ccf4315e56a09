"""Cost against size: what the measurements say, drawn with matplotlib (wanted only here)."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from .measure import Measurement

PANELS = (
    ("keyword search", "Keyword search, ms a question"),
    ("vector search", "Vector search, ms a question"),
    ("hybrid question, 1 thread, p50", "Hybrid question, ms (p50, 1 thread)"),
    ("full build", "Full build, s"),
    ("full build: peak memory", "Full build, peak memory, MB"),
    ("one article edited", "One article edited, s"),
)
_OURS = "this project"


def series(measurements: Sequence[Measurement], what: str) -> dict[str, list[tuple[int, float]]]:
    """Name -> (chunks, cost) ascending, of ours and of each peer that was measured beside it."""
    points: dict[str, dict[int, float]] = defaultdict(dict)
    for row in measurements:
        if row.what == what:
            points[_OURS][row.n_chunks] = min(row.ours, points[_OURS].get(row.n_chunks, row.ours))
            points[row.peer_name.split(" (")[0].split(",")[0]][row.n_chunks] = row.peer
    return {name: sorted(of_name.items()) for name, of_name in points.items()}


def draw(measurements: Sequence[Measurement], path: Path) -> None:
    """Writes one panel for each kind of cost; both axes logarithmic. Raises ImportError without matplotlib."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot, ticker

    pyplot.rcParams.update({"svg.hashsalt": "benchmarks", "svg.fonttype": "none"})  # the same file each time, and small
    panels = [(title, series(measurements, what)) for what, title in PANELS]
    panels = [(title, lines) for title, lines in panels if lines]
    n_rows = -(-len(panels) // 2)
    figure, axes = pyplot.subplots(n_rows, 2, figsize=(10, 3.4 * n_rows), squeeze=False)
    for axis, (title, lines) in zip(axes.flat, panels, strict=False):
        for name, points in lines.items():
            style = {"linewidth": 2.5} if name == _OURS else {"linewidth": 1.2, "linestyle": "--"}
            axis.loglog(*zip(*points, strict=True), marker="o", markersize=4, label=name, **style)
        axis.minorticks_off()  # hundreds of marks that say nothing
        axis.yaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
        axis.yaxis.set_major_formatter(lambda value, _: f"{value:,g}")
        axis.set_title(title, fontsize=10)
        axis.set_xlabel("chunks", fontsize=8)
        axis.grid(True, which="major", alpha=0.3)
        axis.legend(fontsize=8)
    for axis in axes.flat[len(panels) :]:
        axis.set_visible(False)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
