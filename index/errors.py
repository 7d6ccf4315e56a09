"""Errors that a user can cause and repair.

    UserError                 show its text to the user: no traceback is needed
    +-- DocumentsError        the documents folder is missing, empty, or holds nothing readable
    +-- IndexMissingError     there is no index at this path
    +-- IndexDamagedError     a file of the index is missing or is not what its manifest says
    +-- IndexMismatchError    the index was built with another model, settings or format version
    +-- IndexBusyError        another build is writing this index
    +-- IndexWriteError       the index cannot be written: the disk is full
    +-- IndexServerError      the Milvus server of an index does not answer, or refuses us
    +-- IndexRefusedError     a new generation was built and not accepted; the old one stays
    +-- ModelError            a model cannot be loaded
    +-- SettingsError         a setting has a value that cannot be used

A message names the thing, the two values that disagree, and the command that repairs it.
"""


class UserError(Exception):
    """The base of all errors whose text is meant for the user."""


class DocumentsError(UserError):
    """The documents folder is missing, empty, or holds nothing readable."""


class IndexMissingError(UserError):
    """There is no index at this path."""


class IndexDamagedError(UserError):
    """A file of the index is missing, or is not what its manifest says."""


class IndexMismatchError(UserError):
    """The index was built with another model, other settings or another format version."""


class IndexBusyError(UserError):
    """Another build is writing this index."""


class IndexWriteError(UserError):
    """The index cannot be written."""


class IndexServerError(UserError):
    """The server that holds an index does not answer, or refuses us."""


class IndexRefusedError(UserError):
    """A new generation was built and not accepted; `reasons` say why."""

    def __init__(self, message: str, reasons: tuple[str, ...]) -> None:
        super().__init__(message)
        self.reasons = reasons


class ModelError(UserError):
    """A model cannot be loaded."""


class SettingsError(UserError):
    """A setting has a value that cannot be used."""
