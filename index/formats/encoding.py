"""Bytes -> text and its encoding, without being told: UTF-8, UTF-16 (with and without a mark), GB18030, Big5.

UTF-8 proves itself: other encodings of Chinese are hardly ever valid in it. Between the others the text decides that
makes the most sense as Chinese, by the share of its characters that are common ones.
"""

import codecs
import re

from ..terms import fold

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SAMPLE_BYTES = 4096
"""Even, so that it holds whole units of UTF-16."""
_ASCII = bytes(range(0x80))
_SURE = 0.8
"""Share of usual characters from which UTF-16 without a mark is believed: chance gives less than a half."""
_USUAL = re.compile(r"[\t\n\r\x20-\x7e·—‘’“”…\u3000-\u3011\uff01-\uff5e]")


def decode(data: bytes) -> tuple[str, str] | None:
    """The text of some bytes and its encoding, or None for what is no text. Line ends stay as they are.

    A byte order mark is no part of the text.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _try_decode(data.removeprefix(mark) if encoding == "utf-8" else data, encoding)
    found = _try_decode(data, "utf-8")
    if found is not None:
        return found
    candidates = [name for name in ("utf-16-le", "utf-16-be") if sense(data, name) >= _SURE]
    if not candidates and b"\0" not in data:
        candidates = ["gb18030", "big5", "cp950", "big5hkscs"]  # Big5, and what Windows and Hong Kong added to it
    candidates.sort(key=lambda name: sense(data, name), reverse=True)
    return next((found for name in candidates if (found := _try_decode(data, name))), None)


def detect(sample: bytes) -> str:
    """The encoding of a text by its first bytes, which may be cut off inside a character; "utf-8" where none fits."""
    for n_cut in range(4):
        decoded = decode(sample[: len(sample) - n_cut])
        if decoded:
            is_marked_utf8 = decoded[1] == "utf-8" and sample.startswith(codecs.BOM_UTF8)
            return "utf-8-sig" if is_marked_utf8 else decoded[1]
    return "utf-8"


def sense(data: bytes, encoding: str) -> float:
    """How much of the first bytes makes sense as Chinese text in an encoding, 0 to 1; ASCII before them is passed over.

    A character counts that is punctuation, ASCII, or, in its simplified form, one of the 3,755 common ones of GB 2312.
    """
    first = 0 if encoding.startswith("utf-16") else len(data) - len(data.lstrip(_ASCII))
    text = data[first : first + _SAMPLE_BYTES].decode(encoding, errors="replace")
    letters = [character for character in fold(text) if not character.isspace()]
    n_foreign = sum(1 for character in letters if not (_USUAL.match(character) or _is_common(character)))
    return 1 - n_foreign / len(letters) if letters else 0.0


def _is_common(character: str) -> bool:
    try:
        return 0xB0 <= character.encode("gb2312")[0] <= 0xD7
    except UnicodeEncodeError:
        return False


def _try_decode(data: bytes, encoding: str) -> tuple[str, str] | None:
    try:
        text = data.decode(encoding)
    except UnicodeError:
        return None
    return None if "\0" in text else (text, encoding)
