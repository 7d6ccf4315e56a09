"""Vectors that outlive the build that computed them: whole ones are found, torn ones are not."""

from pathlib import Path

import numpy as np

from index.generation.embedded import UNFINISHED, EmbeddedVectors

ROWS = np.arange(12, dtype=np.float32).reshape(4, 3)
KEYS = [bytes([i]) * 16 for i in range(4)]


def added(path: Path) -> Path:
    embedded = EmbeddedVectors(path, "model", 3)
    assert embedded.n_found == 0
    assert list(embedded.add(KEYS[:3], ROWS[:3])) == [0, 1, 2]
    embedded.close()
    return next((path / UNFINISHED).iterdir())


def test_what_was_added_is_found_again(tmp_path: Path) -> None:
    added(tmp_path)
    embedded = EmbeddedVectors(tmp_path, "model", 3)
    assert embedded.n_found == 3
    assert [embedded.find(key) for key in KEYS] == [0, 1, 2, None]
    assert list(embedded.add(KEYS[3:], ROWS[3:])) == [3]
    np.testing.assert_array_equal(embedded.vectors(np.array([3, 0, 3])), ROWS[[3, 0, 3]])
    embedded.remove()
    assert list(tmp_path.iterdir()) == []


def test_a_torn_record_and_all_behind_it_are_dropped(tmp_path: Path) -> None:
    file = added(tmp_path)
    data = bytearray(file.read_bytes())
    data[len(data) // 3 + 25] ^= 1  # in the second record
    file.write_bytes(bytes(data))
    embedded = EmbeddedVectors(tmp_path, "model", 3)
    assert [embedded.find(key) for key in KEYS] == [0, None, None, None]
    assert list(embedded.add(KEYS[1:2], ROWS[1:2])) == [1]
    np.testing.assert_array_equal(embedded.vectors(np.array([0, 1])), ROWS[:2])


def test_half_a_record_is_dropped(tmp_path: Path) -> None:
    file = added(tmp_path)
    file.write_bytes(file.read_bytes()[:-1])
    assert EmbeddedVectors(tmp_path, "model", 3).n_found == 2


def test_another_model_finds_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    file = added(tmp_path)
    embedded = EmbeddedVectors(tmp_path, "other model", 3)
    assert (embedded.n_found, file.exists()) == (0, False)
