"""Ports for the servers of tests."""

from contextlib import ExitStack

from benchmarks.load_app import free_port as held_port

_HELD = ExitStack()


def free_port() -> int:
    """A port of this machine at which nobody listens, and which nobody is given by chance while the tests run."""
    return _HELD.enter_context(held_port())
