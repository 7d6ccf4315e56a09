"""Who may change what all get (documents, index, settings) and use the machine for an evaluation."""

import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import gradio as gr

from .texts import texts_for
from .visitors import user_of

Handler = TypeVar("Handler", bound=Callable[..., Any])


def may_manage(request: gr.Request) -> bool:
    """Whether the sender is an owner. Without users everybody is: only this machine reaches it then."""
    user = user_of(request)
    return user is None or user.owner


def for_owners(handler: Handler) -> Handler:
    """A handler that refuses everybody but owners, however it is called. Its last argument is the request."""

    def check(arguments: tuple[Any, ...]) -> None:
        request = arguments[-1]
        if not may_manage(request):
            raise gr.Error(texts_for(request).owners_only, print_exception=False)

    if inspect.isgeneratorfunction(handler):

        @functools.wraps(handler)
        def stream(*arguments: Any) -> Iterator[Any]:
            check(arguments)
            yield from handler(*arguments)

        return stream  # type: ignore[return-value]

    @functools.wraps(handler)
    def call(*arguments: Any) -> Any:
        check(arguments)
        return handler(*arguments)

    return call  # type: ignore[return-value]
