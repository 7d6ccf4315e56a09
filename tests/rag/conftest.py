from collections.abc import Callable
from pathlib import Path

import pytest

from index.build import build_index
from index.embeddings import Embedder, load_embedder
from index.settings import IndexSettings
from index.store import Index, open_index
from rag import Engine, RagSettings
from rag.reading.evidence import LexicalReader

from ..fakes import write_static_model
from .pieces import weights

DOCUMENTS = Path(__file__).resolve().parents[2] / "documents"
OpenEngine = Callable[..., Engine]


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_static_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="session")
def embedder(model_folder: Path) -> Embedder:
    return load_embedder(str(model_folder))


@pytest.fixture(scope="session")
def sample_path(tmp_path_factory: pytest.TempPathFactory, model_folder: Path) -> Path:
    """An index of the sample documents, made with the static model of the tests."""
    out = tmp_path_factory.mktemp("sample") / "index"
    build_index(DOCUMENTS, out, IndexSettings(embedder=str(model_folder)))
    return out


@pytest.fixture(scope="session")
def sample(sample_path: Path) -> Index:
    return open_index(sample_path)


@pytest.fixture(scope="session")
def open_engine() -> OpenEngine:
    """Opens an index with the reader that needs no model and the weights of the tests."""

    def open_it(path: Path, **settings: float) -> Engine:
        return Engine.open(path, RagSettings(**settings), LexicalReader(), weights())

    return open_it


@pytest.fixture(scope="session")
def engine(sample_path: Path, open_engine: OpenEngine) -> Engine:
    """An engine over the sample documents."""
    return open_engine(sample_path)
