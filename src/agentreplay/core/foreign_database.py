"""Reads the SQLite databases of other programs from a copy: they may be writing to the original."""

import shutil
import tempfile
from collections.abc import Generator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import apsw

from agentreplay.errors import TranscriptUnreadable

__all__ = ["opened_copy"]


@contextmanager
def opened_copy(path: Path) -> Generator[apsw.Connection]:
    """A copy of a database, which is gone afterwards.

    Raises TranscriptUnreadable when it cannot be copied, and for whatever in it cannot be read inside of the block.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="agentreplay-") as folder:
            copy = Path(folder, path.name)
            shutil.copyfile(path, copy)
            # What was written last still lies in the log.
            with suppress(FileNotFoundError):
                shutil.copyfile(path.with_name(f"{path.name}-wal"), copy.with_name(f"{path.name}-wal"))
            with closing(apsw.Connection(str(copy))) as connection:
                yield connection
    except (OSError, apsw.Error) as error:
        raise TranscriptUnreadable(path=str(path), problem=str(error)) from error
