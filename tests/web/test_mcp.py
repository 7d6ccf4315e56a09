"""The tools `ask` and `search`, called by the real client of the Model Context Protocol."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from mcp import ClientSession
from mcp.client.streamable_http import streamablehttp_client
from mcp.types import CallToolResult, ListToolsResult, TextContent

from tests.web.conftest import LIBRARY, run_async
from tests.web.fakes import FakeEngine
from tests.web.public import READER, PublicServer, public_server
from web.allowance import Allowance
from web.api import answer_record

LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PublicServer]:
    with public_server(tmp_path_factory.mktemp("mcp"), Allowance("8/hour")) as running:
        yield running


def talk(server: PublicServer, *calls: tuple[str, dict[str, Any]]) -> tuple[ListToolsResult, list[CallToolResult]]:
    async def talked() -> tuple[ListToolsResult, list[CallToolResult]]:
        url = f"{server.url}gradio_api/mcp/"
        async with (
            streamablehttp_client(url, headers=server.bearer(READER)) as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            tools = await session.list_tools()
            return tools, [await session.call_tool(name, arguments) for name, arguments in calls]

    return run_async(talked())


def text_of(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


def test_the_tools_answer_with_json_whose_citations_hold(server: PublicServer) -> None:
    search = {"question": "新桥设计", "top_k": 1, "mode": "bm25"}
    tools, (asked, found) = talk(server, ("ask", {"question": "新桥设计"}), ("search", search))
    assert [tool.name for tool in tools.tools] == ["ask", "search"]
    assert [set(tool.inputSchema["properties"]) for tool in tools.tools] == [
        {"question"},
        {"question", "top_k", "mode"},
    ]
    assert [tool.inputSchema["required"] for tool in tools.tools] == [["question"], ["question"]]
    assert all(tool.description for tool in tools.tools)
    answer = json.loads(text_of(asked))
    assert answer == json.loads(json.dumps(answer_record(FakeEngine(LIBRARY).answer("新桥设计"))))
    for one in answer["citations"]:
        assert LIBRARY[one["doc_id"]][one["start"] : one["end"]] == one["quote"]
    (first,) = json.loads(text_of(found))
    assert LIBRARY[first["doc_id"]][first["start"] : first["end"]] == first["text"]


@pytest.mark.parametrize(
    ("name", "arguments", "wrong"),
    [
        ("ask", {"question": "长" * 100_000}, "问题有 100000 个字"),
        ("ask", {"question": 5}, "5"),
        ("ask", {}, "question"),
        ("search", {"question": "问", "mode": "x"}, "mode is 'x'"),
        ("apply", {"weight": 1, "threshold": 1}, "apply"),
        ("export_json", {}, "export_json"),
    ],
)
def test_what_is_wrong_is_told(server: PublicServer, name: str, arguments: dict[str, Any], wrong: str) -> None:
    _, (result,) = talk(server, (name, arguments))
    assert result.isError
    assert wrong in text_of(result)
    assert "Traceback" not in text_of(result)


def test_who_asks_too_often_is_told_so(server: PublicServer) -> None:
    calls = [("ask", {"question": "新桥设计"})] * 9
    _, results = talk(server, *calls)
    assert results[-1].isError
    assert "ask again in" in text_of(results[-1])


@pytest.mark.parametrize("path", ["mcp", "mcp/", "mcp/http", "mcp/http/", "mcp/schema", "mcp/sse", "mcp/messages/"])
@pytest.mark.parametrize("token", ["", "Bearer x"])
def test_nobody_is_told_which_tools_there_are(server: PublicServer, path: str, token: str) -> None:
    headers = {"accept": "application/json, text/event-stream"} | ({"authorization": token} if token else {})
    url = f"{server.url}gradio_api/{path}"
    for answer in (httpx.post(url, json=LIST, headers=headers), httpx.get(url, headers=headers)):
        assert answer.status_code == 401
        assert "question" not in answer.text


def test_without_the_flag_there_are_no_tools(server_url: str) -> None:
    headers = {"accept": "application/json, text/event-stream"}
    assert httpx.post(f"{server_url}gradio_api/mcp/", json=LIST, headers=headers).status_code == 403
