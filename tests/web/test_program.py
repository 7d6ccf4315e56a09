"""The program around an index on a Milvus server, and the files that it keeps of its own."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

import app
from index import build_index
from index.errors import IndexServerError
from tests.index.milvus_server import lite_server
from tests.rag.llm_server import says, serving
from tests.web.conftest import LIBRARY, free_port
from tests.web.test_chat import chinese
from web.capacity import capacity_for
from web.kept import kept_beside
from web.logs import Secrets
from web.program import _open_engine, _serve, publicity


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with lite_server(tmp_path_factory.mktemp("milvus") / "data") as (address, _):
        yield address


@pytest.fixture
def documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of articles, in a working folder of its own."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "articles").mkdir()
    for name, text in LIBRARY.items():
        (tmp_path / "articles" / name).write_text(text, encoding="utf-8")
    return tmp_path / "articles"


def test_an_index_on_milvus_is_asked_in_the_page(server: str, documents: Path) -> None:
    build_index(documents, f"{server}/asked")
    flags = app.parse_flags([f"--index={server}/asked", f"--documents={documents}", f"--port={free_port()}"])
    page, url = _serve(flags, publicity(flags), _open_engine(flags), Secrets())
    try:
        body = {"messages": [{"role": "user", "content": "苏州新桥的桥长多少米？"}]}
        request = urllib.request.Request(
            f"{url.rstrip('/')}/v1/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request) as answer:
            said = json.load(answer)["choices"][0]["message"]["content"]
        assert "三百米" in said
        shown = {block.elem_id for block in page.blocks.values()}
        assert "wd-tabs" in shown
        assert "wd-listing" not in shown  # a click there would make this folder all that the server holds
    finally:
        page.close(verbose=False)


def test_a_model_chosen_in_the_page_brings_its_places_and_its_key_is_hidden(documents: Path) -> None:
    build_index(documents, documents.parent / "index")
    flags = app.parse_flags(["--index=index", "--documents=articles", f"--port={free_port()}"])
    secrets = Secrets()
    page, _ = _serve(flags, publicity(flags), _open_engine(flags), secrets)
    (choose,) = (one.fn for one in page.fns.values() if one.name == "use")
    assert choose is not None
    try:
        with serving(says("好")) as server:
            assert page._queue.default_concurrency_limit == capacity_for().at_once
            list(choose("model", server.url, "qwen", "sk-typed", chinese()))
            assert page._queue.default_concurrency_limit == capacity_for(has_model=True).at_once
            assert secrets.found == ("sk-typed",)
            list(choose("reader", "", "", "", chinese()))
            assert page._queue.default_concurrency_limit == capacity_for().at_once
    finally:
        page.close(verbose=False)


def test_a_missing_index_on_milvus_is_told_with_the_command_that_builds_it(
    server: str, documents: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [f"--index={server}/none", f"--documents={documents}", f"--port={free_port()}"]
    for _ in range(2):  # nothing was built meanwhile
        assert app.main(arguments) == 2
        said = capsys.readouterr()
        doing = ["Loading the program ...", f"Reading the index {server}/none, loading the models ..."]
        assert said.out.splitlines() == doing
        assert f"python -m index build DOCUMENTS --out {server}/none" in said.err


def test_a_server_that_is_away_is_told(documents: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WENDA_MILVUS_TIMEOUT_S", "0.5")
    flags = app.parse_flags([f"--index=milvus+http://127.0.0.1:{free_port()}/x", f"--documents={documents}"])
    with pytest.raises(IndexServerError):
        _open_engine(flags)


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        (".index", ".index-chats.sqlite"),
        ("/data/index", "/data/index-chats.sqlite"),
        ("milvus+http://milvus:19530/articles", "articles-chats.sqlite"),
        ("milvus+https://[::1]/a_2", "a_2-chats.sqlite"),
    ],
)
def test_where_conversations_are_kept(index: str, expected: str) -> None:
    assert kept_beside(Path(index), "chats") == Path(expected)


def test_from_within_the_index_conversations_are_kept_where_they_are_from_outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "index" / "generations").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "index" / "generations")
    assert kept_beside(Path(".."), "chats") == tmp_path.resolve() / "index-chats.sqlite"
    monkeypatch.chdir("..")
    assert kept_beside(Path(), "chats") == kept_beside(Path.cwd(), "chats")
