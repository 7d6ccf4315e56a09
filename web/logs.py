"""What the server says while it runs: lines for people, or JSON for programs; never a key, and no question unasked.

A record's message is the name of what happened (`question`, `request`, `started`); what belongs to it stands in
`extra={"fields": {...}}`.
"""

import datetime
import json
import logging
import sys
import traceback
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any, Literal

LogFormat = Literal["text", "json"]
LOGGER = logging.getLogger("wenda")
MIN_SECRET_CHARS = 4
"""A shorter secret is not looked for: it would be found in every other word."""
HIDDEN = "***"


class Secrets:
    """What is struck out wherever it would appear; a key that is typed while the program runs is added."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._found: tuple[str, ...] = ()
        for one in secrets:
            self.add(one)

    def add(self, secret: str) -> None:
        """The longest stand first: one may be the beginning of another."""
        if len(secret) >= MIN_SECRET_CHARS:
            self._found = tuple(sorted({*self._found, secret}, key=len, reverse=True))

    @property
    def found(self) -> Sequence[str]:
        return self._found


def configure_logs(log_format: LogFormat, secrets: Secrets, *, with_questions: bool = False) -> None:
    """Sends all logs of the process to stderr: as lines from WARNING up, as JSON from INFO up.

    `with_questions`: questions are logged, and the words of errors, which may hold one.
    """
    handler = logging.StreamHandler(sys.stderr)
    formatter = JsonFormatter if log_format == "json" else LineFormatter
    handler.setFormatter(formatter(secrets, with_questions=with_questions))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    LOGGER.setLevel(logging.INFO if log_format == "json" or with_questions else logging.WARNING)
    logging.captureWarnings(True)


class JsonFormatter(logging.Formatter):
    """One JSON object a line: `time` (UTC), `level`, `event`, `request_id` where there is one, and the fields."""

    def __init__(self, secrets: Secrets, *, with_questions: bool = False) -> None:
        super().__init__()
        self._secrets = secrets
        self._with_questions = with_questions

    def format(self, record: logging.LogRecord) -> str:
        said = datetime.datetime.fromtimestamp(record.created, datetime.UTC)
        line: dict[str, Any] = {"time": said.isoformat(timespec="milliseconds"), "level": record.levelname.lower()}
        if record.name == LOGGER.name:
            line["event"] = record.getMessage()
        else:
            line |= {"event": "library", "logger": record.name, "says": record.getMessage()}
        if name := getattr(record, "request_id", ""):
            line["request_id"] = name
        line |= _fields(record, self._with_questions)
        if record.exc_info and record.exc_info[0]:
            line["error"] = error_record(record.exc_info, with_words=self._with_questions)
        return json.dumps(hidden(line, self._secrets.found), ensure_ascii=False, default=str)


class LineFormatter(logging.Formatter):
    """A line for a terminal, with the whole traceback where there is one."""

    def __init__(self, secrets: Secrets, *, with_questions: bool = False) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", "%H:%M:%S")
        self._secrets = secrets
        self._with_questions = with_questions

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # logging's own name
        safe = hidden(_fields(record, self._with_questions), self._secrets.found)  # before quotes in it are escaped
        fields = "".join(f" {name}={value}" for name, value in safe.items())
        return super().formatMessage(record) + fields

    def format(self, record: logging.LogRecord) -> str:
        return str(hidden(super().format(record), self._secrets.found))


def _fields(record: logging.LogRecord, with_questions: bool) -> dict[str, Any]:
    fields: dict[str, Any] = getattr(record, "fields", {})
    return fields if with_questions else {name: value for name, value in fields.items() if name != "question"}


def error_record(
    error: tuple[type[BaseException], BaseException, TracebackType | None], *, with_words: bool
) -> dict[str, Any]:
    """An exception without its words (unless they are wanted): its class, and where it came from, innermost last."""
    kind, raised, trace = error
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
    return {"class": kind.__name__, **({"says": str(raised)} if with_words else {}), "frames": frames}


def hidden(value: Any, secrets: Sequence[str]) -> Any:
    """A value of JSON with every secret in its texts struck out."""
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, HIDDEN)
        return value
    if isinstance(value, dict):
        return {hidden(name, secrets): hidden(one, secrets) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [hidden(one, secrets) for one in value]
    return value
