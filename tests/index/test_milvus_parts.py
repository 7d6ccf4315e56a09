"""What of an index on Milvus needs no server: addresses, weights, and what is said where no server is."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest

from index.bm25 import fit_bm25
from index.errors import IndexMismatchError, IndexServerError, SettingsError
from index.generation.postings import TermCounts
from index.milvus.address import MilvusAddress, is_milvus, read_address
from index.milvus.keywords import Model, count_rows, dimensions, fit_idf, sparse_rows
from index.milvus.opened import open_milvus
from index.milvus.sets import knows_sparse, require_sparse
from index.terms import split_terms, term_key
from index.vectors import as_stored
from tests.ports import free_port

from .test_vectors import build_vectors

TEXTS = ["大桥合龙，大桥通车", "红米卖出好价钱，合作社收购红米", "图书馆", "", "大桥 620 meters, BRIDGE 620"]
K1, B, EPSILON = 1.5, 0.75, 0.25


def test_an_address_is_read() -> None:
    address = read_address(
        "milvus+https://db.example:443/news", {"WENDA_MILVUS_TOKEN": " t:s ", "WENDA_MILVUS_INDEX": "hnsw"}
    )
    assert (address.uri, address.collection, address.token, address.index_type) == (
        *("https://db.example:443", "news"),
        *("t:s", "HNSW"),
    )
    assert read_address("milvus+http://h/c", {}).port == 19530
    assert read_address(Path("milvus+http://h:1/c"), {}) == read_address("milvus+http://h:1/c", {})
    assert str(address) == "milvus+https://db.example:443/news"
    ipv6 = read_address("milvus+http://[::1]:1/c", {})
    assert (ipv6.uri, str(ipv6), read_address(Path(str(ipv6)), {})) == (
        "http://[::1]:1",
        "milvus+http://[::1]:1/c",
        ipv6,
    )
    assert "t:s" not in repr(address)
    assert is_milvus(Path("milvus+http://h/c"))
    assert not is_milvus(".index")


@pytest.mark.parametrize(
    ("place", "environment", "said"),
    [
        ("milvus+http://me:pw@h/c", {}, "WENDA_MILVUS_TOKEN"),
        ("milvus+http://h/c?token=x", {}, "WENDA_MILVUS_TOKEN"),
        ("milvus+ftp://h/c", {}, "is no address"),
        ("milvus+http:///c", {}, "is no address"),
        ("milvus+http://h:99999/c", {}, "is no address"),
        ("milvus+http://h/", {}, "cannot name a collection"),
        ("milvus+http://h/a/b", {}, "cannot name a collection"),
        ("milvus+http://h/a%20b", {}, "cannot name a collection"),
        ("milvus+http://h/c", {"WENDA_MILVUS_TIMEOUT_S": "soon"}, "WENDA_MILVUS_TIMEOUT_S is 'soon'"),
        ("milvus+http://h/c", {"WENDA_MILVUS_TIMEOUT_S": "inf"}, "WENDA_MILVUS_TIMEOUT_S"),
        ("milvus+http://h/c", {"WENDA_MILVUS_INDEX": "TREE"}, "HNSW"),
        ("milvus+http://h/c", {"WENDA_MILVUS_CA": "/no/such.pem"}, "there is no such file"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused(place: str, environment: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said) as caught:
        read_address(place, environment)
    assert "pw" not in str(caught.value)


def local_and_model(reference: float) -> tuple[Any, Model, dict[int, int]]:
    rows = count_rows(TEXTS)
    local = fit_bm25(TermCounts(rows.starts, rows.keys, rows.counts.astype(np.int32)), k1=K1, b=B, epsilon=EPSILON)
    keys, frequencies = rows.frequencies()
    histogram: dict[int, int] = {}
    for n in frequencies.tolist():
        histogram[n] = histogram.get(n, 0) + 1
    mean = float(rows.lengths.mean())
    idf = fit_idf(histogram, len(TEXTS), EPSILON)
    by_key = dict(zip(keys.tolist(), frequencies.tolist(), strict=True))
    return local, Model(K1, B, EPSILON, len(TEXTS), mean, reference, idf), by_key


@pytest.mark.parametrize("question", ["大桥620", "红米红米合作社", "没有", "bridge大桥 meters"])
@pytest.mark.parametrize("reference", [2.0, 5.0, 50.0])
def test_scores_are_those_of_the_local_index_bit_for_bit_and_bounded_by_the_server_s(
    question: str, reference: float
) -> None:
    local, model, by_key = local_and_model(reference)
    keys = [term_key(term) for term in split_terms(question)]
    frequencies = [by_key.get(key, 0) for key in keys]
    rows = count_rows(TEXTS)
    scores = model.score(keys, frequencies, rows)
    assert scores.tolist() == local.score(keys).tolist()
    query = model.query(keys, frequencies)
    for score, vector in zip(scores.tolist(), sparse_rows(rows, reference, K1, B), strict=True):
        served = sum(weight * query.get(dimension, 0.0) for dimension, weight in vector.items())
        assert served * min(1.0, model.mean_length / reference) * (1 - 1e-5) <= score <= served * model.drift


def test_dimensions_are_what_milvus_takes() -> None:
    keys = np.array([term_key(term) for term in ("大桥", "桥大", "7", "a-long-word", "大")] + [2**63 - 1], np.int64)
    found = dimensions(keys)
    assert int(found.max()) < 2**32 - 2
    assert len(set(found.tolist())) == len(keys)
    assert all(sparse_rows(count_rows([""]), 3.0, K1, B))  # an empty row still has a vector


def test_a_server_that_is_not_there_is_named() -> None:
    place = f"milvus+http://127.0.0.1:{free_port()}/news"
    with pytest.raises(IndexServerError, match=rf"{place[13:]}.*Is it running"):
        open_milvus(read_address(place, {"WENDA_MILVUS_TIMEOUT_S": "0.5"}))


class _Refusing(grpc.GenericRpcHandler):
    """A server that asks for another token, whatever it is asked."""

    def service(self, handler_call_details: Any) -> Any:
        def refuse(request: bytes, context: grpc.ServicerContext) -> bytes:
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "auth check failure, please check token is correct")
            return b""

        return grpc.unary_unary_rpc_method_handler(refuse)


@pytest.fixture
def refusing() -> Iterator[int]:
    server = grpc.server(ThreadPoolExecutor(2), handlers=[_Refusing()])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield port
    server.stop(None)


def test_a_wrong_token_is_told_without_it(refusing: int) -> None:
    address = MilvusAddress("milvus+http", "127.0.0.1", refusing, "news", token="root:geheim")
    with pytest.raises(IndexServerError, match="refuses us") as caught:
        open_milvus(address)
    assert "WENDA_MILVUS_TOKEN" in str(caught.value)
    assert "geheim" not in str(caught.value)


def test_without_the_client_the_way_to_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    with pytest.raises(SettingsError, match=r"pip install 'wenda\[milvus\]'"):
        open_milvus("milvus+http://127.0.0.1:1/news")


def test_a_local_index_does_not_import_the_client() -> None:
    code = "import sys, rag.__main__, index.__main__; print(*({'pymilvus', 'ray', 'grpc'} & sys.modules.keys()))"
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (finished.returncode, finished.stdout.split()) == (0, [])


VERSIONS = [("v2.3.5-lite", False), ("2.4.1", True), ("v3.0.0-rc1", True), ("milvus_lite-3.2.2", True)]


@pytest.mark.parametrize(("version", "knows"), VERSIONS)
def test_old_servers_are_known(version: str, knows: bool) -> None:
    class Old:
        address = read_address("milvus+http://h/c", {})

    server: Any = Old()
    server.version = version
    assert knows_sparse(server) == knows
    if not knows:
        with pytest.raises(IndexMismatchError, match="the keyword search needs sparse vectors"):
            require_sparse(server)


def test_stored_vectors_are_those_of_the_local_index_bit_for_bit() -> None:
    rows = np.random.default_rng(7).standard_normal((300, 24)).astype(np.float32)
    rows[0, 0] = 0.20318603515625  # half way between two numbers of half precision: numpy rounds it down
    local = build_vectors(rows).rows(np.arange(len(rows)))
    assert as_stored(rows).tobytes() == local.tobytes()
    assert local[0, 0] != np.float32(np.float16(rows[0, 0]))
