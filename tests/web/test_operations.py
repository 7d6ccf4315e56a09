"""What a service tells its owner: health, figures, request ids; and the real app, whose secrets must show nowhere."""

import json
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from benchmarks.load_app import running_app
from index.build import build_index
from index.errors import IndexDamagedError
from index.settings import IndexSettings
from rag.errors import QuestionError
from rag.types import AnswerEvent, Event, Hit, TextEvent, Turn
from tests.rag.llm_server import Call, serving
from tests.web.conftest import LIBRARY, run_async
from tests.web.fakes import FakeEngine
from web.health import CHECKED_FOR_S, Health, IndexState, Readiness
from web.metrics import Metrics
from web.operations import log_question, secrets_of
from web.requests import HEADER, Requests, asked_by, request_id, route_of
from web.watched import Watched, WatchedEngine

STATE = IndexState("g1", 2, 3, 4, "models/embedder", "")


class ReadyEngine(FakeEngine):
    """An engine whose state the test decides."""

    def __init__(self) -> None:
        super().__init__(LIBRARY)
        self.trouble: Exception | None = None
        self.n_checks = 0
        self.model = None

    def refresh(self) -> bool:
        self.n_checks += 1
        if self.trouble is not None:
            raise self.trouble
        return False


def health_of(engine: ReadyEngine, time_s: list[float]) -> TestClient:
    inner = Starlette(routes=[Route("/other", lambda request: PlainTextResponse("inner"))])
    readiness = Readiness(engine, clock=lambda: time_s[0])  # type: ignore[arg-type]
    return TestClient(Health(inner, readiness, lambda: STATE))  # type: ignore[arg-type]


def test_ready_says_what_is_answered_from() -> None:
    client = health_of(ReadyEngine(), [0.0])
    assert client.get("/healthz").json() == {"status": "alive"}
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json() == {
        "status": "ready", "generation": "g1", "n_documents": 2, "n_articles": 3, "n_chunks": 4,
        "embedder": "models/embedder", "model": "",
    }  # fmt: skip
    assert client.get("/other").text == "inner"


@pytest.mark.parametrize(
    ("trouble", "says"),
    [(IndexDamagedError("terms.npy is missing. Build it again"), "terms.npy is missing"), (OSError(5), "OSError")],
)
def test_not_ready_says_why_and_recovers(trouble: Exception, says: str) -> None:
    engine, time_s = ReadyEngine(), [0.0]
    client = health_of(engine, time_s)
    engine.trouble = trouble
    refused = client.get("/readyz")
    assert refused.status_code == 503
    assert says in refused.json()["reason"]
    assert refused.headers["retry-after"] == "5"
    assert client.get("/healthz").status_code == 200
    engine.trouble = None
    assert client.get("/readyz").status_code == 503  # believed for a second
    assert engine.n_checks == 1
    time_s[0] += CHECKED_FOR_S
    assert client.get("/readyz").status_code == 200


def test_an_index_in_which_nothing_is_found_is_not_ready() -> None:
    class EmptyEngine(ReadyEngine):
        def retrieve(self, *arguments: object, **named: object) -> list[Hit]:
            return []

    assert health_of(EmptyEngine(), [0.0]).get("/readyz").status_code == 503


def figures_of(metrics: Metrics) -> dict[tuple[str, str], float]:
    """By name and the values of the labels, joined."""
    return {
        (sample.name, " ".join(value for name, value in sorted(sample.labels.items()) if name != "le")): sample.value
        for family in text_string_to_metric_families(metrics.text().decode("utf-8"))
        for sample in family.samples
        if "bucket" not in sample.name
    }


class TroubledEngine(FakeEngine):
    """Raises what the question names."""

    def stream(self, question: str, history: Sequence[Turn] = ()) -> Generator[Event, None, None]:
        if question == "long":
            raise QuestionError("too long")
        if question == "broken":
            raise ZeroDivisionError("谁生病了？")
        yield from super().stream(question, history)


def test_what_became_of_each_question_is_counted() -> None:
    metrics = Metrics()
    engine = WatchedEngine(TroubledEngine(LIBRARY), [metrics.note_question])
    assert engine.answer("新桥设计").text == FakeEngine(LIBRARY).answer("新桥设计").text
    assert any(isinstance(event, AnswerEvent) for event in engine.stream("新桥设计"))
    assert engine.answer("天气").refused
    for question, error in (("long", QuestionError), ("broken", ZeroDivisionError)):
        with pytest.raises(error):
            engine.answer(question)
    left = engine.stream("新桥设计")
    assert not isinstance(next(left), TextEvent)
    left.close()
    figures = figures_of(metrics)
    counted = {
        label: figures["wenda_questions_total", f"{label} quotes"]
        for label in ("answered", "refused", "rejected", "failed", "stopped")
    }
    assert counted == {"answered": 2, "refused": 1, "rejected": 1, "failed": 1, "stopped": 1}
    assert figures["wenda_question_seconds_count", ""] == 3


def test_steps_are_measured_in_seconds_and_the_total_once() -> None:
    metrics = Metrics()
    metrics.note_question(Watched("answered", "q", 0.25, {"read": 100.0, "total": 250.0}, is_written=True))
    figures = figures_of(metrics)
    assert figures["wenda_step_seconds_sum", "read"] == 100.0 / 1000
    assert ("wenda_step_seconds_sum", "total") not in figures
    assert figures["wenda_questions_total", "answered model"] == 1


def test_two_apps_have_figures_of_their_own() -> None:
    one, other = Metrics(), Metrics()
    one.note_build("built")
    one.note_request("v1", 200, 0.1)
    assert figures_of(one)["wenda_builds_total", "built"] == 1
    assert figures_of(other)["wenda_builds_total", "built"] == 0
    assert figures_of(one)["wenda_http_requests_total", "v1 200"] == 1


def test_queues_and_index_are_read_at_each_scrape() -> None:
    metrics, waiting = Metrics(), [3]
    metrics.watch_queues({"page": lambda: waiting[0]})
    metrics.watch_index(lambda: STATE)
    assert figures_of(metrics)["wenda_waiting", "page"] == 3
    waiting[0] = 1
    figures = figures_of(metrics)
    assert figures["wenda_waiting", "page"] == 1
    assert figures["wenda_index_info", "models/embedder g1 "] == 1
    assert [figures[f"wenda_index_{what}", ""] for what in ("documents", "articles", "chunks")] == [2, 3, 4]


@pytest.fixture(name="named")
def named_app() -> Iterator[tuple[TestClient, list[tuple[str, int]]]]:
    """An app that says the id of its request, and what was observed of it."""
    seen: list[tuple[str, int]] = []
    inner = Starlette(routes=[Route("/v1/models", lambda request: PlainTextResponse(request.headers[HEADER]))])
    layer = Requests(inner, lambda route, status, seconds: seen.append((route, status)))  # type: ignore[arg-type]
    with TestClient(layer) as client:  # type: ignore[arg-type]
        yield client, seen


def test_a_request_has_an_id_that_its_handler_and_its_client_see(
    named: tuple[TestClient, list[tuple[str, int]]],
) -> None:
    client, seen = named
    made = client.get("/v1/models")
    assert made.text == made.headers[HEADER]
    assert len(made.text) == 16
    assert client.get("/v1/models", headers={HEADER: "from-the-proxy"}).text == "from-the-proxy"
    for forged in ("short", "x" * 65, "two words", '"}{"'):
        assert client.get("/v1/models", headers={HEADER: forged}).text != forged
    assert client.get("/nothing/here").status_code == 404
    assert seen == [("v1", 200)] * 6 + [("page", 404)]


def test_work_outside_of_a_request_names_it_and_nothing_else() -> None:
    async def work(name: str) -> str:
        asked_by(name)
        return request_id()

    assert run_async(work("0123456789abcdef")) == "0123456789abcdef"
    assert run_async(work('x"\n')) == ""


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/", "page"), ("/gradio_api/queue/join", "queue/join"), ("/gradio_api/call/ask/1", "call"),
        ("/gradio_api/info", "page"), ("/v1/chat/completions", "v1"), ("/metrics", "metrics"), ("/x/y", "page"),
    ],
)  # fmt: skip
def test_a_path_is_one_of_few_routes(path: str, route: str) -> None:
    assert route_of(path) == route


def test_a_question_is_one_record(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "wenda")
    log_question(Watched("failed", "问", 0.0123, {"read": 1.26}, error="OSError", request_id="r1"))
    (record,) = caplog.records
    assert record.request_id == "r1"  # type: ignore[attr-defined]
    assert record.fields == {  # type: ignore[attr-defined]
        "outcome": "failed", "ms": 12.3, "written_by": "quotes", "error": "OSError", "steps_ms": {"read": 1.3},
        "question": "问",
    }  # fmt: skip


def test_secrets_are_our_own_variables_that_are_named_like_one() -> None:
    environment = {"WENDA_LLM_API_KEY": "a", "WENDA_MILVUS_TOKEN": "b", "WENDA_LLM_MODEL": "c", "OTHER_KEY": "d"}
    assert sorted(secrets_of(environment)) == ["a", "b"]


KEY = "sk-0123456789-secret"


def repeat_the_key(call: Call) -> None:
    """A server that puts the key into its error, as some do."""
    call.status(400, f"bad request by {call.server.headers[-1]['authorization']}")


def test_the_real_app_tells_its_state_and_neither_key_nor_question(tmp_path: Path) -> None:
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "桥.txt").write_text(LIBRARY["桥.txt"], encoding="utf-8")
    build_index(documents, tmp_path / "index", IndexSettings())
    with serving(repeat_the_key) as server:
        environment = {
            "WENDA_LLM_BASE_URL": server.url, "WENDA_LLM_MODEL": "m", "WENDA_LLM_API_KEY": KEY, "OMP_NUM_THREADS": "1",
        }  # fmt: skip
        flags = ["--metrics", "--log-format", "json"]
        with (
            running_app(tmp_path / "index", tmp_path, flags, environment) as app,
            httpx.Client(base_url=app.url) as client,
        ):
            body = {"messages": [{"role": "user", "content": "大桥全长多少米？"}]}
            asked = client.post("v1/chat/completions", json=body, headers={HEADER: "asked-by-test"})
            assert asked.status_code == 200
            assert server.calls, "the language model was not asked"
            ready = client.get("readyz").json()
            figures = client.get("metrics").text
            said = [asked.text, json.dumps(ready), figures, client.get("config").text]
    assert (ready["status"], ready["n_documents"], ready["model"]) == ("ready", 1, "m")
    assert 'wenda_questions_total{outcome="answered",written_by="quotes"} 1.0' in figures
    (log,) = tmp_path.glob("app-*.log")
    lines = log.read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines if line.startswith("{")]
    (question,) = (one for one in records if one["event"] == "question")
    assert (question["outcome"], question["request_id"]) == ("answered", "asked-by-test")
    assert any(one["event"] == "request" and one["route"] == "v1" for one in records)
    assert not [text for text in [*said, *lines] if KEY in text]
    assert not [text for text in [figures, *lines] if "负责设计" in text]
