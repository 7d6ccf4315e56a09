"""The flags that name a language model, for every command that asks."""

import argparse
import os
from collections.abc import Mapping

from ..generator import open_model
from ..settings import API_KEY, BASE_URL, MODEL, TIMEOUT, RagSettings, model_settings
from ..types import LanguageModel


def add_model_flags(parser: argparse.ArgumentParser) -> None:
    """`--llm-base-url`, `--llm-model`, `--no-llm`, `--drop-unsupported`, `--llm-rewrite`."""
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


def named_model(flags: argparse.Namespace, environment: Mapping[str, str] = os.environ) -> LanguageModel | None:
    """The language model that the flags or the environment name. Raises SettingsError, ModelError."""
    if flags.no_llm:
        return None
    settings = model_settings(environment, flags.llm_base_url, flags.llm_model)
    return None if settings is None else open_model(settings)


def named_settings(flags: argparse.Namespace) -> RagSettings:
    """The settings that the flags change."""
    return RagSettings(drop_unsupported=flags.drop_unsupported, rewrite_with_model=flags.llm_rewrite)
