"""Where the app keeps what readers leave with it, beside the index or, for one on a server, in the working folder."""

from pathlib import Path

from index.milvus.address import is_milvus, read_address


def kept_beside(index: Path, what: str) -> Path:
    """The file for `feedback` or `chats` of an index: `.index-chats.sqlite` beside `.index`, `articles-chats.sqlite` in
    the working folder for the collection `articles` of a Milvus server.

    Raises SettingsError for an address that cannot be used.
    """
    if is_milvus(index):
        return Path(f"{read_address(index).collection}-{what}.sqlite")
    if index.name in ("", ".."):  # `.`, from within the index
        index = index.resolve()
    return index.with_name(f"{index.name or 'index'}-{what}.sqlite")
