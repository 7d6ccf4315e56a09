"""What a build must survive: a refusal, an interrupt, a full disk, a broken tokenizer."""

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import index.build
import index.generation.new_rows
import index.generation.selftest
from index import Index, build_index, open_index, verify_index
from index.build import plan_build
from index.errors import DocumentsError, IndexDamagedError, IndexRefusedError, IndexWriteError
from index.generation.embedded import UNFINISHED
from index.settings import IndexSettings
from index.types import BuildProgress

from .conftest import CountingEmbedder
from .pages import BRIDGE_TITLE, RICE_TITLE
from .test_build import bridge_page, contents, generations, library_page, rice_page, write


def titles(index: Index) -> list[str]:
    return [article.title for article in index.articles()]


@pytest.fixture
def built(folder: Path, out: Path, embedder: CountingEmbedder) -> Path:
    """An index of one article, and a document that it does not hold yet."""
    write(folder, a=bridge_page())
    build_index(folder, out)
    write(folder, b=rice_page())
    embedder.embedded.clear()
    return out


def test_a_candidate_is_opened_and_asked_before_it_goes_live(built: Path, folder: Path) -> None:
    asked: list[list[str]] = []

    def accept(candidate: Index) -> list[str]:
        asked.append(titles(candidate))
        assert titles(open_index(built)) == [BRIDGE_TITLE]
        return []

    build_index(folder, built, accept=accept)
    assert asked == [[BRIDGE_TITLE, RICE_TITLE]] == [titles(open_index(built))]
    build_index(folder, built, accept=accept)
    assert len(asked) == 1, "nothing changed: there is no candidate"


def test_a_refused_candidate_leaves_the_index_as_it_was(built: Path, folder: Path, embedder: CountingEmbedder) -> None:
    live, before = generations(built), contents(open_index(built))[0]
    with pytest.raises(IndexRefusedError, match=r"not accepted.*\n  q1 fell\n  q2 fell") as caught:
        build_index(folder, built, accept=lambda candidate: ["q1 fell", "q2 fell"])
    assert caught.value.reasons == ("q1 fell", "q2 fell")
    assert (generations(built), contents(open_index(built))[0]) == (live, before)
    assert len(embedder.embedded) > 0
    embedder.embedded.clear()
    assert build_index(folder, built).n_embedded == 0 == len(embedder.embedded), "the next build does not pay again"


def test_an_interrupted_build_does_not_pay_twice(
    folder: Path, out: Path, embedder: CountingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.generation.new_rows, "BATCH", 2)
    for i in range(6):
        write(folder, **{f"{i}": f"第{i}号车站通车\n\n第{i}号车站昨天通车。\n"})

    def interrupt(step: BuildProgress) -> None:
        if step.n_documents == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_index(folder, out, progress=interrupt)
    assert generations(out) == []
    paid = len(embedder.embedded)
    assert paid == 4
    report = build_index(folder, out)
    assert report.n_embedded == 2 == len(embedder.embedded) - paid
    assert len(set(embedder.embedded)) == 6 == report.n_chunks
    assert not (out / UNFINISHED).exists()
    assert verify_index(out) == []


@pytest.mark.parametrize(
    "place",
    [
        "generation.assemble.save_statistics",
        "generation.assemble.write_catalog",
        "store.hash_file",
        "generation.embedded.EmbeddedVectors.add",
    ],
)
def test_a_full_disk_is_told_and_the_index_stays(
    built: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    live = generations(built)
    with monkeypatch.context() as patch:
        if place == "store.hash_file":
            patch.setattr("index.build.find_damage", lambda *_, **__: [])
        patch.setattr(f"index.{place}", full)
        with pytest.raises(IndexWriteError, match=r"out' is full .*Free some space.*build again"):
            build_index(folder, built)
    assert generations(built) == live
    assert titles(open_index(built)) == [BRIDGE_TITLE]
    build_index(folder, built)
    assert titles(open_index(built)) == [BRIDGE_TITLE, RICE_TITLE]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if (
        not shutil.which("mount")
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], capture_output=True).returncode
    ):
        pytest.skip("no file system can be mounted here")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_on_a_disk_that_is_really_full_the_index_stays(
    folder: Path, small_disk: Path, embedder: CountingEmbedder
) -> None:
    out = small_disk / "out"
    write(folder, a=bridge_page())
    build_index(folder, out)
    for i in range(200):
        write(folder, **{f"b{i}": f"第{i}号车站通车\n\n" + f"第{i}号车站昨天通车，旅客说很方便。\n" * 60})
    with pytest.raises(IndexWriteError, match="is full"):
        build_index(folder, out)
    assert titles(open_index(out)) == [BRIDGE_TITLE]
    assert verify_index(out) == []
    for path in folder.glob("b*"):
        path.unlink()
    write(folder, b=rice_page())
    build_index(folder, out)
    assert titles(open_index(out)) == [BRIDGE_TITLE, RICE_TITLE]


def test_a_plan_says_what_a_build_would_do_and_writes_nothing(
    built: Path, folder: Path, out: Path, embedder: CountingEmbedder
) -> None:
    write(folder, a=library_page(), c=bridge_page())
    (folder / "d.bin").write_bytes(b"\0")
    build_index(folder, out)
    (folder / "a.txt").unlink()
    write(folder, b=library_page(), e=rice_page())
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    plan = plan_build(folder, out)
    assert (plan.added, plan.changed, plan.removed, plan.n_unchanged) == (("e.txt",), ("b.txt",), ("a.txt",), 1)
    assert ([failure.path for failure in plan.failed], plan.anew) == (["d.bin"], "")
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before
    report = build_index(folder, out)
    assert (report.added, report.changed, report.removed) == (plan.added, plan.changed, plan.removed)
    assert "other settings" in plan_build(folder, out, IndexSettings(max_chunk_chars=60)).anew


def test_a_plan_without_an_index_creates_none(folder: Path, out: Path, embedder: CountingEmbedder) -> None:
    with pytest.raises(DocumentsError):
        plan_build(folder, out)
    write(folder, a=bridge_page())
    assert (plan_build(folder, out).added, plan_build(folder, out).anew != "") == (("a.txt",), True)
    assert not out.exists()


def test_from_scratch_takes_nothing_over(built: Path, folder: Path) -> None:
    report = build_index(folder, built, from_scratch=True)
    assert report.n_embedded == report.n_chunks


@pytest.mark.parametrize("split", [lambda text: [], lambda text: list(text)])
def test_a_tokenizer_that_splits_in_another_way_is_seen_at_opening(
    built: Path, monkeypatch: pytest.MonkeyPatch, split: object
) -> None:
    monkeypatch.setattr(index.generation.selftest, "split_terms", split)
    with pytest.raises(IndexDamagedError, match=r"the terms of '.*' are other ones.*make index"):
        open_index(built)


def test_postings_that_do_not_find_the_sentence_are_seen_at_opening(built: Path) -> None:
    file = open_index(built).folder / "base" / "counts.npy"
    data = file.read_bytes()
    file.write_bytes(data[:128] + bytes(len(data) - 128))  # the size that the manifest says
    with pytest.raises(IndexDamagedError, match=r"does not find '.*', which it was built with.*make index"):
        open_index(built)


def test_a_keyword_search_that_finds_nothing_does_not_go_live(
    built: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = generations(built)
    with monkeypatch.context() as patch:
        patch.setattr(index.generation.selftest, "split_terms", lambda text: [])
        with pytest.raises(ValueError, match="does not find sentences that were just indexed"):
            build_index(folder, built)
    assert generations(built) == live


def test_a_build_opens_no_progress_bar_where_nobody_looks(folder: Path, tmp_path: Path, model_folder: Path) -> None:
    write(folder, a=bridge_page())
    command = [sys.executable, "-m", "index", "build", str(folder), "--out", str(tmp_path / "ix")]
    done = subprocess.run([*command, "--embedder", str(model_folder)], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    dry = subprocess.run([*command, "--dry-run"], capture_output=True, text=True, check=True)
    assert "nothing was written" in dry.stdout
