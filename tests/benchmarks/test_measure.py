import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import benchmarks.measure as measure
from benchmarks.measure import Measurement, best_of, folder_bytes, percentile_ms, render_markdown, render_text

ROWS = [
    Measurement("search", 10_000, "ms", 0.5, 12.5, "the plain way"),
    Measurement("a full build", 50, "s", 1234.5, 617.25, "the usual recipe"),
]


class Clock:
    """Seconds as the test says: each call to `run` moves it on by the next of `steps`."""

    def __init__(self, steps: list[float]) -> None:
        self.now = 100.0
        self.steps = steps
        self.calls: list[str] = []

    def prepare(self, attempt: int) -> None:
        self.now += 50
        self.calls.append(f"prepare {attempt}")

    def run(self, attempt: int) -> None:
        self.now += self.steps[attempt]
        self.calls.append(f"run {attempt}")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock([4.0, 2.0, 3.0])
    monkeypatch.setattr(measure, "time", SimpleNamespace(perf_counter=lambda: made.now))
    return made


def test_the_fastest_run_counts_and_the_preparation_does_not(clock: Clock) -> None:
    assert best_of(clock.run, 3, prepare=clock.prepare) == 2.0
    assert clock.calls == ["prepare 0", "run 0", "prepare 1", "run 1", "prepare 2", "run 2"]


@pytest.mark.parametrize(("limit_s", "n_done"), [(4.0, 1), (4.1, 2), (100, 3)])
def test_no_further_run_is_begun_when_the_time_is_spent(clock: Clock, limit_s: float, n_done: int) -> None:
    best_of(clock.run, 3, limit_s=limit_s)
    assert clock.calls == [f"run {attempt}" for attempt in range(n_done)]


def test_the_ratio_is_how_many_times_as_much_the_peer_takes() -> None:
    assert [row.ratio for row in ROWS] == [12.5 / 0.5, 617.25 / 1234.5]


def test_the_table_for_a_terminal_is_aligned() -> None:
    assert render_text(ROWS).splitlines() == [
        "what          chunks      ours     peer  peer / ours  the peer",
        "search        10,000  0.500 ms  12.5 ms         25.0  the plain way",
        "a full build      50   1,234 s    617 s        0.500  the usual recipe",
    ]


def test_the_table_as_markdown() -> None:
    assert render_markdown(ROWS).splitlines() == [
        "| what | chunks | ours | peer | peer / ours | the peer |",
        "| --- | --: | --: | --: | --: | --- |",
        "| search | 10,000 | 0.500 ms | 12.5 ms | 25.0 | the plain way |",
        "| a full build | 50 | 1,234 s | 617 s | 0.500 | the usual recipe |",
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [(12345.6, "12,346"), (234.5678, "235"), (98.76, "98.8"), (4.567, "4.57"), (0.567, "0.567"), (0.0567, "0.0567")],
)
def test_numbers_keep_three_digits(value: float, shown: str) -> None:
    row = Measurement("x", 1, "s", value, value, "y")
    assert render_markdown([row]).splitlines()[-1] == f"| x | 1 | {shown} s | {shown} s | 1.00 | y |"


def test_a_folder_is_as_large_as_all_its_files(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 10)
    (tmp_path / "b" / "c").mkdir(parents=True)
    (tmp_path / "b" / "c" / "d").write_bytes(b"y" * 32)
    assert folder_bytes(tmp_path) == 42


def test_outside_a_repository_there_is_no_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "ROOT", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert measure.describe_commit() == ""


def test_percentiles_are_in_milliseconds() -> None:
    assert percentile_ms([0.001 * i for i in range(101)], 99) == pytest.approx(99)
    assert percentile_ms([0.002], 50) == pytest.approx(2)


def test_the_peak_is_the_process_own_and_not_what_its_parent_held() -> None:
    child = "import sys; from benchmarks.measure import peak_mb; print(peak_mb())"
    parent = f"import subprocess, sys; held = b'x' * 300_000_000; subprocess.run([sys.executable, '-c', {child!r}])"
    said = subprocess.run([sys.executable, "-c", parent], cwd=measure.ROOT, capture_output=True, text=True, check=True)
    assert 5 < float(said.stdout) < 200
    held = f"held = b'x' * 300_000_000; {child}"
    said = subprocess.run([sys.executable, "-c", held], cwd=measure.ROOT, capture_output=True, text=True, check=True)
    assert float(said.stdout) > 300
