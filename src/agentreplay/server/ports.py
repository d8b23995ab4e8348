"""Opens the ports. One that is taken is reported, and the others go on."""

import socket
from collections.abc import Iterable
from typing import NamedTuple

from agentreplay.errors import AddressTaken

__all__ = ["Opened", "listen", "open_ports"]

_BACKLOG = 1024


class Opened(NamedTuple):
    """What could be opened, and what could not."""

    sockets: list[socket.socket]
    problems: list[AddressTaken]


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes any that is free. Raises AddressTaken."""
    address = f"{host}:{port}"
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        opened = socket.socket(family, kind, protocol)
    except OSError as error:
        raise AddressTaken(address=address, problem=error.strerror or str(error)) from error
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(place)
        opened.listen(_BACKLOG)
        opened.setblocking(False)  # noqa: FBT003  # the standard library's signature
    except OSError as error:
        opened.close()
        raise AddressTaken(address=address, problem=error.strerror or str(error)) from error
    return opened


def open_ports(host: str, ports: Iterable[int]) -> Opened:
    """All that can be opened."""
    opened = Opened([], [])
    for port in ports:
        try:
            opened.sockets.append(listen(host, port))
        except AddressTaken as problem:
            opened.problems.append(problem)
    return opened
