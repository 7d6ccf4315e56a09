"""`reader.onnx` -> the state that it was exported from, so that training goes on from the weights that ship.

The exporter keeps the names of what it copies. Matrices that it turned, and the LSTMs, are found by the order in which
the network uses them; the gates of an LSTM stand as input, output, forget, cell in ONNX and as input, forget, cell,
output in torch.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

Floats = npt.NDArray[np.float32]
_LAYERS = ("question_layer", "first", "second")
_TURNED = ("token", "question_pool", "align", "enter", "meet", "mix", "edges", "pool", "evidence.0", "evidence.3")


def restore_state(path: Path, like: dict[str, Tensor]) -> dict[str, Tensor]:
    """The state in the `reader.onnx` at `path`; `like` is any state of a network of the same widths.

    Raises ValueError where the file does not hold a matrix that such a network has.
    """
    graph = onnx.load(str(path)).graph
    kept = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    state = {name: torch.from_numpy(kept[name].copy()) for name in like if name in kept}
    products = [name for node in graph.node if node.op_type == "MatMul" for name in node.input if name in kept]
    for name, matrix in zip(_TURNED, dict.fromkeys(products), strict=True):
        state[f"{name}.weight"] = torch.from_numpy(kept[matrix].T.copy())
    lstms = [node for node in graph.node if node.op_type == "LSTM"]
    for prefix, node in zip((f"{layer}.{way}" for layer in _LAYERS for way in ("forth", "back")), lstms, strict=True):
        state |= dict(_lstm(prefix, *(kept[name][0] for name in node.input[1:4])))
    wrong = [name for name, value in like.items() if name not in state or state[name].shape != value.shape]
    if wrong:
        raise ValueError(f"{path} is of another network: it has no {', '.join(wrong)}")
    return {name: state[name] for name in like}


def _lstm(prefix: str, weight: Floats, recurrent: Floats, bias: Floats) -> Iterator[tuple[str, Tensor]]:
    """`weight` (4h, n), `recurrent` (4h, h), `bias` (8h,), gates in ONNX's order."""
    n = len(bias) // 2
    values = {"weight_ih_l0": weight, "weight_hh_l0": recurrent, "bias_ih_l0": bias[:n], "bias_hh_l0": bias[n:]}
    for name, value in values.items():
        entering, leaving, forgetting, cell = np.split(value, 4)
        yield f"{prefix}.{name}", torch.from_numpy(np.concatenate([entering, forgetting, cell, leaving]))
