"""A language model's words as they come -> an answer's text as it goes out, with labels of our own.

The model's labels are a hint: each finished sentence gets the labels of the sentences that carry it (`attribute.py`),
one label for one sentence of a document. So no label gets through that does not exist, also when it comes in pieces,
and how the text was cut into deltas changes nothing.
"""

import re
from collections.abc import Iterator, Sequence

from index.types import Sentence

from ..types import Draft, Passage, ResetEvent, TextEvent
from .attribute import Place, Sources
from .prompts import NOT_SAID

_NUMBERS = "[0-9]{1,3}(?: ?[,，、] ?[0-9]{1,3}){0,9}"
_LABEL = re.compile(rf"(?<![ \t])[ \t]*[\[【] ?\^?(?P<numbers>{_NUMBERS}) ?[\]】]")
_HALF_LABEL = r"[\[【][0-9^,，、 ]{0,64}"
_MAX_HALF_LABEL = 65
_HELD = re.compile(rf"{_HALF_LABEL}\Z")
_SENTENCE = re.compile(rf"[^\n。！？!?]*(?:[。！？!?]+[”’」』）)]*(?:[ \t]*[\[【] ?\^?{_NUMBERS} ?[\]】])*|\n)")
_GOES_ON = re.compile(rf"[ \t]*(?:{_HALF_LABEL})?\Z")
_THOUGHT_OPENS, _THOUGHT_CLOSES = re.compile(r"<think(?:ing)?>"), re.compile(r"</think(?:ing)?>")
_HALF_TAG = re.compile(r"</?[a-z]{0,8}\Z")
_UNSEEN = [*range(0x20), *range(0x7F, 0xA0), *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)]
"""Control characters (a terminal would obey them), and what hides or turns text around."""
_MARKS = str.maketrans({**dict.fromkeys(_UNSEEN), "*": None, "[": "［", "]": "］", "\t": " ", "\n": " "})
_BEFORE_STOP = re.compile("(?<! ) +(?=[。！？，、；：])")
_BEFORE = " \u3000#"
_WORD = re.compile(r"\w")
_MAX_OPEN_CHARS = 4000
"""Of a sentence under way: a model that ends none (or writes only spaces) must not fill the memory."""


class DraftWriter:
    """Turns deltas into events and, at the end, a draft. `text` is what the events so far add up to."""

    def __init__(self, passages: Sequence[Passage], drop_unsupported: bool = False) -> None:
        self._sources = Sources(passages)
        self._drop = drop_unsupported
        self._thoughts = _ThoughtFilter()
        self._begin()

    def _begin(self) -> None:
        self.text = ""
        self.refused = False
        """The model says that the passages do not say."""
        self.repeats = False
        """The model said a sentence again: it will not say more that is new."""
        self._open = ""  # of the sentence under way, as it came
        self._sent = ""  # of the sentence under way, as it went out
        self._breaks = False
        self._said: set[str] = set()
        self._labels: dict[Place, int] = {}

    @property
    def draft(self) -> Draft:
        """The text with what its labels point at."""
        evidence: dict[int, tuple[Sentence, Passage]] = {}
        for place, label in self._labels.items():
            evidence[label] = self._sources.at(place)
        return Draft(self.text, evidence)

    def feed(self, delta: str) -> Iterator[TextEvent | ResetEvent]:
        """More of what the model writes. What cannot be shown yet (half a label) waits."""
        visible, is_reset = self._thoughts.feed(delta)
        if is_reset:
            if self.text:
                yield ResetEvent()
            self._begin()
        self._open += visible
        while not self.refused and (end := self._end_of_sentence()):
            yield from self._close(self._open[:end])
            self._open = self._open[end:]
        if len(self._open) > _MAX_OPEN_CHARS and not self.refused:
            yield from self._close(self._open)
            self._open = ""
        if not self.refused and not self._drop:
            yield from self._go_on(_clean(_without_held(self._open)))

    def finish(self) -> Iterator[TextEvent]:
        """The model has said all: what waits is a sentence."""
        self._open += self._thoughts.rest()
        while self._open and not self.refused:
            found = _SENTENCE.match(self._open)
            end = found.end() if found else len(self._open)
            yield from self._close(self._open[:end])
            self._open = self._open[end:]
        self._open = ""

    def _end_of_sentence(self) -> int:
        """Where the open sentence ends, labels included; 0 where more of it may come."""
        found = _SENTENCE.match(self._open)
        if found is None:
            return 0
        rest = self._open[found.end() :]
        may_go_on = not found.group().endswith("\n") and _GOES_ON.match(rest)
        return 0 if may_go_on else found.end()

    def _go_on(self, words: str) -> Iterator[TextEvent]:
        """Sends what is new of the sentence under way."""
        waits = not self.text and not self._sent and NOT_SAID.startswith(words)
        if len(words) <= len(self._sent) or waits or not _WORD.search(words):
            return
        before = "\n" if self._breaks and not self._sent and self.text else ""
        delta = before + words[len(self._sent) :]
        self._sent = words
        self._breaks = False
        self.text += delta
        yield TextEvent(delta)

    def _close(self, raw: str) -> Iterator[TextEvent]:
        """The sentence is complete: the rest of it, and its labels."""
        words = _clean(raw)
        if not self.text and not self._sent and words.rstrip("。. ") == NOT_SAID.rstrip("。"):
            self.refused = True
        elif _WORD.search(words):
            named = {int(number) for found in _LABEL.finditer(raw) for number in re.findall("[0-9]+", found["numbers"])}
            places, is_carried = self._sources.attribute(words, named)
            self.repeats |= words in self._said
            if not self._drop or (is_carried and words not in self._said):
                yield from self._go_on(words)
                labels = "".join(f"[{self._labels.setdefault(place, len(self._labels) + 1)}]" for place in places)
                self.text += labels
                yield TextEvent(labels)
            self._said.add(words)
        self._sent = ""
        self._breaks |= raw.endswith("\n")


class _ThoughtFilter:
    """Leaves out `<think>...</think>`, which reasoning models write before their answer."""

    def __init__(self) -> None:
        self._waiting = ""
        self._is_thinking = False

    def feed(self, delta: str) -> tuple[str, bool]:
        """What is visible of this delta, and whether all that was visible before it was a thought (its beginning stood
        in the prompt, so that only its end is seen)."""
        text, visible, is_reset = self._waiting + delta, "", False
        while True:
            tag = (_THOUGHT_CLOSES if self._is_thinking else _THOUGHT_OPENS).search(text)
            stray = None if self._is_thinking else _THOUGHT_CLOSES.search(text)
            if stray and not (tag and tag.start() < stray.start()):
                visible, is_reset, text = "", True, text[stray.end() :]
                continue
            if tag is None:
                break
            visible += "" if self._is_thinking else text[: tag.start()]
            self._is_thinking = not self._is_thinking
            text = text[tag.end() :]
        half = _HALF_TAG.search(text)
        self._waiting = half.group() if half else ""
        shown = text[: half.start()] if half else text
        return visible + ("" if self._is_thinking else shown), is_reset

    def rest(self) -> str:
        """What waited for the rest of a tag, and is none."""
        return "" if self._is_thinking else self._waiting


def _without_held(text: str) -> str:
    """The text without what may be the beginning of a label at its end, and without white space there."""
    held = _HELD.search(text, max(len(text) - _MAX_HALF_LABEL, 0))
    return text[: held.start()].rstrip(" \t") if held else text.rstrip()


def _clean(raw: str) -> str:
    """A sentence without labels and marks of Markdown, on one line; a longer raw text gives a longer one."""
    words = _LABEL.sub("", raw).translate(_MARKS)
    return _BEFORE_STOP.sub("", words).lstrip(_BEFORE).rstrip()
