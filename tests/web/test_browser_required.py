"""Without a browser the browser tests are skipped, and in CI they fail."""

from pathlib import Path

import pytest

from tests.browser import conftest


@pytest.fixture(autouse=True)
def no_chromium(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(conftest, "CHROMIUM", tmp_path / "none")


def test_without_a_browser_the_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REQUIRE_BROWSER", raising=False)
    with pytest.raises(pytest.skip.Exception, match="none is not installed"):
        conftest.pytest_runtest_setup()


def test_without_a_browser_that_must_be_there_the_test_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUIRE_BROWSER", "1")
    with pytest.raises(pytest.fail.Exception, match="REQUIRE_BROWSER is set"):
        conftest.pytest_runtest_setup()
