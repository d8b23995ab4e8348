"""Server-sent events, read as their bytes come in, wherever they were cut."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

__all__ = ["Event", "Reader", "events", "say"]

_MARK = b"\xef\xbb\xbf"


class Event(NamedTuple):
    """One event: its name, which is empty when none was given, and its data."""

    name: str
    data: bytes


class Reader:
    """Takes the bytes of a stream and gives its events, each as soon as it is whole."""

    def __init__(self) -> None:
        self._line: list[bytes] = []
        self._name = b""
        self._data: list[bytes] = []
        self._after_return = False
        self._is_first = True

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that these bytes complete."""
        # A line may end in CR, LF or both, so an LF at the start may belong to the CR before it.
        if self._after_return and chunk[:1] == b"\n":
            chunk = chunk[1:]
            self._after_return = False
        if not chunk:
            return []
        self._after_return = chunk.endswith(b"\r")
        found: list[Event] = []
        lines = chunk.splitlines()
        rest = b"" if chunk.endswith((b"\r", b"\n")) else lines.pop()
        for line in lines:
            if self._line:
                line = b"".join([*self._line, line])  # noqa: PLW2901  # the beginning of the line came earlier
                self._line.clear()
            self._read(line, found)
        if rest:
            self._line.append(rest)
        return found

    def finish(self) -> list[Event]:
        """The event that the stream ended in. Some hosts forget the empty line that should follow the last one."""
        found: list[Event] = []
        if self._line:
            self._read(b"".join(self._line), found)
            self._line.clear()
        self._read(b"", found)
        return found

    def _read(self, line: bytes, found: list[Event]) -> None:
        if self._is_first:
            self._is_first = False
            line = line.removeprefix(_MARK)
        if not line:
            if self._data:
                found.append(Event(self._name.decode("utf-8", "replace"), b"\n".join(self._data)))
            self._name, self._data = b"", []
            return
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._data.append(value)
        elif field == b"event":
            self._name = value


def events(chunks: Iterable[bytes]) -> Iterator[tuple[int, Event]]:
    """The events of a stream, each with the number, from 0, of the chunk that completed it."""
    reader = Reader()
    number = 0
    for number, chunk in enumerate(chunks):  # the last number is needed after the loop
        for event in reader.feed(chunk):
            yield number, event
    for event in reader.finish():
        yield number, event


def say(data: bytes, name: str = "") -> bytes:
    """One event as bytes; the data is one line."""
    return b"".join((b"event: %b\n" % name.encode() if name else b"", b"data: ", data, b"\n\n"))
