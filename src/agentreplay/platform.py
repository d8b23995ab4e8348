"""What differs between operating systems: locks on files, writes that survive the loss of power, memory given back."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

__all__ = [
    "GIVE_BACK_PAUSE",
    "give_back_memory",
    "giving_back",
    "lock_file",
    "share_heaps",
    "sync_data",
    "sync_folder",
    "unlock_file",
]

GIVE_BACK_PAUSE = 20.0
"""Seconds between two times that a process which goes on for long gives back memory."""

_MOST_HEAPS = 2
_M_ARENA_MAX = -8
"""As <malloc.h> numbers it."""

if sys.platform == "win32":
    import msvcrt

    _LOCKED_BYTE = 1 << 62

    def lock_file(descriptor: int) -> bool:
        """Take the lock on an open file if nobody holds it; the system gives it back when we die."""
        place = os.lseek(descriptor, 0, os.SEEK_CUR)
        try:
            os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(descriptor, place, os.SEEK_SET)
        return True

    def unlock_file(descriptor: int) -> None:
        """Give the lock back."""
        place = os.lseek(descriptor, 0, os.SEEK_CUR)
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
        os.lseek(descriptor, place, os.SEEK_SET)

    def sync_data(descriptor: int) -> None:
        """Return when what was written to the file survives the loss of power."""
        os.fsync(descriptor)

    def sync_folder(folder: Path) -> None:
        """Return when the names in the folder survive the loss of power; here the file system sees to it."""

else:
    import fcntl

    def lock_file(descriptor: int) -> bool:
        """Take the lock on an open file if nobody holds it; the system gives it back when we die."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def unlock_file(descriptor: int) -> None:
        """Give the lock back."""
        fcntl.flock(descriptor, fcntl.LOCK_UN)

    def sync_data(descriptor: int) -> None:
        """Return when what was written to the file survives the loss of power."""
        if sys.platform == "darwin":
            # On macOS fsync stops at the drive's cache.
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
        else:
            os.fdatasync(descriptor)

    def sync_folder(folder: Path) -> None:
        """Return when the names in the folder survive the loss of power."""
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def give_back_memory() -> bool:
    """Let the system have what was freed, where the allocator would keep it; returns whether it could be told to.

    That of glibc keeps a heap for every few threads, and gives back of each only what lies at its end: of threads that
    come and go much stays that nobody uses.
    """
    if sys.platform != "linux":
        return False
    import ctypes  # start-up

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is None:
        return False
    trim(0)
    return True


def giving_back() -> Callable[[], None]:
    """What gives back memory whenever it is called and the last time was a pause ago."""
    last = time.monotonic()

    def give() -> None:
        nonlocal last
        if time.monotonic() - last > GIVE_BACK_PAUSE:
            give_back_memory()
            last = time.monotonic()

    return give


def share_heaps() -> bool:
    """Let all threads take memory from the same few heaps; returns whether the allocator could be told to.

    That of glibc gives each new thread a heap of its own, up to eight for each processor. What was freed in one
    is of no use to the others, and each keeps the most it ever needed. To be called before there are threads.
    """
    if sys.platform != "linux":
        return False
    import ctypes  # start-up

    choose = getattr(ctypes.CDLL(None), "mallopt", None)
    return choose is not None and bool(choose(_M_ARENA_MAX, _MOST_HEAPS))
