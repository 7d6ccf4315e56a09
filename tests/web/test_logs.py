"""Logs: one record a line, no secret, no question unasked."""

import json
import logging
import sys

import pytest

from web.logs import HIDDEN, JsonFormatter, LineFormatter, Secrets, hidden

SECRET = 'sk-"geheim"\\1'


def record(event: str, **more: object) -> logging.LogRecord:
    made = logging.LogRecord("wenda", logging.INFO, __file__, 1, event, (), None)
    made.__dict__.update(more)
    return made


def failed(words: str) -> logging.LogRecord:
    made = record("answer_failed", request_id="r-12345678")
    try:
        raise RuntimeError(words)
    except RuntimeError:
        made.exc_info = sys.exc_info()
    return made


def test_a_record_is_one_line_of_json() -> None:
    line = JsonFormatter(Secrets()).format(
        record("question", fields={"outcome": "answered", "ms": 1.5}, request_id="abc")
    )
    assert "\n" not in line
    said = json.loads(line)
    assert said.pop("time").endswith("+00:00")
    assert said == {"level": "info", "event": "question", "request_id": "abc", "outcome": "answered", "ms": 1.5}


@pytest.mark.parametrize("formatter", [JsonFormatter, LineFormatter])
@pytest.mark.parametrize("with_questions", [False, True])
def test_a_question_is_logged_only_where_it_is_asked_for(
    formatter: type[JsonFormatter] | type[LineFormatter], with_questions: bool
) -> None:
    line = formatter(Secrets(), with_questions=with_questions).format(
        record("question", fields={"question": "谁生病了？"})
    )
    assert ("谁生病了？" in line) is with_questions


@pytest.mark.parametrize("with_questions", [False, True])
def test_an_error_says_where_and_its_words_only_with_the_questions(with_questions: bool) -> None:
    said = json.loads(JsonFormatter(Secrets(), with_questions=with_questions).format(failed("谁生病了？")))
    assert said["error"]["class"] == "RuntimeError"
    assert said["error"]["frames"][-1].endswith(" failed")
    assert said["error"].get("says") == ("谁生病了？" if with_questions else None)


@pytest.mark.parametrize("formatter", [JsonFormatter, LineFormatter])
def test_a_secret_is_struck_out_wherever_it_stands(formatter: type[JsonFormatter] | type[LineFormatter]) -> None:
    makes = formatter(Secrets([SECRET, ""]), with_questions=True)
    for made in (
        record(f"began with {SECRET}"),
        record("question", fields={"question": SECRET, SECRET: [SECRET]}),
        failed(f"401: {SECRET}"),
    ):
        line = makes.format(made)
        assert "geheim" not in line
        assert HIDDEN in line


def test_a_key_that_is_typed_later_is_struck_out_as_well() -> None:
    secrets = Secrets([SECRET])
    makes = JsonFormatter(secrets)
    secrets.add("sk-typed-later")
    assert "typed" not in makes.format(record("sk-typed-later"))
    assert "geheim" not in makes.format(record(SECRET))


def test_of_two_secrets_the_longer_is_struck_out_whole() -> None:
    makes = JsonFormatter(Secrets(["abcd", "abcdefgh"]))
    assert "efgh" not in makes.format(record("abcdefgh"))


def test_hidden_leaves_what_is_no_text() -> None:
    assert hidden({"n": 1, "x": [True, None, "abcd!"]}, ["abcd"]) == {"n": 1, "x": [True, None, "***!"]}


def test_what_a_library_logs_is_marked_as_its_own() -> None:
    made = logging.LogRecord("uvicorn.error", logging.WARNING, __file__, 1, "low on %s", ("sockets",), None)
    said = json.loads(JsonFormatter(Secrets()).format(made))
    assert (said["event"], said["logger"], said["says"]) == ("library", "uvicorn.error", "low on sockets")
