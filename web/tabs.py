"""ASGI layer behind the login: a browser tab's session belongs to the user who opened it.

Gradio keeps a tab's conversation, and the answers that wait for it, under a name that the browser made up. Whoever
learns that name must not be served with it.
"""

import re
import threading
from collections import OrderedDict
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from .asgi import App, Receive, Scope, Send, refuse
from .bodies import JSON
from .guard import API_PREFIX
from .visitors import USER

MAX_TABS = 20_000
"""Over it, the one unused longest is forgotten; its conversation was long before."""
_HEARTBEAT = f"{API_PREFIX}heartbeat/"
_EVENTS = re.compile(rf"{API_PREFIX}call/[^/]+/([^/]+)/?")
"""What came of a call, by the name of its event; Gradio takes a session's name there as well."""


class Tabs:
    """Refuses a request under another user's session."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._users: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        user = scope.get(USER)
        if user is None or self._is_theirs(scope, user.id):
            await self._app(scope, receive, send)
        else:
            await refuse(send, HTTPStatus.FORBIDDEN, "This session is another user's.", kind="permission_error")

    def _is_theirs(self, scope: Scope, user_id: str) -> bool:
        events = _EVENTS.fullmatch(scope["path"])
        if events is not None and self._users.get(events[1], user_id) != user_id:  # an event is nobody's session
            return False
        return all(self._belongs(name, user_id) for name in named_sessions(scope))

    def _belongs(self, name: str, user_id: str) -> bool:
        """Whether the session is the user's; who names it first has it."""
        with self._lock:
            first = self._users.setdefault(name, user_id)
            self._users.move_to_end(name)
            if len(self._users) > MAX_TABS:
                self._users.popitem(last=False)
        return first == user_id


def named_sessions(scope: Scope) -> set[str]:
    """Every session that a request names: in its address, its query, its body."""
    names: list[Any] = list(parse_qs(scope.get("query_string", b"").decode("latin-1")).get("session_hash", []))
    if scope["path"].startswith(_HEARTBEAT):
        names.append(scope["path"].removeprefix(_HEARTBEAT).rstrip("/"))
    body = scope.get(JSON)
    if isinstance(body, dict):
        names.append(body.get("session_hash"))
    return {name for name in names if isinstance(name, str)}
