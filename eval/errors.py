"""Errors of an evaluation that a user can cause and repair.

UserError                 (index.errors) show its text to the user: no traceback is needed
+-- SetError              a line of a set of questions is not what a set needs
+-- SetMismatchError      the set and the index do not speak of the same documents
+-- RunFileError          a file of runs, or a baseline, is missing or is not one
"""

from index.errors import UserError


class SetError(UserError):
    """A set of questions is missing, or one of its lines is wrong."""


class SetMismatchError(UserError):
    """The set points at documents that the index does not hold, or holds with another text."""


class RunFileError(UserError):
    """A file of runs or a baseline is missing or cannot be read."""
