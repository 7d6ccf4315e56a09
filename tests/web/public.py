"""A page with users, and browser tabs that call its handlers as Gradio's own page does."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
from argon2 import PasswordHasher

import web.accounts
from eval.feedback import FeedbackStore
from tests.web.conftest import LIBRARY, free_port
from tests.web.fakes import FakeEngine
from web.accounts import Accounts, new_token, new_user, write_accounts
from web.allowance import UNLIMITED, Allowance
from web.capacity import Capacity, Places
from web.conversations import ConversationStore
from web.evaluation import Evaluation
from web.library import Library
from web.lockout import Lockout
from web.login import COOKIE, Access
from web.logins import Logins
from web.openai_api import ChatCompletions
from web.page import build_page
from web.serving import Serving, serve
from web.writer import Writer

PASSWORDS = {"李": "correct horse", "amy": "battery staple"}
OWNER, READER = PASSWORDS


@dataclass
class Clock:
    """Seconds that pass when a test says so."""

    now: float = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class PublicServer:
    """A served page, and what a test needs to know of it."""

    url: str
    folder: Path
    clock: Clock
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def users_file(self) -> Path:
        return self.folder / "users.json"

    def bearer(self, name: str = READER) -> dict[str, str]:
        return {"authorization": f"Bearer {self.tokens[name]}"}

    def log_in(self, name: str, password: str | None = None) -> httpx.Response:
        form = {"username": name, "password": PASSWORDS[name] if password is None else password}
        return httpx.post(f"{self.url}login", data=form, headers={"accept": "text/html"})

    def tab(self, name: str) -> "Tab":
        return Tab(self.url, dict(self.log_in(name).cookies))


# As weak as Argon2 can be: a test must not pay for 64 MiB and 50 ms at every login.
web.accounts._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@contextmanager
def public_server(
    folder: Path,
    allowance: Allowance = UNLIMITED,
    texts: dict[str, str] = LIBRARY,
    with_library: bool = True,
    **serving: Any,
) -> Iterator[PublicServer]:
    """A page with an owner and a reader, each with a token."""
    tokens, users = {}, {}
    for name, password in PASSWORDS.items():
        tokens[name], hashed = new_token()
        users[name] = replace(new_user(name, password, owner=name == OWNER), tokens=(hashed,))
    write_accounts(folder / "users.json", users)
    clock, engine, places = Clock(), FakeEngine(texts), Places(Capacity(at_once=2, max_waiting=8))
    access = Access(
        Accounts(folder / "users.json"),
        Logins(folder / "logins.sqlite", clock),
        Lockout(clock),
        serving.get("root_path", ""),
    )
    page = build_page(
        engine,
        FeedbackStore(folder / "feedback.sqlite"),
        conversations=ConversationStore(folder / "chats.sqlite"),
        library=Library(engine, folder) if with_library else None,  # neither reads anything before an owner asks it to
        evaluation=Evaluation(engine, folder, folder),
        writer=Writer(engine) if with_library else None,
        places=places,
        allowance=allowance,
    )
    routes = ChatCompletions(engine, places, allowance).routes()
    options = Serving(mcp=True, uploads=True, access=access, allowance=allowance, **serving)
    url = serve(page, "127.0.0.1", free_port(), routes, options)
    try:
        yield PublicServer(url, folder, clock, tokens)
    finally:
        page.close(verbose=False)
        access.logins.close()


class Tab:
    """One tab of a browser: a session, and the browser's cookies."""

    def __init__(self, url: str, cookies: dict[str, str], session: str = "") -> None:
        self.url = url
        self.http = httpx.Client(cookies=cookies, headers={"accept-language": "en"})
        self.session = session or secrets.token_hex(6)
        self.cookie = cookies.get(COOKIE, "")

    def join(self, handler: str, data: list[Any], event_data: Any = None) -> httpx.Response:
        """Puts a call of one of the page's handlers into the queue."""
        config = self.http.get(f"{self.url}config").json()
        number = next(one["id"] for one in config["dependencies"] if one["api_name"] == handler)
        body = {"data": data, "fn_index": number, "session_hash": self.session, "event_data": event_data}
        return self.http.post(f"{self.url}gradio_api/queue/join", json=body)

    def call(self, handler: str, data: list[Any], event_data: Any = None) -> dict[str, Any]:
        """Calls a handler; the message with which it ended."""
        joined = self.join(handler, data, event_data)
        assert joined.status_code == 200
        query = {"session_hash": self.session}
        with self.http.stream("GET", f"{self.url}gradio_api/queue/data", params=query) as events:
            for line in events.iter_lines():
                message = json.loads(line.removeprefix("data: ")) if line.startswith("data: ") else {}
                if message.get("msg") == "process_completed" and message["event_id"] == joined.json()["event_id"]:
                    return dict(message)
        raise AssertionError(f"the stream ended before {handler!r} was done")
