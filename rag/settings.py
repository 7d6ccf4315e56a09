"""What decides how questions are answered. Defaults were chosen on development data: see eval/LOG.md."""

from dataclasses import dataclass

from index.errors import SettingsError


@dataclass(frozen=True, slots=True)
class RagSettings:
    """Frozen data with a unit per field."""

    n_candidates: int = 100
    """Chunks that each leg brings to the fusion."""
    bm25_weight: float = 0.7
    """Share of the keyword leg in the fused score; the rest is the vector leg's."""
    n_read: int = 8
    """Best fused chunks that are read (merged into passages where they are neighbours)."""
    answer_threshold: float = 0.35
    """Confidence from which the documents are taken to answer; below it the answer is a refusal."""
    n_related: int = 3
    """Articles that a refusal offers."""
    max_question_chars: int = 1000

    def __post_init__(self) -> None:
        for name in ("bm25_weight", "answer_threshold"):
            value = getattr(self, name)
            if not 0 <= value <= 1:
                raise SettingsError(f"{name} is {value}: it must lie between 0 and 1.")
        for name in ("n_candidates", "n_read", "max_question_chars"):
            if getattr(self, name) < 1:
                raise SettingsError(f"{name} is {getattr(self, name)}: it must be at least 1.")
        if self.n_related < 0:
            raise SettingsError(f"n_related is {self.n_related}: it must be 0 or more.")
