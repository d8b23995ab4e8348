"""Overwrites what was drained from journals that are still written to."""

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

from agentreplay.store.journal.frame import HEADER_SIZE
from agentreplay.store.journal.writer import JOURNAL_FOLDER

__all__ = ["erase_drained"]

_ZEROS = bytes(1 << 20)


def erase_drained(folder: Path, offsets: Mapping[str, int]) -> None:
    """Fill with zeros what lies before these offsets.

    The writer only ever appends, so the two do not meet; readers begin at the offset.
    """
    for name, offset in offsets.items():
        with contextlib.suppress(FileNotFoundError):
            descriptor = os.open(folder / JOURNAL_FOLDER / name, os.O_WRONLY)
            try:
                at = HEADER_SIZE
                while at < offset:
                    at += os.pwrite(descriptor, _ZEROS[: offset - at], at)
            finally:
                os.close(descriptor)
