"""Who a request comes from, where there are users: the login layer says so in the request's scope."""

from typing import Any

import fastapi
import gradio as gr

from .accounts import User
from .asgi import Scope, address

USER = "wenda.user"
"""The key of a scope under which its `User` stands."""

ROOT_PATH = "wenda.root_path"
"""The key of a scope under which the path stands below which a proxy shows the page."""

AnyRequest = gr.Request | fastapi.Request


def scope_of(request: AnyRequest | None) -> Scope | None:
    """The scope of a handler's request: Gradio hands over its own kind, or (for a tool) the server's. None: made up."""
    inner: Any = request.request if isinstance(request, gr.Request) else request
    return None if inner is None else inner.scope


def user_of(request: AnyRequest | None) -> User | None:
    """The user who sends this, or None where there are no users."""
    scope = scope_of(request)
    if scope is None and getattr(request, "username", None):
        raise PermissionError("a user's request lost who sent it")
    return None if scope is None else scope.get(USER)


def root_path_of(request: AnyRequest) -> str:
    """The path below which a proxy shows the page, without its last slash."""
    scope = scope_of(request)
    return "" if scope is None else scope.get(ROOT_PATH, "")


def name_of(request: fastapi.Request) -> str | None:
    """The user's name: what Gradio lets a request pass by, where there are users."""
    user = user_of(request)
    return None if user is None else user.name


def owner_key(user: User) -> str:
    """Whose conversations a user's are. No browser's token has this shape."""
    return f"user-{user.id}"


def who(request: AnyRequest | None) -> tuple[str, str]:
    """The user's id ("" where there are no users) and the address: what limits count by."""
    user, scope = user_of(request), scope_of(request)
    return "" if user is None else user.id, "" if scope is None else address(scope)
