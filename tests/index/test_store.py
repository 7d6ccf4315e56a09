import json
import os
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import index.generation.assemble
import index.store
from index import build_index, open_index, verify_index
from index.errors import IndexDamagedError, IndexMismatchError, IndexMissingError
from index.store import FORMAT_VERSION

from .conftest import CountingEmbedder
from .test_build import bridge_page, contents, library_page, rice_page, write

LAYER = ["texts.sqlite", "vectors.faiss", *(f"{name}.npy" for name in ("terms", "starts", "rows", "counts", "lengths"))]
FILES = ["catalog.sqlite", "chunks.npy", "places.npy", *(f"base/{name}" for name in LAYER), *(
    f"bm25/{name}.npy" for name in ("parameters", "frequencies", "idf", "gone_terms", "gone_counts")
)]  # fmt: skip
LAYERED = [*FILES, *(f"recent/{name}" for name in LAYER)]


@pytest.fixture
def built(folder: Path, out: Path, embedder: CountingEmbedder) -> Path:
    """An index of three articles."""
    write(folder, a=bridge_page() + "\n" + rice_page(), b=library_page())
    build_index(folder, out)
    return out


def live(path: Path) -> Path:
    return path / "generations" / (path / "CURRENT").read_text(encoding="utf-8").strip()


def missing(file: Path) -> None:
    file.unlink()


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


def empty(file: Path) -> None:
    file.write_bytes(b"")


def flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[-3] ^= 0x55
    file.write_bytes(bytes(data))


def test_the_manifest_names_every_file(built: Path) -> None:
    manifest = json.loads((live(built) / "manifest.json").read_text(encoding="utf-8"))
    assert sorted(manifest["files"]) == sorted(FILES)
    assert manifest["format"] == FORMAT_VERSION
    on_disk = {p.relative_to(live(built)).as_posix() for p in live(built).rglob("*") if p.is_file()}
    assert on_disk == {*FILES, "manifest.json"}
    assert verify_index(built) == []


def scramble(path: Path) -> None:
    """Other bytes of the same number, behind what says what the file is."""
    data = path.read_bytes()
    start = len(data) // 3
    path.write_bytes(data[:start] + bytes(byte ^ 0x5A for byte in data[start:]))


@pytest.fixture
def layered(built: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same index after an edit that wrote a recent layer and linked the base."""
    monkeypatch.setattr(index.generation.assemble, "LAYERED_FROM", 0)
    monkeypatch.setattr(index.generation.assemble, "MAX_RECENT", 1.0)
    base = live(built) / "base" / "vectors.faiss"
    inode = base.stat().st_ino
    write(folder, b=library_page() + bridge_page())
    build_index(folder, built)
    assert (live(built) / "base" / "vectors.faiss").stat().st_ino == inode
    on_disk = {p.relative_to(live(built)).as_posix() for p in live(built).rglob("*") if p.is_file()}
    assert on_disk == {*LAYERED, "manifest.json"}
    return built


@pytest.mark.parametrize("name", LAYERED)
@pytest.mark.parametrize("damage", [missing, cut, empty, flip, scramble])
def test_every_damage_is_found_and_the_command_it_names_repairs_it(
    layered: Path, folder: Path, embedder: CountingEmbedder, name: str, damage: Callable[[Path], None]
) -> None:
    built = layered
    expected = contents(open_index(built))
    damage(live(built) / name)
    problems = verify_index(built)
    assert len(problems) == 1
    assert name in problems[0]
    if damage not in (flip, scramble):  # these may be seen by their hash only
        with pytest.raises(IndexDamagedError, match="make index") as caught:
            open_index(built)
        assert name in str(caught.value)
    report = build_index(folder, built)
    assert report.n_embedded == 3, "nothing is taken over from a damaged index: three texts, one of them stands in both"
    assert verify_index(built) == []
    texts, arrays = contents(open_index(built))
    assert texts == expected[0]
    for array, before in zip(arrays, expected[1], strict=True):
        np.testing.assert_array_equal(array, before, strict=True)


def test_a_damage_that_keeps_the_time_is_told_by_verify_and_never_taken_for_what_was_built(
    layered: Path, folder: Path, embedder: CountingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = contents(open_index(layered))
    file = live(layered) / "base" / "counts.npy"
    times = file.stat()
    flip(file)
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    write(folder, c=rice_page())
    assert build_index(folder, layered).n_embedded == 0, "its base is linked, and not read"
    assert verify_index(layered) == ["base/counts.npy is not what was built (its hash differs)"]
    (folder / "c.txt").unlink()
    monkeypatch.setattr(index.generation.assemble, "LAYERED_FROM", 1000)
    assert build_index(folder, layered).n_embedded == 3, "what is copied is read, and nothing of it is taken over"
    assert verify_index(layered) == []
    assert contents(open_index(layered))[0] == expected[0]


def test_an_edit_reads_none_of_the_files_that_it_links(
    layered: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    hash_file = index.store.hash_file
    monkeypatch.setattr(index.store, "hash_file", lambda path: hashed.append(path.parent.name) or hash_file(path))
    write(folder, c=rice_page())
    build_index(folder, layered)
    assert "recent" in hashed
    assert "base" not in hashed


@pytest.mark.parametrize("content", [b"", b"{broken", b"[1, 2]", b"5", b"null", b"\xff", b"{}", b'{"format": 5}'])
def test_a_manifest_that_is_none_is_damage(built: Path, folder: Path, content: bytes) -> None:
    (live(built) / "manifest.json").write_bytes(content)
    for read in (open_index, verify_index):
        with pytest.raises(IndexDamagedError, match=r"manifest\.json.*make index"):
            read(built)
    assert build_index(folder, built).n_embedded > 0
    assert verify_index(built) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"files": []},
        {"files": {}},
        {"files": {name: {"bytes": 1, "sha256": ""} for name in FILES[1:]}},
        {"files": {name: {"bytes": 1, "sha256": ""} for name in FILES[:-1]}},
        {"files": dict.fromkeys(FILES, 1)},
        {"files": {name: {"bytes": 1} for name in FILES}},
        {"embedder": {}},
        {"embedder": "model"},
        {"embedder": {"name": "model", "fingerprint": None, "dim": 32}},
        {"settings": None},
        {"n_chunks": "3"},
        {"n_documents": True},
        {"failed": {}},
        {"failed": ["a.pdf"]},
    ],
)
def test_a_manifest_with_fields_of_other_types_is_damage(built: Path, folder: Path, changed: dict[str, object]) -> None:
    manifest = live(built) / "manifest.json"
    fields = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps(fields | changed), encoding="utf-8")
    for read in (open_index, verify_index):
        with pytest.raises(IndexDamagedError, match=r"manifest\.json is missing or damaged.*make index"):
            read(built)
    assert build_index(folder, built).n_embedded > 0
    assert verify_index(built) == []


def test_a_missing_manifest_is_damage(built: Path) -> None:
    (live(built) / "manifest.json").unlink()
    with pytest.raises(IndexDamagedError, match=r"manifest\.json.*make index"):
        open_index(built)


@pytest.mark.parametrize("version", [0, 4, 6, "5", None])
def test_another_format_is_named_with_both_versions(built: Path, folder: Path, version: object) -> None:
    manifest = live(built) / "manifest.json"
    fields = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps(fields | {"format": version}), encoding="utf-8")
    for read in (open_index, verify_index):
        with pytest.raises(IndexMismatchError, match=rf"format {version}, this program reads 5\. .*make index"):
            read(built)
    report = build_index(folder, built)
    assert report.n_embedded > 0
    assert report.notes == (
        "everything was built anew: the live index has another format than this version of the program writes (5)",
    )
    assert build_index(folder, built).notes == ()
    assert verify_index(built) == []


def test_parts_that_disagree_are_damage(built: Path) -> None:
    manifest = live(built) / "manifest.json"
    fields = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps(fields | {"n_chunks": 99}), encoding="utf-8")
    with pytest.raises(IndexDamagedError, match=r"disagree.*99.*make index"):
        open_index(built)


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"../other", b"..", b".", b"a/b", b".hidden", b"gone", b"a\0b", b"x" * 5000, b"a\nb"]
)
def test_a_current_that_names_no_generation_is_damage(built: Path, folder: Path, content: bytes) -> None:
    (built / "CURRENT").write_bytes(content)
    for read in (open_index, verify_index):
        with pytest.raises(IndexDamagedError, match="make index"):
            read(built)
    assert build_index(folder, built).n_embedded > 0
    assert verify_index(built) == []
    assert len(list((built / "generations").iterdir())) == 1


def test_a_current_that_walks_through_folders_is_damage_even_where_it_arrives(built: Path) -> None:
    name = live(built).name
    (built / "CURRENT").write_text(f"{name}/../{name}", encoding="utf-8")
    with pytest.raises(IndexDamagedError, match="names no generation"):
        open_index(built)


def test_a_current_that_is_no_text_is_repaired(built: Path, folder: Path) -> None:
    (built / "CURRENT").write_bytes(b"\xff\xfe")
    with pytest.raises(IndexMissingError, match="python -m index build"):
        open_index(built)
    build_index(folder, built)
    assert verify_index(built) == []


@pytest.mark.parametrize("there", [True, False])
def test_no_index_is_named_with_the_command_that_builds_one(tmp_path: Path, there: bool) -> None:
    path = tmp_path / "none"
    if there:
        path.mkdir()
    for read in (open_index, verify_index):
        with pytest.raises(IndexMissingError, match=r"There is no index at .*none.*python -m index build .*none"):
            read(path)


def test_a_path_may_be_a_string(built: Path) -> None:
    assert open_index(str(built)).n_chunks == open_index(built).n_chunks


def test_a_reader_keeps_what_it_opened_over_two_more_builds(
    built: Path, folder: Path, embedder: CountingEmbedder
) -> None:
    reader = open_index(built)
    expected = contents(open_index(built))
    for text in (rice_page(), library_page()):
        write(folder, a=text)
        build_index(folder, built)
    assert not (built / "generations" / reader.generation).exists()
    found: list[tuple[list[object], list[np.ndarray]]] = []
    thread = threading.Thread(target=lambda: found.append(contents(reader)))
    thread.start()
    thread.join()
    assert found[0][0] == expected[0]
    for array, before in zip(found[0][1], expected[1], strict=True):
        np.testing.assert_array_equal(array, before)


def test_an_index_is_read_from_many_threads(built: Path) -> None:
    reader = open_index(built)
    expected = contents(reader)[0]
    found: list[list[object]] = []

    def read() -> None:
        found.extend(contents(reader)[0] for _ in range(20))

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 160
    assert all(texts == expected for texts in found)


def test_opening_writes_nothing(built: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in built.rglob("*")}
    contents(open_index(built))
    verify_index(built)
    assert {path: path.stat().st_mtime_ns for path in built.rglob("*")} == before
