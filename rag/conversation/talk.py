"""What a conversation is about: the last question, the article that it is about, and the topic that they share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..types import Turn
from .refer import headline_topic, named_topic, topic

Find = Callable[[str], Sequence[str]]
"""From a question to the texts (headline first) of the articles that speak of it, best first."""
MAX_ABOUT_CHARS = 12


@dataclass(frozen=True, slots=True)
class Talk:
    """What has been said, as far as a follow-up may refer to it."""

    asked: str
    """The last question as it stands alone."""
    last: Turn
    here: tuple[str, ...]
    """The text of the article that the last questions are about, or nothing."""
    about: str
    """What the talk is about: a topic of one of the last questions on that article."""
    find: Find


def talk_of(questions: Sequence[str], last: Turn, find: Find) -> Talk:
    """The talk of which these are the questions, the last one last.

    It is about the latest thing that a headline names, of the questions on the last one's article; or else about what
    the first of these questions was.
    """
    here: tuple[str, ...] = ()
    about, first = "", questions[-1]
    for question in reversed(questions):
        found = tuple(find(question)[:1])
        if here and found and found != here:
            break
        here, first = here or found, question
        if found and (about := headline_topic(question, found[0]) or named_topic(question, found[0])):
            break
    about = about or topic(first if here else questions[-1], here)
    headline = here[0].split("\n", 1)[0] if here else ""
    if headline and (len(about) > MAX_ABOUT_CHARS or about.startswith(tuple("在被把将由从对向给"))):
        about = f"《{headline}》里"  # what was asked first names nothing
    return Talk(questions[-1], last, here, about, find)
