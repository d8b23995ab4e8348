"""The files of a session as they were at one of its steps, read from the store and put into a folder."""

import os
import stat
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from agentreplay.core.timeline import State
from agentreplay.errors import FolderInTheWay, TreeDamaged, TreeMissing, ValueInvalid
from agentreplay.model.ids import ContentHash, TenantId
from agentreplay.model.workspace import TREE, Entry, unpack_tree
from agentreplay.store.protocol import Store

__all__ = ["CheckedOut", "KeptEntry", "checkout", "each_entry", "root_of"]

_DEEPEST = 200
_MODE = 0o777
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_IN_FOLDERS = {os.open, os.mkdir, os.symlink, os.unlink, os.rmdir, os.chmod} <= os.supports_dir_fd


class KeptEntry(NamedTuple):
    """Something in a tree, with its path from the outermost folder."""

    path: str
    entry: Entry


class CheckedOut(NamedTuple):
    """What was put into a folder."""

    files: int
    bytes: int
    left_out: tuple[KeptEntry, ...]
    """What was there and was not kept."""
    redacted: tuple[KeptEntry, ...]
    """The files in which placeholders stand for secrets."""


def root_of(store: Store, state: State) -> ContentHash:
    """The tree of the files at a place. Raises TreeMissing where none were kept before it."""
    span = None if state.files is None else store.spans.get(state.files.key)
    found = next((kept.hash for kept in span.kept if kept.role == TREE), None) if span is not None else None
    if found is None:
        raise TreeMissing(session=state.session, step=state.seq)
    return found


def each_entry(store: Store, tenant: TenantId, root: ContentHash) -> Iterator[KeptEntry]:
    """All that is in a tree, each folder before what is in it. Raises TreeDamaged, and ChecksumMismatch."""
    waiting = [("", root, 0)]
    while waiting:
        path, tree, depth = waiting.pop()
        for entry in _read_tree(store, tenant, tree):
            yield KeptEntry(path + entry.name, entry)
            if entry.kind == "folder" and entry.hash is not None:
                if depth >= _DEEPEST:
                    raise TreeDamaged(tree=root, problem=f"it is more than {_DEEPEST} folders deep")
                waiting.append((f"{path}{entry.name}/", entry.hash, depth + 1))


def checkout(store: Store, tenant: TenantId, root: ContentHash, folder: Path, *, over: bool = False) -> CheckedOut:
    """Put a tree into a folder that is empty or not there; with `over` into one that is not empty, replacing files.

    Nothing is ever written outside of it: no link in it is followed, whoever made it. Contents are verified, and all of
    them are there before the first is written. Raises FolderInTheWay, TreeDamaged, ChecksumMismatch.
    """
    if not _IN_FOLDERS:
        raise ValueInvalid(what="a checkout", problem="this system does not open files by their folder")
    entries = list(each_entry(store, tenant, root))
    for path, entry in entries:
        if entry.kind == "file" and (entry.hash is None or store.contents.get(tenant, entry.hash) is None):
            raise TreeDamaged(tree=root, problem=f"the content of {path!r} is not stored")
    _prepare(folder, over=over)
    writing = _Writing(store, tenant)
    with _opened(folder) as outermost:
        writing.fill(outermost, root)
    return CheckedOut(
        writing.files,
        writing.bytes,
        tuple(one for one in entries if one.entry.kind == "left out"),
        tuple(one for one in entries if one.entry.is_redacted),
    )


def _prepare(folder: Path, *, over: bool) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise FolderInTheWay(path=str(folder), problem="it is no folder") from None
    if not over and any(folder.iterdir()):
        raise FolderInTheWay(path=str(folder), problem="it is not empty")


class _Writing:
    """Writes trees into folders that are open, so that what somebody puts in their place meanwhile does not matter."""

    def __init__(self, store: Store, tenant: TenantId) -> None:
        self._store = store
        self._tenant = tenant
        self.files = 0
        self.bytes = 0

    def fill(self, folder: int, tree: ContentHash) -> None:
        for entry in _read_tree(self._store, self._tenant, tree):
            match entry.kind:
                case "file":
                    self._write(folder, entry)
                case "folder" if entry.hash is not None:
                    self._go_into(folder, entry, entry.hash)
                case "link":
                    _remove(folder, entry.name)
                    os.symlink(entry.target, entry.name, dir_fd=folder)
                case _:
                    pass

    def _write(self, folder: int, entry: Entry) -> None:
        content = self._store.contents.get(self._tenant, ContentHash(entry.hash or ""))
        if content is None:
            raise TreeDamaged(tree=entry.hash, problem=f"the content of {entry.name!r} is not stored")
        _remove(folder, entry.name)
        descriptor = os.open(entry.name, _NEW, 0o600, dir_fd=folder)
        with open(descriptor, "wb") as file:  # noqa: PTH123  # a descriptor is no path
            file.write(content.data)
            os.fchmod(descriptor, entry.mode & _MODE)
        self.files += 1
        self.bytes += len(content.data)

    def _go_into(self, folder: int, entry: Entry, tree: ContentHash) -> None:
        try:
            os.mkdir(entry.name, 0o700, dir_fd=folder)
        except FileExistsError:
            told = os.stat(entry.name, dir_fd=folder, follow_symlinks=False)
            if not stat.S_ISDIR(told.st_mode):
                os.unlink(entry.name, dir_fd=folder)
                os.mkdir(entry.name, 0o700, dir_fd=folder)
        with _opened(entry.name, folder) as inner:
            self.fill(inner, tree)
            os.fchmod(inner, entry.mode & _MODE or 0o700)


@contextmanager
def _opened(folder: str | Path, within: int | None = None) -> Generator[int]:
    follow = os.O_NOFOLLOW if within is not None else 0
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | follow, dir_fd=within)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _remove(folder: int, name: str) -> None:
    with suppress(FileNotFoundError):
        told = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if stat.S_ISDIR(told.st_mode):
            raise FolderInTheWay(path=name, problem="it is a folder, and a file is to stand there")
        os.unlink(name, dir_fd=folder)


def _read_tree(store: Store, tenant: TenantId, tree: ContentHash) -> list[Entry]:
    content = store.contents.get(tenant, tree)
    if content is None:
        raise TreeDamaged(tree=tree, problem="it is not stored")
    try:
        return unpack_tree(content)
    except ValueError as error:
        raise TreeDamaged(tree=tree, problem=str(error)) from error
