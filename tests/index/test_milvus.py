"""An index on a Milvus server, against Milvus Lite's on loopback: it ranks as the local index, whatever happens."""

import json
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import index.build
from index import IndexSettings, build_index, open_index
from index.__main__ import main
from index.build import milvus_build, plan_build
from index.embeddings import Embedder, load_embedder
from index.errors import (
    IndexBusyError,
    IndexDamagedError,
    IndexMismatchError,
    IndexMissingError,
    IndexRefusedError,
    IndexServerError,
)
from index.milvus.address import read_address
from index.milvus.build import build_shard, finish_shards
from index.milvus.manifest import read_live, write_value
from index.milvus.opened import MilvusIndex, open_milvus
from index.milvus.server import Server
from index.milvus.sets import document_key
from index.milvus.shards import Shard
from index.milvus.verify import verify_milvus
from index.searchable import Searchable
from rag.engine import Engine
from rag.reading.evidence import LexicalReader
from tests.fakes import write_static_model
from tests.ports import free_port
from tests.rag.pieces import weights

from .conftest import CountingEmbedder
from .milvus_server import lite_server
from .test_build import bridge_page, library_page, rice_page

DOCUMENTS = Path(__file__).resolve().parents[2] / "documents"
QUESTIONS = (
    "大桥主跨长多少米？",
    "红米每斤卖多少钱？",
    "图书馆夜间开放到几点？",
    "赵青是谁？",
    "合作社 书架 钢梁",
    "没有的词儿",
)
Place = tuple[str, int, int]
TOLERANCE = 2e-6


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with lite_server(tmp_path_factory.mktemp("milvus") / "data") as (address, _):
        yield address


@pytest.fixture
def place(server: str, request: pytest.FixtureRequest) -> str:
    """An address that no other test uses."""
    return f"{server}/t{abs(hash(request.node.name))}"


@pytest.fixture
def docs(folder: Path) -> Path:
    for name, text in (("a.txt", bridge_page()), ("b.txt", rice_page()), ("c.txt", library_page())):
        (folder / name).write_text(text, encoding="utf-8")
    rows = [{"id": i, "text": f"第{i}号大桥今年合龙，钢梁{i}段。"} for i in range(6)]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    (folder / "d.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


SETTINGS = IndexSettings(max_chunk_chars=60)


def ask(index: Searchable, question: str, mode: Any, top_k: int = 10) -> dict[Place, tuple[float, ...]]:
    """What is found, in order, with its scores."""
    engine = Engine.over(index, reader=LexicalReader(), weights=weights())
    hits = engine.retrieve(question, top_k, mode)
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    found = {(h.chunk.doc_id, h.chunk.start, h.chunk.end): (h.score, h.bm25_score, h.dense_score) for h in hits}
    assert len(found) == len(hits)
    return found


def assert_same_answers(one: Searchable, other: Searchable, questions: Sequence[str] = QUESTIONS) -> None:
    """Both indexes find the same chunks in the same order, with the same scores.

    Chunks whose scores differ by less than single precision may change places.
    """
    for question in questions:
        for mode in ("bm25", "dense", "hybrid"):
            expected, found = ask(one, question, mode, one.n_chunks), ask(other, question, mode)
            in_order = list(expected.values())[: len(found)]
            assert len(found) == min(len(expected), 10), (question, mode)
            for place, (scores, at_place) in zip(found, zip(found.values(), in_order, strict=True), strict=True):
                assert scores == pytest.approx(expected[place], abs=TOLERANCE), (question, mode, place)
                assert scores[0] == pytest.approx(at_place[0], abs=TOLERANCE), (question, mode, place)


@pytest.fixture
def use_model(model: Embedder, monkeypatch: pytest.MonkeyPatch) -> CountingEmbedder:
    """The embedder of every build and of every engine."""
    counting = CountingEmbedder(model)
    monkeypatch.setattr(index.build, "load_embedder", lambda name: counting)
    monkeypatch.setattr("rag.answering.opened.load_embedder", lambda name: counting)
    return counting


def test_the_ranking_is_that_of_the_local_index(place: str, tmp_path: Path, use_model: CountingEmbedder) -> None:
    build_index(DOCUMENTS, tmp_path / "local")
    build_index(DOCUMENTS, place)
    local, remote = open_index(tmp_path / "local"), open_milvus(place)
    rows = [json.loads(line) for line in Path("eval/sets/documents-dev.jsonl").read_text(encoding="utf-8").splitlines()]
    filtered = ["12月23日的报道说了什么？", "新华社怎么说采油？", "去年12月的5G用户有多少？", "上个月的报道"]
    assert_same_answers(local, remote, [*(row["question"] for row in rows[::6]), *filtered])
    assert [*remote.articles()] == [*local.articles()]
    for article in local.articles():
        assert remote.document(article.doc_id) == local.document(article.doc_id)
    assert remote.document("no such") is None
    assert remote.article(article.doc_id, 99) is None
    assert verify_milvus(place) == []


def test_whole_answers_are_the_same(place: str, docs: Path, tmp_path: Path, use_model: CountingEmbedder) -> None:
    build_index(docs, tmp_path / "local", SETTINGS)
    build_index(docs, place, SETTINGS)
    engines = [
        Engine.over(one, reader=LexicalReader(), weights=weights())
        for one in (open_index(tmp_path / "local"), open_milvus(place))
    ]
    for question in QUESTIONS:
        one, other = (engine.answer(question) for engine in engines)
        assert (other.text, other.citations, other.refused) == (one.text, one.citations, one.refused)
        assert other.confidence == pytest.approx(one.confidence, abs=1e-6)


def edit(docs: Path) -> None:
    (docs / "a.txt").write_text(bridge_page().replace("620", "980") + "\n大桥又长了。", encoding="utf-8")
    (docs / "b.txt").unlink()
    (docs / "c.txt").rename(docs / "renamed.txt")
    (docs / "e.txt").write_text("桥头小店\n\n小店卖红米，也卖书架。\n", encoding="utf-8")


def test_an_edit_costs_what_changed_and_ranks_as_a_new_build(
    place: str, docs: Path, tmp_path: Path, use_model: CountingEmbedder
) -> None:
    first = build_index(docs, place, SETTINGS)
    assert first.n_embedded == len(use_model.embedded) == len(set(use_model.embedded))
    use_model.embedded.clear()
    before = open_milvus(place)
    asked = [ask(before, question, "hybrid") for question in QUESTIONS]
    edit(docs)
    plan = plan_build(docs, place, SETTINGS)
    report = build_index(docs, place, SETTINGS)
    assert (report.added, report.changed, report.removed) == (plan.added, plan.changed, plan.removed)
    assert (report.added, report.changed) == (("e.txt", "renamed.txt"), ("a.txt",))
    assert 0 < report.n_embedded == len(use_model.embedded) <= 4
    build_index(docs, tmp_path / "local", SETTINGS)
    assert_same_answers(open_index(tmp_path / "local"), open_milvus(place))
    assert verify_milvus(place) == []
    # A reader that has the generation before goes on with it, rows and frequencies, until the build after.
    fresh = MilvusIndex(before.server, before.live, before.manifest)
    assert [ask(fresh, question, "hybrid") for question in QUESTIONS] == asked
    assert before.newer().generation == "2"  # type: ignore[union-attr]
    again = build_index(docs, place, SETTINGS)
    assert (again.n_embedded, again.n_unchanged, open_milvus(place).generation) == (0, report.n_documents, "2")


def test_rows_come_and_go_and_the_ranking_stays_exact(
    place: str, docs: Path, tmp_path: Path, use_model: CountingEmbedder
) -> None:
    build_index(docs, place, SETTINGS)
    reference = open_milvus(place).manifest["reference"]
    long = "".join(f"山村的{i}号图书馆藏书甚多，读者都爱大桥。" for i in range(9))
    for i in range(3):  # the mean length of a row moves away from what the stored weights were made with
        (docs / f"long{i}.txt").write_text(f"长文{i}\n\n{long}{long[40:]}{long[80:]}\n", encoding="utf-8")
        if i == 1:
            (docs / "a.txt").unlink()
        build_index(docs, place, SETTINGS)
    model = open_milvus(place).model
    assert model.reference == reference
    assert abs(model.mean_length / model.reference - 1) > 0.1
    build_index(docs, tmp_path / "local", SETTINGS)
    assert_same_answers(open_index(tmp_path / "local"), open_milvus(place))
    assert verify_milvus(place) == []


class Killed(BaseException):
    """Ends a build where it stands."""


def kill_at(monkeypatch: pytest.MonkeyPatch, n_writes: int) -> Callable[[], None]:
    """Lets so many calls that write through, then none."""
    call, done = Server.call, 0

    def counted(self: Server, method: str, *arguments: Any, **options: Any) -> Any:
        nonlocal done
        if method in ("upsert", "delete"):
            done += 1
            if done > n_writes:
                raise Killed
        return call(self, method, *arguments, **options)

    monkeypatch.setattr(Server, "call", counted)
    return lambda: monkeypatch.setattr(Server, "call", call)


@pytest.mark.parametrize("n_writes", [1, 6, 8, 9, 10, 11])
def test_a_killed_build_shows_readers_nothing_and_is_not_paid_for_again(
    n_writes: int, place: str, docs: Path, tmp_path: Path, use_model: CountingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_index(docs, place, SETTINGS)
    before = [ask(open_milvus(place), question, "hybrid") for question in QUESTIONS[:2]]
    edit(docs)
    use_model.embedded.clear()
    revive = kill_at(monkeypatch, n_writes)
    with pytest.raises(Killed):
        build_index(docs, place, SETTINGS)
    revive()
    opened = open_milvus(place)
    n_written = opened.server.count(opened.own.rows, "born == 2")
    assert opened.generation == "1"
    assert [ask(open_milvus(place), question, "hybrid") for question in QUESTIONS[:2]] == before
    assert verify_milvus(place) == []
    (docs / "f.txt").write_text("又一篇\n\n又一篇关于大桥的报道，说的是钢梁。\n", encoding="utf-8")
    (docs / "e.txt").unlink()  # what the killed build has written of it must go
    build_index(docs, place, SETTINGS)
    if n_written or n_writes >= 6:
        assert n_written
        assert len(use_model.embedded) == len(set(use_model.embedded))
    build_index(docs, tmp_path / "local", SETTINGS)
    assert_same_answers(open_index(tmp_path / "local"), open_milvus(place), QUESTIONS[:3])
    assert verify_milvus(place) == []


def test_builders_share_a_build(place: str, docs: Path, tmp_path: Path, use_model: CountingEmbedder) -> None:
    build_index(docs, place, SETTINGS)
    edit(docs)
    build = milvus_build(docs, place, SETTINGS)
    with pytest.raises(IndexMissingError, match="--shard 1/3"):
        finish_shards(build, 3)
    for number in (2, 1):
        build_shard(build, Shard(number, 3))
    with pytest.raises(IndexMissingError, match=r"The shards 3/3 of"):
        finish_shards(build, 3)
    assert open_milvus(place).generation == "1"
    build_shard(build, Shard(3, 3))
    report = finish_shards(build, 3)
    assert sorted(report.added) == ["e.txt", "renamed.txt"]
    build_index(docs, tmp_path / "local", SETTINGS)
    assert_same_answers(open_index(tmp_path / "local"), open_milvus(place))
    assert verify_milvus(place) == []


def test_two_builders_do_not_take_the_same_documents(place: str, docs: Path, use_model: CountingEmbedder) -> None:
    build_index(docs, place, SETTINGS)
    address = read_address(place)
    server = Server(address)
    alive = {"token": "x", "host": "elsewhere", "pid": 1, "beat": time.time()}
    record = {"key": "claim/2of3", "value": json.dumps(alive), "dummy": [0.0, 0.0]}
    server.upsert(address.collection, [record])
    build = milvus_build(docs, place, SETTINGS)
    for run in (lambda: build_shard(build, Shard(2, 3)), lambda: build_index(docs, place, SETTINGS)):
        with pytest.raises(IndexBusyError, match="process 1 on elsewhere"):
            run()
    build_shard(build, Shard(1, 3))
    server.upsert(address.collection, [{**record, "value": json.dumps({**alive, "beat": time.time() - 1000})}])
    build_shard(build, Shard(2, 3))  # whoever had it has not been heard of


def test_every_document_is_of_one_shard() -> None:
    names = [f"news/{i}.txt" for i in range(2000)]
    sizes = [sum(Shard(number, 8).holds(name) for name in names) for number in range(1, 9)]
    assert sum(sizes) == len(names)
    assert min(sizes) > 150


def test_shards_of_an_empty_server_are_one_index(
    place: str, docs: Path, tmp_path: Path, use_model: CountingEmbedder
) -> None:
    build = milvus_build(docs, place, SETTINGS)
    for number in (1, 2):
        build_shard(build, Shard(number, 2))
    with pytest.raises(IndexMissingError, match="There is no index at"):
        open_milvus(place)
    finish_shards(build, 2)
    build_index(docs, tmp_path / "local", SETTINGS)
    assert_same_answers(open_index(tmp_path / "local"), open_milvus(place))


def test_another_model_builds_beside_and_the_old_one_is_refused_to_it(
    place: str, docs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model_folder: Path
) -> None:
    build_index(docs, place, IndexSettings(embedder=str(model_folder)))
    other = tmp_path / "other"
    shutil.copytree(write_static_model(tmp_path / "made"), other)
    report = build_index(docs, place, IndexSettings(embedder=str(other)))
    assert report.n_embedded == report.n_chunks
    opened = open_milvus(place)
    assert opened.manifest["embedder"]["name"] == str(other)
    monkeypatch.setattr("rag.answering.opened.load_embedder", lambda name: load_embedder(str(model_folder)))
    with pytest.raises(IndexMismatchError, match="was built with"):
        Engine.over(opened, reader=LexicalReader(), weights=weights())


def test_other_rules_build_anew_and_pay_for_no_vector(
    place: str, docs: Path, use_model: CountingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_index(docs, place, SETTINGS)
    use_model.embedded.clear()
    monkeypatch.setattr(index.build, "_rules", lambda: "other")
    report = build_index(docs, place, SETTINGS)
    assert (report.n_embedded, use_model.embedded, report.n_chunks > 0) == (0, [], True)
    assert open_milvus(place).generation == "2"
    assert build_index(docs, place, SETTINGS, from_scratch=True).n_embedded > 0


def test_a_generation_that_is_not_accepted_does_not_go_live(
    place: str, docs: Path, use_model: CountingEmbedder
) -> None:
    build_index(docs, place, SETTINGS)
    edit(docs)
    candidates: list[Searchable] = []

    def refuse(candidate: Searchable) -> list[str]:
        candidates.append(candidate)
        assert candidate.document("e.txt")
        return ["it answers worse"]

    with pytest.raises(IndexRefusedError, match="it answers worse"):
        build_index(docs, place, SETTINGS, accept=refuse)
    assert open_milvus(place).generation == "1"
    assert open_milvus(place).document("e.txt") is None
    assert len(candidates) == 1


def test_verify_finds_what_is_not_as_it_was_built(
    place: str, docs: Path, use_model: CountingEmbedder, capsys: pytest.CaptureFixture[str]
) -> None:
    build_index(docs, place, SETTINGS)
    opened = open_milvus(place)
    rows = opened.server.query(opened.own.rows, f'document == "{document_key("a.txt")}"', ["*"])
    opened.server.upsert(opened.own.rows, [{**rows[0], "text": "别的话"}])
    assert any("a.txt: row" in problem for problem in verify_milvus(place))
    opened.server.delete_keys(opened.own.rows, [rows[0]["key"]])
    assert any("rows are there" in problem for problem in verify_milvus(place))
    assert main(["verify", "--index", place]) == 1
    assert f"--out {place} --full" in capsys.readouterr().err


def test_the_commands_take_an_address(
    place: str, docs: Path, capsys: pytest.CaptureFixture[str], use_model: CountingEmbedder
) -> None:
    assert main(["build", str(docs), "--out", place]) == 0
    assert main(["build", str(docs), "--out", place, "--dry-run"]) == 0
    assert "9 unchanged" in capsys.readouterr().out
    assert main(["info", "--index", place, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["n_documents"] == 9
    assert main(["info", "--index", place]) == 0
    assert "a.txt" in capsys.readouterr().out
    assert main(["verify", "--index", place]) == 0
    assert main(["build", str(docs), "--out", str(docs.parent / "x"), "--shard", "1/2"]) == 2
    assert "milvus+http://" in capsys.readouterr().err
    assert "generation" in str(Engine.open(Path(place)).index.manifest) or Engine.open(place).generation == "1"


def test_an_index_that_lost_something_says_so(place: str, docs: Path, use_model: CountingEmbedder) -> None:
    build_index(docs, place, SETTINGS)
    address = read_address(place)
    server = Server(address)
    live = read_live(server)
    assert live is not None
    manifest = open_milvus(place).manifest
    write_value(server, "manifest/1", {**manifest, "probe": {"text": "大桥", "keys": [1, 2]}})
    with pytest.raises(IndexMismatchError, match="other rules"):
        open_milvus(place)
    write_value(server, "manifest/1", manifest)
    server.call("drop_collection", open_milvus(place).own.rows)
    with pytest.raises(IndexDamagedError, match="lost its collection"):
        open_milvus(place)
    with pytest.raises(IndexMissingError, match="There is no index at"):
        open_milvus(f"{place}_none")
    assert build_index(docs, place, SETTINGS).n_chunks > 0  # repaired by the command that is named


def test_a_server_that_dies_in_mid_build_loses_nothing(
    tmp_path: Path, docs: Path, use_model: CountingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    with lite_server(tmp_path / "data", port) as (address, process):
        place = f"{address}/dying"
        build_index(docs, place, SETTINGS)
        expected = [ask(open_milvus(place), question, "hybrid") for question in QUESTIONS[:2]]
        edit(docs)
        upsert, n_calls = Server.upsert, 0

        def dying(self: Server, collection: str, records: Sequence[Any]) -> None:
            nonlocal n_calls
            upsert(self, collection, records)
            n_calls += collection.endswith("_rows")
            if n_calls == 1:
                process.kill()
                process.wait()
                self.address = replace(self.address, timeout_s=1.0)  # nothing more will answer

        monkeypatch.setattr(Server, "upsert", dying)
        with pytest.raises(IndexServerError, match=r"dying does not do what it is asked .* goes on where it stopped"):
            build_index(docs, place, SETTINGS)
        monkeypatch.setattr(Server, "upsert", upsert)
        with pytest.raises(IndexServerError, match="Is it running"):
            open_milvus(read_address(place, {"WENDA_MILVUS_TIMEOUT_S": "1"}))
    use_model.embedded.clear()
    with lite_server(tmp_path / "data", port):
        assert [ask(open_milvus(place), question, "hybrid") for question in QUESTIONS[:2]] == expected
        build_index(docs, place, SETTINGS)
        assert use_model.embedded == []
        assert verify_milvus(place) == []


def test_an_engine_picks_up_what_was_published(
    place: str, docs: Path, use_model: CountingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_index(docs, place, SETTINGS)
    engine = Engine.open(place, reader=LexicalReader(), weights=weights())
    assert not engine.refresh()
    edit(docs)
    build_index(docs, place, SETTINGS)
    monkeypatch.setattr("index.milvus.opened._CHECK_S", 0.0)
    assert "renamed.txt" in {hit.chunk.doc_id for hit in engine.retrieve("图书馆的书架", 5, "bm25")}
    assert engine.generation == "2"


def test_long_documents_and_odd_names_are_stored_whole(
    place: str, docs: Path, tmp_path: Path, use_model: CountingEmbedder
) -> None:
    sentence = "大桥" * 20_000  # one sentence: it is cut, and the pieces are equal rows
    (docs / 'quote"s \\ 引.txt').write_text(f"{sentence}。\n短句说红米。\n", encoding="utf-8")
    (docs / "emoji.txt").write_text("表情\n\n" + "😀大桥\0。" * 9000, encoding="utf-8")
    build_index(docs, tmp_path / "local", SETTINGS)
    build_index(docs, place, SETTINGS)
    local, remote = open_index(tmp_path / "local"), open_milvus(place)
    for doc_id in ('quote"s \\ 引.txt', "emoji.txt"):
        assert remote.document(doc_id) == local.document(doc_id)
    assert_same_answers(local, remote, QUESTIONS[:2])
    assert verify_milvus(place) == []
    (docs / 'quote"s \\ 引.txt').unlink()
    build_index(docs, place, SETTINGS)
    assert verify_milvus(place) == []


def test_settings_of_the_index_do_not_hold_what_is_secret(
    place: str, docs: Path, use_model: CountingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WENDA_MILVUS_TOKEN", "root:geheim")
    build_index(docs, place, SETTINGS)
    opened = open_milvus(place)
    assert opened.server.address.token == "root:geheim"
    shown = [str(opened.path), repr(opened.server.address), str(opened.server.address), json.dumps(opened.manifest)]
    assert not any("geheim" in text for text in shown)
    assert replace(opened.server.address, token="").token == ""
