"""Whether a server holds what was built: every row beside its document, every count beside the manifest."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from .keywords import count_rows
from .opened import MilvusIndex, open_milvus
from .records import is_cut, read_documents, read_row, with_text_of
from .server import batches, listed
from .sets import ROW_FIELDS, document_key, seen
from .terms_table import Change, frequency_at

_DOCUMENTS = 50
"""That are read together, with their rows."""
_SHOWN = 20


def verify_milvus(place: str | Path) -> list[str]:
    """What is wrong with the live generation; empty: nothing. Reads all of it. Raises as `open_milvus`."""
    index = open_milvus(place)
    return list(_problems(index))[:_SHOWN]


def _problems(index: MilvusIndex) -> Iterator[str]:
    visible, change = seen(index.live.generation), Change()
    heads = index.server.query_all(index.own.documents, f"piece == 0 and {visible}", ["doc_id", "n_rows"])
    n_rows_of = {head["doc_id"]: head["n_rows"] for head in heads}
    for batch in batches(sorted(n_rows_of), _DOCUMENTS):
        yield from _documents(index, {doc_id: n_rows_of[doc_id] for doc_id in batch}, change)
    counts = (
        ("documents", "n_documents", len(n_rows_of)),
        ("rows", "n_chunks", index.server.count(index.own.rows, visible)),
        ("terms of all rows", "n_terms", change.n_terms),
    )
    for what, field, found in counts:
        if found != index.manifest[field]:
            yield f"{what}: {found} are there, {index.manifest[field]} were built"
    yield from _frequencies(index, change)


def _documents(index: MilvusIndex, n_rows_of: dict[str, int], change: Change) -> Iterator[str]:
    """Some documents, and that their rows are slices of them."""
    where = f"document in {listed(map(document_key, n_rows_of))} and {seen(index.live.generation)}"
    try:
        pieces = index.server.query_all(index.own.documents, where, ["doc_id", "sha256", "piece", "content"])
        documents = read_documents(pieces)
    except (ValueError, KeyError, TypeError) as error:
        yield f"a document from {min(n_rows_of)!r} to {max(n_rows_of)!r} cannot be read ({error})"
        return
    searched: list[str] = []
    found: Counter[str] = Counter()
    for record in index.server.query_all(index.own.rows, where, [*ROW_FIELDS, "dense"]):
        row = read_row(record)
        document, _ = documents.get(row.chunk.doc_id, (None, ()))
        if document is None:
            continue  # told below: its rows are counted
        row = with_text_of(row, document) if is_cut(row) else row
        found[row.chunk.doc_id] += 1
        searched.append(row.searched)
        if row.chunk.text != document.text[row.chunk.start : row.chunk.end]:
            yield f"{row.chunk.doc_id}: row {record['number']} is not what stands in the document"
        if not np.isfinite(row.vector).all():
            yield f"{row.chunk.doc_id}: the vector of row {record['number']} is no vector"
    change.add(count_rows(searched), 1)
    for doc_id, n_rows in n_rows_of.items():
        if found[doc_id] != n_rows:
            yield f"{doc_id}: {found[doc_id]} rows are there, {n_rows} were built"


def _frequencies(index: MilvusIndex, change: Change) -> Iterator[str]:
    """That every term stands in as many rows as its record says."""
    keys, counts = change.total()
    expected = dict(zip(keys.tolist(), counts.tolist(), strict=True))
    fields = ["key", "frequency", "before", "generation"]
    stored = {
        record["key"]: frequency_at(record, index.live.generation)
        for record in index.server.query_all(index.own.terms, "generation >= 0", fields)
    }
    wrong = [key for key in expected.keys() | stored.keys() if expected.get(key, 0) != stored.get(key, 0)]
    if wrong:
        yield f"{len(wrong)} terms stand in another number of rows than was counted when they were built"
    histogram = Counter(str(frequency) for frequency in stored.values() if frequency)
    if dict(histogram) != {str(n): k for n, k in index.manifest["frequencies"].items()}:
        yield "the document frequencies are not those of the manifest"
