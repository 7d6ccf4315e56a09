"""People who ask the running app: through the chat's queue as a browser does, or through `/v1` as a program does.

Each question is asked in a conversation of its own: what is answered does not depend on who asks what else.
"""

import asyncio
import html
import json
import re
import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Protocol

import httpx
from gradio_client.utils import apply_diff

from web.texts import ZH

MAX_RETURNS = 60
"""How often a person who finds the queue full comes back."""
_ELAPSED = re.compile(re.escape(ZH.elapsed).replace(re.escape("{}"), r"[\d,.]+"))


@dataclass(frozen=True, slots=True)
class Asked:
    """One question and what came of it."""

    question: str
    reply: str
    """What the person sees, without how long it took; empty where it failed."""
    seconds: float
    """From the first attempt until the whole answer was there, with all waiting."""
    first_s: float
    """Until something of the answer was there; for a whole answer as long as `seconds`."""
    n_returns: int = 0
    """How often the queue was full, and the person came back when it had said."""
    error: str = ""


class FullError(Exception):
    """There was no place: come back after `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Door(Protocol):
    """A way to ask."""

    async def open(self) -> float:
        """What happens before the first question; its seconds."""
        ...

    def replies(self, question: str) -> AsyncIterator[str]:
        """The reply as it grows; the last one is the whole. Raises FullError, or RuntimeError with what was said."""
        ...


async def ask(door: Door, question: str) -> Asked:
    """Asks until it is answered, coming back as the server says."""
    started = time.perf_counter()
    for n_returns in range(MAX_RETURNS + 1):
        first_s = whole_s = 0.0
        reply = ""
        try:
            async for now in door.replies(question):
                if now != reply:
                    reply, whole_s = now, time.perf_counter() - started
                    first_s = first_s or whole_s
            return Asked(question, reply, whole_s, first_s, n_returns, "" if reply else "nothing was said")
        except FullError as full:
            await asyncio.sleep(full.seconds)
        except (RuntimeError, httpx.HTTPError, ValueError, KeyError) as error:
            failed = f"{type(error).__name__}: {error}"
            return Asked(question, "", time.perf_counter() - started, first_s, n_returns, failed)
    return Asked(question, "", time.perf_counter() - started, 0.0, MAX_RETURNS, "no place after all returns")


def _raise_unless_accepted(response: httpx.Response) -> None:
    if response.status_code in (429, 503):
        if "retry-after" not in response.headers:
            raise RuntimeError(f"{response.status_code} without Retry-After: {response.text[:200]}")
        raise FullError(float(response.headers["retry-after"]))
    if response.status_code != 200:
        raise RuntimeError(f"{response.status_code}: {response.text[:200]}")


class CompletionsDoor:
    """`/v1/chat/completions`, streamed."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def open(self) -> float:
        return 0.0

    async def replies(self, question: str) -> AsyncIterator[str]:
        body = {"model": "wenda", "stream": True, "messages": [{"role": "user", "content": question}]}
        said, is_done = "", False
        async with self._client.stream("POST", "v1/chat/completions", json=body) as response:
            if response.status_code != 200:
                await response.aread()
                _raise_unless_accepted(response)
            async for line in response.aiter_lines():
                if line == "data: [DONE]":
                    is_done = True
                elif line.startswith("data:"):  # others are comments: signs of life
                    event = json.loads(line.removeprefix("data:"))
                    if "error" in event:
                        raise RuntimeError(event["error"]["message"])
                    delta = event["choices"][0]["delta"]
                    said += delta.get("content", "")
                    if "citations" in delta:
                        said += json.dumps(delta["citations"], ensure_ascii=False, sort_keys=True)
                    yield said
        if not is_done:
            raise RuntimeError("the stream ended before its end")


class ChatDoor:
    """The page's own handlers, called by number through the queue, as its script does."""

    def __init__(self, client: httpx.AsyncClient, config: dict[str, Any]) -> None:
        self._client = client
        kinds = {one["id"]: one["type"] for one in config["components"]}
        self._box = _component(config, "wd-box")
        conversation = _component(config, "wd-chat")
        asking = next(one for one in config["dependencies"] if [self._box, "submit"] in one["targets"])
        self._ask, self._shown = asking["id"], asking["outputs"].index(conversation)
        self._inputs = [kinds[place] for place in asking["inputs"]]
        self._on_load = [
            (one["id"], [None if kinds[place] in ("state", "browserstate") else "" for place in one["inputs"]])
            for one in config["dependencies"]
            if one["backend_fn"] and not one["queue"] and any(event == "load" for _, event in one["targets"])
        ]

    async def open(self) -> float:
        """The page, its configuration, and the handlers that run when it is opened."""
        started = time.perf_counter()
        for path in ("", "config"):
            (await self._client.get(path)).raise_for_status()
        session = secrets.token_hex(8)
        for number, data in self._on_load:
            body = {"data": data, "fn_index": number, "session_hash": session, "event_data": None}
            (await self._client.post("gradio_api/run/predict", json=body)).raise_for_status()
        return time.perf_counter() - started

    async def replies(self, question: str) -> AsyncIterator[str]:
        session = secrets.token_hex(8)
        data = [question if kind == "textbox" else None for kind in self._inputs]
        body = {"data": data, "fn_index": self._ask, "session_hash": session, "trigger_id": self._box}
        joined = await self._client.post("gradio_api/queue/join", json=body)
        _raise_unless_accepted(joined)
        shown: Any = None
        place = {"session_hash": session}
        async with self._client.stream("GET", "gradio_api/queue/data", params=place) as response:
            async for line in response.aiter_lines():
                if not line:
                    continue
                event = json.loads(line.removeprefix("data:"))
                if event["msg"] == "process_completed":
                    if not event["success"]:
                        raise RuntimeError(str(event["output"].get("error") or "the handler failed"))
                    return
                if event["msg"] == "process_generating":
                    now = event["output"]["data"][self._shown]
                    shown = now if shown is None else apply_diff(shown, now)
                    if reply := _reply(shown):
                        yield reply
        raise RuntimeError("the stream ended before its end")


def _component(config: dict[str, Any], name: str) -> int:
    return next(one["id"] for one in config["components"] if one["props"].get("elem_id") == name)


def _reply(messages: Any) -> str:
    """The last message of the conversation as it is shown, without its milliseconds; empty while it is thought over."""
    text = html.unescape("".join(part["text"] for part in messages[-1]["content"]))
    return "" if ZH.thinking in text else _ELAPSED.sub("", text)
