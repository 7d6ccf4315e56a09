"""The conversation of one browser tab. It lives on the server: what a browser sends as history is not believed."""

from dataclasses import replace

from rag.types import Answer, Turn

from .types import Exchange


class Session:
    """The exchanges of one conversation, in order. A new one is made for each page that is opened."""

    def __init__(self) -> None:
        self._exchanges: list[Exchange] = []

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        return tuple(self._exchanges)

    @property
    def is_answering(self) -> bool:
        return bool(self._exchanges) and self._exchanges[-1].status == "answering"

    def history(self) -> tuple[Turn, ...]:
        """The finished exchanges: what a follow-up may refer to."""
        return tuple(
            Turn(one.question, one.answer.text, one.answer.standalone_question)
            for one in self._exchanges
            if one.answer is not None
        )

    def begin(self, question: str) -> int:
        """Start an exchange; its number."""
        number = len(self._exchanges)
        self._exchanges.append(Exchange(number, question))
        return number

    def write(self, number: int, delta: str) -> None:
        """More of the answer's text."""
        one = self._exchanges[number]
        if one.status == "answering":  # a stopped answer may still have text under way
            self._exchanges[number] = replace(one, text=one.text + delta)

    def finish(self, number: int, answer: Answer) -> None:
        one = self._exchanges[number]
        if one.status == "answering":
            self._exchanges[number] = replace(one, status="done", text=answer.text, answer=answer)

    def stop(self) -> None:
        """The user does not want the rest: what has come stays, and is not part of the history."""
        if self.is_answering:
            self._exchanges[-1] = replace(self._exchanges[-1], status="stopped")

    def refuse(self, number: int, notice: str) -> None:
        """The question could not be asked, or answering failed."""
        self._exchanges[number] = replace(self._exchanges[number], status="notice", text=notice)

    def clear(self) -> None:
        """Forget everything."""
        self._exchanges.clear()

    def answer_at(self, number: int) -> Answer | None:
        """The answer of an exchange, if there is one of this number and it was answered."""
        return self._exchanges[number].answer if 0 <= number < len(self._exchanges) else None
