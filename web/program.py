"""What `python app.py` does after its flags are read: the index opened, the page built around it and served."""

import argparse
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import gradio as gr

from eval.feedback import FeedbackStore
from index.errors import DocumentsError, IndexMissingError
from index.milvus.address import is_milvus, read_address
from rag import Engine
from rag.language_model.flags import named_model, named_settings

from .accounts import Accounts
from .addresses import is_loopback
from .allowance import Allowance
from .capacity import Places, capacity_for, change_capacity
from .conversations import ConversationStore
from .evaluation import Evaluation
from .kept import kept_beside
from .library import Library
from .lockout import Lockout
from .login import Access
from .logins import Logins
from .logs import Secrets, configure_logs
from .openai_api import ChatCompletions
from .operations import Operations, secrets_of
from .page import build_page
from .proxies import checked_proxies, checked_root_path
from .serving import Serving, serve
from .writer import Writer

EVALUATION = Path(__file__).parents[1] / "eval"
"""Whose sets and baselines the evaluation tab offers."""
USER_RATE, ADDRESS_RATE = "20/minute", "60/minute"
"""How often may be asked where others than this machine can."""


@dataclass(frozen=True, slots=True)
class Publicity:
    """Who reaches the page, and what they may do: from the flags."""

    local: bool
    """Only this machine."""
    manage: bool
    """Somebody may change what all get: who opens the page on this machine, or users who are owners."""
    root_path: str
    allowance: Allowance
    access: Access | None


def publicity(flags: argparse.Namespace) -> Publicity:
    """Raises UserError for a users file, a rate, a proxy or a path that will not do."""
    root_path = checked_root_path(flags.root_path)
    local = is_loopback(flags.host) and not checked_proxies(flags.trusted_proxy)
    access = None
    if flags.auth is not None:
        logins = Logins(flags.auth.with_name(f"{flags.auth.name}-logins.sqlite"), time.time)
        access = Access(Accounts(flags.auth), logins, Lockout(time.monotonic), root_path)
    allowance = Allowance(
        _rate(flags.user_rate, "" if local else USER_RATE), _rate(flags.address_rate, "" if local else ADDRESS_RATE)
    )
    return Publicity(local, local or access is not None, root_path, allowance, access)


def _rate(named: str | None, default: str) -> str:
    if named is None:
        return default
    return "" if named == "off" else named


def run(flags: argparse.Namespace) -> None:
    """Serve the page around the index until Ctrl-C. Raises UserError."""
    secrets = Secrets(secrets_of())
    configure_logs(flags.log_format, secrets, with_questions=flags.log_questions)
    public = publicity(flags)  # before minutes go into models and indexes
    index = read_address(flags.index) if is_milvus(flags.index) else flags.index  # a path has lost a slash of it
    print(f"Reading the index {index}, loading the models ...", flush=True)
    engine = _open_engine(flags)
    print("Starting the page ...", flush=True)
    page, url = _serve(flags, public, engine, secrets)
    if not public.local and public.access is None:
        print("Everybody who reaches this address may ask and read. Users with passwords: --auth FILE", file=sys.stderr)
    print(f"The chat is ready: {url}  (Ctrl-C ends it)", flush=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as systemd and Docker end a service
    try:
        while True:
            time.sleep(3600)
    finally:
        page.close(verbose=False)


def _serve(flags: argparse.Namespace, public: Publicity, engine: Engine, secrets: Secrets) -> tuple[gr.Blocks, str]:
    """The page with all that belongs to it, and its URL."""
    index: Path = flags.index
    has_library = flags.documents.is_dir() and not is_milvus(index)  # a server's is built by `python -m index build`
    capacity = capacity_for(has_model=engine.model is not None, at_once=flags.at_once)
    places = Places(capacity)
    operations = Operations(engine, shows_metrics=flags.metrics)
    note_build = operations.metrics.note_build

    def follow(has_model: bool) -> None:
        change_capacity(page, places, capacity_for(has_model=has_model, at_once=flags.at_once))

    page = build_page(
        operations.engine,
        FeedbackStore(flags.feedback or kept_beside(index, "feedback")),
        conversations=ConversationStore(flags.chats or kept_beside(index, "chats")),
        library=Library(engine, flags.documents, note_build) if has_library else None,
        evaluation=_evaluation(engine) if public.manage else None,
        writer=Writer(engine, hide=secrets.add, note_choice=follow) if public.local else None,
        manage=public.manage,
        capacity=capacity,
        places=places,
        allowance=public.allowance,
    )
    serving = Serving(
        uploads=public.manage,
        mcp=not flags.no_mcp,
        root_path=public.root_path,
        trusted_proxies=tuple(flags.trusted_proxy),
        local=public.local,
        access=public.access,
        allowance=public.allowance,
        outer=operations.layers(page, places),
    )
    routes = ChatCompletions(operations.engine, places, public.allowance).routes()
    return page, serve(page, flags.host, flags.port, routes, serving)


def _evaluation(engine: Engine) -> Evaluation:
    return Evaluation(engine, EVALUATION / "sets", EVALUATION / "baselines", EVALUATION / "runs")


def _open_engine(flags: argparse.Namespace) -> Engine:
    model, settings = named_model(flags), named_settings(flags)
    try:
        return Engine.open(flags.index, settings, model=model)
    except IndexMissingError:
        if is_milvus(flags.index):  # others may be about to build it: the error names the command
            raise
        _build(flags.documents, flags.index)
        return Engine.open(flags.index, settings, model=model)


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
