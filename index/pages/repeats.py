"""Text that stands on a page twice because columns overlap: found, so that it is searched and quoted once.

Three shapes: the next column begins with the last characters of the one before; a line stands alone that the one before
already ended with; the first part of a cut paragraph ends with what the second part ends with.
"""

from dataclasses import replace
from itertools import takewhile

from .lines import Line
from .marks import ends_sentence

_MIN_CHARS, _MIN_COMMON_END = 8, 10
_MAX_CHARS = 80
_READ = ("body", "short")


def mark_repeats(lines: list[Line]) -> list[Line]:
    """The same lines, with repeated text cut off as lines of the kind `repeat`; nothing is lost."""
    marked: list[Line] = []
    last = -1  # where the last paragraph stands in `marked`
    for line in lines:
        before = marked[last] if last >= 0 else None
        if line.kind not in _READ:
            marked.append(line)
            last = last if line.kind in ("caption", "repeat") else -1
            continue
        if before is None or ends_sentence(before.text):
            marked.append(line)
            last = len(marked) - 1
            continue
        n_front, n_back = _overlap(before.text, line.text), _common_end(before.text, line.text)
        if n_front == len(line.text):
            marked.append(replace(line, kind="repeat"))
            continue
        if n_front:
            marked += [replace(_part(line, 0, n_front), kind="repeat"), _part(line, n_front, len(line.text))]
        elif n_back:
            keep = len(before.text) - n_back
            marked[last : last + 1] = [
                _part(before, 0, keep),
                replace(_part(before, keep, len(before.text)), kind="repeat"),
            ]
            marked.append(line)
        else:
            marked.append(line)
        last = len(marked) - 1
    return marked


def _overlap(before: str, text: str) -> int:
    """Length of the longest start of a text that the one before ends with; 0 for less than a line of a column."""
    behind, ahead = _bare(before[-2 * _MAX_CHARS :])[-_MAX_CHARS:], _bare(text[: 2 * _MAX_CHARS])[:_MAX_CHARS]
    whole = len(_bare(before))
    for n in range(min(whole - 1, len(behind), len(ahead)), _MIN_CHARS - 1, -1):
        if behind.endswith(ahead[:n]):
            return _length_of(text, n)
    return 0


def _common_end(before: str, text: str) -> int:
    """Length of what both end with, where that is not all of the one before; 0 for less than a line of a column."""
    behind, ahead = _bare(before), _bare(text)
    pairs = zip(reversed(behind), reversed(ahead), strict=False)  # the shorter one ends it
    n = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    found = _MIN_COMMON_END <= n < len(behind) - 2 and n < len(ahead) - 2
    return _length_of(before[::-1], n) if found else 0


def _bare(text: str) -> str:
    return "".join(text.split())


def _length_of(text: str, n_bare: int) -> int:
    """How long a text's start is that holds so many characters other than white space."""
    for i, c in enumerate(text):
        if n_bare == 0:
            return i
        n_bare -= not c.isspace()
    return len(text)


def _part(line: Line, begin: int, end: int) -> Line:
    """Some characters of a line, less the white space at its ends, which belongs to no line."""
    text = line.text[begin:end]
    start = line.start + begin + len(text) - len(text.lstrip())
    bare = text.strip()
    gap = line.gap if begin == 0 else -1
    return Line(start, start + len(bare), bare, line.kind, gap, line.indented and begin == 0)
