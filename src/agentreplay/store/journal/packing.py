"""How frames are packed, byte by byte as docs/format/journal.md draws them. A hook needs it, so it imports little."""

import zlib
from struct import Struct

__all__ = [
    "FORMAT",
    "FRAME_HEADER",
    "HEAD",
    "HEADER",
    "HEADER_COVERED",
    "HEADER_SIZE",
    "HOOK",
    "HOOK_VERSION",
    "JOURNAL_FOLDER",
    "JOURNAL_SUFFIX",
    "MAGIC",
    "file_header",
    "packed",
]

MAGIC = b"ARJOURN\n"
FORMAT = 1
HEADER_SIZE = 16
HEADER = Struct("<8sHBBI")
HEADER_COVERED = HEADER_SIZE - 4
"""So many bytes of the header its checksum covers."""
FRAME_HEADER = Struct("<IBBHI")
HEAD = Struct("<IBB")
"""What of the head of a frame its own checksum covers."""

HOOK = 4
"""The kind of a frame that holds what a coding agent told a hook, as it came, to be read as a Batch later."""

HOOK_VERSION = 1

JOURNAL_FOLDER = "journals"
JOURNAL_SUFFIX = ".journal"

_READABLE_FROM = (0, 1)
"""The first version of agentreplay that reads FORMAT: its major and its minor number."""


def file_header(magic: bytes = MAGIC, number: int = FORMAT, since: tuple[int, int] = _READABLE_FROM) -> bytes:
    """The first bytes of a file of frames, by default of a journal."""
    unsealed = HEADER.pack(magic, number, *since, 0)[:HEADER_COVERED]
    return unsealed + zlib.crc32(unsealed).to_bytes(4, "little")


def packed(kind: int, version: int, payload: bytes) -> bytes:
    """One frame of a payload that is not too large, ready to be written in one piece."""
    size = len(payload)
    head = zlib.crc32(HEAD.pack(size, kind, version))
    return FRAME_HEADER.pack(size, kind, version, head & 0xFFFF, zlib.crc32(payload, head)) + payload
