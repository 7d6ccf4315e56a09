"""The conversation of one browser tab. It lives on the server: what a browser sends as history is not believed."""

from collections.abc import Sequence
from dataclasses import replace

from rag.types import Answer, Turn

from .types import Exchange


class Session:
    """The exchanges of one conversation, in order. Each page that is opened has its own."""

    def __init__(self) -> None:
        self.key = ""
        """Names this conversation in what is kept of it; given when that is needed."""
        self.owner = ""
        """Whose kept conversations these are: the token of the browser; empty where none are kept."""
        self.revision = 0
        """Of this conversation where it is kept; 0: it is not."""
        self.unkept = ""
        """Why the conversation could not be kept the last time, in words for the reader; empty where it was."""
        self.editing: int | None = None
        """The exchange whose question is being changed: the next question takes its place, and what came after goes."""
        self.rated: dict[int, str] = {}
        """What the reader said last of each answer: Gradio tells a reason twice, and one thank-you is enough."""
        self.is_elsewhere = False
        """The answer under way is another page's, which was reloaded or is open beside this one."""
        self._exchanges: dict[int, Exchange] = {}
        self._n_begun = 0

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        return tuple(self._exchanges.values())

    @property
    def is_answering(self) -> bool:
        return any(one.status == "answering" for one in self._exchanges.values())

    def history(self) -> tuple[Turn, ...]:
        """The finished exchanges: what a follow-up may refer to."""
        return tuple(
            Turn(one.question, one.answer.text, one.answer.standalone_question)
            for one in self._exchanges.values()
            if one.answer is not None
        )

    def begin(self, question: str) -> int:
        """Start an exchange; its number, which is never used again, so that an old link cannot open a new answer."""
        if self.editing is not None:
            self._exchanges = {place: one for place, one in self._exchanges.items() if place < self.editing}
            self.editing = None
        number = self._n_begun
        self._n_begun += 1
        self._exchanges[number] = Exchange(number, question)
        return number

    def edit(self, number: int) -> str:
        """The next question is to take the place of this exchange's; its question, or "" where there is none."""
        one = self._exchanges.get(number)
        if one is None or self.is_answering:
            return ""
        self.editing = number
        return one.question

    def write(self, number: int, delta: str) -> None:
        """More of the answer's text."""
        one = self._answering(number)
        if one is not None:
            self._exchanges[number] = replace(one, text=one.text + delta)

    def reset(self, number: int) -> None:
        """What has come of the answer's text is void."""
        one = self._answering(number)
        if one is not None:
            self._exchanges[number] = replace(one, text="")

    def wants(self, number: int) -> bool:
        """Whether the rest of this answer is still waited for."""
        return self._answering(number) is not None

    def finish(self, number: int, answer: Answer, generation: str = "") -> None:
        """The answer is complete; `generation` of the index gave it."""
        one = self._answering(number)
        if one is not None:
            self._exchanges[number] = replace(
                one, status="done", text=answer.text, answer=answer, generation=generation
            )

    def suggest(self, number: int, questions: tuple[str, ...]) -> bool:
        """What may be asked after an answer; False where it is no longer the last one."""
        if not self._exchanges or number != max(self._exchanges):
            return False
        self._exchanges[number] = replace(self._exchanges[number], suggestions=questions)
        return True

    def refuse(self, number: int, notice: str) -> None:
        """The question could not be asked, or answering failed."""
        one = self._answering(number)
        if one is not None:
            self._exchanges[number] = replace(one, status="notice", text=notice)

    def stop(self) -> None:
        """The user does not want the rest: what has come stays, and is not part of the history."""
        for number, one in self._exchanges.items():
            if one.status == "answering":
                self._exchanges[number] = replace(one, status="stopped")

    def undo(self) -> str:
        """Forget the last exchange; its question, or "" where there is none."""
        self.editing = None
        if not self._exchanges:
            return ""
        return self._exchanges.pop(max(self._exchanges)).question

    def clear(self) -> None:
        """Forget everything."""
        self._exchanges.clear()
        self.editing, self.is_elsewhere = None, False

    def start_anew(self) -> None:
        """Another conversation, in which nothing was said yet."""
        self.clear()
        self.key, self.revision, self.unkept, self.rated = "", 0, "", {}

    @property
    def next_number(self) -> int:
        """Of the next exchange."""
        return self._n_begun

    def resume(self, key: str, revision: int, exchanges: Sequence[Exchange], next_number: int) -> None:
        """Go on with a kept conversation, under the numbers that its exchanges had.

        Numbers that this page has given are not given again: an answer still under way must find nothing to write to.
        """
        self.key, self.revision, self.unkept, self.rated = key, revision, "", {}
        self.editing, self.is_elsewhere = None, any(one.status == "answering" for one in exchanges)
        self._exchanges = {one.number: one for one in exchanges}
        self._n_begun = max(self._n_begun, next_number)

    def exchange_at(self, message: int) -> Exchange | None:
        """The exchange whose answer is the message at this 0-based place of the conversation, or None."""
        place = -1
        for one in self._exchanges.values():
            place += 2 if one.question.strip() else 1  # an empty question is not shown
            if place == message:
                return one
        return None

    def turns_before(self, number: int) -> tuple[Turn, ...]:
        """The finished exchanges before this one."""
        return tuple(
            Turn(one.question, one.answer.text)
            for one in self._exchanges.values()
            if one.number < number and one.answer is not None
        )

    def answer_at(self, number: int) -> Answer | None:
        """The answer of an exchange, if there is one of this number and it was answered."""
        one = self._exchanges.get(number)
        return None if one is None else one.answer

    def _answering(self, number: int) -> Exchange | None:
        """The exchange, as long as its answer is wanted: a stopped or cleared one may have text under way."""
        one = self._exchanges.get(number)
        return one if one is not None and one.status == "answering" else None
