"""The file of the page model: told by name where it is missing or damaged."""

from pathlib import Path

import pytest

import index.build
from index import build_index
from index.errors import ModelError
from index.pages.model_files import NETWORK, SEAMS, WEIGHTS
from index.pages.seams import load_seams
from index.pages.tagger import load_weights

from .conftest import CountingEmbedder
from .test_build import bridge_page, write


def test_weights_that_are_missing_are_told_with_the_repair(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"gone\.json' cannot be read .*git checkout -- models/pages"):
        load_weights(tmp_path / "gone.json")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", NETWORK.read_bytes()[:-400], SEAMS.read_bytes()])
def test_a_network_that_does_not_fit_is_told_with_the_repair(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "weights.json"
    path.write_bytes(WEIGHTS.read_bytes())
    (tmp_path / "network.npz").write_bytes(content)
    with pytest.raises(ModelError, match=r"weights\.json' is damaged .*git checkout -- models/pages"):
        load_weights(path)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"transitions": {"nothing": {"title": 1}}}', "\x00"])
def test_weights_that_are_damaged_are_told_with_the_repair(tmp_path: Path, content: str) -> None:
    path = tmp_path / "weights.json"
    path.write_text(content, encoding="utf-8")
    (tmp_path / "network.npz").write_bytes(NETWORK.read_bytes())
    with pytest.raises(ModelError, match=r"weights\.json' is damaged .*git checkout -- models/pages"):
        load_weights(path)


def test_a_build_without_the_page_model_is_an_error_and_the_index_stays(
    folder: Path, out: Path, embedder: CountingEmbedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, a=bridge_page())
    build_index(folder, out)
    live = (out / "CURRENT").read_bytes()
    monkeypatch.setattr(index.build, "MODEL_FILES", (tmp_path / "gone.json",))
    with pytest.raises(ModelError, match="git checkout -- models/pages"):
        build_index(folder, out)
    assert (out / "CURRENT").read_bytes() == live


def test_a_network_of_breaks_that_is_missing_or_damaged_is_told_with_the_repair(tmp_path: Path) -> None:
    path = tmp_path / "seams.npz"
    with pytest.raises(ModelError, match=r"seams\.npz' cannot be read .*git checkout -- models/pages"):
        load_seams(path)
    whole = SEAMS.read_bytes()
    for content in (b"", b"PK\x03\x04", whole[:-400], whole[:5000] + whole[6000:]):
        path.write_bytes(content)
        load_seams.cache_clear()
        with pytest.raises(ModelError, match=r"seams\.npz' is damaged .*git checkout -- models/pages"):
            load_seams(path)
    load_seams.cache_clear()
