"""Overwrites what was drained from journals that stay: those still written to, and those set aside as damaged."""

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

from agentreplay.store.journal.packing import HEADER_SIZE, JOURNAL_FOLDER
from agentreplay.store.journal.writer import DAMAGED_SUFFIX

__all__ = ["erase_drained"]

_ZEROS = bytes(1 << 20)


def erase_drained(folder: Path, offsets: Mapping[str, int]) -> None:
    """Fill with zeros what lies before these offsets.

    The writer only ever appends, so the two do not meet; readers begin at the offset.
    """
    for name, offset in offsets.items():
        path = folder / JOURNAL_FOLDER / name
        for place in (path, path.with_suffix(DAMAGED_SUFFIX)):
            with contextlib.suppress(FileNotFoundError):
                _erase(place, offset)


def _erase(path: Path, offset: int) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        at = HEADER_SIZE
        while at < offset:
            at += os.pwrite(descriptor, _ZEROS[: offset - at], at)
    finally:
        os.close(descriptor)
