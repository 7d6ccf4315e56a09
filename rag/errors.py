"""Errors of asking. They extend the tree in `index.errors`.

UserError
+-- QuestionError         the question cannot be asked: empty, or too long
+-- UnknownDocumentError  no document of this id stands in the index
+-- GeneratorError        the language model gave no answer that can be used: why, in the words of the notice
"""

from index.errors import UserError


class QuestionError(UserError):
    """The question cannot be asked."""


class UnknownDocumentError(UserError):
    """No document of this id stands in the index."""


class GeneratorError(UserError):
    """The language model gave no answer that can be used. Holds no key, and nothing of the prompt."""

    def __init__(self, chinese: str, english: str) -> None:
        """The same in the languages of the interface; as text it is the Chinese."""
        super().__init__(chinese)
        self.english = english
