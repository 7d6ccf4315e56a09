"""The chat in the browser: `python app.py --documents documents --index .index`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from index.errors import UserError
from rag.language_model.flags import add_model_flags
from web.addresses import DEFAULT_PORT, check_address

_INDEX = "the index to ask (default .index): a folder, or milvus+http://host:port/collection"


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the index (build it where there is none), serve the page until Ctrl-C; the exit code."""
    flags = parse_flags(arguments)
    try:
        check_address(flags.host, flags.port)
        print("Loading the program ...", flush=True)
        from web.program import run  # gradio and the models take seconds, and a wrong flag should be told at once

        run(flags)
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
    parser.add_argument("--index", type=Path, default=Path(".index"), help=_INDEX)
    parser.add_argument(
        "--feedback", type=Path, help="keep what readers say of answers here (default: INDEX-feedback.sqlite)"
    )
    parser.add_argument(
        "--chats", type=Path, help="keep each browser's conversations here (default: INDEX-chats.sqlite)"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to serve at (0.0.0.0: the whole network)")
    parser.add_argument("--port", type=port_number, default=DEFAULT_PORT, help="port to serve at")
    _add_public_flags(parser)
    _add_operations_flags(parser)
    add_model_flags(parser)
    return parser.parse_args(arguments)


def _add_operations_flags(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("for who runs it", "/healthz and /readyz are always there")
    group.add_argument(
        "--at-once",
        type=positive_number,
        metavar="N",
        help="questions answered at the same time (default: one for each core; 16 with a language model)",
    )
    group.add_argument("--metrics", action="store_true", help="serve figures for Prometheus at /metrics")
    group.add_argument(
        "--log-format", choices=("text", "json"), default="text", help="lines for people, or JSON lines for programs"
    )
    group.add_argument("--log-questions", action="store_true", help="log what is asked, too; without it no question is")


def _add_public_flags(parser: argparse.ArgumentParser) -> None:
    public = parser.add_argument_group("for more than this machine")
    public.add_argument(
        "--auth", type=Path, metavar="FILE", help="only users of this file (python -m web.users) get in"
    )
    public.add_argument(
        "--root-path", default="", metavar="PATH", help="path below which a reverse proxy shows the page"
    )
    public.add_argument(
        "--trusted-proxy",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="address or network of a reverse proxy whose X-Forwarded headers are believed; may be given several times",
    )
    public.add_argument(
        "--user-rate", metavar="RATE", help="questions of one user, as 20/minute;500/day or off (default: as needed)"
    )
    public.add_argument("--address-rate", metavar="RATE", help="questions from one address, likewise")
    public.add_argument("--no-mcp", action="store_true", help="no tools of the Model Context Protocol")


def positive_number(text: str) -> int:
    """A flag's value as a number from 1 to 1000."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 1000):
        raise argparse.ArgumentTypeError(f"{text!r} must be a number from 1 to 1000")
    return int(text)


def port_number(text: str) -> int:
    """A flag's value as a port, 1 to 65535."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: a port is a number from 1 to 65535")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
