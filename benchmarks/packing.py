"""The compressor everything is compared with: zstd at level 3, each thing alone."""

import sys

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["LEVEL", "packed_size", "zstd"]

LEVEL = 3


def packed_size(data: bytes) -> int:
    """How many bytes are left."""
    return len(zstd.compress(data, LEVEL))
