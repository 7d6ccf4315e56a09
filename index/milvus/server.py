"""The calls that go to a Milvus server, each with a time limit, and its errors in words for the user."""

import json
import logging
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..errors import IndexServerError, SettingsError
from .address import TOKEN, MilvusAddress

Record = dict[str, Any]

MAX_BATCH = 1000
"""Rows that one call writes or asks for by name: larger ones reach the limits of gRPC."""
_STRONG = "Strong"
"""A read sees everything that was written before it: a build verifies what it wrote."""
_REFUSED = ("auth check failure", "unauthenticated", "permission deny", "privilegegroup", "not authenticated")
_CONNECT_S = 6.0
"""How long a server that does not answer is tried."""
_NOT_LOADED = ("call load()", "collection not loaded")
"""What a server says that was started again, or whose collection somebody has released."""
_INSTALL = "Asking Milvus needs its client: pip install 'wenda[milvus]'"


class Server:
    """One connection; may be used from several threads."""

    def __init__(self, address: MilvusAddress) -> None:
        """Raises SettingsError where the client is not installed, IndexServerError where nothing answers."""
        try:
            import pymilvus
        except ImportError as error:
            raise SettingsError(f"{_INSTALL} (the address is {address}; {error})") from error
        logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # what it logs, with its traceback, is raised as well
        self.address = address
        self.types: Any = pymilvus.DataType
        deadline = time.monotonic() + min(address.timeout_s, _CONNECT_S)
        while True:
            try:
                self._client = self._connect(pymilvus)
                self.version = str(self._client.get_server_version())
                return
            except Exception as error:  # of the client, of gRPC, of TLS
                if _is_refusal(error) or time.monotonic() > deadline:
                    raise self._error(error) from error
            time.sleep(_CONNECT_S / 20)  # gRPC tells of a server that has just come back for some time as it was away

    def _connect(self, pymilvus: Any) -> Any:
        address = self.address
        secure = {"server_pem_path": address.ca_file} if address.ca_file else {}
        return pymilvus.MilvusClient(
            uri=address.uri,
            token=address.token,
            user=address.user,
            password=address.password,
            db_name=address.database,
            timeout=address.timeout_s,
            **secure,
        )

    def call(self, method: str, *arguments: Any, **options: Any) -> Any:
        """A method of the client, with the time limit. Raises IndexServerError."""
        try:
            try:
                return getattr(self._client, method)(*arguments, timeout=self.address.timeout_s, **options)
            except Exception as error:
                if not any(said in str(error) for said in _NOT_LOADED):
                    raise
            self._client.load_collection(arguments[0], timeout=self.address.timeout_s)
            return getattr(self._client, method)(*arguments, timeout=self.address.timeout_s, **options)
        except Exception as error:
            raise self._error(error) from error

    def has(self, collection: str) -> bool:
        """Whether there is such a collection."""
        return bool(self.call("has_collection", collection))

    def upsert(self, collection: str, records: Sequence[Record]) -> None:
        """Writes records by their keys, a batch at a time."""
        for batch in batches(records):
            self.call("upsert", collection, list(batch))

    def query(self, collection: str, where: str, fields: Sequence[str], limit: int | None = None) -> list[Record]:
        """The records that a filter matches (at most 16,384)."""
        options: dict[str, Any] = {} if limit is None else {"limit": limit}
        found = self.call(
            "query", collection, filter=where, output_fields=list(fields), consistency_level=_STRONG, **options
        )
        return [dict(record) for record in found]

    def query_in(
        self, collection: str, name: str, values: Iterable[Any], fields: Sequence[str], also: str = ""
    ) -> Iterator[Record]:
        """The records whose field `name` has one of the values (and that another filter matches), in batches."""
        for batch in batches(list(values)):
            where = f"{name} in {listed(batch)}" + (f" and {also}" if also else "")
            yield from self.query(collection, where, fields)

    def query_all(self, collection: str, where: str, fields: Sequence[str]) -> Iterator[Record]:
        """All records that a filter matches, however many, in the order of their keys."""
        options = {"filter": where, "output_fields": list(fields), "consistency_level": _STRONG}
        pages = self.call("query_iterator", collection, batch_size=MAX_BATCH, **options)
        try:
            while page := self._next(pages):
                yield from map(dict, page)
        finally:
            pages.close()

    def _next(self, pages: Any) -> list[Any]:
        try:
            return list(pages.next())
        except Exception as error:
            raise self._error(error) from error

    def count(self, collection: str, where: str) -> int:
        """How many records a filter matches."""
        return int(self.query(collection, where, ["count(*)"])[0]["count(*)"])

    def delete(self, collection: str, where: str) -> None:
        """Removes the records that a filter matches."""
        self.call("delete", collection, filter=where)

    def delete_keys(self, collection: str, keys: Iterable[str]) -> None:
        """Removes records by their keys."""
        for batch in batches(list(keys)):
            self.delete(collection, f"key in {listed(batch)}")

    def search(
        self, collection: str, name: str, vector: Any, where: str, fields: Sequence[str], limit: int, **parameters: Any
    ) -> list[tuple[float, Record]]:
        """The records whose vector `name` has the highest inner product with this one, with it, best first."""
        found = self.call(
            "search",
            collection,
            data=[vector],
            anns_field=name,
            filter=where,
            limit=limit,
            output_fields=list(fields),
            search_params={"metric_type": "IP", "params": parameters},
            consistency_level=_STRONG,
        )
        return [(float(hit["distance"]), dict(hit["entity"])) for hit in found[0]]

    def create(self, collection: str, schema: Any, indexes: Sequence[Mapping[str, Any]]) -> None:
        """Makes a collection, with its indexes, and loads it."""
        parameters = self._client.prepare_index_params()
        for index in indexes:
            parameters.add_index(**index)
        self.call("create_collection", collection, schema=schema, index_params=parameters, consistency_level=_STRONG)

    def schema(self) -> Any:
        """An empty schema."""
        return self._client.create_schema(auto_id=False, enable_dynamic_field=False)

    def close(self) -> None:
        """Ends the connection."""
        self._client.close()

    def _error(self, error: Exception) -> IndexServerError:
        said = " ".join(str(getattr(error, "message", "") or error).split())
        for secret in (self.address.token, self.address.password):
            said = said.replace(secret, "***") if secret else said
        if _is_refusal(error):
            return IndexServerError(
                f"The Milvus server of {self.address} refuses us ({said[:200]}). Set {TOKEN}, or the user and the "
                "password, and ask whoever runs the server whether they may read (and, for a build, write)."
            )
        return IndexServerError(
            f"The Milvus server of {self.address} does not do what it is asked ({said[:300] or type(error).__name__}). "
            "Is it running, and is the address right? What it holds is as it was; a build goes on where it stopped."
        )


def _is_refusal(error: BaseException | None) -> bool:
    """Whether a server answered that we may not; the client tells that, at connecting, as a server that is away."""
    for _ in range(8):
        if error is None:
            break
        if any(word in repr(error).lower() for word in _REFUSED):
            return True
        error = error.__cause__ or error.__context__
    return False


def batches(items: Sequence[Any], size: int = MAX_BATCH) -> Iterator[Sequence[Any]]:
    """The items, so many at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def listed(values: Iterable[Any]) -> str:
    """Values as a list in a filter. Only keys and numbers of ours come here: no text of a document or a user does."""
    return json.dumps(list(values))
