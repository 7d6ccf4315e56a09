"""Parts of the documents, so that several builders can share them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shard:
    """A part of the documents, by name: number 1 to `of`."""

    number: int = 1
    of: int = 1

    def __str__(self) -> str:
        return f"{self.number}of{self.of}"

    def holds(self, doc_id: str) -> bool:
        """Whether a document is of this shard; each is of exactly one, the same on every machine."""
        return self.of == 1 or _hash(doc_id) % self.of == self.number - 1


def _hash(doc_id: str) -> int:
    value = 1469598103934665603  # FNV-1a, 64 bits
    for byte in doc_id.encode():
        value = (value ^ byte) * 1099511628211 % 2**64
    return value >> 20  # its low bits are the least mixed
