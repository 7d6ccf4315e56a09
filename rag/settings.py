"""What decides how questions are answered. Defaults were chosen on development data: see eval/LOG.md."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import urlsplit

from index.errors import SettingsError

FusionMethod = Literal["convex", "reciprocal_ranks"]


@dataclass(frozen=True, slots=True)
class RagSettings:
    """Frozen data with a unit per field."""

    n_candidates: int = 100
    """Chunks that each leg brings to the fusion."""
    bm25_weight: float = 0.7
    """Share of the keyword leg in the fused score; the rest is the vector leg's."""
    fusion: FusionMethod = "convex"
    """`convex`: the weighted sum of each leg's scores, over its highest. `reciprocal_ranks`: without weights."""
    use_filters: bool = True
    """Whether "12月23日的报道", "新华社怎么说" limit what is searched, and "去年" prefers it."""
    preference: float = 0.1
    """What a preferred date adds to a hit's fused score, as a share of the highest one."""
    reranker: str = ""
    """Folder or hub name of a cross-encoder that decides which of the fused chunks are read; empty: none."""
    n_reranked: int = 30
    """Best fused chunks that it is given."""
    n_read: int = 8
    """Best fused chunks that are read (merged into passages where they are neighbours)."""
    answer_threshold: float = 0.40
    """Confidence from which the documents are taken to answer; below it the answer is a refusal."""
    n_related: int = 3
    """Articles that a refusal offers."""
    max_question_chars: int = 1000
    max_prompt_chars: int = 6000
    """Of the passages that a language model is given, together."""
    max_answer_chars: int = 3000
    """Where its answer is cut, whatever a server thinks of `ModelSettings.max_tokens`."""
    drop_unsupported: bool = False
    """Leave out the sentences of an answer that nothing carries, instead of marking them."""
    rewrite_with_model: bool = False
    """Let the language model, where there is one, complete follow-ups; the rules stay its base."""

    def __post_init__(self) -> None:
        for name in ("bm25_weight", "answer_threshold", "preference"):
            value = getattr(self, name)
            if not 0 <= value <= 1:
                raise SettingsError(f"{name} is {value}: it must lie between 0 and 1.")
        counts = ("n_candidates", "n_reranked", "n_read", "max_question_chars", "max_prompt_chars", "max_answer_chars")
        for name in counts:
            if getattr(self, name) < 1:
                raise SettingsError(f"{name} is {getattr(self, name)}: it must be at least 1.")
        if self.n_related < 0:
            raise SettingsError(f"n_related is {self.n_related}: it must be 0 or more.")


RERANKER = "WENDA_RERANKER"
BASE_URL, MODEL, API_KEY = "WENDA_LLM_BASE_URL", "WENDA_LLM_MODEL", "WENDA_LLM_API_KEY"
TIMEOUT = "WENDA_LLM_TIMEOUT_S"
"""The names in the environment. There is no flag for the key: other users of a machine see a command's flags."""


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Which language model writes the answers, and how long it is waited for."""

    model: str
    """Its name at the server; without a server, the folder or hub name of a `transformers` model."""
    base_url: str = ""
    """Of an OpenAI-compatible server, usually ending in `/v1`."""
    api_key: str = field(default="", repr=False)
    connect_timeout_s: float = 5.0
    silence_timeout_s: float = 90.0
    """Until the first token (a server may have to load the model and reads without a GPU) and between two."""
    total_timeout_s: float = 270.0
    n_retries: int = 2
    """After a rate limit, an overload, or a connection that failed before the first token."""
    max_retry_wait_s: float = 10.0
    """A server that asks for more patience (Retry-After) is not waited for."""
    max_tokens: int = 1000
    temperature: float = 0.0

    def __post_init__(self) -> None:
        if not self.model.strip():
            raise SettingsError(f"The language model has no name: set {MODEL} or --llm-model.")
        if self.base_url:
            _check_url(self.base_url)
        if not self.api_key.isprintable() or not self.api_key.isascii():
            raise SettingsError(
                f"{API_KEY} holds characters that no key has (a line break, or not ASCII): copy it again."
            )
        for name in ("connect_timeout_s", "silence_timeout_s", "total_timeout_s", "max_tokens"):
            if not getattr(self, name) > 0:  # also what is not a number
                raise SettingsError(f"{name} is {getattr(self, name)}: it must be more than 0.")
        if self.n_retries < 0 or self.max_retry_wait_s < 0 or self.temperature < 0:
            raise SettingsError("n_retries, max_retry_wait_s and temperature must be 0 or more.")


def _check_url(url: str) -> None:
    """A web address without anything secret in it: addresses are shown and logged."""
    try:
        parts = urlsplit(url)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        raise SettingsError(f"{BASE_URL} is no web address: it should look like http://127.0.0.1:11434/v1") from None
    if parts.username or parts.password or parts.query:
        raise SettingsError(f"{BASE_URL} holds a name, a password or a query: put the key into {API_KEY} instead.")
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_fine:
        raise SettingsError(f"{BASE_URL} is {url!r}: it should look like http://127.0.0.1:11434/v1")


def model_settings(
    environment: Mapping[str, str], base_url: str | None = None, model: str | None = None
) -> ModelSettings | None:
    """The language model that flags (first) or the environment name; None where they name none.

    `WENDA_LLM_TIMEOUT_S` is the longest silence; the whole answer may take three times as long.

    Raises SettingsError: a server without a model, an address that is none, a time that is none.
    """
    url = (environment.get(BASE_URL, "") if base_url is None else base_url).strip()
    name = (environment.get(MODEL, "") if model is None else model).strip()
    if not url and not name:
        return None
    settings = ModelSettings(name, url, environment.get(API_KEY, "").strip())
    asked = environment.get(TIMEOUT, "").strip()
    if not asked:
        return settings
    try:
        seconds = float(asked)
    except ValueError:
        raise SettingsError(f"{TIMEOUT} is {asked!r}: it must be a number of seconds, such as 180.") from None
    return replace(settings, silence_timeout_s=seconds, total_timeout_s=3 * seconds)
