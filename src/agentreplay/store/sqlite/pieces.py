"""Cuts what journals hold into pieces, so that several can prepare at once; only the heads of frames are read.

A piece is about one chunk. The first ones are small, so that whoever applies them can begin, and the last ones too, so
that little is left to do when all are made.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from agentreplay.store.journal.frame import head_of
from agentreplay.store.journal.packing import FRAME_HEADER, HEADER_SIZE, JOURNAL_FOLDER
from agentreplay.store.sqlite.chunks import AT_ONCE, Goals, is_known

__all__ = ["pieces_of"]

_MOST = 4 << 20
"""Bytes of a piece: while one is applied, two may wait for it."""
_LEAST = 1 << 20
"""Of the first pieces, and of the last."""


def pieces_of(goals: Goals) -> Iterator[Goals]:
    """The goals, one behind the other: each goes on where the one before ends, in every journal.

    Where the heads of frames make no sense, or tell of a newer version, the pieces end and something is left.
    """
    left, most = goals.bytes, _LEAST
    names = list(goals.journals)
    goes_on = False
    for first in range(0, len(names), AT_ONCE):
        with ExitStack() as stack:
            group = [
                _Way(stack, Path(goals.folder), name, *goals.journals[name]) for name in names[first : first + AT_ONCE]
            ]
            while sum(way.left for way in group):
                size = min(most, max(left // 2, _LEAST))
                share = size / sum(way.left for way in group)
                # Of each journal as much as of the others, because what was written at one time belongs together.
                journals = {way.name: part for way in group if (part := way.go(share)) is not None}
                if not journals:
                    break
                piece = Goals(goals.folder, journals, goes_on=goes_on)
                yield piece
                left -= piece.bytes
                most, goes_on = min(2 * most, _MOST), True


class _Way:
    """The way through one journal, from frame to frame."""

    def __init__(self, stack: ExitStack, folder: Path, name: str, offset: int, until: int) -> None:
        self.name = name
        self._file = stack.enter_context((folder / JOURNAL_FOLDER / name).open("rb", buffering=0))
        self._offset = max(offset, HEADER_SIZE)
        self._until = until

    @property
    def left(self) -> int:
        """So many bytes are ahead."""
        return self._until - self._offset

    def go(self, share: float) -> tuple[int, int] | None:
        """Go on for this share of what is left, to the end of a frame: from where and how far."""
        begin = end = self._offset
        wanted = begin + min(share, 1) * self.left
        while end < wanted:
            self._file.seek(end)
            head = head_of(self._file.read(FRAME_HEADER.size))
            if head is None or not is_known(head.kind, head.version) or end + head.size > self._until:
                # Whoever reads from here on sees what is the matter.
                self._until = end
                break
            end += head.size
        self._offset = end
        return (begin, end) if begin < end else None
