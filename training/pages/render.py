"""Pieces in the order of the page -> its text, in one of the ways in which pages reach us as text."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from .types import Piece


@dataclass(frozen=True, slots=True)
class Setting:
    """How a page's lines are set: what stands between two of them, and the width at which they are broken."""

    separator: str = "\n\n"
    indent: str = ""
    """In front of paragraphs."""
    width: int = 0
    newline: str = "\n"


def render(rng: random.Random, pieces: Sequence[Piece]) -> tuple[str, set[str]]:
    """The page's text, and what is special in how it is set; every piece gets its offsets."""
    setting, troubles = _draw_setting(rng)
    text = rng.choice(["", "", "\n\n"])
    for number, piece in enumerate(pieces):
        if number and not piece.inline:
            text += _separator(rng, setting, pieces[number - 1], piece)
        elif number:
            text += rng.choice(["", "", " ", "\u3000"]) if piece.role == "body" and not piece.joins else ""
        shown = piece.text
        if setting.width and len(shown) > setting.width:
            shown = "\n".join(shown[i : i + setting.width] for i in range(0, len(shown), setting.width))
        shown = shown.replace("\n", setting.newline)
        piece.start = len(text)
        piece.end = len(text) + len(shown)
        text += shown
    return text + rng.choice(["", setting.newline]), troubles


def _draw_setting(rng: random.Random) -> tuple[Setting, set[str]]:
    newline = rng.choices(["\n", "\r\n", "\r"], [85, 10, 5])[0]
    troubles = {"old line ends"} if newline != "\n" else set()
    kind = rng.random()
    if kind < 0.6:
        return Setting("\n\n", rng.choice(["", "", "\u3000\u3000"]), newline=newline), troubles
    if kind < 0.85:
        return Setting("\n", rng.choice(["", "\u3000\u3000"]), newline=newline), troubles | {"a line a paragraph"}
    separator = rng.choice(["\n", "\n\n"])
    indent = rng.choice(["\u3000\u3000", ""]) if separator == "\n\n" else "\u3000\u3000"
    return Setting(separator, indent, rng.randint(16, 34), newline), troubles | {"wrapped"}


def _separator(rng: random.Random, setting: Setting, before: Piece, piece: Piece) -> str:
    """What stands in front of a line: more blank lines at some breaks and around captions, fewer between sign-offs."""
    lines = setting.separator
    if "caption" in (before.role, piece.role) or piece.joins or before.story != piece.story:
        lines += "\n" * rng.choice([0, 0, 0, 1, 2]) if setting.separator == "\n\n" else ""
    if before.role in ("byline", "title") and piece.role in ("dateline", "title") and rng.random() < 0.4:
        lines = "\n"
    indent = setting.indent if piece.role == "body" and not piece.joins else ""
    return lines.replace("\n", setting.newline) + indent
