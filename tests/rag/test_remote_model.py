"""An OpenAI-compatible server that does everything that can go wrong, over a real connection."""

import logging
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from rag import GeneratorError, ModelSettings
from rag.language_model.remote_model import RemoteModel
from tests.ports import free_port

from .llm_server import CLOSED_WITHIN_S, Call, Script, endless, says, serving, silent

KEY = "sk-wenda-secret-0123456789abcdef"
MESSAGES = [{"role": "system", "content": "规则"}, {"role": "user", "content": "问题：青河大桥有多长？"}]


@pytest.fixture(scope="module", autouse=True)
def imported_client() -> None:
    """The first question pays for the imports of the client: no limit of a test may hold for that."""
    with serving(says("好。")) as server:
        written(model_of(server.url))


def model_of(url: str, **settings: Any) -> RemoteModel:
    return RemoteModel(ModelSettings("m", url, KEY, **{"max_retry_wait_s": 0.2, **settings}))


def written(model: RemoteModel) -> tuple[list[str], str]:
    """The pieces without signs of life, and why it ended."""
    stream, pieces = model.stream(MESSAGES), []
    while True:
        try:
            pieces += [piece] if (piece := next(stream)) else []
        except StopIteration as end:
            return pieces, end.value


def failure(script: Script | list[Script], **settings: Any) -> tuple[str, int]:
    """The message of the error, and how many requests were made."""
    with serving(script) as server:
        with pytest.raises(GeneratorError) as raised:
            written(model_of(server.url, **settings))
        return str(raised.value).replace(server.url, "URL"), len(server.calls)


def test_the_text_comes_in_the_pieces_that_the_server_sends() -> None:
    with serving(says("青河大桥长620米。[1]", n_chars=4)) as server:
        assert written(model_of(server.url)) == (["青河大桥", "长620", "米。[1", "]"], "stop")
        (call,) = server.calls
        assert call.body == {
            "model": "m",
            "messages": MESSAGES,
            "stream": True,
            "max_tokens": 1000,
            "temperature": 0.0,
        }
        assert server.headers[0]["authorization"] == f"Bearer {KEY}"


def test_an_answer_that_a_limit_cut_is_told_from_one_that_is_complete() -> None:
    with serving(says("桥长", finish="length")) as server:
        assert written(model_of(server.url)) == (["桥长"], "length")


def test_nothing_of_another_service_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_BASE_URL"):
        monkeypatch.setenv(name, "of-another-service")
    with serving(says("好。")) as server:
        written(RemoteModel(ModelSettings("m", server.url)))
        assert not any("another" in value for value in server.headers[0].values())
        assert server.headers[0]["authorization"] == "Bearer none"


def status(code: int, message: str = "no", **headers: str) -> Script:
    return lambda call: call.status(code, message, {name.replace("_", "-"): value for name, value in headers.items()})


def raw(body: str, kind: str = "text/event-stream") -> Script:
    return lambda call: call.raw(200, body, kind)


def dies(*said: str) -> Script:
    def script(call: Call) -> None:
        call.begin()
        call.say(*said)
        call.die()

    return script


def ends_early(call: Call) -> None:
    """Closes in order, but before the answer is complete."""
    call.begin()
    call.say("青河大桥长")


def chunk(choices: str) -> str:
    return f'data: {{"id": "1", "object": "chat.completion.chunk", "choices": {choices}}}\n\n'


@pytest.mark.parametrize(
    ("script", "says_why", "n_calls"),
    [
        (status(401), "URL 不接受密钥（401）：请检查 WENDA_LLM_API_KEY。", 1),
        (status(403), "URL 不接受密钥（403）：请检查 WENDA_LLM_API_KEY。", 1),
        (
            status(404, "model not found"),
            "没有模型 m，或者地址不对（404）：请检查 WENDA_LLM_MODEL 和 WENDA_LLM_BASE_URL，它说：model not found。",
            1,
        ),
        (status(422, "bad field"), "URL 出错（422），它说：bad field。", 1),
        (status(400, "bad request"), "URL 出错（400），它说：bad request。", 2),
        (
            status(429, "slow down", Retry_After="0.01"),
            "限制了请求次数或额度用完（429）：请稍后再试，它说：slow down。",
            3,
        ),
        (status(429, "tomorrow", Retry_After="86400"), "请稍后再试，它说：tomorrow。", 1),
        (status(500, "boom", Retry_After="0"), "URL 出错（500），它说：boom。", 3),
        (status(503, "overloaded", Retry_After="0.01"), "URL 出错（503），它说：overloaded。", 3),
        (raw("<html>hello</html>", "text/html"), "没有回答：地址是否指向 OpenAI 兼容的接口", 1),
        (raw('{"choices": [{"message": {"content": "好"}}]}', "application/json"), "没有回答：地址是否指向", 1),
        (raw("data: {not json}\n\n"), "的回答看不懂：不是 OpenAI 格式的流。", 1),
        (raw('data: {"choices": 7}\n\n'), "的回答看不懂", 1),
        (raw('data: {"choices": [{"delta": 7}]}\n\n'), "的回答看不懂", 1),
        (raw("data: [1, 2]\n\n"), "的回答看不懂", 1),
        (raw('data: {"error": {"message": "out of memory"}}\n\n'), "出错，它说：out of memory。", 1),
        (raw(chunk('[{"index": 0, "delta": {}, "finish_reason": "stop"}]')), "的回答是空的。", 1),
        (raw(chunk('[{"index": 0, "delta": {}, "finish_reason": "content_filter"}]')), "的内容过滤拦下了这个回答。", 1),
        (raw("data: [DONE]\n\n"), "没有回答：地址是否指向", 1),
        (dies("青河", "大桥"), "写到一半断开了。", 1),
        (ends_early, "写到一半断开了。", 1),
    ],
    ids=str,
)
def test_a_server_that_fails_is_told_in_one_line(script: Script, says_why: str, n_calls: int) -> None:
    message, calls = failure(script)
    assert says_why in message
    assert calls == n_calls
    assert "\n" not in message


def test_a_server_that_is_not_there() -> None:
    url = f"http://127.0.0.1:{free_port()}/v1"
    with pytest.raises(GeneratorError, match="连不上：服务器在运行吗？地址（WENDA_LLM_BASE_URL）对吗"):
        written(model_of(url, n_retries=0))


def test_a_server_that_does_not_let_in() -> None:
    """A listening socket whose queue is full: the connection is not accepted."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        held = [socket.socket() for _ in range(4)]
        try:
            for one in held:
                one.setblocking(False)
                one.connect_ex(full.getsockname())
            url = f"http://127.0.0.1:{full.getsockname()[1]}/v1"
            with pytest.raises(GeneratorError, match=r"在 0\.2 秒内连不上"):
                written(model_of(url, connect_timeout_s=0.2))
        finally:
            for one in held:
                one.close()


def silent_after(*said: str) -> Script:
    def script(call: Call) -> None:
        call.begin()
        call.say(*said)
        call.server.release.wait()

    return script


def comments_only(call: Call) -> None:
    """Signs of life that say nothing, as some gateways send them."""
    call.begin()
    while not call.server.release.wait(0.02):
        call.line(": still here")


@pytest.mark.parametrize("script", [silent, silent_after("青河"), comments_only], ids=["first", "later", "comments"])
def test_a_server_that_falls_silent(script: Script) -> None:
    message, calls = failure(script, silence_timeout_s=0.3)
    assert message.endswith("0.3 秒没有回音。")
    assert calls <= 1  # none, where this machine takes longer than that to ask


def test_a_server_that_never_ends() -> None:
    with serving(endless("第{}句。")) as server:
        with pytest.raises(GeneratorError, match=r"在 2 秒内没有写完"):
            written(model_of(server.url, total_timeout_s=2))
        assert server.closed.wait(CLOSED_WITHIN_S)


def test_a_rate_limit_passes() -> None:
    with serving([status(429, Retry_After="0.01"), status(503, Retry_After="0.01"), says("好。")]) as server:
        assert written(model_of(server.url)) == (["好。"], "stop")
        assert len(server.calls) == 3


def test_what_was_begun_is_not_asked_for_again() -> None:
    message, calls = failure([dies("青河"), says("好。")])
    assert "断开" in message
    assert calls == 1


def test_a_model_that_knows_no_max_tokens() -> None:
    with serving([status(400, "use max_completion_tokens"), says("好。")]) as server:
        assert written(model_of(server.url)) == (["好。"], "stop")
        assert set(server.calls[1].body) == {"model", "messages", "stream"}


def waiting(call: Call) -> None:
    call.begin()
    call.say("青河")
    call.wait_until_closed()


def waiting_from_the_start(call: Call) -> None:
    call.wait_until_closed()


@pytest.mark.parametrize(
    ("script", "speaks"), [(waiting, True), (waiting_from_the_start, False), (endless("第{}句。"), True)]
)
def test_closing_the_stream_closes_the_connection(script: Script, speaks: bool) -> None:
    with serving(script) as server:
        stream: Iterator[str] = model_of(server.url).stream(MESSAGES)
        while not next(stream) and (speaks or not server.calls):
            pass  # a sign of life
        stream.close()  # type: ignore[attr-defined]
        assert server.closed.wait(CLOSED_WITHIN_S)


def test_the_key_is_nowhere(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    """Not in an error, a log at any level, a record, or what is printed; also where the server repeats it."""
    caplog.set_level(logging.DEBUG)
    messages = []
    for code in (400, 401, 403, 404, 422, 429, 500):
        messages.append(failure(status(code, f"the key {KEY} is wrong: Bearer {KEY}"), n_retries=0)[0])
    messages.append(failure(raw(f'data: {{"error": {{"message": "{KEY}"}}}}\n\n'))[0])
    with serving(says("好。")) as server:
        model = model_of(server.url)
        written(model)
        assert KEY in server.headers[0]["authorization"]
    printed = capfd.readouterr()
    logged = "".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert caplog.records
    for text in (*messages, logged, printed.out, printed.err, repr(model.settings), str(vars(model)), model.name):
        assert KEY not in text
