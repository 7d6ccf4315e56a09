"""Which server an index stands on: `milvus+http://host:port/collection`, and who asks.

What is secret comes from the environment only: other users of a machine see a command's arguments, and addresses are
shown, logged and kept in manifests.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from ..errors import SettingsError

SCHEMES = {"milvus+http": "http", "milvus+https": "https"}
TOKEN, USER, PASSWORD = "WENDA_MILVUS_TOKEN", "WENDA_MILVUS_USER", "WENDA_MILVUS_PASSWORD"
DATABASE, CA_FILE = "WENDA_MILVUS_DATABASE", "WENDA_MILVUS_CA"
TIMEOUT, INDEX_TYPE = "WENDA_MILVUS_TIMEOUT_S", "WENDA_MILVUS_INDEX"
INDEX_TYPES = ("FLAT", "HNSW", "IVF_SQ8", "DISKANN")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_COLLAPSED = re.compile(r"^(milvus\+https?):/(?!/)")
_EXAMPLE = "milvus+http://127.0.0.1:19530/articles"


@dataclass(frozen=True, slots=True)
class MilvusAddress:
    """A collection on a server, and how it is talked to. Its text is the address without any secret."""

    scheme: str
    host: str
    port: int
    collection: str
    token: str = field(default="", repr=False)
    user: str = ""
    password: str = field(default="", repr=False)
    database: str = ""
    ca_file: str = ""
    """The certificate (PEM) that a TLS server is checked against; empty for the system's own."""
    timeout_s: float = 30.0
    """For one call: a batch of rows, a search."""
    index_type: str = "FLAT"
    """Of the vectors of a new collection: FLAT looks at every row, the others at some (docs/scale.md says when)."""

    @property
    def uri(self) -> str:
        """What the client connects to."""
        return f"{SCHEMES[self.scheme]}://{self._server}"

    @property
    def _server(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"  # IPv6

    def __str__(self) -> str:
        return f"{self.scheme}://{self._server}/{self.collection}"


def is_milvus(place: str | Path) -> bool:
    """Whether a place of an index is a server's address and no folder."""
    return str(place).startswith("milvus+")


def read_address(place: str | Path, environment: Mapping[str, str] | None = None) -> MilvusAddress:
    """The address that a place names, with user, token and the like from the environment.

    A path that was made of an address (`milvus+http:/host`) is taken as the address that it was.

    Raises SettingsError: it is no address, or holds what is secret, or a variable has a value that cannot be used.
    """
    env = os.environ if environment is None else environment
    parts = urlsplit(_COLLAPSED.sub(r"\1://", str(place)))
    if parts.username or parts.password or parts.query:
        raise SettingsError(
            f"The address of a Milvus index holds a name, a password or a query: put them into {TOKEN}, or into {USER} "
            f"and {PASSWORD}. An address looks like {_EXAMPLE}"
        )
    try:
        port = parts.port or 19530
    except ValueError:
        port = 0
    collection = parts.path.strip("/")
    if parts.scheme not in SCHEMES or not parts.hostname or not port:
        raise SettingsError(f"{str(place)!r} is no address of a Milvus index: it should look like {_EXAMPLE}")
    if not _NAME.fullmatch(collection):
        raise SettingsError(
            f"{collection!r} cannot name a collection: use up to 128 letters, digits and _, as in {_EXAMPLE}"
        )
    return MilvusAddress(
        *(parts.scheme, parts.hostname, port, collection),
        token=env.get(TOKEN, "").strip(),
        user=env.get(USER, "").strip(),
        password=env.get(PASSWORD, ""),
        database=env.get(DATABASE, "").strip(),
        ca_file=_existing(env.get(CA_FILE, "").strip()),
        timeout_s=_seconds(env.get(TIMEOUT, "").strip()),
        index_type=_index_type(env.get(INDEX_TYPE, "").strip()),
    )


def _existing(file: str) -> str:
    if file and not Path(file).is_file():
        raise SettingsError(f"{CA_FILE} is {file!r}: there is no such file. It should be a certificate in PEM format.")
    return file


def _seconds(text: str) -> float:
    try:
        seconds = float(text or 30)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise SettingsError(f"{TIMEOUT} is {text!r}: it must be a number of seconds above 0, such as 30.")
    return seconds


def _index_type(text: str) -> str:
    name = text.upper() or "FLAT"
    if name not in INDEX_TYPES:
        raise SettingsError(f"{INDEX_TYPE} is {text!r}: use {', '.join(INDEX_TYPES)} (docs/scale.md says when).")
    return name
