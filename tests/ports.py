"""Ports for the servers of tests."""

import socket

_HELD: list[socket.socket] = []


def free_port() -> int:
    """A port of this machine at which nobody listens, and which nobody is given by chance while the tests run.

    It is held by a socket that does not listen: who serves there may bind it as well, since servers set SO_REUSEADDR.
    """
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    _HELD.append(held)
    return int(held.getsockname()[1])
