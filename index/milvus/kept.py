"""What an open generation keeps of what it has fetched, so that it is not fetched again."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any


@dataclass(slots=True)
class Kept:
    """The last things of a kind that were fetched; shared by threads."""

    limit: int
    _items: OrderedDict[Any, Any] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def add(self, items: dict[Any, Any]) -> None:
        """Keeps these, and forgets the oldest of those that are too many."""
        with self._lock:
            self._items.update(items)
            while len(self._items) > self.limit:
                self._items.popitem(last=False)

    def find(self, names: Iterable[Any]) -> dict[Any, Any]:
        """Those of these things that are kept, by name."""
        with self._lock:
            return {name: self._items[name] for name in names if name in self._items}
