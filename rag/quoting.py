"""A document's text as an answer and a prompt show it: on one line, and without labels of its own."""

import re

from .types import Passage

_LINE_BREAK = re.compile(r"\s*\n\s*")
_LIKE_LABEL = re.compile(r"\[(\d{1,3})\]")


def one_line(text: str) -> str:
    """The text without the line breaks of its page: a space only between two words of letters."""
    pieces = _LINE_BREAK.split(text)
    whole = pieces[0]
    for piece in pieces[1:]:
        apart = whole[-1:].isascii() and piece[:1].isascii()
        one_number = whole[-1:].isdigit() and piece[:1].isdigit()  # a page cuts a number as it cuts a word
        whole += (" " if apart and not one_number else "") + piece
    return whole


def in_answer(text: str) -> str:
    """A sentence as an answer shows it: on one line, and a footnote mark of its own (`[3]`) is no label."""
    return _LIKE_LABEL.sub(r"［\1］", one_line(text))


def surroundings(passage: Passage) -> str:
    """All sentences of a passage, a line each: where the words around a fact may come from."""
    return "\n".join(sentence.text for sentence in passage.sentences)
