"""What the program prints inside of a call: kept with the answer, because a call that is served does not run.

Heard is what is written to `sys.stdout` and `sys.stderr` by the flows that perform the call, whoever else prints
meanwhile. What goes past them, as a child process or C does, is not.
"""

import sys
from collections.abc import Callable, Sequence
from typing import Any

from msgspec.structs import replace

from agentreplay.model.call import Answer, Printed

__all__ = ["Printing", "listen", "print_again"]

_LIMIT = 1 << 20
"""So many characters of one call; what is printed behind them is missing when the call is served."""

_heard: dict[str, Any] = {}
"""The streams that are listened to, by name."""


class Printing:
    """What is printed inside of one call."""

    __slots__ = ("_around", "_left", "_pieces", "items")

    def __init__(self, around: "Printing | None") -> None:
        self._around = around
        self._left = _LIMIT
        self._pieces: list[tuple[str, int, list[str]]] = []
        self.items = 0
        """How many items were yielded so far, where the call is a generator."""

    def add(self, stream: str, text: str) -> None:
        """This is printed now, in here and in the calls around."""
        if self._left > 0:
            text, self._left = text[: self._left], self._left - len(text)
            if not self._pieces or self._pieces[-1][:2] != (stream, self.items):
                self._pieces.append((stream, self.items, []))
            self._pieces[-1][2].append(text)
        if self._around is not None:
            self._around.add(stream, text)

    def join(self, answer: Answer) -> Answer:
        """The answer with what was printed, unless it has to be made again, and prints again."""
        if not self._pieces or answer.is_live:
            return answer
        printed = (Printed(stream, _encodable("".join(texts)), items) for stream, items, texts in self._pieces)
        return replace(answer, printed=tuple(printed))


def _encodable(text: str) -> str:
    return text.encode(errors="replace").decode()


def listen(current: Callable[[], Printing | None]) -> None:
    """Hear what is printed from now on, each piece for the call that `current` tells."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is not _heard.get(name):
            _heard[name] = stream
            _hear(name, stream, current)


class _Listening:
    """Stands before the `write` of a stream."""

    __slots__ = ("_current", "_name", "_write")

    def __init__(self, write: Callable[[str], Any], name: str, current: Callable[[], Printing | None]) -> None:
        self._write = write
        self._name = name
        self._current = current

    def __call__(self, text: str, /) -> Any:
        done = self._write(text)
        printing = self._current()
        if printing is not None:
            printing.add(self._name, text)
        return done


def _hear(name: str, stream: Any, current: Callable[[], Printing | None]) -> None:
    try:
        if not isinstance(stream.write, _Listening):
            stream.write = _Listening(stream.write, name, current)
    except (AttributeError, TypeError):
        return  # there is no such stream, or it is an object that cannot be listened to


def print_again(printed: Sequence[Printed], items: int = 0) -> None:
    """Print what was printed before the item behind so many others came."""
    for piece in printed:
        stream = getattr(sys, piece.stream)
        if piece.items == items and stream is not None:
            stream.write(piece.text)
