"""Which language model is asked: flags, environment, and what is refused."""

import argparse

import pytest

from index.errors import ModelError, SettingsError
from rag import ModelSettings
from rag.language_model.flags import add_model_flags, named_model, named_settings
from rag.language_model.remote_model import RemoteModel
from rag.settings import API_KEY, BASE_URL, MODEL, TIMEOUT, model_settings

URL = "http://127.0.0.1:11434/v1"


def flags(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_model_flags(parser)
    return parser.parse_args(arguments)


def test_nothing_named_is_no_model() -> None:
    assert model_settings({}) is None
    assert model_settings({BASE_URL: " ", MODEL: "", API_KEY: "k"}) is None
    assert named_model(flags(), {}) is None


def test_the_environment_names_it() -> None:
    found = model_settings({BASE_URL: URL, MODEL: "qwen3", API_KEY: " k\n"})
    assert found == ModelSettings("qwen3", URL, "k")


def test_a_slow_machine_is_given_more_time() -> None:
    found = model_settings({BASE_URL: URL, MODEL: "qwen3", TIMEOUT: "200"})
    assert found == ModelSettings("qwen3", URL, silence_timeout_s=200, total_timeout_s=600)


def test_flags_come_before_the_environment() -> None:
    environment = {BASE_URL: "http://other/v1", MODEL: "other", API_KEY: "k"}
    model = named_model(flags("--llm-base-url", URL, "--llm-model", "qwen3"), environment)
    assert isinstance(model, RemoteModel)
    assert model.settings == ModelSettings("qwen3", URL, "k")
    assert model.name == "qwen3"
    assert named_model(flags("--no-llm"), environment) is None


def test_there_is_no_flag_for_the_key() -> None:
    parser = argparse.ArgumentParser()
    add_model_flags(parser)
    assert "key" not in " ".join(option for action in parser._actions for option in action.option_strings)
    assert API_KEY in parser.format_help()


def test_a_model_without_a_server_is_a_local_one() -> None:
    with pytest.raises(ModelError, match=MODEL):
        named_model(flags("--llm-model", "/nowhere/at-all"), {})


@pytest.mark.parametrize(
    ("environment", "names"),
    [
        ({BASE_URL: URL}, MODEL),
        ({BASE_URL: "127.0.0.1:11434", MODEL: "m"}, BASE_URL),
        ({BASE_URL: "ftp://host/v1", MODEL: "m"}, BASE_URL),
        ({BASE_URL: "http://", MODEL: "m"}, BASE_URL),
        ({BASE_URL: "http://host:99999/v1", MODEL: "m"}, BASE_URL),
        ({BASE_URL: "http://name:secret-of-mine@host/v1", MODEL: "m"}, API_KEY),
        ({BASE_URL: "http://host/v1?key=secret-of-mine", MODEL: "m"}, API_KEY),
        ({BASE_URL: URL, MODEL: "m", TIMEOUT: "long"}, TIMEOUT),
        ({BASE_URL: URL, MODEL: "m", TIMEOUT: "0"}, "timeout_s"),
        ({BASE_URL: URL, MODEL: "m", TIMEOUT: "nan"}, "timeout_s"),
        ({BASE_URL: URL, MODEL: "m", API_KEY: "secret-of-mine\nx"}, API_KEY),
        ({BASE_URL: URL, MODEL: "m", API_KEY: "secret-of-mine密"}, API_KEY),
    ],
)
def test_what_cannot_be_is_told_without_the_secret(environment: dict[str, str], names: str) -> None:
    with pytest.raises(SettingsError, match=names) as raised:
        model_settings(environment)
    assert "secret-of-mine" not in str(raised.value)


@pytest.mark.parametrize(
    "values",
    [
        {"connect_timeout_s": 0},
        {"silence_timeout_s": -1},
        {"total_timeout_s": 0},
        {"max_tokens": 0},
        {"n_retries": -1},
        {"temperature": -0.1},
    ],
)
def test_limits_must_be_possible(values: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match=next(iter(values))):
        ModelSettings("m", URL, **values)  # type: ignore[arg-type]


def test_a_key_is_in_no_representation() -> None:
    assert "sk-1" not in repr(ModelSettings("m", URL, "sk-1"))


def test_what_else_the_flags_change() -> None:
    assert not named_settings(flags()).drop_unsupported
    assert named_settings(flags("--drop-unsupported")).drop_unsupported
    assert named_settings(flags("--llm-rewrite")).rewrite_with_model
