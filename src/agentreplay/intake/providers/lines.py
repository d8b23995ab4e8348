"""JSON objects that follow one another, one to a line or as the elements of an array, wherever their bytes were cut."""

import re
from collections.abc import Iterable, Iterator

__all__ = ["Reader", "objects"]

_outside = re.compile(rb'[{}"]').search
_inside = re.compile(rb'["\\]').search


class Reader:
    """Takes the bytes of a stream and gives its outermost objects, each as soon as it is whole.

    What stands between them is passed over: line ends, commas, the brackets of an array.
    """

    def __init__(self) -> None:
        self._begun: list[bytes] = []
        self._depth = 0
        self._in_text = False
        self._is_escaped = False

    def feed(self, chunk: bytes) -> list[bytes]:
        """The objects that these bytes complete."""
        found: list[bytes] = []
        start = 0
        place = 0
        if self._is_escaped and chunk:
            self._is_escaped = False
            place = 1
        while hit := (_inside if self._in_text else _outside)(chunk, place):
            place = hit.end()
            mark = hit.group()
            if mark == b"\\":
                self._is_escaped = place == len(chunk)
                place += 1
            elif mark == b'"':
                # Outside of an object there is no text that could matter.
                self._in_text = self._depth > 0 and not self._in_text
            elif mark == b"{":
                start = hit.start() if self._depth == 0 else start
                self._depth += 1
            elif self._depth:
                self._depth -= 1
                if self._depth == 0:
                    found.append(b"".join([*self._begun, chunk[start:place]]))
                    self._begun.clear()
        if self._depth:
            self._begun.append(chunk[start:])
        return found


def objects(chunks: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """The objects of a stream, each with the number, from 0, of the chunk that completed it."""
    reader = Reader()
    for number, chunk in enumerate(chunks):
        for found in reader.feed(chunk):
            yield number, found
