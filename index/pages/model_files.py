"""The files of the page model as they stand on disk, and what is said where one is missing or damaged."""

from pathlib import Path

from ..errors import ModelError

_FOLDER = Path(__file__).resolve().parents[2] / "models" / "pages"
WEIGHTS, NETWORK, SEAMS = (_FOLDER / name for name in ("weights.json", "network.npz", "seams.npz"))
MODEL_FILES = (WEIGHTS, NETWORK, SEAMS)
"""All that decides, beside the code, how a page is read."""
_REPAIR = "It ships with the program: git checkout -- models/pages"


def read_model_file(path: Path) -> bytes:
    """The file as it is. Raises ModelError where it is missing or cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"The page model {str(path)!r} cannot be read ({error.strerror}). {_REPAIR}") from error


def damaged(path: Path, error: Exception) -> ModelError:
    """What to raise for a file that was read and holds no model."""
    return ModelError(f"The page model {str(path)!r} is damaged ({error!r}). {_REPAIR}")
