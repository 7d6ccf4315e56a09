"""A page's lines -> the part that each plays: a linear-chain model over parts, decoded by Viterbi.

A state is a part and what is known of the article so far: whether it has a headline, a byline, a dateline. So a second
headline or a second dateline costs what the composed pages say that it should.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from .features import Statistics
from .lines import Line, LineKind
from .marks import ends_sentence
from .model_files import NETWORK, WEIGHTS, damaged, read_model_file
from .network import LineNetwork, network_from, save_network
from .seams import load_seams

Part = Literal[
    "title", "more title", "subtitle", "byline", "dateline", "first byline", "first dateline", "end byline",
    "end dateline", "body", "first body", "heading", "title after", "more title after", "title amid", "more title amid",
]  # fmt: skip
"""What opens an article (or a piece of one) is a `title` or a `first ...`; all others go on with it."""

PARTS: tuple[Part, ...] = get_args(Part)
OPENING: frozenset[Part] = frozenset(("title", "first byline", "first dateline", "first body"))
_BELOW_TITLE: tuple[Part, ...] = ("more title", "subtitle", "byline", "dateline", "body")
_IN_TEXT: tuple[Part, ...] = (
    "body", "heading", "byline", "dateline", "end byline", "end dateline", "title after", "title amid",
)  # fmt: skip
_AFTER_END: tuple[Part, ...] = ("end byline", "end dateline", "title after")
_FOLLOWS: dict[Part, tuple[Part, ...]] = {
    "title": _BELOW_TITLE,
    "more title": _BELOW_TITLE,
    "subtitle": ("subtitle", "byline", "dateline", "body"),
    "byline": ("byline", "dateline", "body", "subtitle", "heading"),
    "dateline": ("byline", "dateline", "body", "heading"),
    "first byline": ("byline", "dateline", "body", "heading"),
    "first dateline": ("byline", "dateline", "body", "heading"),
    "body": _IN_TEXT,
    "first body": _IN_TEXT,
    "heading": ("body", "heading", "byline", "dateline"),
    "end byline": _AFTER_END,
    "end dateline": _AFTER_END,
    "title after": ("more title after", "end byline", "end dateline"),
    "more title after": ("more title after", "end byline", "end dateline"),
    "title amid": ("more title amid", "body"),
    "more title amid": ("more title amid", "body"),
}
"""Which parts may go on with an article after which. What opens one may follow all but the unfinished."""
_UNFINISHED: frozenset[Part] = frozenset(("subtitle", "heading", "title amid", "more title amid"))
State = tuple[Part, bool, bool, bool]
"""A part, and whether the article so far has a headline, a byline, a dateline."""
SCALE = 100
"""Weights are stored as whole hundredths."""


def _next_state(state: State | None, part: Part) -> State | None:
    """The state after `part` follows (None: at the page's start); None where it may not."""
    before, titled, named, dated = state or ("first body", False, False, False)
    if part in OPENING:
        opened = (part, part == "title", part == "first byline", part == "first dateline")
        return None if before in _UNFINISHED else opened
    if state is None or part not in _FOLLOWS[before] or (titled and part in ("title after", "title amid")):
        return None
    return (
        part,
        titled or part in ("title after", "title amid"),
        named or part.endswith("byline"),
        dated or part.endswith("dateline"),
    )


def _reachable() -> tuple[State, ...]:
    """All states that some page can come to, in a fixed order."""
    found: set[State] = {following for part in OPENING if (following := _next_state(None, part))}
    waiting = list(found)
    while waiting:
        state = waiting.pop()
        new = {following for part in PARTS if (following := _next_state(state, part))} - found
        found |= new
        waiting += new
    return tuple(sorted(found, key=lambda state: (PARTS.index(state[0]), *state[1:])))


STATES: tuple[State, ...] = _reachable()
STATE_PART = np.array([PARTS.index(state[0]) for state in STATES])
_NUMBER = {state: i for i, state in enumerate(STATES)}
_NAMES = {
    f"{part}{' titled' * titled}{' named' * named}{' dated' * dated}": i
    for i, (part, titled, named, dated) in enumerate(STATES)
}
ALLOWED = np.zeros((len(STATES), len(STATES)), bool)  # (from, to)
for _state in STATES:
    for _part in PARTS:
        _following = _next_state(_state, _part)
        if _following is not None:
            ALLOWED[_NUMBER[_state], _NUMBER[_following]] = True
STARTS = np.array([state[0] in OPENING for state in STATES])

_MIN_FRAGMENT = 12
"""Characters of the shortest line of a column."""
_BYLINES: tuple[Part, ...] = ("byline", "first byline", "end byline")
_DATELINES: tuple[Part, ...] = ("dateline", "first dateline", "end dateline")
_BY_KIND: dict[LineKind, tuple[Part, ...]] = {
    "dateline": _DATELINES,
    "byline": _BYLINES,
    "forward": _BYLINES,  # a note stands where a byline may stand
    "back": ("byline", "first byline"),
    "body": ("body", "first body"),
    "short": tuple(part for part in PARTS if not part.endswith(("byline", "dateline"))),
}


def possible_parts(lines: Sequence[Line]) -> NDArray[np.bool_]:
    """Which parts the lines can play by their form, (n_lines, n_parts).

    A long line ending in a colon or a question may be a headline, too. A few characters after a paragraph that ends a
    sentence are no paragraph: a column that breaks off leaves a whole line of the next one.
    """
    possible = np.zeros((len(lines), len(PARTS)), bool)
    for number, line in enumerate(lines):
        parts = _BY_KIND["short" if line.kind == "body" and len(line.text) <= 40 else line.kind]
        possible[number] = [part in parts for part in PARTS]
        before = lines[number - 1] if number else None
        if line.kind == "short" and len(line.text) < _MIN_FRAGMENT and before and ends_sentence(before.text):
            possible[number, [PARTS.index("body"), PARTS.index("first body")]] = False
    return possible


def follow(state: State | None, part: Part) -> State:
    """The state after a part, for labelled pages; a ValueError where the grammar has no place for it."""
    following = _next_state(state, part)
    if following is None:
        raise ValueError(f"{part!r} cannot follow {state}")
    return following


@dataclass(frozen=True, slots=True)
class Weights:
    """The model: a row of part weights for each feature, and the score of each transition between states."""

    features: dict[str, NDArray[np.float64]]  # each (n_parts,)
    network: LineNetwork | None
    """What the page says of each line; None while the other weights are fitted."""
    transitions: NDArray[np.float64]  # (n_states, n_states)
    statistics: Statistics
    placing: dict[str, float]
    """Of what speaks for a piece being the rest of an article (placing.py)."""
    tails: dict[str, float]
    """Of what speaks for paragraphs of one article being the rest of another (tails.py)."""
    joins: dict[str, float]
    """Of what speaks for a paragraph going on with the one before it (joins.py)."""


@lru_cache(maxsize=4)
def load_weights(path: Path = WEIGHTS) -> Weights:
    """The weights that `python -m training.pages` wrote.

    Raises:
        ModelError: the file is missing or damaged.
    """
    stored, network = read_model_file(path), read_model_file(path.with_name(NETWORK.name))
    try:
        return _from_stored(json.loads(stored), network)
    except Exception as error:  # numpy and zipfile raise whatever they meet in a damaged file
        raise damaged(path, error) from error


def _from_stored(stored: dict[str, Any], network_bytes: bytes) -> Weights:
    transitions = np.zeros((len(STATES), len(STATES)))
    for start, ends in stored["transitions"].items():
        for end, value in ends.items():
            transitions[_NAMES[start], _NAMES[end]] = value / SCALE
    features = {name: np.array(row) / SCALE for name, row in stored["features"].items()}
    network = network_from(network_bytes, list(features), len(PARTS))
    statistics = Statistics(
        _from_odds(stored["starts"]),
        _from_odds(stored["ends"]),
        frozenset(first + second for first, seconds in stored["pairs"].items() for second in seconds),
        {
            f"{first}{second}": factor
            for factor, pairs in stored["common"]
            for first, second in zip(pairs[::2], pairs[1::2], strict=True)
        },
        load_seams(),
    )
    return Weights(features, network, transitions, statistics, stored["placing"], stored["tails"], stored["joins"])


def save_weights(weights: Weights, path: Path) -> None:
    """Writes weights as JSON; numbers are rounded to a hundredth."""
    pairs: dict[str, str] = {}
    for pair in sorted(weights.statistics.pairs):
        pairs[pair[0]] = pairs.get(pair[0], "") + pair[1]
    rounded = np.rint(weights.transitions * SCALE).astype(int)
    stored: dict[str, Mapping[str, object] | Sequence[object]] = {
        "features": {name: np.rint(row * SCALE).astype(int).tolist() for name, row in sorted(weights.features.items())},
        "transitions": {
            start: {end: int(rounded[i, j]) for end, j in _NAMES.items() if ALLOWED[i, j] and rounded[i, j]}
            for start, i in _NAMES.items()
        },
        "placing": {name: round(value, 3) for name, value in sorted(weights.placing.items())},
        "tails": {name: round(value, 3) for name, value in sorted(weights.tails.items())},
        "joins": {name: round(value, 3) for name, value in sorted(weights.joins.items())},
        "starts": _by_odds(weights.statistics.starts),
        "ends": _by_odds(weights.statistics.ends),
        "pairs": pairs,
        "common": sorted(
            (factor, "".join(sorted(term for term, f in weights.statistics.common.items() if f == factor)))
            for factor in set(weights.statistics.common.values())
        ),
    }
    tables = ",\n".join(f"{json.dumps(key)}: {_dump(value)}" for key, value in stored.items())
    path.write_text(f"{{\n{tables}\n}}\n", encoding="utf-8")
    if weights.network:
        save_network(weights.network, path.with_name(NETWORK.name))


def _by_odds(table: dict[str, float]) -> list[tuple[float, str]]:
    """Characters grouped by their odds, a space between two."""
    groups: dict[float, list[str]] = {}
    for characters, odds in sorted(table.items()):
        groups.setdefault(odds, []).append(characters)
    return [(odds, " ".join(group)) for odds, group in sorted(groups.items())]


def _from_odds(groups: list[tuple[float, str]]) -> dict[str, float]:
    return {characters: odds for odds, group in groups for characters in group.split(" ")}


def _dump(table: Mapping[str, object] | Sequence[object]) -> str:
    """A table as JSON with a line for each row, so that changes can be read."""

    def compact(value: object) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    if isinstance(table, Mapping):
        return "{\n" + ",\n".join(f"{compact(key)}:{compact(value)}" for key, value in table.items()) + "\n}"
    return "[\n" + ",\n".join(map(compact, table)) + "\n]"


def tag_lines(described: Sequence[Sequence[str]], possible: NDArray[np.bool_], weights: Weights) -> list[Part]:
    """The best sequence of parts. `described` are the features of the lines, `possible` what their form allows."""
    if not described:
        return []
    emissions = np.zeros((len(described), len(PARTS)))
    for row, names in zip(emissions, described, strict=True):
        for name in names:
            found = weights.features.get(name)
            if found is not None:
                row += found
    if weights.network:
        emissions += weights.network.score(described)
    emissions[~possible] = -1e6
    return [PARTS[STATE_PART[state]] for state in _viterbi(emissions[:, STATE_PART], weights.transitions)]


def _viterbi(emissions: NDArray[np.float64], transitions: NDArray[np.float64]) -> list[int]:
    scores = np.where(STARTS, emissions[0], -1e9)  # (n_states,)
    allowed = np.where(ALLOWED, transitions, -1e9)
    back = np.zeros(emissions.shape, np.int64)
    for i in range(1, len(emissions)):
        through = scores[:, None] + allowed  # (from, to)
        back[i] = through.argmax(axis=0)
        scores = through[back[i], np.arange(len(STATES))] + emissions[i]
    path = [int(scores.argmax())]
    for i in range(len(emissions) - 1, 0, -1):
        path.append(int(back[i, path[-1]]))
    return path[::-1]
