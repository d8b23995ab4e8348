"""Opens transcripts that were compressed since they were written, as Codex does with old ones, like any other file."""

import gzip
import sys
import zlib
from pathlib import Path, PurePath
from typing import IO, cast

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["BROKEN", "is_packed", "opened", "unpacked_name"]

BROKEN = (OSError, EOFError, zlib.error, zstd.ZstdError)
"""What is raised by files that cannot be read, or unpacked."""

_LINES = ".jsonl"
_SUFFIXES = (".zst", ".gz")


def is_packed(path: PurePath) -> bool:
    """Whether a file of this name holds lines that are compressed."""
    return path.suffix in _SUFFIXES and path.with_suffix("").suffix == _LINES


def unpacked_name(path: PurePath) -> PurePath:
    """What the file was called before."""
    return path.with_suffix("") if is_packed(path) else path


def opened(path: Path) -> IO[bytes]:
    """What stands in a file, as it was before it was compressed; to go back in it means to begin again."""
    if not is_packed(path):
        return path.open("rb")
    return cast("IO[bytes]", gzip.open(path, "rb") if path.suffix == ".gz" else zstd.open(path, "rb"))
