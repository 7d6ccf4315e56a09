"""What a line's whole page says of it: a small recurrent network over the lines, added to the linear scores of parts.

Each line is the sum of its features' embeddings; a gated recurrent unit (Cho et al., 2014, in the form that PyTorch
computes) reads them from the page's start and another from its end, and a linear map of both states scores the parts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
_DIRECTIONS = ("forward", "backward")


@dataclass(frozen=True, slots=True)
class Reader:
    """A gated recurrent unit in one direction: gates reset, update, new, each n_hidden rows."""

    inputs: Floats  # (3 * n_hidden, dim)
    states: Floats  # (3 * n_hidden, n_hidden)
    input_bias: Floats  # (3 * n_hidden,)
    state_bias: Floats  # (3 * n_hidden,)

    def read(self, lines: Floats) -> Floats:
        """The states after each line, (n_lines, n_hidden)."""
        n_hidden = self.states.shape[1]
        state = np.zeros(n_hidden, np.float32)
        found = np.empty((len(lines), n_hidden), np.float32)
        for i, given in enumerate(lines @ self.inputs.T + self.input_bias):
            own = self.states @ state + self.state_bias
            gates = _sigmoid(given[: 2 * n_hidden] + own[: 2 * n_hidden])
            reset, update = gates[:n_hidden], gates[n_hidden:]
            new = np.tanh(given[2 * n_hidden :] + reset * own[2 * n_hidden :])
            state = (1 - update) * new + update * state
            found[i] = state
        return found


@dataclass(frozen=True, slots=True)
class LineNetwork:
    """The network: embeddings of features, a reader for each direction, and what their states say of the parts."""

    numbers: dict[str, int]
    """Row of each feature's embedding."""
    embeddings: Floats  # (n_features, dim)
    readers: tuple[Reader, Reader]
    output: Floats  # (n_parts, 2 * n_hidden)
    bias: Floats  # (n_parts,)

    def score(self, described: Sequence[Sequence[str]]) -> Floats:
        """What it adds to the scores of the parts, (n_lines, n_parts); `described` are the features of the lines."""
        lines = np.zeros((len(described), self.embeddings.shape[1]), np.float32)
        for i, names in enumerate(described):
            known = [self.numbers[name] for name in names if name in self.numbers]
            lines[i] = self.embeddings[known].sum(axis=0)
        lines = np.tanh(lines)
        forward, backward = self.readers
        states = np.concatenate([forward.read(lines), backward.read(lines[::-1])[::-1]], axis=1)
        return states @ self.output.T + self.bias


def _sigmoid(values: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -30, 30))), np.float32)


def network_from(stored: bytes, features: Sequence[str], n_parts: int) -> LineNetwork:
    """The network of a file; `features` are those of the other weights, in the order of its rows.

    Raises:
        ValueError: its tables do not fit each other, or those features.
    """
    with np.load(BytesIO(stored), allow_pickle=False) as arrays:
        tables = {name: arrays[name].astype(np.float32) for name in arrays.files}
    readers = [
        Reader(*(tables[f"{direction} {name}"] for name in ("inputs", "states", "input_bias", "state_bias")))
        for direction in _DIRECTIONS
    ]
    embeddings = tables["embeddings"] * tables["scale"]
    output = tables["output"]
    n_hidden, dim = readers[0].states.shape[1], embeddings.shape[1]
    shapes = [(r.inputs.shape, r.states.shape) for r in readers]
    fits = shapes == [((3 * n_hidden, dim), (3 * n_hidden, n_hidden))] * 2
    if len(embeddings) != len(features) or not fits or output.shape != (n_parts, 2 * n_hidden):
        raise ValueError(f"{len(embeddings)} embeddings for {len(features)} features, readers {shapes}, {output.shape}")
    numbers = {name: i for i, name in enumerate(features)}
    return LineNetwork(numbers, embeddings, (readers[0], readers[1]), output, tables["bias"])


def save_network(network: LineNetwork, path: Path) -> None:
    """Writes the network; embeddings as whole numbers of 8 bits, everything else in half precision."""
    scale = max(float(np.abs(network.embeddings).max()), 1e-6) / 127
    tables = {
        f"{direction} {name}": getattr(reader, name).astype(np.float16)
        for direction, reader in zip(_DIRECTIONS, network.readers, strict=True)
        for name in ("inputs", "states", "input_bias", "state_bias")
    }
    np.savez_compressed(
        path,
        embeddings=np.rint(network.embeddings / scale).astype(np.int8),
        scale=np.array([scale], np.float32),
        output=network.output.astype(np.float16),
        bias=network.bias.astype(np.float16),
        **tables,
    )
