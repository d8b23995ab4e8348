"""Learns what the lists of an index are, while others search it and add to it.

Whoever flushes does not wait for this. A thread writes the vectors that were there when it began as one segment in new
lists, and puts that in their place in one step. Until then they are found by the old lists, and before the first time
one by one. What is learnt lies in a folder of its own, which is thrown away with all in it whenever a vector is wiped:
then there is nothing to put in place, and the next flush begins anew.
"""

import contextlib
import os
import secrets
import shutil
import threading
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec

from agentreplay.errors import AgentReplayError
from agentreplay.platform import lock_file, unlock_file
from agentreplay.vectors.manifest import Part
from agentreplay.vectors.merging import Source, learn, merge
from agentreplay.vectors.quantiser import Quantiser
from agentreplay.vectors.segment import write_array

__all__ = ["EXACT", "LEARNING", "LOCK", "Learnable", "Learning", "Learnt", "is_due", "learnt_of"]

EXACT = 20_000
"""Up to so many vectors are searched one by one."""
LEARNING, LOCK = "learning", "learning.lock"
_OF = "of.json"
_ROUNDS = 4
_GROWN = 4
"""It is time again when there are so many times more vectors."""


class Learnt(NamedTuple):
    """What is to be put in place."""

    quantiser: Path
    parts: tuple[Part, ...]
    """Of which it was made: they are replaced, if they are still as they were."""
    segments: tuple[tuple[Path, int], ...]
    """Each with its rows."""


class Learnable(Protocol):
    """An index as far as learning needs it."""

    def look(self) -> tuple[tuple[Part, ...], Sequence[Source]]:
        """What was flushed, and of each part what counts."""
        ...

    def replace(self, learnt: Learnt) -> None:
        """Put it in place if all of which it was made is there as it was."""
        ...


class Learning:
    """At most one at a time for an index, in whichever process. Safe to share between threads."""

    def __init__(self, folder: Path, dimensions: int, opened: Callable[[], Learnable]) -> None:
        """`opened` opens the index once more, since whoever has it now may close it."""
        self._folder = folder
        self._dimensions = dimensions
        self._opened = opened
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin unless it is under way. It ends with the process, and then leaves nothing that counts."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._try, name="agentreplay-learning", daemon=True)
            self._thread.start()

    def wait(self) -> None:
        """Return when what was begun here is over."""
        if self._thread is not None:
            self._thread.join()

    def _try(self) -> None:
        # Whatever it is, an index without it finds as much. Who searches or flushes next is told of what is damaged.
        with contextlib.suppress(AgentReplayError, OSError), self._alone() as is_alone:
            if is_alone:
                self._learn(self._folder / LEARNING)

    def _learn(self, place: Path) -> None:
        index = self._opened()
        place.mkdir(mode=0o700)
        # Names that nobody else gives, should the index be thrown away and made anew meanwhile.
        mark = secrets.token_hex(8)
        learnt = Learnt(place / f"quantiser-{mark}", (), ())
        quantiser: Quantiser | None = None
        # Once more for what came meanwhile, which takes less time; and what comes in the end is merged in time.
        for number in range(_ROUNDS):
            parts, sources = index.look()
            done = len(learnt.parts)
            if parts[:done] != learnt.parts or len(parts) == done:
                break
            (place / _OF).write_bytes(msgspec.json.encode([part.segment for part in parts]))
            # From now on `place` goes away when one of them changes. Until now one may have.
            if index.look()[0] != parts:
                break
            if quantiser is None:
                quantiser = learn(sources)
                write_array(learnt.quantiser, quantiser.mean, quantiser.centres)
            path = place / f"segment-{mark}-{number}"
            rows = merge(path, sources[done:], self._dimensions, quantiser)
            learnt = Learnt(learnt.quantiser, parts, (*learnt.segments, (path, rows)))
        if learnt.parts:
            index.replace(learnt)

    @contextlib.contextmanager
    def _alone(self) -> Generator[bool]:
        descriptor = os.open(self._folder / LOCK, os.O_CREAT | os.O_RDWR | getattr(os, "O_CLOEXEC", 0), 0o600)
        try:
            if not lock_file(descriptor):
                yield False
                return
            shutil.rmtree(self._folder / LEARNING, ignore_errors=True)  # what somebody left who was killed
            try:
                yield True
            finally:
                shutil.rmtree(self._folder / LEARNING, ignore_errors=True)
                unlock_file(descriptor)
        finally:
            os.close(descriptor)


def is_due(rows: int, trained: int) -> bool:
    """Whether it is time to learn: where there are many for the first time, and as often as they are many more."""
    return rows > EXACT and rows >= _GROWN * trained


def learnt_of(folder: Path) -> frozenset[str]:
    """The segments of which something is being learnt, which are best left as they are."""
    try:
        return frozenset(msgspec.json.decode((folder / LEARNING / _OF).read_bytes(), type=list[str]))
    except (OSError, msgspec.DecodeError):
        return frozenset()
