"""The collections of an index, and what stands in them.

    NAME                        which generation is live, manifests, and what builders tell each other: see `manifest`
    NAME_<hash>_rows            a chunk a row: texts, offsets, date and source, dense and sparse vector
    NAME_<hash>_documents       documents with their articles, cut into pieces that fit into a field
    NAME_<hash>_terms           in how many rows each term stands

The three with a hash are a set: of one model, one version of our rules and one choice of settings. Rows and documents
are seen from generation `born` to the one before `died`. So a build adds rows and marks others while readers go on
seeing what they saw; a change costs the rows that changed and no copy of the collection, which an alias would need.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from ..errors import IndexMismatchError
from .server import Server

FOREVER = 2**62
"""`died` of what nothing has removed."""
MAX_FIELD_BYTES = 65_535
"""Of a text in Milvus; longer texts are cut into pieces, or from their document."""
PIECE_CHARS = 16_000
"""Characters of a piece of a document: four bytes each at most."""
ROW_FIELDS = ("doc_id", "number", "article", "begin", "finish", "title", "date", "text", "searched", "place")
"""What of a row is read with a search, besides its vector."""
_INDEX_PARAMETERS: dict[str, dict[str, Any]] = {
    "FLAT": {},
    "HNSW": {"M": 16, "efConstruction": 200},
    "IVF_SQ8": {"nlist": 4096},
    "DISKANN": {},
}
SPARSE_FROM = (2, 4)
"""The first version of Milvus that knows sparse vectors."""


@dataclass(frozen=True, slots=True)
class CollectionSet:
    """The names of the three collections that belong together."""

    name: str
    """The common beginning of their names."""

    @property
    def rows(self) -> str:
        """A chunk a row."""
        return f"{self.name}_rows"

    @property
    def documents(self) -> str:
        """Documents with their articles."""
        return f"{self.name}_documents"

    @property
    def terms(self) -> str:
        """Document frequencies."""
        return f"{self.name}_terms"

    @property
    def all(self) -> tuple[str, str, str]:
        """The three."""
        return (self.rows, self.documents, self.terms)


def set_name(collection: str, *what: object) -> str:
    """The name of the set that these (model, settings, rules, ...) make."""
    digest = hashlib.sha256(json.dumps(what, sort_keys=True, default=str).encode()).hexdigest()
    return f"{collection}_{digest[:12]}"


def seen(generation: int) -> str:
    """The filter for what a reader of a generation sees."""
    return f"born <= {generation} and died > {generation}"


def document_key(doc_id: str) -> str:
    """What stands for a document's name in filters: a name may hold any character, this holds 32 of hexadecimal."""
    return hashlib.sha256(doc_id.encode()).hexdigest()[:32]


def version_key(doc_id: str, sha256: str) -> str:
    """What stands for a document with this content."""
    return hashlib.sha256(f"{doc_id}\0{sha256}".encode()).hexdigest()[:32]


def row_key(version: str, number: int) -> str:
    """The key of a row: the same content at the same place has the same key, whoever builds."""
    return hashlib.sha256(f"{version}\0{number}".encode()).hexdigest()[:32]


def place_code(date: str, source: str) -> int:
    """What stands for a date and source in filters."""
    return int.from_bytes(hashlib.sha256(f"{date}\0{source}".encode()).digest()[:8], "little") >> 11


def knows_sparse(server: Server) -> bool:
    """Whether the server's version can hold what the keyword search needs."""
    if server.version.startswith("milvus_lite"):  # the small server in Python; its numbers are its own
        return True
    found = re.match(r"v?(\d+)\.(\d+)", server.version)
    return found is None or (int(found[1]), int(found[2])) >= SPARSE_FROM


def require_sparse(server: Server) -> None:
    """Raises IndexMismatchError for a server that is too old for the keyword search."""
    if not knows_sparse(server):
        needed = ".".join(map(str, SPARSE_FROM))
        raise IndexMismatchError(
            f"The server of {server.address} is Milvus {server.version}: the keyword search needs sparse vectors, "
            f"which it has from {needed} on. Use a newer server."
        )


def create_set(server: Server, own: CollectionSet, dim: int, *, keywords: bool) -> None:
    """Makes those collections of a set that are missing. Without `keywords` its rows have no sparse vectors."""
    if not server.has(own.rows):
        _create_rows(server, own.rows, dim, keywords)
    if not server.has(own.documents):
        schema = _keyed(server)
        _text(server, schema, "document", 32)
        _text(server, schema, "doc_id", MAX_FIELD_BYTES)
        _text(server, schema, "sha256", 64)
        _numbers(server, schema, "piece", "n_rows", "n_articles", "born", "died")
        _text(server, schema, "content", MAX_FIELD_BYTES)
        server.create(own.documents, _with_dummy(server, schema), [_DUMMY_INDEX, *_lookups(server, "document")])
    if not server.has(own.terms):
        schema = server.schema()
        schema.add_field("key", server.types.INT64, is_primary=True)
        _numbers(server, schema, "frequency", "before", "generation")
        server.create(own.terms, _with_dummy(server, schema), [_DUMMY_INDEX])


def create_meta(server: Server, collection: str) -> None:
    """Makes the collection of manifests, unless it is there."""
    if not server.has(collection):
        schema = _keyed(server)
        _text(server, schema, "value", MAX_FIELD_BYTES)
        server.create(collection, _with_dummy(server, schema), [_DUMMY_INDEX])


def _create_rows(server: Server, name: str, dim: int, keywords: bool) -> None:
    schema = _keyed(server)
    _text(server, schema, "document", 32)
    _text(server, schema, "doc_id", MAX_FIELD_BYTES)
    _text(server, schema, "content", 32)
    for field in ("title", "date", "text", "searched"):
        _text(server, schema, field, MAX_FIELD_BYTES)
    _numbers(server, schema, "number", "article", "begin", "finish", "opens", "place", "born", "died")
    schema.add_field("dense", server.types.FLOAT_VECTOR, dim=dim)
    kind = server.address.index_type
    dense = {"field_name": "dense", "index_type": kind, "metric_type": "IP", "params": _INDEX_PARAMETERS[kind]}
    indexes = [dense, *_lookups(server, "document", "content")]
    if keywords:
        schema.add_field("terms", server.types.SPARSE_FLOAT_VECTOR)
        sparse = {"index_type": "SPARSE_INVERTED_INDEX", "metric_type": "IP", "params": {"drop_ratio_build": 0.0}}
        indexes.append({"field_name": "terms", **sparse})
    server.create(name, schema, indexes)


def search_parameters(index_type: str, limit: int) -> dict[str, int]:
    """How widely an approximate search of the vectors looks."""
    if index_type == "HNSW":
        return {"ef": max(256, 2 * limit)}
    if index_type == "IVF_SQ8":
        return {"nprobe": 128}
    return {"search_list": max(256, 2 * limit)} if index_type == "DISKANN" else {}


_DUMMY_INDEX = {"field_name": "dummy", "index_type": "FLAT", "metric_type": "L2", "params": {}}
DUMMY = [0.0, 0.0]
"""Milvus takes no collection without a vector."""


def _keyed(server: Server) -> Any:
    schema = server.schema()
    schema.add_field("key", server.types.VARCHAR, max_length=200, is_primary=True)
    return schema


def _text(server: Server, schema: Any, name: str, max_bytes: int) -> None:
    schema.add_field(name, server.types.VARCHAR, max_length=max_bytes)


def _numbers(server: Server, schema: Any, *names: str) -> None:
    for name in names:
        schema.add_field(name, server.types.INT64)


def _with_dummy(server: Server, schema: Any) -> Any:
    schema.add_field("dummy", server.types.FLOAT_VECTOR, dim=len(DUMMY))
    return schema


def _lookups(server: Server, *names: str) -> list[dict[str, Any]]:
    """Indexes for fields that records are looked up by."""
    kind = "INVERTED" if knows_sparse(server) else "Trie"
    return [{"field_name": name, "index_type": kind} for name in names]
