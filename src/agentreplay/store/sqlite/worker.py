"""A process that prepares chunks for the indexer, so that both halves of indexing run at once.

It is started as `python -m agentreplay.store.sqlite.worker LAYOUT`, and ends at once where its own layout is another:
the package may have been renewed under an indexer that runs, which then does all by itself. From standard input it
reads goals, and for each it writes chunks to standard output and then an empty one, everything behind its length. It
never opens the database.

To complete a chunk is left to whoever asked, unless it takes so long to be taken that there is time to do it here: then
both have as much to do.
"""

import contextlib
import gc
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from inspect import get_annotations
from queue import Empty, Queue
from struct import Struct
from threading import Semaphore, Thread
from typing import BinaryIO, cast
from zlib import crc32

from agentreplay.errors import ValueInvalid
from agentreplay.model.values import decode, encode
from agentreplay.store.sqlite.chunks import Chunk, Goals, read_chunks
from agentreplay.store.sqlite.completing import complete
from agentreplay.store.sqlite.filling import Block
from agentreplay.store.sqlite.prepared import ContentRow, Filled, LinkRow, Prepared, PreparedSpan, Rollup

__all__ = ["Worker", "main"]

_CROSSING = (Goals, Chunk, Prepared, PreparedSpan, ContentRow, Filled, Block, LinkRow, Rollup)
_LAYOUT = f"{crc32(repr([get_annotations(kind) for kind in _CROSSING]).encode()):08x}"
"""What both mean by what crosses between them, in as much as the names and types of fields tell."""
_LENGTH = Struct("<Q")
_LONGEST = 1 << 32
_AHEAD = 1
"""So many chunks wait to be taken: each may be larger than ten megabytes, and all are waited for at the end."""
_WAITING = 0.1
"""A process that spends this share of its time on writing chunks waits for whoever takes them."""
_MEMORY = 0.75
"""How much each chunk still counts in that share when the next one is written."""
_IDLE = 5.0
"""After so many seconds without work it ends. Starting it takes as long as preparing some thousand spans."""


class Worker:
    """Prepares chunks in another process, which stays for a while when it is done: more often comes soon."""

    def __init__(self) -> None:
        self._running: _Running | None = None

    @property
    def is_running(self) -> bool:
        """Whether the process is there, so that asking it costs little."""
        return self._running is not None and self._running.process.poll() is None

    @property
    def is_ready(self) -> bool:
        """Whether the next chunk is there, so that nobody waits for it."""
        return self._running is not None and self._running.is_ready

    def chunks(self, goals: Goals) -> Generator[Chunk]:
        """The chunks of `read_chunks`, made by the process while the caller is busy with the ones before.

        What it does not bring, because it cannot be started, is killed or talks nonsense, is made here, and so is what
        cannot be completed.
        """
        reached: dict[str, int] = {}
        with contextlib.suppress(OSError, ValueInvalid), contextlib.closing(self._brought(goals)) as chunks:
            for chunk in chunks:
                offsets = chunk.offsets
                yield chunk
                reached.update(offsets)
                del chunk  # It is large, and the next one is on its way.
        yield from read_chunks(goals.rest(reached))

    def close(self) -> None:
        """End the process."""
        running, self._running = self._running, None
        if running is not None:
            running.end()

    def _brought(self, goals: Goals) -> Generator[Chunk]:
        if not self.is_running:
            self.close()
            self._running = _Running()
        running = cast("_Running", self._running)
        is_whole = False
        try:
            running.ask(goals)
            while data := running.take():
                chunk = decode(data, Chunk)
                del data
                try:
                    complete(chunk.prepared)
                except Exception:  # noqa: BLE001 - whatever is wrong, who reads the journals anew sees in which batch
                    return
                yield chunk
                del chunk
            is_whole = data is not None
        finally:
            # Whoever stops early leaves chunks behind; the rest is prepared again the next time.
            if not is_whole:
                self.close()


class _Running:
    """The process, and a thread that reads what it answers."""

    def __init__(self) -> None:
        # -P: the folder the host was started in may hold modules with the names of those we need.
        command = [sys.executable, "-P", "-m", __name__, _LAYOUT]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)  # noqa: S603 - ours
        self._answers: Queue[bytes | None] = Queue()
        self._room = Semaphore(_AHEAD)
        """For an answer; it is asked for before one is read, or there would be one more."""
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def ask(self, goals: Goals) -> None:
        asking, data = cast("BinaryIO", self.process.stdin), encode(goals)
        asking.write(_LENGTH.pack(len(data)) + data)
        asking.flush()

    @property
    def is_ready(self) -> bool:
        """Whether the next answer is there."""
        return not self._answers.empty()

    def take(self) -> bytes | None:
        """The next chunk; nothing behind the last one that was asked for, and None when no more can come."""
        answer = self._answers.get()
        self._room.release()
        return answer

    def end(self) -> None:
        self.process.kill()
        while self._reader.is_alive():
            self._room.release()
            self._reader.join(0.01)
        with contextlib.suppress(OSError):  # what was asked and never read
            cast("BinaryIO", self.process.stdin).close()

    def _read(self) -> None:
        with cast("BinaryIO", self.process.stdout) as pipe:
            parts = _parts(pipe)
            self._room.acquire()
            while (data := next(parts, None)) is not None:
                self._answers.put(data)
                del data
                self._room.acquire()
        # It has ended, or what it says makes no sense.
        self.process.kill()
        self.process.wait()
        self._answers.put(None)


def _parts(pipe: BinaryIO) -> Iterator[bytes]:
    """What stands behind its length, until the pipe ends."""
    while len(head := pipe.read(_LENGTH.size)) == _LENGTH.size:
        size: int = _LENGTH.unpack(head)[0]
        if size > _LONGEST:
            return
        data = pipe.read(size)
        if len(data) < size:
            return
        yield data


def main(asking: BinaryIO, out: BinaryIO) -> None:
    """Prepare what `asking` asks for, until it ends or nothing was asked for a while."""
    # What is prepared has no circles, and looking for them takes half the time. What there is between two goals is
    # little beside the modules, which stay.
    gc.disable()
    asked: Queue[bytes | None] = Queue()
    Thread(target=_listen, args=(asking, asked), daemon=True).start()
    with contextlib.suppress(Empty):
        while data := asked.get(timeout=_IDLE):
            _answer(decode(data, Goals), out)
            gc.collect()
            gc.freeze()


def _listen(asking: BinaryIO, asked: "Queue[bytes | None]") -> None:
    for data in _parts(asking):
        asked.put(data)
    asked.put(None)


def _answer(goals: Goals, out: BinaryIO) -> None:
    writing = whole = 0.0
    began = time.monotonic()
    for chunk in read_chunks(goals, gently=True):
        if writing > _WAITING * whole:
            complete(chunk.prepared)
        data = encode(chunk)
        del chunk  # Its memory is good for the next one.
        made = time.monotonic()
        out.write(_LENGTH.pack(len(data)))
        out.write(data)
        out.flush()
        del data
        written = time.monotonic()
        writing, whole = _MEMORY * writing + written - made, _MEMORY * whole + written - began
        began = written
    out.write(_LENGTH.pack(0))
    out.flush()


if __name__ == "__main__" and sys.argv[1:] == [_LAYOUT]:
    # Not sys.stdin, which is taken down while the thread waits for more; nor is this closed, for that would wait too.
    main(open(0, "rb", closefd=False), sys.stdout.buffer)  # noqa: SIM115
