"""`make test-milvus`: a real Milvus 2.3.5, which knows no sparse vectors, for all but the keywords; and a Ray cluster.

The server is named by `MILVUS_SERVER` (the command `milvus-server` of the package milvus 2.3.5, in a .venv of its own).
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from index import IndexSettings, build_index, open_index
from index.build import milvus_build
from index.embeddings import load_embedder
from index.errors import IndexMismatchError, IndexServerError
from index.milvus.address import read_address
from index.milvus.build import MilvusBuild, build_on_milvus
from index.milvus.on_ray import build_on_ray
from index.milvus.opened import open_milvus
from index.milvus.verify import verify_milvus
from tests.fakes import write_static_model
from tests.ports import free_port

from .milvus_server import lite_server
from .pages import BRIDGE, LIBRARY, RICE

SERVER = os.environ.get("MILVUS_SERVER", "")
START_S = 180.0
TOKEN = "root:Milvus"
"""The server's own first password."""
N_DOCUMENTS = 60

pytestmark = pytest.mark.skipif(not SERVER, reason="`make test-milvus` starts the real server")


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real server that asks for a password, without the collection."""
    data = tmp_path_factory.mktemp("real")
    port = free_port()
    command = [SERVER, "--data", str(data), "--proxy-port", str(port), "--authorization-enabled", "true"]
    with (data / "log").open("wb") as log:
        wrapper = subprocess.Popen(command, stdout=log, stderr=log)
    started: list[psutil.Process] = []
    try:
        place = f"milvus+http://127.0.0.1:{port}"
        _wait_until_it_answers(place, wrapper)
        started = psutil.Process(wrapper.pid).children(recursive=True)
        yield place
    finally:  # the wrapper leaves the server running: each is ended by its own process id
        started = started or psutil.Process(wrapper.pid).children(recursive=True)
        for process in (*started, psutil.Process(wrapper.pid)):
            process.kill()
        wrapper.wait()


def _wait_until_it_answers(place: str, wrapper: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_S
    address = read_address(f"{place}/none", {"WENDA_MILVUS_TOKEN": TOKEN, "WENDA_MILVUS_TIMEOUT_S": "5"})
    while True:
        try:
            build_place = open_milvus(address)
            raise AssertionError(f"an index in an empty server: {build_place}")
        except IndexServerError:
            assert wrapper.poll() is None, "the server ended"
            if time.monotonic() > deadline:
                raise
            time.sleep(1)
        except Exception as error:
            if "There is no index" in str(error):
                return
            raise


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("WENDA_MILVUS_TOKEN", TOKEN)
    return TOKEN


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> IndexSettings:
    return IndexSettings(embedder=str(write_static_model(tmp_path_factory.mktemp("model"))), max_chunk_chars=60)


@pytest.fixture
def docs(folder: Path) -> Path:
    sentences = [*BRIDGE, *RICE, *LIBRARY]
    for i in range(N_DOCUMENTS):
        text = "".join(sentences[(i * 5 + j * 7) % len(sentences)].replace("620", str(600 + i)) for j in range(4))
        (folder / f"{i:03d}.txt").write_text(f"报道{i}\n\n{text}\n", encoding="utf-8")
    return folder


def dense_only(docs: Path, place: str, settings: IndexSettings) -> MilvusBuild:
    return replace(milvus_build(docs, place, settings), keywords=False)


def assert_same_cosines(docs: Path, place: str, local: Path, settings: IndexSettings) -> None:
    build_index(docs, local, settings)
    one, other = open_index(local), open_milvus(place)
    for query in load_embedder(settings.embedder).embed_queries([*BRIDGE, *RICE, *LIBRARY, "大桥", "座位"]):
        expected = {place_of(one.chunk(row)): score for row, score in one.nearest(query, 40, None).items()}
        found = {place_of(other.chunk(row)): score for row, score in other.nearest(query, 20, None).items()}
        assert list(found.values()) == pytest.approx(list(expected.values())[:20], abs=2e-6)
        assert all(score == pytest.approx(expected[chunk], abs=2e-6) for chunk, score in found.items())


def place_of(chunk: object) -> tuple[object, ...]:
    return tuple(getattr(chunk, name) for name in ("doc_id", "start", "end", "text"))


def test_a_wrong_token_is_refused_and_not_shown(real: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WENDA_MILVUS_TOKEN", "root:geheim")
    with pytest.raises(IndexServerError, match="refuses us") as caught:
        open_milvus(f"{real}/none")
    assert "geheim" not in str(caught.value)


def test_a_server_without_sparse_vectors_is_refused(real: str, docs: Path, settings: IndexSettings, token: str) -> None:
    with pytest.raises(IndexMismatchError, match=r"is Milvus v2.3.5-lite: the keyword search needs sparse vectors"):
        build_index(docs, f"{real}/old", settings)


def test_the_vectors_rank_as_on_one_machine_through_edits(
    real: str, docs: Path, tmp_path: Path, settings: IndexSettings, token: str
) -> None:
    place = f"{real}/edits"
    report = build_on_milvus(dense_only(docs, place, settings))
    assert report.n_documents == N_DOCUMENTS
    assert_same_cosines(docs, place, tmp_path / "local", settings)
    before = open_milvus(place)
    (docs / "000.txt").unlink()
    (docs / "001.txt").write_text(f"新报道\n\n{BRIDGE[0]}{LIBRARY[2]}新的一句话。\n", encoding="utf-8")
    (docs / "002.txt").rename(docs / "renamed.txt")
    report = build_on_milvus(dense_only(docs, place, settings))
    assert (report.n_added, report.n_changed, report.n_removed) == (1, 1, 2)
    assert report.n_embedded <= 3
    assert_same_cosines(docs, place, tmp_path / "local", settings)
    assert before.document("000.txt") is not None
    assert open_milvus(place).document("000.txt") is None
    assert verify_milvus(place) == []
    assert build_on_milvus(dense_only(docs, place, settings)).n_embedded == 0


def test_a_build_that_is_killed_leaves_what_was_live_and_is_gone_on_with(
    real: str, docs: Path, tmp_path: Path, settings: IndexSettings, token: str
) -> None:
    place = f"{real}/killed"
    build_on_milvus(dense_only(docs, place, settings))
    for i in range(0, N_DOCUMENTS, 2):
        (docs / f"{i:03d}.txt").write_text(f"改了{i}\n\n{LIBRARY[0]}第{i}次改动。\n", encoding="utf-8")
    code = (
        "import os, signal, sys; from dataclasses import replace; from pathlib import Path\n"
        "from index.build import milvus_build; from index.settings import IndexSettings\n"
        "from index.milvus import build, server\n"
        "upsert, n = server.Server.upsert, int(sys.argv[4])\n"
        "def counted(self, collection, records):\n"
        "    global n\n    upsert(self, collection, records); n -= 1\n"
        "    if not n: os.kill(os.getpid(), signal.SIGKILL)\n"
        "server.Server.upsert = counted\n"
        "settings = IndexSettings(embedder=sys.argv[3], max_chunk_chars=60)\n"
        "build.build_on_milvus(replace(milvus_build(sys.argv[1], sys.argv[2], settings), keywords=False))\n"
    )
    for n_writes in (2, 4, 6):
        arguments = [sys.executable, "-c", code, str(docs), place, settings.embedder, str(n_writes)]
        assert subprocess.run(arguments, capture_output=True).returncode == -signal.SIGKILL
        opened = open_milvus(place)
        assert (opened.generation, opened.n_chunks) == ("1", opened.manifest["n_chunks"])
        assert verify_milvus(place) == []
    report = build_on_milvus(dense_only(docs, place, settings))
    assert (report.n_changed, report.n_embedded) == (N_DOCUMENTS // 2, 0)
    assert_same_cosines(docs, place, tmp_path / "local", settings)
    assert verify_milvus(place) == []


def test_an_approximate_index_finds_nearly_all(
    real: str, docs: Path, settings: IndexSettings, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    recalls = {}
    exact_place = f"{real}/exact"
    build_on_milvus(dense_only(docs, exact_place, settings))
    exact = open_milvus(exact_place)
    for kind in ("HNSW", "IVF_SQ8"):
        monkeypatch.setenv("WENDA_MILVUS_INDEX", kind)
        place = f"{real}/approximate_{kind.lower()}"
        build_on_milvus(dense_only(docs, place, settings))
        opened = open_milvus(place)
        shares = []
        for query in load_embedder(settings.embedder).embed_queries([*BRIDGE, *RICE, *LIBRARY]):
            least = min(exact.nearest(query, 10, None).values())
            shares.append(np.mean([score >= least - 1e-6 for score in opened.nearest(query, 10, None).values()]))
        recalls[kind] = float(np.mean(shares))
    print(f"recall@10 {json.dumps(recalls)}")
    assert min(recalls.values()) >= 0.95


def test_a_ray_cluster_builds_the_shards(tmp_path: Path, docs: Path, settings: IndexSettings) -> None:
    with lite_server(tmp_path / "data") as (address, _):
        report = build_on_ray(milvus_build(docs, f"{address}/ray", settings), 3)
        assert (report.n_documents, report.n_added) == (N_DOCUMENTS, N_DOCUMENTS)
        assert_same_cosines(docs, f"{address}/ray", tmp_path / "local", settings)
        assert verify_milvus(f"{address}/ray") == []
