"""Small file systems of their own, for as long as a test lasts; skipped by name where none can be mounted."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

__all__ = ["KINDS", "SmallDisk", "mounted"]

KINDS = ("tmpfs", "ext4")
_SIZE = 6 << 20


class SmallDisk:
    """A mounted file system that a test may fill and protect."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def leave(self, room: int) -> None:
        """Fill the disk until at most so many bytes can still be written."""
        self.make_room()
        with self._ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                statistics = os.statvfs(self.folder)
                spare = statistics.f_bavail * statistics.f_frsize - room
                file.write(bytes(min(max(spare, 4096), 1 << 20)))
                if spare < 4096:
                    break
            os.fsync(file.fileno())

    def make_room(self) -> None:
        self._ballast.unlink(missing_ok=True)

    def protect(self, *, read_only: bool) -> None:
        _run("mount", "-o", "remount,ro" if read_only else "remount,rw", str(self.folder))


@contextmanager
def mounted(kind: str, folder: Path) -> Iterator[SmallDisk]:
    """A disk of this kind in a folder that is still empty; skips the test where that is not allowed."""
    disk, image = folder / "disk", folder / "image"
    disk.mkdir()
    try:
        if kind == "tmpfs":
            _run("mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "tmpfs", str(disk))
        else:
            with image.open("wb") as file:
                file.truncate(_SIZE * 2)
            _run("mkfs.ext4", "-q", "-b", "4096", "-m", "0", "-O", "^has_journal", str(image))
            _run("mount", "-o", "loop", str(image), str(disk))
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"a small {kind} file system cannot be mounted here: {error}")
    try:
        yield SmallDisk(disk)
    finally:
        # Lazily, because an error that was caught may still hold what it met, and with it open files.
        _run("umount", "-l", str(disk))


def _run(*command: str) -> None:
    program = shutil.which(command[0]) or f"/usr/sbin/{command[0]}"
    subprocess.run([program, *command[1:]], check=True, capture_output=True)
