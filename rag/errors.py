"""Errors of asking. They extend the tree in `index.errors`.

UserError
+-- QuestionError         the question cannot be asked: empty, or too long
+-- UnknownDocumentError  no document of this id stands in the index
"""

from index.errors import UserError


class QuestionError(UserError):
    """The question cannot be asked."""


class UnknownDocumentError(UserError):
    """No document of this id stands in the index."""
