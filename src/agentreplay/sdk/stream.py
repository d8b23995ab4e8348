"""A body that arrives piece by piece while it is recorded."""

import time
from collections.abc import Callable

from agentreplay.model.call import WHOLE, Answer, Chunk
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import Value
from agentreplay.sdk.raising import told_of

__all__ = ["Stream"]

_now = time.time_ns
"""As it is before anything is patched."""

_ENDINGS = (
    b"\ndata: [DONE]",
    b'"type":"message_stop"',
    b'"type": "message_stop"',
    b"\nevent: response.completed",
    b"\nevent: response.incomplete",
    b"\nevent: response.failed",
)
"""After the event with one of these a program may act on what it has, before it sees the end of the stream.
Inside a text of JSON they cannot stand: there a quote and the end of a line are escaped."""

_LONGEST = max(map(len, _ENDINGS))


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
        self._tail = b"\n"
        self._is_ending = False
        self._is_kept = False

    def chunk(self, data: bytes) -> None:
        """A piece arrived, and is about to be given to the program."""
        now = _now()
        self._chunks.append(Chunk(len(data), Nanoseconds(now - self._last), self._next_turn()))
        self._data.append(data)
        self._last = now
        if self._media.startswith("text/event-stream"):
            self._saw(data)

    def _saw(self, data: bytes) -> None:
        """Keep the answer with its last event; that may begin in one piece and end in another."""
        recent = self._tail + data
        self._tail = recent[-_LONGEST:]
        self._is_ending = self._is_ending or any(sign in recent for sign in _ENDINGS)
        if self._is_ending and self._tail.endswith((b"\n\n", b"\r\n\r\n", b"\r\r")):
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
