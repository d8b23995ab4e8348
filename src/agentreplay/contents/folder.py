"""A shelf in a folder of this machine."""

import os
import secrets
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

from agentreplay.contents.shelf import Stored
from agentreplay.errors import (
    AgentReplayError,
    PlaceDenied,
    PlaceFailing,
    PlaceUnknown,
    SnapshotInTheWay,
    SnapshotMissing,
)
from agentreplay.model.time import Nanoseconds
from agentreplay.platform import sync_data, sync_folder

__all__ = ["Folder", "open_folder"]

_AT_ONCE = 1 << 20
_DRAFT = ".new"
_PRIVATE = 0o600
"""What an agent knew is nobody else's business."""


class Folder:
    """Files below a folder, which is made when the first of them is."""

    backend = "folder"

    def __init__(self, root: Path) -> None:
        self._root = root

    def place(self, name: str) -> str:
        return str(self._root / name)

    def write(self, name: str, pieces: Iterable[bytes], *, replace: bool = True) -> int:
        path = self._path(name)
        draft = path.with_name(f".{path.name[:100]}.{secrets.token_hex(8)}{_DRAFT}")
        with _told(path):
            made = _make_folder(path.parent)
            try:
                size = _write(draft, pieces)
                if replace:
                    draft.replace(path)
                else:
                    _put(draft, path)
            except BaseException:
                with suppress(OSError):
                    draft.unlink()
                raise
            for folder in made:
                sync_folder(folder)
        return size

    def read(self, name: str, start: int = 0, size: int | None = None) -> Iterator[bytes]:
        path = self._path(name)
        left = size
        with _told(path), path.open("rb") as file:
            file.seek(start)
            while left is None or left > 0:
                piece = file.read(_AT_ONCE if left is None else min(left, _AT_ONCE))
                if not piece:
                    return
                left = None if left is None else left - len(piece)
                yield piece

    def stat(self, name: str) -> Stored:
        path = self._path(name)
        with _told(path):
            found = path.stat()
            if not path.is_file():
                raise FileNotFoundError
        return Stored(name, found.st_size, Nanoseconds(found.st_mtime_ns))

    def delete(self, name: str) -> None:
        path = self._path(name)
        with _told(path):
            path.unlink()
            sync_folder(path.parent)

    def files(self) -> Iterator[Stored]:
        with _told(self._root):
            if not self._root.is_dir():
                return
            found: list[tuple[str, Path]] = []
            for folder, folders, names in os.walk(self._root, onerror=_raise):
                folders[:] = [each for each in folders if not each.startswith(".")]
                paths = (Path(folder, each) for each in names if not each.startswith("."))
                found += [(path.relative_to(self._root).as_posix(), path) for path in paths]
            for name, path in sorted(found):
                with suppress(FileNotFoundError):  # another has deleted it in between
                    about = path.stat()
                    yield Stored(name, about.st_size, Nanoseconds(about.st_mtime_ns))

    def _path(self, name: str) -> Path:
        parts = name.split(os.sep if os.sep in name else "/")
        if not all(parts) or {".", ".."} & set(parts) or "\0" in name or Path(name).is_absolute():
            raise PlaceUnknown(address=name, problem="it leads out of the folder", known="NAME, FOLDER/NAME")
        return self._root.joinpath(*parts)


def open_folder(address: str) -> Folder:
    """The folder at a path or at a URL that begins with file://."""
    if address.startswith("file://"):
        parts = urlsplit(address)
        if parts.netloc not in {"", "localhost"}:
            raise PlaceUnknown(address=address, problem="it names another machine", known="file:///FOLDER")
        address = unquote(parts.path)
    return Folder(Path(address))


def _write(draft: Path, pieces: Iterable[bytes]) -> int:
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), _PRIVATE)
    size = 0
    with os.fdopen(descriptor, "wb") as file:
        for piece in pieces:
            size += file.write(piece)
        file.flush()
        sync_data(file.fileno())
    return size


def _put(draft: Path, path: Path) -> None:
    """Give the draft its name unless there is a file of that name: both in one step, which a rename does not offer."""
    try:
        os.link(draft, path)
    except FileExistsError as error:
        raise SnapshotInTheWay(place=str(path)) from error
    draft.unlink()


def _make_folder(folder: Path) -> list[Path]:
    """The folders whose names must survive with the file: those that were made, and the one above them."""
    made = [folder]
    missing = folder
    while not missing.exists() and missing != missing.parent:
        missing = missing.parent
        made.append(missing)
    folder.mkdir(parents=True, exist_ok=True)
    return made


@contextmanager
def _told(path: Path) -> Generator[None, None, None]:
    """What the system says, as errors of ours."""
    try:
        yield
    except AgentReplayError:
        raise  # of whoever makes the pieces, or told already
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        raise SnapshotMissing(place=str(path)) from error
    except PermissionError as error:
        raise PlaceDenied(place=str(path), problem=error.strerror or str(error)) from error
    except OSError as error:
        raise PlaceFailing(place=str(path), problem=error.strerror or str(error)) from error


def _raise(error: OSError) -> None:
    raise error
