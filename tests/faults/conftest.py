"""A small index that each test may damage as it likes, and an engine over it that needs no model."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from index.build import build_index
from index.settings import IndexSettings
from rag import Engine, RagSettings
from rag.reading.evidence import LexicalReader

from ..fakes import write_static_model
from ..rag.pieces import weights

QUESTION = "青河大桥全长多少米？"
ANSWER = "青河大桥全长620米。"
PAGES = {
    "桥.txt": f"青河大桥合龙\n\n本报讯 {ANSWER}大桥昨天合龙，工程师陈立负责设计。\n",
    "稻.txt": "水稻丰收\n\n今年水稻亩产七百公斤，农户李强说收成很好。\n",
    "馆.md": "---\ndate: 2024-05-06\nsource: 青河日报\n---\n# 图书馆开馆\n\n图书馆昨天开馆，藏书三十万册。\n",
}


def write_pages(folder: Path, pages: dict[str, str]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> IndexSettings:
    return IndexSettings(embedder=str(write_static_model(tmp_path_factory.mktemp("model"))))


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, settings: IndexSettings) -> tuple[Path, Path]:
    """(documents, index), which no test changes."""
    place = tmp_path_factory.mktemp("built")
    documents = write_pages(place / "documents", PAGES)
    build_index(documents, place / "index", settings)
    return documents, place / "index"


@pytest.fixture
def documents(built: tuple[Path, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(built[0], tmp_path / "documents"))


@pytest.fixture
def index_path(built: tuple[Path, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(built[1], tmp_path / "index"))


def open_engine(path: Path) -> Engine:
    return Engine.open(path, RagSettings(), LexicalReader(), weights())


@pytest.fixture
def engine(index_path: Path) -> Engine:
    return open_engine(index_path)


@pytest.fixture
def rebuild(documents: Path, index_path: Path, settings: IndexSettings) -> Callable[[], None]:
    """What the owner is told to do."""
    return lambda: (build_index(documents, index_path, settings), None)[1]
