"""A composed page -> the lines that the reader will see, each with the part that it plays."""

from collections import Counter
from dataclasses import dataclass
from sys import intern

import numpy as np
from numpy.typing import NDArray

from index.pages.features import Statistics, describe_lines
from index.pages.lines import Line
from index.pages.page import chain_lines
from index.pages.tagger import PARTS, State, follow, possible_parts

from .types import GoldPage, Piece


@dataclass(frozen=True, slots=True)
class Labelled:
    """One page for the fit: features of its lines, what their form allows, and the states that are right."""

    described: list[list[str]]
    possible: NDArray[np.bool_]  # (n_lines, n_parts)
    states: list[State]


def label_page(page: GoldPage, statistics: Statistics) -> Labelled | None:
    """None where a line holds pieces that play different parts, so that no sequence of parts is right."""
    lines, cohesion = chain_lines(page.text, statistics)
    states = find_states(page, lines)
    if not states:
        return None
    possible = possible_parts(lines)
    if not all(row[PARTS.index(part)] for row, (part, *_) in zip(possible, states, strict=True)):
        return None
    described = [list(map(intern, row)) for row in describe_lines(lines, cohesion, statistics)]
    return Labelled(described, possible, states)


def find_states(page: GoldPage, lines: list[Line]) -> list[State]:
    """The right state of each line; nothing where the grammar has no place for one."""
    piece_of = pieces_of(page, lines)
    states: list[State] = []
    last: tuple[int, bool] | None = None
    for i, piece in enumerate(piece_of):
        own = (piece.story, piece.moved)
        rest = [p for p in piece_of[i + 1 :] if (p.story, p.moved) == own]
        begins = own != last
        last = own
        try:
            states.append(follow(None if begins and not states else states[-1], _part(piece, begins, rest, states)))
        except ValueError:
            return []
    return states


def pieces_of(page: GoldPage, lines: list[Line]) -> list[Piece]:
    """The piece that fills most of each line."""
    at: dict[int, int] = {}
    for number, piece in enumerate(page.pieces):
        at.update(dict.fromkeys(range(piece.start, piece.end), number))
    return [
        page.pieces[Counter(at[i] for i in range(line.start, line.end) if i in at).most_common(1)[0][0]]
        for line in lines
    ]


def _part(piece: Piece, begins: bool, rest: list[Piece], states: list[State]) -> str:
    before = states[-1][0] if states else None
    body_follows = any(p.role in ("body", "repeat") for p in rest)
    if piece.role in ("title", "jump title"):
        if begins:
            return "title"
        if before in ("title", "more title"):
            return "more title"
        amid = "amid" if body_follows else "after"
        return f"more title {amid}" if before in (f"title {amid}", f"more title {amid}") else f"title {amid}"
    if piece.role in ("byline", "dateline", "jump"):
        mark = "dateline" if piece.role == "dateline" else "byline"
        if begins:
            return f"first {mark}"
        opened = before and (
            before in ("title", "more title", "subtitle", "byline", "dateline") or before.startswith("first ")
        )
        in_text = (opened and before != "first body") or body_follows
        return mark if in_text else f"end {mark}"
    if piece.role in ("subtitle", "heading"):
        return piece.role
    return "first body" if begins else "body"
