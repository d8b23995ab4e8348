"""A process that prepares chunks for the indexer, so that both halves of indexing run at once.

It is started as `python -m agentreplay.store.sqlite.worker`, reads its goals from standard input and writes
chunks to standard output, each behind its length. It never opens the database.
"""

import contextlib
import gc
import subprocess
import sys
from collections.abc import Generator, Iterator
from queue import Queue
from struct import Struct
from threading import Thread
from typing import BinaryIO, cast

from agentreplay.model.values import decode, encode
from agentreplay.store.sqlite.chunks import Chunk, Goals, read_chunks

__all__ = ["main", "prepare_elsewhere"]

_LENGTH = Struct("<Q")
_AHEAD = 2


def prepare_elsewhere(goals: Goals) -> Iterator[Chunk]:
    """The chunks of `read_chunks`, made by another process while the caller is busy with the ones before.

    What that process does not bring, because it cannot be started or is killed, is made here.
    """
    reached = {name: offset for name, (offset, _) in goals.journals.items()}
    with contextlib.suppress(OSError), contextlib.closing(_chunks_of_worker(goals)) as chunks:
        for chunk in chunks:
            offsets = chunk.offsets
            yield chunk
            reached.update(offsets)
            del chunk  # It is large, and the next one is on its way.
    rest = {name: (reached[name], until) for name, (_, until) in goals.journals.items() if reached[name] < until}
    yield from read_chunks(Goals(goals.folder, rest))


def _chunks_of_worker(goals: Goals) -> Generator[Chunk]:
    # -P: the folder the host was started in may hold modules with the names of those we need.
    command = [sys.executable, "-P", "-m", __name__]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL) as process:  # noqa: S603 - ours
        asking, answer = cast("BinaryIO", process.stdin), cast("BinaryIO", process.stdout)
        with asking:
            asking.write(encode(goals))
        waiting: Queue[bytes | None] = Queue(_AHEAD)
        reader = Thread(target=_read_all, args=(answer, waiting), daemon=True)
        reader.start()
        try:
            while (data := waiting.get()) is not None:
                chunk = decode(data, Chunk)
                del data
                yield chunk
                del chunk
        finally:
            # Whoever stops early leaves chunks behind; the rest is prepared again the next time.
            process.kill()
            while reader.is_alive():
                if not waiting.empty():
                    waiting.get_nowait()
                reader.join(0.01)


def _read_all(pipe: BinaryIO, waiting: "Queue[bytes | None]") -> None:
    while True:
        head = pipe.read(_LENGTH.size)
        if len(head) < _LENGTH.size:
            break
        size: int = _LENGTH.unpack(head)[0]
        data = pipe.read(size)
        if len(data) < size:
            break
        waiting.put(data)
    waiting.put(None)


def main() -> None:
    """Prepare what standard input asks for."""
    # What is prepared has no circles, and looking for them takes half the time.
    gc.disable()
    goals = decode(sys.stdin.buffer.read(), Goals)
    out = sys.stdout.buffer
    for chunk in read_chunks(goals, gently=True):
        data = encode(chunk)
        del chunk  # Its memory is good for the next one.
        out.write(_LENGTH.pack(len(data)))
        out.write(data)
        out.flush()
        del data


if __name__ == "__main__":
    main()
