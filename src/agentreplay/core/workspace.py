"""Keeps the files of a folder by content: at first all of them, then what has changed, and the folders above that.

What git ignores is left alone, and so is what is no file. Secrets are taken out of what is kept, as everywhere.
"""

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from agentreplay.core.ignore import NO_RULES, Rules
from agentreplay.core.redact import Redactor
from agentreplay.core.workspace_files import Limits, Reader, Stamp, Taken, stamp_of
from agentreplay.model.content import Content
from agentreplay.model.ids import ContentHash
from agentreplay.model.workspace import Entry, pack_tree

__all__ = ["Capture", "Workspace"]

_IGNORE = ".gitignore"
_AS_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_CAN_ASK_WITHIN = os.stat in os.supports_dir_fd


class Capture(NamedTuple):
    """What a look at the folder has found."""

    root: ContentHash
    """The tree of the whole folder."""
    added: tuple[str, ...] = ()
    """Paths from the folder, those of folders with a slash behind them; likewise below."""
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    latest: int = 0
    """When the last of it changed, by the clock of the file system."""

    @property
    def is_new(self) -> bool:
        """Whether anything has changed."""
        return bool(self.added or self.changed or self.removed)


@dataclass(slots=True, kw_only=True)
class _Folder:
    path: str = ""
    """From the outermost folder, with a slash behind it; that one itself is empty."""
    depth: int = 0
    mode: int = 0
    files: dict[str, Taken] = field(default_factory=dict[str, Taken])
    folders: dict[str, "_Folder"] = field(default_factory=dict[str, "_Folder"])
    rules: Rules | None = None
    """In force here, with those of its own file of patterns; None before the first look."""
    inherited: Rules = NO_RULES
    patterns: Stamp | None = None
    """Of that file."""
    tree: ContentHash | None = None
    """None while it has to be made anew."""
    listed: int | None = None
    """When it last changed itself, as of the last listing; None where that cannot be relied on. With it, its files and
    the time of change of each: while all these are the same, it need not be listed again."""
    names: list[str] = field(default_factory=list[str])
    times: list[int] = field(default_factory=list[int])


@dataclass
class _Found:
    """What has changed, as it is found."""

    added: list[str] = field(default_factory=list[str])
    changed: list[str] = field(default_factory=list[str])
    removed: list[str] = field(default_factory=list[str])
    latest: int = 0

    @property
    def count(self) -> int:
        return len(self.added) + len(self.changed) + len(self.removed)


class Workspace:
    """A folder whose files are kept. Not to be shared between threads."""

    def __init__(
        self,
        folder: Path,
        redactor: Redactor,
        keep: Callable[[Content], None],
        *,
        apart: Iterable[Path] = (),
        limits: Limits | None = None,
    ) -> None:
        """What is found is given to `keep`, each content once. The folders `apart` are no part of it."""
        self.folder = folder
        self._keep = keep
        self._limits = limits or Limits()
        self._reader = Reader(redactor, self._limits, self._give)
        self._apart = {identity for path in apart if (identity := _identity(path)) is not None}
        self._given: set[ContentHash] = set()
        self._root = _Folder(inherited=NO_RULES.with_lines("", _text_of(folder / ".git" / "info" / "exclude")))

    def capture(self, touched: Iterable[str] | None = None) -> Capture:
        """Look at the whole folder, or only into those below it in which something was touched; keep what is new.

        A file that changes while it is read is read again at the next look at its folder.
        """
        found = _Found()
        if touched is None:
            self._look(self._root, self._root.inherited, found, is_deep=True)
        else:
            for path in sorted(set(touched)):
                folder = self._at(path)
                if folder is not None:
                    self._look(folder, folder.inherited, found, is_deep=False)
        return Capture(
            self._tree(self._root), tuple(found.added), tuple(found.changed), tuple(found.removed), found.latest
        )

    def folders(self) -> Iterator[str]:
        """The paths of all folders that are kept, from the outermost on."""
        waiting = [self._root]
        while waiting:
            folder = waiting.pop()
            yield folder.path
            waiting.extend(folder.folders.values())

    def left_out(self) -> Iterator[tuple[str, str]]:
        """What is in the folder and not kept, with the reason. What git ignores is not mentioned."""
        waiting = [self._root]
        while waiting:
            folder = waiting.pop()
            for taken in folder.files.values():
                if taken.entry.kind == "left out":
                    yield folder.path + taken.entry.name, taken.entry.why
            waiting.extend(folder.folders.values())

    def _at(self, path: str) -> _Folder | None:
        folder: _Folder | None = self._root
        for name in filter(None, path.split("/")):
            folder = folder.folders.get(name) if folder is not None else None
        return folder

    def _look(self, folder: _Folder, inherited: Rules, found: _Found, *, is_deep: bool) -> None:
        """Compare a folder with what is known of it; `is_deep` goes on into those below."""
        here = self.folder / folder.path
        if is_deep and inherited is folder.inherited and _is_untouched(folder, here):
            for below in folder.folders.values():
                self._look(below, folder.rules or inherited, found, is_deep=True)
            return
        try:
            told = here.stat()
            with os.scandir(here) as listed:
                entries = list(listed)
            changed, mode = told.st_ctime_ns, stat.S_IMODE(told.st_mode)
        except OSError:  # it is gone, or not ours to read
            entries, changed, mode = [], 0, folder.mode
        has_rules = self._read_rules(folder, inherited, entries)
        before = found.count
        if folder.mode != mode and folder is not self._root:
            folder.mode = mode
            found.changed.append(folder.path)
            found.latest = max(found.latest, changed)
        missing = folder.files.keys() | folder.folders.keys()
        for entry in entries:
            try:
                is_ours = self._meet(folder, entry, found, is_deep=is_deep, has_rules=has_rules)
            except OSError:  # it went away meanwhile
                continue
            if is_ours:
                missing.discard(entry.name)
        for name in missing:
            self._forget(folder, name)
            found.removed.append(folder.path + name)
            found.latest = max(found.latest, changed)
        if found.count != before:
            self._make_anew(folder)
        self._note(folder, changed)

    def _note(self, folder: _Folder, changed: int) -> None:
        """Note by what it will be seen that nothing was touched, where that can be relied on."""
        folder.names = list(folder.files)
        folder.times = [taken.stamp.changed for taken in folder.files.values()]
        is_sure = _CAN_ASK_WITHIN and changed and (folder.patterns is None or _IGNORE in folder.files)
        is_racy = any(taken.is_racy for taken in folder.files.values()) or self._reader.is_young(changed)
        folder.listed = changed if is_sure and not is_racy else None

    def _meet(
        self, folder: _Folder, entry: "os.DirEntry[str]", found: _Found, *, is_deep: bool, has_rules: bool
    ) -> bool:
        """Take up what stands in a folder; False where it is left alone. `has_rules`: they are other ones now."""
        rules = folder.rules or folder.inherited
        name, is_folder = entry.name, entry.is_dir(follow_symlinks=False)
        known = name in (folder.folders if is_folder else folder.files)
        if (not known or has_rules) and (
            name == ".git" or rules.ignores(folder.path + name, name, is_folder=is_folder)
        ):
            return False
        if not is_folder:
            self._meet_file(folder, name, stamp_of(entry.stat(follow_symlinks=False)), found)
            return True
        if known and not (is_deep or has_rules):
            return True
        return self._meet_folder(folder, name, entry.stat(follow_symlinks=False), found)

    def _meet_folder(self, folder: _Folder, name: str, told: os.stat_result, found: _Found) -> bool:
        if (told.st_dev, told.st_ino) in self._apart:
            return False
        mode, path = stat.S_IMODE(told.st_mode), f"{folder.path}{name}/"
        known = folder.folders.get(name)
        if known is None:
            if folder.depth >= self._limits.depth:
                return False
            self._forget(folder, name)
            known = folder.folders[name] = _Folder(path=path, depth=folder.depth + 1, mode=mode)
            found.added.append(path)
            found.latest = max(found.latest, told.st_ctime_ns)
        self._look(known, folder.rules or folder.inherited, found, is_deep=True)
        return True

    def _meet_file(self, folder: _Folder, name: str, stamp: Stamp, found: _Found) -> None:
        known = folder.files.get(name)
        if known is not None and known.stamp == stamp and not known.is_racy:
            return
        if known is None:
            self._forget(folder, name)
            self._reader.files += 1
        taken = folder.files[name] = self._reader.take(self.folder / folder.path / name, stamp)
        if known is None or known.entry != taken.entry:
            (found.added if known is None else found.changed).append(folder.path + name)
            found.latest = max(found.latest, stamp.changed)

    def _forget(self, folder: _Folder, name: str) -> None:
        if folder.files.pop(name, None) is not None:
            self._reader.files -= 1
        gone = folder.folders.pop(name, None)
        if gone is not None:
            for below in [*gone.files, *gone.folders]:
                self._forget(gone, below)

    def _read_rules(self, folder: _Folder, inherited: Rules, entries: Iterable["os.DirEntry[str]"]) -> bool:
        """Put the patterns of a folder in force; True when they are other ones than before."""
        stamp = next((stamp_of(entry.stat(follow_symlinks=False)) for entry in entries if entry.name == _IGNORE), None)
        known = folder.files.get(_IGNORE)
        is_same = stamp == folder.patterns and (known is None or not known.is_racy)
        if is_same and inherited is folder.inherited and folder.rules is not None:
            return False
        text = "" if stamp is None or not stat.S_ISREG(stamp.mode) else _text_of(self.folder / folder.path / _IGNORE)
        before = folder.rules
        folder.inherited, folder.patterns = inherited, stamp
        folder.rules = inherited.with_lines(folder.path, text)
        return before is not None and folder.rules != before

    def _make_anew(self, folder: _Folder) -> None:
        """The tree of a folder is another one, and so are those above it."""
        above = self._root
        above.tree = None
        for name in filter(None, folder.path.split("/")):
            above = above.folders[name]
            above.tree = None

    def _tree(self, folder: _Folder) -> ContentHash:
        if folder.tree is None:
            entries = [taken.entry for taken in folder.files.values()]
            entries += [
                Entry(name=name, kind="folder", mode=below.mode, hash=self._tree(below))
                for name, below in folder.folders.items()
            ]
            content = pack_tree(entries)
            self._give(content)
            folder.tree = content.hash
        return folder.tree

    def _give(self, content: Content) -> bool:
        if content.hash in self._given:
            return False
        self._given.add(content.hash)
        self._keep(content)
        return True


def _is_untouched(folder: _Folder, here: Path) -> bool:
    """Whether nothing has changed in it, as the times of change tell, which nobody can set back.

    A file that is written in place does not change its folder: so each is asked, and no more than when.
    """
    if folder.listed is None:
        return False
    ask = os.stat
    try:
        descriptor = os.open(here, _AS_FOLDER)
    except OSError:
        return False
    try:
        if os.fstat(descriptor).st_ctime_ns != folder.listed:
            return False
        times = [ask(name, dir_fd=descriptor, follow_symlinks=False).st_ctime_ns for name in folder.names]
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return times == folder.times


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        told = path.stat()
    except OSError:
        return None
    return told.st_dev, told.st_ino


def _text_of(path: Path) -> str:
    try:
        return path.read_text("utf-8", "surrogateescape")
    except OSError:
        return ""
