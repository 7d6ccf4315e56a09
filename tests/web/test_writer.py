"""The settings tab: a model is tried before it is taken, a key is never shown back and never sent elsewhere."""

import re
from collections.abc import Iterator

import gradio as gr
import pytest

from rag import ModelSettings, open_model
from rag.language_model.remote_model import RemoteModel
from tests.rag.llm_server import ScriptedServer, says, serving
from tests.web.conftest import free_port
from tests.web.fakes import FakeEngine
from tests.web.test_chat import chinese, english
from tests.web.test_markup import read
from web.texts import EN, ZH
from web.writer import Writer


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with serving(says("好")) as running:
        yield running


def closed_url() -> str:
    return f"http://127.0.0.1:{free_port()}/v1"


def use(writer: Writer, kind: str, url: str = "", name: str = "", key: str = "") -> tuple[str, str]:
    """The last status as text, and what the key's field holds then."""
    *_, (markup, box) = writer.use(kind, url, name, key, chinese())
    return read(markup).text, getattr(box, "value", key)


def test_a_model_that_answers_is_taken_and_given_up_again(engine: FakeEngine, server: ScriptedServer) -> None:
    writer = Writer(engine)
    said, key = use(writer, "model", f" {server.url} ", "qwen<b>", "sk-secret")
    assert ZH.writer_used in said
    assert "“好”" in said
    assert key == ""
    assert isinstance(engine.model, RemoteModel)
    assert engine.model.settings == ModelSettings("qwen<b>", server.url, "sk-secret")
    assert ZH.writer_used in use(writer, "reader")[0]
    assert engine.model is None


def test_a_key_is_hidden_before_it_is_used_and_each_choice_is_told(engine: FakeEngine, server: ScriptedServer) -> None:
    hidden, chosen = list[str](), list[bool]()
    writer = Writer(engine, hide=hidden.append, note_choice=chosen.append)
    list(writer.test(server.url, "qwen", "sk-tested", chinese()))
    assert (hidden, chosen) == (["sk-tested"], [])
    use(writer, "model", closed_url(), "qwen", "sk-refused")
    assert (hidden[1:], chosen) == (["sk-refused"], [])
    use(writer, "model", server.url, "qwen", " sk-used ")
    assert (hidden[2:], chosen) == (["sk-used"], [True])
    use(writer, "reader")
    assert chosen == [True, False]


def test_an_english_page_is_told_in_english_why_a_server_does_not_answer(engine: FakeEngine) -> None:
    *_, said = Writer(engine).test(url := closed_url(), "qwen", "", english())
    assert f"{url} cannot be reached" in read(said).text
    assert EN.writer_unreachable in read(said).text
    assert re.search("[一-鿿]", read(said).text) is None


def test_one_that_cannot_be_reached_is_not_taken(engine: FakeEngine) -> None:
    said, key = use(Writer(engine), "model", url := closed_url(), "qwen", "sk-secret")
    assert f"{url} 连不上" in said
    assert ZH.writer_not_used in said
    assert engine.model is None
    assert key == "sk-secret"  # still in the field, to be tried again


@pytest.mark.parametrize(("url", "name"), [("", "qwen"), ("http://127.0.0.1:1/v1", " "), ("", "")])
def test_a_test_wants_a_server_and_a_model(engine: FakeEngine, url: str, name: str) -> None:
    (said,) = Writer(engine).test(url, name, "", chinese())
    assert ZH.writer_incomplete in read(said).text


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("file:///etc/passwd", ""),
        ("http://me:secret@host/v1", ""),
        ("http://host:99999/v1", ""),
        ("http://host", "钥匙"),
    ],
)
def test_what_is_no_address_or_no_key_is_told_in_the_readers_language(engine: FakeEngine, url: str, key: str) -> None:
    for request, texts in ((chinese(), ZH), (english(), EN)):
        (said,) = Writer(engine).test(url, "qwen", key, request)
        assert "wd&#45;writer&#45;bad" in said
        assert read(said).text == texts.writer_unusable


def test_a_test_changes_nothing(engine: FakeEngine, server: ScriptedServer) -> None:
    *_, said = Writer(engine).test(server.url, "qwen", "", chinese())
    assert "“好”" in read(said).text
    assert engine.model is None


def test_an_opened_tab_says_who_writes_and_whether_it_answers(engine: FakeEngine, server: ScriptedServer) -> None:
    writer = Writer(engine)
    assert [read(said).text for said in writer.look(chinese())] == [ZH.writer_now_reader]
    engine.model = open_model(ModelSettings("qwen", server.url))
    assert "“好”" in read(list(writer.look(chinese()))[-1]).text
    engine.model = open_model(ModelSettings("qwen", closed_url()))
    said = read(list(writer.look(chinese()))[-1]).text
    assert "连不上" in said
    assert ZH.writer_unreachable in said


def test_the_key_is_not_shown_and_goes_to_no_other_server(engine: FakeEngine, server: ScriptedServer) -> None:
    engine.model = open_model(ModelSettings("qwen", "http://127.0.0.1:1/v1", "sk-secret"))
    writer = Writer(engine)
    boxes = writer.greet(chinese())
    assert not any("sk-secret" in str(getattr(box, "value", box)) for box in boxes)
    assert isinstance(boxes[3], gr.Textbox)
    assert boxes[3].placeholder == ZH.writer_key_set
    list(writer.test(server.url, "qwen", "", chinese()))
    assert [one["authorization"] for one in server.headers] == ["Bearer none"]


def test_an_empty_key_keeps_the_one_of_the_same_server(engine: FakeEngine, server: ScriptedServer) -> None:
    engine.model = open_model(ModelSettings("qwen", server.url, "sk-secret"))
    assert ZH.writer_used in use(Writer(engine), "model", server.url, "other")[0]
    assert isinstance(engine.model, RemoteModel)
    assert engine.model.settings == ModelSettings("other", server.url, "sk-secret")
