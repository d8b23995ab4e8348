"""A body that arrives piece by piece while it is recorded."""

import time
from collections.abc import Callable

from agentreplay.core.endings import Ending
from agentreplay.model.call import WHOLE, Answer, Chunk
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import Value
from agentreplay.sdk.raising import told_of

__all__ = ["Stream", "stopwatch"]

_now, stopwatch = time.time_ns, time.perf_counter_ns
"""As they are before anything is patched: seams tell with the second how long an answer took."""


class Stream:
    """A body that arrives while it is recorded. It is kept before its last piece reaches the program."""

    def __init__(
        self, finish: Callable[[Answer], None], next_turn: Callable[[], int], head: dict[str, Value], media: str
    ) -> None:
        self._finish = finish
        self._next_turn = next_turn
        self._head = head
        self._media = media
        self._turn = next_turn()
        self._chunks: list[Chunk] = []
        self._data: list[bytes] = []
        self._last = _now()
        self._ending = Ending(media)
        self._is_kept = False

    def chunk(self, data: bytes) -> None:
        """A piece arrived, and is about to be given to the program."""
        now = _now()
        self._chunks.append(Chunk(len(data), Nanoseconds(now - self._last), self._next_turn()))
        self._data.append(data)
        self._last = now
        if self._ending.is_in(data):
            self.end()

    def restate(self, head: dict[str, Value], pieces: list[bytes]) -> None:
        """What came was taken for something else so far: these are the pieces, as many as before."""
        self._head = head
        self._data = pieces
        self._chunks = [chunk._replace(size=len(piece)) for chunk, piece in zip(self._chunks, pieces, strict=True)]

    @property
    def is_kept(self) -> bool:
        """Whether the answer is kept, so that whatever follows is lost."""
        return self._is_kept

    def end(self, *, complete: bool = True, error: BaseException | None = None) -> None:
        """Nothing follows: it ended, or the program left it, or it broke."""
        if self._is_kept:
            return
        self._is_kept = True
        self._finish(
            Answer(
                head=self._head,
                body=b"".join(self._data),
                media=self._media,
                turn=self._turn,
                chunks=tuple(self._chunks) or WHOLE,
                raised=None if error is None else told_of(error),
                complete=complete,
            )
        )
