"""What decides an index's content. Stored in its manifest: an index answers only to the settings that built it."""

import os
from dataclasses import asdict, dataclass

from .errors import SettingsError


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """Frozen data with a unit per field. Defaults were chosen on development data: see eval/LOG.md."""

    embedder: str = "models/embedder"
    """Folder or hub name of a sentence-transformers model; the default is the one that ships."""
    max_chunk_chars: int = 300
    """A chunk ends before the sentence that would make it longer. A longer sentence is a chunk of its own."""
    bm25_k1: float = 1.5
    bm25_b: float = 0.75
    bm25_epsilon: float = 0.25
    """Floor of a term's idf, as a share of the mean idf (rank-bm25's `epsilon`)."""

    def __post_init__(self) -> None:
        if self.max_chunk_chars < 20:
            raise SettingsError(f"max_chunk_chars is {self.max_chunk_chars}: use 20 or more (default 300).")
        if not (self.bm25_k1 > 0 and 0 <= self.bm25_b <= 1 and self.bm25_epsilon > 0):
            raise SettingsError(
                f"bm25_k1={self.bm25_k1}, bm25_b={self.bm25_b}, bm25_epsilon={self.bm25_epsilon}: "
                "k1 and epsilon must be above 0, and b between 0 and 1."
            )

    def to_dict(self) -> dict[str, str | int | float]:
        """The fields by name, as the manifest stores them."""
        return asdict(self)


def default_settings() -> IndexSettings:
    """The settings of a command that names none: the embedder of $WENDA_EMBEDDER, or else what ships."""
    embedder = os.environ.get("WENDA_EMBEDDER")
    return IndexSettings(embedder=embedder) if embedder else IndexSettings()
