"""Addresses: where the page can be served (and what is wrong where it cannot), and which are counted as one."""

import errno
import ipaddress
import socket

from index.errors import UserError

DEFAULT_PORT = 7860


class AddressError(UserError):
    """The page cannot be served at this host and port."""


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what is served at this host."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def listen(host: str, port: int) -> socket.socket:
    """A socket that is bound there. Raises AddressError, which says what to do."""
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, socket.SOCK_STREAM)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(place)
        except OSError:
            listening.close()
            raise
    except (OSError, UnicodeError) as error:  # UnicodeError: a name that cannot be a host's, such as a..b
        raise AddressError(_explain(host, port, error)) from error
    return listening


def check_address(host: str, port: int) -> None:
    """Raise AddressError unless host and port can be served at now: before minutes go into models and indexes."""
    listen(host, port).close()


def _explain(host: str, port: int, error: OSError | UnicodeError) -> str:
    if isinstance(error, UnicodeError):
        return f"{host!r} is no name or address of a machine. On this machine only: --host 127.0.0.1"
    if error.errno == errno.EADDRINUSE:
        other = port + 1 if port < 65535 else port - 1
        return f"port {port} on {host} is taken by another program. Choose another one: --port {other}"
    if error.errno == errno.EACCES:
        return f"port {port} on {host} is reserved for the system. Choose one from 1024 on: --port {DEFAULT_PORT}"
    return f"cannot serve at {host}, port {port}: {error.strerror}. On this machine only: --host 127.0.0.1"


def network_of(host: str) -> str:
    """What counts as one address: an IPv4 address, or the 64 bits that one IPv6 line has to choose from."""
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(found, ipaddress.IPv6Address):
        return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))
    return str(found)
