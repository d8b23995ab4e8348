"""Puts one frame into a journal of its own and is done: what a process does that lives for a few milliseconds.

The journal gets its name when it is whole, so there is no writer to wait for and no lock to take.
"""

import os
import time

from agentreplay.folders import make_private
from agentreplay.store.journal.packing import JOURNAL_FOLDER, JOURNAL_SUFFIX, file_header, packed

__all__ = ["post"]

_RANDOM = 4


def post(folder: str, kind: int, version: int, payload: bytes, *, durable: bool = False) -> None:
    """Keep a frame in the data folder. Raises OSError, and then nothing of it is there.

    When it returns, the frame survives the death of any process; a durable one, the loss of power too.
    """
    place = f"{folder}/{JOURNAL_FOLDER}"
    stem = f"{place}/{time.time_ns():020d}-{os.getpid()}-{os.urandom(_RANDOM).hex()}"
    fresh = f"{stem}.new"
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(fresh, flags, 0o600)
    except FileNotFoundError:
        make_private(place)
        descriptor = os.open(fresh, flags, 0o600)
    try:
        try:
            _write(descriptor, file_header() + packed(kind, version, payload))
            if durable:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.rename(fresh, stem + JOURNAL_SUFFIX)  # noqa: PTH104  # pathlib would take longer than all the rest
    except BaseException:
        os.unlink(fresh)  # noqa: PTH108  # as above
        raise
    if durable and os.name == "posix":
        _sync_names(place)


def _write(descriptor: int, data: bytes) -> None:
    taken = os.write(descriptor, data)
    while taken < len(data):
        taken += os.write(descriptor, data[taken:])


def _sync_names(place: str) -> None:
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
