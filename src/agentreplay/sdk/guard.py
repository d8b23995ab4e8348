"""The guard: while a replay runs, no connection is opened but to hosts that are allowed by name.

It stands below every library, for a program may connect beside all seams.
"""

import errno
import ipaddress
import socket
import sys
from collections.abc import Collection, Generator
from contextlib import contextmanager
from typing import Any, cast

from agentreplay.sdk.places import frame_at

__all__ = ["ConnectionNotAllowed", "guarding", "lift", "shut"]


class ConnectionNotAllowed(ConnectionRefusedError):
    """A replay opens no connection to a host that is not allowed by name."""

    def __init__(self, target: str) -> None:
        super().__init__(errno.ECONNREFUSED, f"{target} is not connected to, because this is a replay")
        self.target = target


class _Guard:
    def __init__(self, refused: list[str], allowed: Collection[str]) -> None:
        self.refused = refused
        self.allowed = set(allowed)
        self.is_asking = False

    def check_name(self, host: object, port: object) -> None:
        """Looking up a name: that asks somebody in the network."""
        name = host.decode("ascii", "replace") if isinstance(host, bytes | bytearray) else host
        if not isinstance(name, str) or _is_local(name):
            return
        if name in self.allowed:
            self._learn(name)
        else:
            self._refuse(name, port)

    def check_address(self, connecting: Any, address: object) -> None:
        if connecting.family not in {socket.AF_INET, socket.AF_INET6} or not isinstance(address, tuple):
            return
        host, port = cast("tuple[object, ...]", address)[:2]
        if host not in self.allowed and f"{host}:{port}" not in self.allowed and not _is_pair():
            self._refuse(host, port)

    def _learn(self, name: str) -> None:
        """A host that is allowed by name is connected to by its addresses."""
        if self.is_asking:
            return
        self.is_asking = True
        try:
            found = socket.getaddrinfo(name, None)
        except OSError:
            return
        finally:
            self.is_asking = False
        self.allowed.update(str(address[4][0]) for address in found)

    def _refuse(self, host: object, port: object) -> None:
        target = f"{host}:{port}" if port else str(host)
        self.refused.append(target)
        raise ConnectionNotAllowed(target)


_guard: _Guard | None = None
_is_hooked = False


def shut(refused: list[str], allowed: Collection[str] = ()) -> None:
    """From now on refuse what is not allowed, and note it."""
    global _guard, _is_hooked  # noqa: PLW0603  # a hook cannot be taken out again, so it is put in once
    _guard = _Guard(refused, allowed)
    if not _is_hooked:
        _is_hooked = True
        sys.addaudithook(_hook)


def lift() -> None:
    """Refuse nothing any more."""
    global _guard  # noqa: PLW0603  # as above
    _guard = None


@contextmanager
def guarding(refused: list[str], allowed: Collection[str] = ()) -> Generator[None, None, None]:
    """Refuse in here."""
    shut(refused, allowed)
    try:
        yield
    finally:
        lift()


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    guard = _guard
    if guard is None or not event.startswith("socket."):
        return
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        guard.check_address(arguments[0], arguments[1])
    elif event == "socket.getaddrinfo":
        guard.check_name(arguments[0], arguments[1])
    elif event == "socket.gethostbyname":
        guard.check_name(arguments[0], None)


def _is_local(name: str) -> bool:
    """Whether nobody is asked for it; servers of the program itself look such names up."""
    if name in {"", "localhost"}:
        return True
    try:
        ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return True


def _is_pair() -> bool:
    """Whether this is a pair of sockets, which some systems connect through the loopback; asked by the hook."""
    frame = frame_at(3)
    return frame.f_code.co_filename == socket.__file__ and "socketpair" in frame.f_code.co_name
