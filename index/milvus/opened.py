"""One generation of an index on a Milvus server, open: the same methods, and the same ranking, as the local index.

A question costs three calls before its passages are read: its terms' frequencies, the candidates of the keywords and
those of the vectors. Candidates come with their texts and vectors, so that both legs score all of them here, exactly.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..continuations import Jump, Part, as_whole, find_links
from ..errors import IndexDamagedError, IndexMismatchError
from ..pages.seams import load_seams
from ..searchable import Mask, Row, Scores
from ..terms import split_terms, term_key
from ..types import Article, Chunk, Document
from .address import MilvusAddress, read_address
from .kept import Kept
from .keywords import Model, fit_idf
from .manifest import Live, manifest_key, read_live, read_value, require_live
from .records import StoredRow, is_cut, read_documents, read_row, split_row_name, with_text_of
from .scores import MilvusScores, cosines_of
from .server import Record, Server, batches, listed
from .sets import (
    ROW_FIELDS,
    CollectionSet,
    document_key,
    place_code,
    require_sparse,
    search_parameters,
    seen,
)
from .terms_table import frequency_at

_MORE = 28
"""Rows that are fetched beyond those that are wanted: they nearly always prove that no other is as good."""
_MOST_FETCHED = 4096
"""Vectors of so many rows make 8 MB of an answer."""
_MOST_ROWS, _MOST_DOCUMENTS = 8192, 256
"""What is kept of a generation, since it cannot change: rows with their vectors, and documents."""
_CHECK_S = 2.0
"""A generation that was live so lately is asked without looking again."""
_ROUNDING = 1e-6


class MilvusIndex:
    """An open generation; may be used from several threads."""

    def __init__(self, server: Server, live: Live, manifest: dict[str, Any]) -> None:
        self.server, self.live, self.manifest = server, live, manifest
        self.path = Path(str(server.address))
        self.generation = str(live.generation)
        self.n_chunks: int = manifest["n_chunks"]
        self.own = CollectionSet(live.set)
        self._seen = seen(live.generation)
        self._index_type = str(manifest["vectors"]["search"])
        self._rows, self._documents, self._frequencies = (
            *(Kept(_MOST_ROWS), Kept(_MOST_DOCUMENTS)),
            Kept(2**20),
        )
        self._checked = time.monotonic()

    @property
    def touched(self) -> bool:
        """Whether it is time to see which generation is live: rows of one that was live two builds ago are removed."""
        return time.monotonic() - self._checked > _CHECK_S

    def newer(self) -> "MilvusIndex | None":
        """The live generation, opened, where it is another one."""
        if read_live(self.server) != self.live:
            return open_live(self.server)
        self._checked = time.monotonic()
        return None

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Errors of the server are told as such where they happen."""
        yield

    @cached_property
    def model(self) -> Model:
        """BM25 with this generation's statistics."""
        own, settings = self.manifest, self.manifest["settings"]
        histogram = {int(n): n_terms for n, n_terms in own["frequencies"].items()}
        idf = fit_idf(histogram, self.n_chunks, settings["bm25_epsilon"])
        parameters = (settings["bm25_k1"], settings["bm25_b"], settings["bm25_epsilon"])
        return Model(*parameters, self.n_chunks, own["n_terms"] / max(self.n_chunks, 1), own["reference"], idf)

    def document(self, doc_id: str) -> Document | None:
        """The document of this id, or None."""
        found = self._document(doc_id)
        return found[0] if found else None

    def article(self, doc_id: str, number: int) -> Article | None:
        """One article, or None; a part of one that goes on in another document says what is true of the whole."""
        return self._wholes.get((doc_id, number)) or self._own_article(doc_id, number)

    def _own_article(self, doc_id: str, number: int) -> Article | None:
        found = self._document(doc_id)
        return found[1][number] if found and 0 <= number < len(found[1]) else None

    @cached_property
    def _wholes(self) -> dict[Part, Article]:
        """The articles that go on in another document, or come from one, by their place."""
        jumps = [Jump(*fields) for fields in self.manifest["jumps"]]
        wholes: dict[Part, Article] = {}
        for parts in find_links(jumps, load_seams()) if jumps else ():
            own = (self._own_article(*place) for place in parts)
            wholes |= dict(zip(parts, as_whole([article for article in own if article]), strict=True))
        return wholes

    def articles(self) -> Iterator[Article]:
        """All articles, by document and number."""
        heads = self.server.query_all(self.own.documents, f"piece == 0 and {self._seen}", ["doc_id"])
        for batch in batches(sorted(head["doc_id"] for head in heads), 16):
            found = self._fetch_documents(batch)
            for doc_id in batch:
                if doc_id not in found:
                    raise self._damage(f"the document {doc_id!r} is gone")
                yield from (self._wholes.get((doc_id, article.number), article) for article in found[doc_id][1])

    def chunk(self, row: Any) -> Chunk:
        """The chunk of a row."""
        return self.rows([row])[0].chunk

    def document_frequencies(self, keys: Sequence[int]) -> list[int]:
        """In how many rows each of the terms with these keys stands."""
        known = self._frequencies.find(keys)
        if missing := sorted(set(keys) - known.keys()):
            new = dict.fromkeys(missing, 0)
            for record in self.server.query_in(
                self.own.terms, "key", missing, ["key", "frequency", "before", "generation"]
            ):
                new[record["key"]] = frequency_at(record, self.live.generation)
            self._frequencies.add(new)
            known |= new
        return [known[key] for key in keys]

    def score_terms(self, keys: Sequence[int], keep: Mask | None) -> MilvusScores:
        """The BM25 scores of a question's term keys. Raises IndexMismatchError where the server is too old for them."""
        require_sparse(self.server)
        return MilvusScores(self, tuple(keys), keep)

    def nearest(self, vector: NDArray[np.float32], top_k: int, keep: Mask | None) -> Scores:
        """The rows with the highest cosines, best first."""

        def score(rows: Sequence[StoredRow]) -> NDArray[np.float32]:
            return cosines_of(rows, vector)

        return self.best("dense", vector.tolist(), top_k, self.where(keep), score, 1.0)

    def cosines(self, vector: NDArray[np.float32], rows: Sequence[Any]) -> Scores:
        """The cosines of these rows."""
        if not rows:
            return {}
        return dict(zip(rows, cosines_of(self.rows(rows), vector).tolist(), strict=True))

    def dates_and_sources(self) -> list[tuple[str, str]]:
        """The distinct dates and sources: the places of a mask here."""
        return [(date, source) for date, source, _ in self.manifest["places"]]

    def rows_in(self, mask: Mask, rows: Sequence[Any]) -> set[Row]:
        """Those of these rows that a mask means."""
        wanted = set(self._codes(np.flatnonzero(mask).tolist()))
        return {row.row for row in self.rows(rows) if row.place in wanted}

    def rows_at(self, places: Sequence[int]) -> Iterator[Row]:
        """The first row of each article at these places, place after place."""
        for code in self._codes(places):
            where = f"place == {code} and opens == 1 and {self._seen}"
            found = self.server.query_all(self.own.rows, where, [*ROW_FIELDS, "dense"])
            yield from sorted(row.row for row in self._keep(found))

    def where(self, *masks: Mask | None) -> str:
        """The filter for the rows that this generation has, and that all masks mean."""
        filters = [self._seen]
        for mask in masks:
            if mask is not None and not mask.all():
                filters.append(f"place in {listed(self._codes(np.flatnonzero(mask).tolist()))}")
        return " and ".join(filters)

    def best(self, name: str, query: Any, top_k: int, where: str, score: Any, drift: float) -> Scores:
        """The rows with the highest scores, by `score`, which is at most `drift` times what the server computes."""
        if top_k < 1 or not self.n_chunks:
            return {}
        limit = top_k + _MORE
        while True:
            parameters = search_parameters(self._index_type, limit) if name == "dense" else {}
            hits = self.server.search(self.own.rows, name, query, where, [*ROW_FIELDS, "dense"], limit, **parameters)
            rows = self._keep(record for _, record in hits)
            if not rows:
                return {}
            scores = score(rows).tolist()
            order = sorted(range(len(rows)), key=lambda i: (-scores[i], rows[i].row))[:top_k]
            least_fetched = hits[-1][0] * drift + _ROUNDING
            is_exact = name == "terms" or self._index_type == "FLAT"
            if not is_exact or len(hits) < limit or scores[order[-1]] > least_fetched or limit >= _MOST_FETCHED:
                return {rows[i].row: scores[i] for i in order}
            limit = min(4 * limit, _MOST_FETCHED)

    def rows(self, names: Sequence[str]) -> list[StoredRow]:
        """These rows, in this order. Raises IndexDamagedError where one is gone."""
        found = self._rows.find(names)
        missing: dict[str, list[int]] = {}
        for name in names:
            if name not in found:
                doc_id, number = split_row_name(name)
                missing.setdefault(document_key(doc_id), []).append(number)
        for batch in batches(list(missing.items()), 100):
            asked = " or ".join(f'(document == "{key}" and number in {listed(numbers)})' for key, numbers in batch)
            records = self.server.query(self.own.rows, f"({asked}) and {self._seen}", [*ROW_FIELDS, "dense"])
            found |= {row.row: row for row in self._keep(records)}
        if lost := [name for name in names if name not in found]:
            raise self._damage(f"row {split_row_name(lost[0])} is gone")
        return [found[name] for name in names]

    def _keep(self, records: Iterable[Record]) -> list[StoredRow]:
        rows = [self._whole(read_row(record)) for record in records]
        self._rows.add({row.row: row for row in rows})
        return rows

    def _whole(self, row: StoredRow) -> StoredRow:
        """The row as it is shown: with its text if that was too long for a field, the headline of the whole article."""
        if is_cut(row):
            document = self.document(row.chunk.doc_id)
            if document is None:
                raise self._damage(f"the document {row.chunk.doc_id!r} is gone")
            row = with_text_of(row, document)
        whole = self._wholes.get((row.chunk.doc_id, row.chunk.article)) if self.manifest["jumps"] else None
        return replace(row, chunk=replace(row.chunk, title=whole.title, date=whole.date)) if whole else row

    def _document(self, doc_id: str) -> tuple[Document, tuple[Article, ...]] | None:
        return self._fetch_documents([doc_id]).get(doc_id)

    def _fetch_documents(self, doc_ids: Sequence[str]) -> dict[str, tuple[Document, tuple[Article, ...]]]:
        found = self._documents.find(doc_ids)
        missing = [document_key(doc_id) for doc_id in doc_ids if doc_id not in found]
        if missing:
            where = f"document in {listed(missing)} and {self._seen}"
            pieces = self.server.query_all(self.own.documents, where, ["doc_id", "sha256", "piece", "content"])
            try:
                new = read_documents(pieces)
            except (ValueError, KeyError, TypeError) as error:
                raise self._damage(f"a document cannot be read ({error})") from error
            self._documents.add(new)
            found |= new
        return found

    def _codes(self, places: Sequence[int]) -> list[int]:
        pairs = self.manifest["places"]
        return [place_code(pairs[place][0], pairs[place][1]) for place in places]

    def _damage(self, fault: str) -> IndexDamagedError:
        return IndexDamagedError(
            f"The index at {self.server.address} is damaged: {fault}. "
            f"Build it again: python -m index build DOCUMENTS --out {self.server.address} --full"
        )


def open_milvus(place: str | Path | MilvusAddress) -> MilvusIndex:
    """Opens the live generation of an index on a server. Loads no model.

    Raises:
        SettingsError: the address cannot be used, or the client is not installed.
        IndexServerError: the server does not answer, or refuses us.
        IndexMissingError, IndexMismatchError, IndexDamagedError: as for an index on this machine.
    """
    address = place if isinstance(place, MilvusAddress) else read_address(place)
    return open_live(Server(address))


def open_live(server: Server) -> MilvusIndex:
    """The live generation. Raises as `open_milvus` does."""
    for attempt in range(3):
        live = require_live(server)
        manifest = read_value(server, manifest_key(live.generation))
        if manifest is not None:
            return opened_with(server, live, manifest)
        if attempt == 2 or read_live(server) == live:  # not just replaced
            break
    raise IndexDamagedError(
        f"The index at {server.address} has no manifest of generation {live.generation}. Build it again: "
        f"python -m index build DOCUMENTS --out {server.address} --full"
    )


def opened_with(server: Server, live: Live, manifest: dict[str, Any]) -> MilvusIndex:
    """A generation, once its probe shows that its terms are still made as they were when it was built."""
    probe = manifest["probe"]
    if probe and [term_key(term) for term in split_terms(probe["text"])] != probe["keys"]:
        raise IndexMismatchError(
            f"The index at {server.address} was built by other rules: the terms of {probe['text']!r} are others now. "
            f"Build it again: python -m index build DOCUMENTS --out {server.address}"
        )
    if not server.has(CollectionSet(live.set).rows):
        raise IndexDamagedError(
            f"The index at {server.address} lost its collection {CollectionSet(live.set).rows}. "
            f"Build it again: python -m index build DOCUMENTS --out {server.address} --full"
        )
    return MilvusIndex(server, live, manifest)
