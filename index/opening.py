"""Opens an index wherever it stands: in a folder of this machine, or on a Milvus server."""

from pathlib import Path

from .milvus.address import is_milvus
from .searchable import Searchable
from .store import open_index, verify_index


def open_searchable(place: str | Path) -> Searchable:
    """The live generation of the index at a folder or an address (`milvus+http://host:port/collection`).

    Raises as `store.open_index` and `milvus.opened.open_milvus` do.
    """
    if is_milvus(place):
        from .milvus.opened import open_milvus  # its client is imported only where an address asks for it

        return open_milvus(place)
    return open_index(place)


def verify_searchable(place: str | Path) -> list[str]:
    """What is wrong with the live generation of an index; empty: nothing. Reads all of it."""
    if is_milvus(place):
        from .milvus.verify import verify_milvus

        return verify_milvus(place)
    return verify_index(place)
