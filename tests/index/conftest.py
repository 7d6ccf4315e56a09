from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import index.build
from index.embeddings import Embedder, load_embedder

from ..fakes import write_static_model


class CountingEmbedder:
    """The static model of the tests, keeping the texts that it was asked to embed."""

    def __init__(self, model: Embedder) -> None:
        self._model = model
        self.name, self.fingerprint, self.dim = model.name, model.fingerprint, model.dim
        self.embedded: list[str] = []

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.embedded.extend(texts)
        return self._model.embed_passages(texts)

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._model.embed_queries(texts)


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_static_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="session")
def model(model_folder: Path) -> Embedder:
    return load_embedder(str(model_folder))


@pytest.fixture
def embedder(model: Embedder, monkeypatch: pytest.MonkeyPatch) -> CountingEmbedder:
    """The embedder that every build of the test uses."""
    counting = CountingEmbedder(model)
    monkeypatch.setattr(index.build, "load_embedder", lambda name: counting)
    return counting


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty documents folder."""
    (tmp_path / "docs").mkdir()
    return tmp_path / "docs"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Where the index will stand."""
    return tmp_path / "out"
