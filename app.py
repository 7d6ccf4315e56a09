"""The chat in the browser: `python app.py --documents documents --index .index`."""

import argparse
import errno
import ipaddress
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from index.errors import DocumentsError, IndexMissingError, UserError
from rag.language_model.flags import add_model_flags, named_model, named_settings

DEFAULT_PORT = 7860
EVALUATION = Path(__file__).parent / "eval"
"""Whose sets and baselines the evaluation tab offers."""


class AddressError(UserError):
    """The page cannot be served at this host and port."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the index (build it where there is none), serve the page until Ctrl-C; the exit code."""
    flags = parse_flags(arguments)
    try:
        check_address(flags.host, flags.port)
        chat(flags)
    except UserError as error:
        print(f"app.py: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print()
    return 0


def parse_flags(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="app.py", description="Ask questions over your own articles, in the browser, and check every answer."
    )
    parser.add_argument(
        "--documents", type=Path, default=Path("documents"), help="folder to index where there is no index yet"
    )
    parser.add_argument("--index", type=Path, default=Path(".index"), help="the index to ask")
    parser.add_argument(
        "--feedback", type=Path, help="keep what readers say of answers here (default: INDEX-feedback.sqlite)"
    )
    parser.add_argument(
        "--chats", type=Path, help="keep each browser's conversations here (default: INDEX-chats.sqlite)"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to serve at (0.0.0.0: the whole network)")
    parser.add_argument("--port", type=port_number, default=DEFAULT_PORT, help="port to serve at")
    _add_operations_flags(parser)
    add_model_flags(parser)
    return parser.parse_args(arguments)


def _add_operations_flags(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("for who runs it", "/healthz and /readyz are always there")
    group.add_argument("--metrics", action="store_true", help="serve figures for Prometheus at /metrics")
    group.add_argument(
        "--log-format", choices=("text", "json"), default="text", help="lines for people, or JSON lines for programs"
    )
    group.add_argument("--log-questions", action="store_true", help="log what is asked, too; without it no question is")


def port_number(text: str) -> int:
    """A flag's value as a port, 1 to 65535."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: a port is a number from 1 to 65535")
    return int(text)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what is served at this host."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def check_address(host: str, port: int) -> None:
    """Raise AddressError unless host and port can be served at now: before minutes go into models and indexes."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (OSError, UnicodeError) as error:  # UnicodeError: a name that cannot be a host's, such as a..b
        raise AddressError(_explain(host, port, error)) from error


def _explain(host: str, port: int, error: OSError | UnicodeError) -> str:
    if isinstance(error, UnicodeError):
        return f"{host!r} is no name or address of a machine. On this machine only: --host 127.0.0.1"
    if error.errno == errno.EADDRINUSE:
        other = port + 1 if port < 65535 else port - 1
        return f"port {port} on {host} is taken by another program. Choose another one: --port {other}"
    if error.errno == errno.EACCES:
        return f"port {port} on {host} is reserved for the system. Choose one from 1024 on: --port {DEFAULT_PORT}"
    return f"cannot serve at {host}, port {port}: {error.strerror}. On this machine only: --host 127.0.0.1"


def chat(flags: argparse.Namespace) -> None:
    """Serve the page around the index until Ctrl-C."""
    # Imported here: gradio and the models take seconds, and a wrong flag should be told at once.
    from eval.feedback import FeedbackStore
    from rag import Engine
    from web.capacity import capacity_for
    from web.conversations import ConversationStore
    from web.evaluation import Evaluation
    from web.library import Library
    from web.logs import configure_logs
    from web.openai_api import ChatCompletions
    from web.operations import Operations, secrets_of
    from web.page import build_page
    from web.serving import Serving, serve

    configure_logs(flags.log_format, secrets_of(), with_questions=flags.log_questions)
    model, settings = named_model(flags), named_settings(flags)
    index: Path = flags.index
    try:
        engine = Engine.open(index, settings, model=model)
    except IndexMissingError:
        _build(flags.documents, index)
        engine = Engine.open(index, settings, model=model)
    feedback = FeedbackStore(flags.feedback or index.with_name(f"{index.name}-feedback.sqlite"))
    # On this machine only, who opens the page is its owner; on a network a visitor must not change what others get.
    manage = is_loopback(flags.host)
    capacity = capacity_for(has_model=model is not None)
    operations = Operations(engine, shows_metrics=flags.metrics)
    library = Library(engine, flags.documents, operations.metrics.note_build) if flags.documents.is_dir() else None
    evaluation = Evaluation(engine, EVALUATION / "sets", EVALUATION / "baselines") if manage else None
    conversations = ConversationStore(flags.chats or index.with_name(f"{index.name}-chats.sqlite"))
    page = build_page(
        operations.engine,
        feedback,
        conversations=conversations,
        library=library,
        evaluation=evaluation,
        manage=manage,
        capacity=capacity,
    )
    completions = ChatCompletions(operations.engine, capacity)
    serving = Serving(uploads=manage, outer=operations.layers(page, completions.places))
    try:
        url = serve(page, flags.host, flags.port, completions.routes(), serving)
    except OSError as error:
        raise AddressError(_explain(flags.host, flags.port, error)) from error
    print(f"The chat is ready: {url}  (Ctrl-C ends it)", flush=True)
    try:
        while True:
            time.sleep(3600)
    finally:
        page.close(verbose=False)


def _build(documents: Path, index: Path) -> None:
    from index.__main__ import format_report
    from index.build import build_index
    from index.settings import default_settings

    if not documents.is_dir():
        raise DocumentsError(
            f"there is no index at {index} and no folder {documents} to build it from. "
            "Name the folder of your articles: --documents FOLDER"
        )
    print(f"There is no index at {index} yet: building it from {documents} ...", flush=True)
    print(format_report(build_index(documents, index, default_settings())), flush=True)


if __name__ == "__main__":
    sys.exit(main())
