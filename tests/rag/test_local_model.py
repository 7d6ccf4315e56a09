"""A language model on this machine, and the same one behind a real OpenAI-compatible server: `transformers serve`."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError

import pytest

from index.errors import ModelError
from rag import Engine, GeneratorError, LanguageModel, ModelSettings, open_model
from rag.generator import INSTEAD
from rag.language_model.local_model import LocalModel
from rag.language_model.prompts import answer_messages
from rag.language_model.remote_model import RemoteModel

from ..ports import free_port
from .conftest import OpenEngine
from .pieces import passage
from .test_generator import QUESTION, streamed
from .tiny_model import write_tiny_model

SAYS = "西堠门公铁大桥的主跨是1488米。[1]"
MESSAGES = answer_messages("桥有多长？", [passage("青河大桥长620米。")], 1000)
START_TIMEOUT_S = 240


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("llm") / "tiny", SAYS)


@pytest.fixture(scope="module")
def local(folder: Path) -> LanguageModel:
    return open_model(ModelSettings(str(folder)))


@pytest.fixture(scope="module")
def server(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running `transformers serve` that needs no network."""
    port = free_port()
    program = Path(sys.executable).with_name("transformers")
    command = [program, "serve", folder, "--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    log = tmp_path_factory.mktemp("serve") / "log"
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, env=os.environ | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/health", process, log)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.kill()
        process.wait()


def _wait_for(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise AssertionError(f"transformers serve did not start:\n{log.read_text(encoding='utf-8')[-3000:]}")


def said(model: LanguageModel) -> tuple[str, str]:
    """All that a model writes, and why it ended."""
    stream, text = model.stream(MESSAGES), ""
    while True:
        try:
            text += next(stream)
        except StopIteration as end:
            return text, end.value


def test_a_local_model_says_its_sentence(local: LanguageModel) -> None:
    assert isinstance(local, LocalModel)
    assert said(local) == (SAYS, "stop")


def test_a_local_model_is_cut_at_its_limit(folder: Path) -> None:
    text, reason = said(open_model(ModelSettings(str(folder), max_tokens=2)))
    assert reason == "length"
    assert SAYS.startswith(text)
    assert 0 < len(text) < len(SAYS)


def test_a_prompt_that_is_too_long_is_told(tmp_path: Path) -> None:
    model = open_model(ModelSettings(str(write_tiny_model(tmp_path / "short", SAYS, n_positions=64))))
    with pytest.raises(GeneratorError, match="最多读 64 个记号"):
        said(model)


def test_a_local_model_is_stopped_and_can_be_asked_again(local: LanguageModel) -> None:
    stream = local.stream(MESSAGES)
    while not next(stream):
        pass
    stream.close()
    assert said(local) == (SAYS, "stop")


def test_a_local_model_that_takes_too_long_is_told(folder: Path) -> None:
    with pytest.raises(GeneratorError, match="没有写完"):
        said(open_model(ModelSettings(str(folder), total_timeout_s=1e-9)))


def test_a_folder_that_holds_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be loaded"):
        open_model(ModelSettings(str(tmp_path)))


@pytest.mark.parametrize("kind", ["local", "server"])
def test_an_answer_of_a_real_model_is_verified(
    kind: str, request: pytest.FixtureRequest, folder: Path, sample_path: Path, open_engine: OpenEngine
) -> None:
    engine: Engine = open_engine(sample_path)
    if kind == "local":
        engine.model = request.getfixturevalue("local")
    else:
        engine.model = RemoteModel(ModelSettings(str(folder), request.getfixturevalue("server")))
    answer = streamed(engine, QUESTION)
    assert (answer.text, answer.model, answer.notice) == (SAYS, str(folder), "")
    (citation,) = answer.citations
    assert "主跨1488米" in citation.quote
    assert [claim.supported for claim in answer.claims] == [True]


def test_the_same_sentence_where_it_is_not_carried_is_not_used(
    server: str, folder: Path, sample_path: Path, open_engine: OpenEngine
) -> None:
    engine = open_engine(sample_path)
    question = "“时光列车”一共有几节？"
    expected = engine.answer(question)
    assert not expected.refused
    engine.model = RemoteModel(ModelSettings(str(folder), server))
    answer = streamed(engine, question)
    assert (answer.text, answer.model) == (expected.text, "")
    assert answer.notice.endswith(INSTEAD.chinese)


def test_a_real_server_without_this_model(server: str) -> None:
    model = RemoteModel(ModelSettings("no/such-model", server, n_retries=0))
    with pytest.raises(GeneratorError, match=r"no/such-model|出错"):
        said(model)


def test_a_real_server_speaks_as_the_local_model_does(server: str, folder: Path) -> None:
    assert said(RemoteModel(ModelSettings(str(folder), server))) == (SAYS, "stop")
    assert said(RemoteModel(ModelSettings(str(folder), server, max_tokens=2)))[1] == "length"
