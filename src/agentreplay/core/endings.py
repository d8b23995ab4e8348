"""Finds the last event of a streamed answer, behind which a program may act before it sees the end of the stream."""

__all__ = ["Ending"]

_EVENTS = "text/event-stream"
_SIGNS = (
    b"\ndata: [DONE]",
    b'"type":"message_stop"',
    b'"type": "message_stop"',
    b"\nevent: response.completed",
    b"\nevent: response.incomplete",
    b"\nevent: response.failed",
)
"""Inside a text of JSON they cannot stand: there a quote and the end of a line are escaped."""

_ENDS = (b"\n\n", b"\r\n\r\n", b"\r\r")
_LONGEST = max(map(len, _SIGNS))


class Ending:
    """Watches one answer of this media type go by."""

    def __init__(self, media: str) -> None:
        self._has_events = media.startswith(_EVENTS)
        self._tail = b"\n"
        self._is_near = False

    def is_in(self, piece: bytes) -> bool:
        """Whether the last event ends with this piece; it may have begun in an earlier one."""
        if not self._has_events:
            return False
        recent = self._tail + piece
        self._tail = recent[-_LONGEST:]
        if not self._is_near:
            # Asked of every piece of every stream: a generator would take longer than the search.
            for sign in _SIGNS:
                if sign in recent:
                    self._is_near = True
                    break
        return self._is_near and self._tail.endswith(_ENDS)
