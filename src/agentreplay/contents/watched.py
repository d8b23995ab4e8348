"""A shelf that tells how its operations went: how often, how long, how many bytes."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, Self

from agentreplay.contents.shelf import Shelf, Stored
from agentreplay.errors import AgentReplayError

__all__ = ["Operation", "Watched", "Went"]

Operation = Literal["write", "read", "stat", "delete", "list"]


@dataclass(frozen=True)
class Went:
    """How an operation went."""

    operation: Operation
    backend: str
    outcome: str
    """`ok`, or the name of the error."""
    seconds: float
    bytes: int = 0


class _Watch:
    """One operation; who asks for pieces is not part of it while no piece is made."""

    def __init__(self, operation: Operation, backend: str, tell: Callable[[Went], None]) -> None:
        self._operation: Operation = operation
        self._backend, self._tell = backend, tell
        self._seconds = 0.0
        self.bytes = 0

    def __enter__(self) -> Self:
        self._begun = time.perf_counter()
        return self

    def pause(self) -> None:
        self._seconds += time.perf_counter() - self._begun

    def go_on(self) -> None:
        self._begun = time.perf_counter()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if kind is GeneratorExit:
            error = None  # whoever read had enough
        else:
            self.pause()
        outcome = "ok" if error is None else type(error).__name__ if isinstance(error, AgentReplayError) else "failed"
        self._tell(Went(self._operation, self._backend, outcome, self._seconds, self.bytes))


class Watched:
    """Passes everything on to another shelf, and tells of each operation when it is over."""

    def __init__(self, shelf: Shelf, tell: Callable[[Went], None]) -> None:
        self._shelf, self._tell = shelf, tell
        self.backend = shelf.backend

    def place(self, name: str) -> str:
        return self._shelf.place(name)

    def write(self, name: str, pieces: Iterable[bytes], *, replace: bool = True) -> int:
        with self._watch("write") as watch:
            watch.bytes = self._shelf.write(name, pieces, replace=replace)
            return watch.bytes

    def read(self, name: str, start: int = 0, size: int | None = None) -> Iterator[bytes]:
        with self._watch("read") as watch:
            for piece in self._shelf.read(name, start, size):
                watch.bytes += len(piece)
                watch.pause()
                yield piece
                watch.go_on()

    def stat(self, name: str) -> Stored:
        with self._watch("stat"):
            return self._shelf.stat(name)

    def delete(self, name: str) -> None:
        with self._watch("delete"):
            self._shelf.delete(name)

    def files(self) -> Iterator[Stored]:
        with self._watch("list") as watch:
            for file in self._shelf.files():
                watch.pause()
                yield file
                watch.go_on()

    def _watch(self, operation: Operation) -> _Watch:
        return _Watch(operation, self.backend, self._tell)
