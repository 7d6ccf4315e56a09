"""What is being built, and what one builder has done: the records that builders of one index share."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from ..errors import IndexMismatchError
from .manifest import read_value, write_value
from .opened import MilvusIndex
from .server import Server
from .sets import CollectionSet, place_code
from .shards import Shard
from .terms_table import Change


@dataclass(frozen=True, slots=True)
class Target:
    """The generation that is being built."""

    server: Server
    own: CollectionSet
    generation: int
    before: MilvusIndex | None
    """The live generation, where there is one that this program can read."""
    is_same_set: bool
    """Whether the new generation goes on in the collections of the live one."""
    keywords: bool
    """Whether its rows have sparse vectors: not on a server that is too old for them, which only a test asks for."""


@dataclass(slots=True)
class ShardWork:
    """What one builder has done; stored for the one that publishes."""

    set: str
    embedder: dict[str, Any]
    settings: dict[str, Any]
    rules: str
    documents: str
    reference: float = 0.0
    """The least mean length of a row that sparse vectors were made with; 0 where none were."""
    n_documents: int = 0
    n_articles: int = 0
    n_chunks: int = 0
    n_terms: int = 0
    """Change of the number of terms of all rows."""
    n_embedded: int = 0
    places: dict[str, list[Any]] = field(default_factory=dict)
    """Code -> date, source and change of the number of rows."""
    term_keys: list[int] = field(default_factory=list)
    term_deltas: list[int] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    failed: list[dict[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    jumps: list[list[Any]] = field(default_factory=list)
    """The notes of new articles that go on in another document (fields of `continuations.Jump`)."""

    def count_place(self, date: str, source: str, n_rows: int) -> None:
        """Rows of an article of this date and source come or go."""
        place = self.places.setdefault(str(place_code(date, source)), [date, source, 0])
        place[2] += n_rows

    def note_change(self, change: Change) -> None:
        """Keeps how the document frequencies change."""
        keys, deltas = change.total()
        self.term_keys, self.term_deltas, self.n_terms = keys.tolist(), deltas.tolist(), change.n_terms

    def store(self, server: Server, generation: int, shard: Shard) -> None:
        """Leaves it to the one that publishes."""
        write_value(server, _key(generation, shard), asdict(self))


def read_work(server: Server, generation: int, shard: Shard) -> ShardWork | None:
    """What the builder of a shard has done for a generation, or None where it is not done."""
    record = read_value(server, _key(generation, shard))
    return ShardWork(**record) if record else None


def _key(generation: int, shard: Shard) -> str:
    return f"shard/{generation}/{shard}"


def add_up(works: list[ShardWork]) -> tuple[ShardWork, Change]:
    """The work of all builders as that of one. Raises IndexMismatchError where they did not build the same index."""
    first = works[0]
    for work in works[1:]:
        for name in ("set", "settings", "embedder", "rules"):
            if getattr(work, name) != getattr(first, name):
                raise IndexMismatchError(
                    f"The shards were not built alike: {name} is {getattr(first, name)!r} for one and "
                    f"{getattr(work, name)!r} for another. Build them again with the same program and settings."
                )
    change = Change(n_terms=sum(work.n_terms for work in works))
    whole = ShardWork(first.set, first.embedder, first.settings, first.rules, first.documents)
    whole.reference = min((work.reference for work in works if work.reference), default=0.0)
    for work in works:
        change.add_counts(np.array(work.term_keys, np.int64), np.array(work.term_deltas, np.int64))
        for date, source, n_rows in work.places.values():
            whole.count_place(date, source, n_rows)
        for name in ("n_documents", "n_articles", "n_chunks", "n_embedded"):
            setattr(whole, name, getattr(whole, name) + getattr(work, name))
        for name in ("added", "changed", "removed", "failed", "notes", "jumps"):
            getattr(whole, name).extend(getattr(work, name))
    return whole, change


def places_after(whole: ShardWork, before: list[list[Any]]) -> list[list[Any]]:
    """The dates and sources of a generation with their numbers of rows, from those before."""
    counts = Counter({(date, source): n for date, source, n in before})
    for date, source, n_rows in whole.places.values():
        counts[date, source] += n_rows
    return [[date, source, n] for (date, source), n in sorted(counts.items()) if n > 0]
