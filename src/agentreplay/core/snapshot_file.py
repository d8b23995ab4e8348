"""Snapshot files, byte by byte as docs/format/snapshot.md draws them: written and read in pieces of a state.

What is read is proven only when the last piece was: whoever uses a piece before that uses what may be damaged.
"""

from collections.abc import Iterable, Iterator
from struct import Struct
from typing import NamedTuple

import msgspec

from agentreplay.core.snapshot_packing import PIECE, Packed, TooMuch, pack, unpack
from agentreplay.core.snapshot_seal import OPEN, Key, Seal, read_seal
from agentreplay.errors import AgentReplayError, SnapshotDamaged, SnapshotTooLarge, SnapshotUnreadable
from agentreplay.model.snapshot import SnapshotMetadata
from agentreplay.model.values import decode, encode
from agentreplay.store.journal import frame as frames
from agentreplay.store.journal.frame import check_format, is_sealed
from agentreplay.store.journal.packing import FRAME_HEADER, HEADER_SIZE, file_header

__all__ = ["END_SIZE", "FORMAT", "HEAD_SIZE", "LIMIT", "MAGIC", "SnapshotReader", "SnapshotWriter", "read_metadata"]

MAGIC = b"ARSNAP\r\n"
FORMAT = 1
LIMIT = 1 << 30
"""As large a state as is read unless somebody says otherwise."""

_READABLE_FROM = (0, 1)
_METADATA, _KEYS, _STATE, _END = 1, 2, 3, 4
_LARGEST_HEAD = 1 << 20
_LARGEST_PIECE = 2 * PIECE
_SUMS = Struct("<QQ32s32s")
"""Sizes of the state and of what it was packed into, the hash of the state, the hash of all before the first piece."""
_HASH = 32

END_SIZE = FRAME_HEADER.size + _SUMS.size + _HASH
"""How long the last frame is, which closes every snapshot."""

HEAD_SIZE = 1 << 16
"""Where metadata are no larger than usual, they stand within so many bytes from the beginning."""


class SnapshotWriter:
    """One snapshot on its way into a file. Its metadata are whole when its bytes are."""

    def __init__(self, metadata: SnapshotMetadata, seal: Seal = OPEN) -> None:
        self.metadata = msgspec.structs.replace(
            metadata,
            format_version=FORMAT,
            encryption="aes-256-gcm" if seal.hides else "none",
            content_hash="",
            uncompressed_size=0,
            compressed_size=0,
            file_size=0,
        )
        self._seal = seal

    def bytes_of(self, state: Iterable[bytes]) -> Iterator[bytes]:
        """The file, in pieces."""
        seal, whole, content = self._seal, self._seal.hasher(), self._seal.hasher()
        sizes = [0, 0]

        def counted() -> Iterator[bytes]:
            for piece in state:
                content.update(piece)
                sizes[0] += len(piece)
                yield piece

        head = file_header(MAGIC, FORMAT, _READABLE_FROM) + frames.pack(_METADATA, 1, encode(self.metadata))
        if seal.hides:
            head += frames.pack(_KEYS, 1, seal.frame)
        about = seal.hasher().update(head).digest()
        whole.update(head)
        written = len(head)
        yield head
        for number, piece in enumerate(pack(counted(), self.metadata.compression_algorithm)):
            frame = frames.pack(_STATE, 1, seal.hide(piece, number, about))
            sizes[1] += len(frame) - FRAME_HEADER.size
            whole.update(frame)
            written += len(frame)
            yield frame
        sums = _SUMS.pack(*sizes, content.digest(), about)
        self.metadata = msgspec.structs.replace(
            self.metadata,
            content_hash=content.hexdigest(),
            uncompressed_size=sizes[0],
            compressed_size=sizes[1],
            file_size=written + END_SIZE,
        )
        yield frames.pack(_END, 1, sums + whole.update(sums).digest())


class _Ending(NamedTuple):
    uncompressed: int
    compressed: int
    content: bytes
    about: bytes
    whole: bytes
    sums: bytes


class SnapshotReader:
    """One snapshot on its way out of a file."""

    def __init__(self, file: Iterable[bytes], place: str, *, key: Key | None = None, limit: int = LIMIT) -> None:
        """Reads the head at once. Raises what is wrong with it, or with the key."""
        self._source = _Source(file, place)
        self._place, self._limit = place, limit
        self.metadata, self._seal = _read_head(self._source, key, wants_key=True)
        head = self._source.read()
        self._about = self._seal.hasher().update(head).digest()
        self._whole = self._seal.hasher().update(head)
        self._compressed = 0
        self._end: _Ending | None = None

    def state(self) -> Iterator[bytes]:
        """The state in pieces. Raises SnapshotDamaged, at the latest behind the last, and SnapshotTooLarge."""
        content, size = self._seal.hasher(), 0
        try:
            for piece in unpack(self._pieces(), self.metadata.compression_algorithm, self._limit):
                content.update(piece)
                size += len(piece)
                yield piece
        except TooMuch:
            raise SnapshotTooLarge(place=self._place, limit=self._limit) from None
        except Packed as error:
            raise _damaged(self._place, f"its state cannot be unpacked: {error}") from error
        end = self._end
        if end is None or (end.uncompressed, end.content) != (size, content.digest()):
            raise _damaged(self._place, "its state is not the one it was made of")
        self.metadata = _summed(self.metadata, end, self._source.place)

    def _pieces(self) -> Iterator[bytes]:
        number = 0
        while True:
            start = self._source.place
            frame = self._source.frame(_LARGEST_PIECE)
            if frame.kind == _END:
                self._finish(frame)
                return
            if frame.kind != _STATE or frame.version != 1:
                raise _damaged(self._place, f"the frame at byte {start} does not belong there")
            self._whole.update(frame.data)
            piece = self._seal.show(frame.payload, number, self._about)
            if piece is None:
                raise _damaged(self._place, f"the frame at byte {start} is not what was encrypted there")
            self._compressed += len(frame.payload)
            number += 1
            yield piece

    def _finish(self, frame: "_Frame") -> None:
        end = _ending(frame.payload, self._place)
        if self._whole.update(end.sums).digest() != end.whole:
            raise _damaged(self._place, "its hash does not fit what stands before it")
        if end.compressed != self._compressed or end.about != self._about:
            raise _damaged(self._place, "its end belongs to another snapshot")
        if self._source.has_more():
            raise _damaged(self._place, "something stands behind its end")
        self._end = end


def read_metadata(head: bytes, end: bytes, size: int, place: str, key: Key | None = None) -> SnapshotMetadata | None:
    """What is told of a snapshot, from its first and its last bytes; None where its head goes on behind them.

    Finds edits of the metadata. Of an encrypted snapshot only whoever gives the key knows that they are as they were.
    """
    source = _Source([head], place)
    try:
        metadata, seal = _read_head(source, key, wants_key=False)
    except SnapshotDamaged:
        if len(head) < min(size, _LARGEST_HEAD):
            return None
        raise
    tail = _Source([end], place)
    if len(end) != END_SIZE or size < source.place + END_SIZE:
        raise _damaged(place, "its end is missing")
    ending = _ending(tail.frame(_LARGEST_PIECE).payload, place)
    if metadata.encryption == "none" or seal.hides:
        about = seal.hasher().update(source.read()).digest()
        if about != ending.about:
            raise _damaged(place, "its metadata are not those it was written with")
    return _summed(metadata, ending, size)


def _summed(metadata: SnapshotMetadata, end: _Ending, size: int) -> SnapshotMetadata:
    return msgspec.structs.replace(
        metadata,
        content_hash=end.content.hex(),
        uncompressed_size=end.uncompressed,
        compressed_size=end.compressed,
        file_size=size,
    )


def _ending(payload: bytes, place: str) -> _Ending:
    if len(payload) != _SUMS.size + _HASH:
        raise _damaged(place, "its end makes no sense")
    sums = payload[: _SUMS.size]
    uncompressed, compressed, content, about = _SUMS.unpack(sums)
    return _Ending(uncompressed, compressed, content, about, payload[_SUMS.size :], sums)


def _read_head(source: "_Source", key: Key | None, *, wants_key: bool) -> tuple[SnapshotMetadata, Seal]:
    header = source.take(HEADER_SIZE)
    if not header.startswith(MAGIC[: len(header)]) or not header:
        raise SnapshotUnreadable(place=source.name, problem="it does not begin as a snapshot does")
    if not is_sealed(header):
        raise _damaged(source.name, "its header, bytes 0 to 15, is damaged or cut")
    check_format(header, source.name, FORMAT)
    frame = source.frame(_LARGEST_HEAD)
    if frame.kind != _METADATA or frame.version != 1:
        raise _damaged(source.name, "its metadata are missing")
    try:
        metadata = decode(frame.payload, SnapshotMetadata)
    except AgentReplayError as error:
        raise _damaged(source.name, f"its metadata make no sense: {error.message}") from error
    if metadata.encryption == "none":
        return metadata, OPEN
    keys = source.frame(_LARGEST_HEAD)
    if keys.kind != _KEYS or keys.version != 1:
        raise _damaged(source.name, "what it tells of its keys is missing")
    return metadata, read_seal(keys.payload, key, source.name) if wants_key or key is not None else OPEN


class _Frame(NamedTuple):
    kind: int
    version: int
    payload: bytes
    data: bytes


class _Source:
    """The bytes of a file, taken as they are needed."""

    def __init__(self, file: Iterable[bytes], name: str) -> None:
        self._file = iter(file)
        self._waiting = bytearray()
        self.name = name
        self.place = 0
        self._taken: list[bytes] | None = []

    def read(self) -> bytes:
        """All that was taken until now; it is not remembered any longer."""
        taken, self._taken = self._taken or [], None
        return b"".join(taken)

    def take(self, size: int) -> bytes:
        """The next so many bytes; fewer where the file ends."""
        while len(self._waiting) < size and (more := next(self._file, None)) is not None:
            self._waiting += more
        taken = bytes(self._waiting[:size])
        del self._waiting[:size]
        self.place += len(taken)
        if self._taken is not None:
            self._taken.append(taken)
        return taken

    def has_more(self) -> bool:
        """Whether anything stands behind what was taken."""
        while not self._waiting and (more := next(self._file, None)) is not None:
            self._waiting += more
        return bool(self._waiting)

    def frame(self, largest: int) -> _Frame:
        """The next frame. Raises SnapshotDamaged where none stands there."""
        start = self.place
        head = self.take(FRAME_HEADER.size)
        lacking = frames.missing(head, 0)
        if lacking is None or (len(head) == FRAME_HEADER.size and lacking > largest):
            raise _damaged(self.name, f"the frame at byte {start} is damaged")
        data = head + (self.take(lacking) if len(head) == FRAME_HEADER.size else b"")
        if len(head) < FRAME_HEADER.size or len(data) - len(head) < lacking:
            raise _damaged(self.name, f"it is cut at byte {self.place}, before its end is told")
        found = frames.unpack(data, 0)
        if found is None:
            raise _damaged(self.name, f"the frame at byte {start} is damaged")
        return _Frame(found.kind, found.version, found.payload, data)


def _damaged(place: str, problem: str) -> SnapshotDamaged:
    return SnapshotDamaged(place=place, problem=problem)
