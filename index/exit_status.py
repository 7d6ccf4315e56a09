"""How a command ends when it cannot go on: one line for its user and an exit status, never a traceback."""

import os
import signal
import sys
from collections.abc import Callable

from .errors import UserError


def exit_status(run: Callable[[], int], *, interrupted: str = "interrupted", one_line: bool = False) -> int:
    """What `run` returns; 2 where its user can repair what is wrong, 130 after Ctrl-C, 141 where its reader went away.

    `interrupted` is said after Ctrl-C; `one_line` says an error of several lines on one.

    What was printed is written out here, so that a full disk or a closed pipe (`| head`) is told as well.
    """
    try:
        status = run()
        if sys.stdout is not None:  # a shell may close it: >&-
            sys.stdout.flush()
        return status
    except BrokenPipeError:  # who reads has seen enough; the command itself is done
        _drop_output()
        return 128 + signal.SIGPIPE
    except UserError as error:
        print("error:", " ".join(str(error).split()) if one_line else error, file=sys.stderr)
        return 2
    except OSError as error:
        if not _output_fails():
            raise
        _drop_output()
        print(f"error: the output cannot be written: {error.strerror or error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(interrupted, file=sys.stderr)
        return 130


def _output_fails() -> bool:
    """Whether it is standard output that fails: then one more line fails, too."""
    try:
        print(flush=True)
    except OSError:
        return True
    return False


def _drop_output() -> None:
    """What is still to be written goes nowhere: Python would try it once more at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
