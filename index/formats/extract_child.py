"""The process behind `extract.Extractor`: reads files from standard input, answers with their text.

It ends with its input. Started as `python -m index.formats.extract_child`; nothing imports it.
"""

import importlib
import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from .extract import read_message, write_message
from .reading import MAX_TEXT_CHARS, Extracted, UnreadableError, check_text

MAX_MEMORY_BYTES = 2 * 2**30
"""Address space, of which a parser of a 50 MB file takes most."""


def main() -> None:
    """Answers until the input ends. Whatever a parser prints goes nowhere: the pipe is for answers only."""
    pipe_in = sys.stdin.buffer
    pipe_out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _bound_memory()
    while True:
        try:
            module, data = read_message(pipe_in).decode(), read_message(pipe_in)
        except EOFError:
            return
        answer = json.dumps(_answer(module, data, lambda: write_message(pipe_out, b"")), ensure_ascii=False)
        write_message(pipe_out, answer.encode("utf-8", "backslashreplace"))


def _answer(module: str, data: bytes, alive: Callable[[], None]) -> dict[str, Any]:
    """What is sent back for a file. `alive` tells that its parser gets on: called when it is loaded, and between pages.

    On a busy machine the start of this process and of its parser takes seconds, which are not the file's.
    """
    try:
        parser = importlib.import_module(f".{module}", __package__)
        alive()
        found: Extracted = parser.extract(data, alive)
        if not found.text.strip():
            raise UnreadableError("holds no text")
        if len(found.text) > MAX_TEXT_CHARS:
            raise UnreadableError(f"holds {len(found.text)} characters, the limit is {MAX_TEXT_CHARS}: split it")
        check_text(found.text, *found.metadata.values())
    except UnreadableError as error:
        return {"reason": str(error)}
    except (MemoryError, RecursionError) as error:
        return {"reason": f"too large or too deeply nested to be read ({type(error).__name__})"}
    except ImportError as error:
        return {"reason": f"the library that reads it is missing ({error.name}): make install"}
    except Exception as error:  # a parser may let anything through, and no file may stop the others
        return {"reason": f"damaged: {type(error).__name__}: {_first_line(error)}"}
    return asdict(found)


def _first_line(error: Exception) -> str:
    lines = str(error).split("\n")
    return lines[0][:200]


def _bound_memory() -> None:
    try:
        import resource
    except ImportError:  # not on this system: the bounds on sizes and time remain
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = MAX_MEMORY_BYTES if hard == resource.RLIM_INFINITY else min(MAX_MEMORY_BYTES, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


if __name__ == "__main__":
    main()
