"""The lines of transcripts without their secrets, which a process of its own may prepare while others are understood.

To take the secrets out costs about as much as all the rest of reading, so that with two processors many transcripts are
read in half the time. The process is started as `python -m agentreplay.core.transcript_lines`: from standard input it
reads what is wanted, and writes answers to standard output, everything behind its length. It writes to no file.
"""

import gc
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from queue import Empty, Queue
from struct import Struct
from threading import Thread
from typing import BinaryIO, Literal, cast

import msgspec

from agentreplay.core.packed_files import BROKEN
from agentreplay.core.redact import Redactor, read_rules
from agentreplay.core.transcript_files import pieces
from agentreplay.intake.transcripts.lines import Line, split_lines
from agentreplay.model.values import decode, encode
from agentreplay.settings import ContentPolicy

__all__ = ["Ahead", "Lines", "Wanted", "lines_in", "main"]

_LENGTH = Struct("<Q")
_AHEAD = 4
"""So many answers wait to be taken, of a few megabytes at most."""


class Lines(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The lines in a piece of a file."""

    kind: Literal["lines", "part", "rest"]
    """As that of the piece."""
    size: int
    """So many bytes were read."""
    end: int
    """The place behind them."""
    lines: list[Line]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a process is to read, and which secrets it takes out."""

    policy: ContentPolicy
    rules: str | None
    """The file with those of the person."""
    salt: bytes
    files: list[tuple[str, int]]
    """Each from a place on."""


class _Answer(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Lines of one of the files; none at its end, which may not be as it should."""

    file: int
    lines: Lines | None = None
    is_whole: bool = True


def lines_in(path: Path, offset: int, clean: Callable[[bytes], bytes]) -> Iterator[Lines]:
    """The lines of a file from a place on, clean, piece by piece. Raises what reading it raises."""
    for piece in pieces(path, offset):
        lines, end = split_lines(piece.data, piece.offset, is_whole=piece.kind != "lines")
        yield Lines(piece.kind, len(piece.data), end, [Line(line.offset, clean(line.data)) for line in lines])


class Ahead:
    """A process that reads files ahead of one who takes their lines in the same order."""

    def __init__(self, wanted: Wanted) -> None:
        self._numbers = {file: number for number, file in enumerate(wanted.files)}
        # -P: the folder the host was started in may hold modules with the names of those we need.
        command = [sys.executable, "-P", "-m", __name__]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)  # noqa: S603 - ours
        self._answers: Queue[_Answer | None] = Queue(_AHEAD)
        self._next: _Answer | None = None
        self._is_over = False
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()
        data = encode(wanted)
        with suppress(OSError), cast("BinaryIO", self._process.stdin) as asking:
            asking.write(_LENGTH.pack(len(data)) + data)

    def lines(self, path: Path, offset: int) -> Iterator[Lines | None]:
        """The lines of a file from a place on, and None behind the last; what it does not bring is read without it."""
        wanted = self._numbers.get((str(path), offset))
        while wanted is not None and (answer := self._peek()) is not None and answer.file <= wanted:
            self._next = None
            # What nobody takes is of a file that needed no reading.
            if answer.file == wanted:
                if answer.lines is None and not answer.is_whole:
                    return
                yield answer.lines
                if answer.lines is None:
                    return

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        while self._reader.is_alive():
            with suppress(Empty):
                self._answers.get_nowait()
            self._reader.join(0.01)

    def _peek(self) -> _Answer | None:
        if self._next is None and not self._is_over:
            self._next = self._answers.get()
            self._is_over = self._next is None
        return self._next

    def _read(self) -> None:
        with cast("BinaryIO", self._process.stdout) as pipe, suppress(ValueError):
            while len(head := pipe.read(_LENGTH.size)) == _LENGTH.size:
                self._answers.put(_answer(pipe.read(_LENGTH.unpack(head)[0])))
        # It has ended, or what it says makes no sense.
        self._process.kill()
        self._process.wait()
        self._answers.put(None)


_answer = msgspec.msgpack.Decoder(_Answer).decode


def main(asking: BinaryIO, out: BinaryIO) -> None:
    """Read what `asking` asks for."""
    (size,) = _LENGTH.unpack(asking.read(_LENGTH.size))
    wanted = decode(asking.read(size), Wanted)
    rules = read_rules(Path(wanted.rules)) if wanted.rules else ()
    clean = Redactor(wanted.policy, rules, wanted.salt).data
    for number, (path, offset) in enumerate(wanted.files):
        for answer in _answers(number, Path(path), offset, clean):
            data = msgspec.msgpack.encode(answer)
            out.write(_LENGTH.pack(len(data)) + data)
            out.flush()


def _answers(number: int, path: Path, offset: int, clean: Callable[[bytes], bytes]) -> Iterator[_Answer]:
    try:
        for lines in lines_in(path, offset, clean):
            yield _Answer(number, lines)
    except BROKEN:
        # Whoever reads it again says what is wrong with it.
        yield _Answer(number, is_whole=False)
    else:
        yield _Answer(number)


if __name__ == "__main__":
    # What is prepared has no circles, and looking for them takes time.
    gc.disable()
    main(sys.stdin.buffer, sys.stdout.buffer)
