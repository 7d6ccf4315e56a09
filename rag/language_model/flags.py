"""The flags that name a language model and a reranker, for every command that asks."""

import argparse
import os
from collections.abc import Mapping

from ..generator import open_model
from ..settings import API_KEY, BASE_URL, MODEL, RERANKER, TIMEOUT, RagSettings, model_settings
from ..types import LanguageModel


def add_model_flags(parser: argparse.ArgumentParser) -> None:
    """`--llm-base-url`, `--llm-model`, `--no-llm`, `--drop-unsupported`, `--llm-rewrite`, `--reranker`."""
    group = parser.add_argument_group(
        "language model (optional)", f"in the environment: its key {API_KEY}, the longest silence {TIMEOUT}"
    )
    group.add_argument("--llm-base-url", metavar="URL", help=f"OpenAI-compatible server (default: {BASE_URL})")
    group.add_argument(
        "--llm-model",
        metavar="NAME",
        help=f"its model; without a server, a local transformers model (default: {MODEL})",
    )
    group.add_argument("--no-llm", action="store_true", help="quote the sentences that answer, whatever is set")
    group.add_argument("--drop-unsupported", action="store_true", help="leave out what nothing carries")
    group.add_argument("--llm-rewrite", action="store_true", help="let the language model complete follow-ups")
    add_reranker_flag(parser)


def add_reranker_flag(parser: argparse.ArgumentParser) -> None:
    """`--reranker`."""
    parser.add_argument(
        "--reranker",
        metavar="NAME",
        help=f"folder or hub name of a cross-encoder that chooses what is read (default: {RERANKER})",
    )


def named_reranker(flags: argparse.Namespace, environment: Mapping[str, str] = os.environ) -> str:
    """The cross-encoder that the flag (first) or the environment names; empty where they name none."""
    return (environment.get(RERANKER, "") if flags.reranker is None else flags.reranker).strip()


def named_model(flags: argparse.Namespace, environment: Mapping[str, str] = os.environ) -> LanguageModel | None:
    """The language model that the flags or the environment name. Raises SettingsError, ModelError."""
    if flags.no_llm:
        return None
    settings = model_settings(environment, flags.llm_base_url, flags.llm_model)
    return None if settings is None else open_model(settings)


def named_settings(flags: argparse.Namespace, environment: Mapping[str, str] = os.environ) -> RagSettings:
    """The settings that the flags and the environment change."""
    return RagSettings(
        drop_unsupported=flags.drop_unsupported,
        rewrite_with_model=flags.llm_rewrite,
        reranker=named_reranker(flags, environment),
    )
