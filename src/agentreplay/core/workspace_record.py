"""Keeps the files of a program's folder while it runs: a tree of them after every step that changed one.

It is the launcher that looks, in a thread of its own and never in the program's process, which neither waits for it
nor is stopped by what goes wrong here. docs/adr/019-files.md says what follows from that.
"""

import select
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from agentreplay.core.folder_watch import FolderWatch
from agentreplay.core.notices import NoticeBoard
from agentreplay.core.redact import Redactor
from agentreplay.core.workspace import Capture, Workspace
from agentreplay.errors import ValueInvalid
from agentreplay.model.batch import Batch
from agentreplay.model.content import Content, Kept
from agentreplay.model.span import Span
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import Value
from agentreplay.model.workspace import FILE, FOLDER, TREE, TREE_NAME, WORKSPACE

__all__ = ["KeptFiles", "WorkspaceRecorder", "check_workspace"]

_EVERY = 0.25
"""Seconds after which the kernel is asked, where no call ends."""
_EVERY_WHOLE = 5.0
"""Likewise where the kernel does not tell which folders were touched, and all files have to be looked at."""
_REST = 4
"""Then a look is followed by a rest so many times as long: there is a program that wants the processor."""
_TOLD = 50
_AT_ONCE = 4 << 20
_MOST_AT_ONCE = 2_000


class KeptFiles(NamedTuple):
    """How it went."""

    trees: int = 0
    """How often the files were other ones than before, the first time included."""
    left_out: tuple[tuple[str, str], ...] = ()
    """What was not kept, and why."""
    trouble: str = ""
    """What went wrong, where something did."""


class WorkspaceRecorder:
    """Looks at a folder when a call has ended, and tells what has become of it as spans of the session."""

    def __init__(  # noqa: PLR0913  # what it looks at, and where what it finds goes
        self,
        folder: Path,
        redactor: Redactor,
        span: Callable[..., Span],
        append: Callable[[Batch], None],
        *,
        apart: Iterable[Path] = (),
        board: Path,
    ) -> None:
        self._folder = folder
        self._redactor = redactor
        self._span = span
        self._append = append
        self._workspace = Workspace(folder, redactor, self._keep, apart=apart)
        self._watch = FolderWatch(folder)
        self._board = NoticeBoard(board)
        self._waiting: list[Content] = []
        self._bytes = 0
        self._last = Nanoseconds(0)
        self._trees = 0
        self._trouble = ""
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="agentreplay-files", daemon=True)

    @property
    def notices(self) -> str:
        """The pipe by which the program says that a call has ended."""
        return self._board.path

    def begin(self, now: Nanoseconds) -> None:
        """Keep the files as they are before the program starts, and go on in the background."""
        self._last = now
        self._watch.watch([""])
        capture = self._workspace.capture()
        self._watch_new(self._workspace.folders())
        self._tell(capture, now)
        self._thread.start()

    def finish(self) -> KeptFiles:
        """Keep the files as they are at the end: all are looked at once more."""
        self._is_over.set()
        if self._thread.ident is not None:
            self._thread.join()
            self._look(None, is_whole=True)
        self._watch.close()
        self._board.close()
        return KeptFiles(self._trees, tuple(self._workspace.left_out()), self._trouble)

    def _run(self) -> None:
        looked = time.monotonic()
        while not self._is_over.is_set():
            sources = [one for one in (self._board.descriptor,) if one is not None]
            if sources:
                select.select(sources, (), (), _EVERY)
            else:
                self._is_over.wait(_EVERY)
            moment = self._board.latest()
            is_due = self._watch.descriptor is not None or time.monotonic() - looked > _EVERY_WHOLE
            if moment is not None or is_due:
                before = time.monotonic()
                self._look(moment)
                looked = time.monotonic()
                if self._watch.descriptor is None:
                    self._is_over.wait((looked - before) * _REST)

    def _look(self, moment: int | None, *, is_whole: bool = False) -> None:
        """See what has changed; `moment` is when a call ended, where one has."""
        now = time.time_ns()
        try:
            touched = self._watch.touched()
            if touched is not None and not touched and not is_whole:
                return
            capture = self._workspace.capture(None if is_whole else touched)
            new = [path for path in capture.added if path.endswith("/")]
            while new:
                # What was put into a new folder before it was watched is seen now.
                self._watch_new(new)
                more = self._workspace.capture(new)
                capture = _both(capture, more)
                new = [path for path in more.added if path.endswith("/")]
            if capture.is_new:
                self._tell(capture, self._dated(capture.latest, moment, now))
        except Exception as error:  # noqa: BLE001  # the program goes on, and the launcher tells at its end
            self._trouble = self._trouble or f"{type(error).__name__}: {error}"

    def _dated(self, latest: int, moment: int | None, now: int) -> Nanoseconds:
        """Since when the files are so: the end of the call that changed them, or else their own last change."""
        found = moment if moment is not None and latest <= moment else min(latest or now, now)
        return Nanoseconds(max(self._last, found))

    def _watch_new(self, folders: Iterable[str]) -> None:
        self._watch.watch(folders)

    def _keep(self, content: Content) -> None:
        self._waiting.append(content)
        self._bytes += len(content.data)
        if self._bytes >= _AT_ONCE or len(self._waiting) >= _MOST_AT_ONCE:
            self._write("contents", self._last, {}, ())

    def _tell(self, capture: Capture, at: Nanoseconds) -> None:
        told: dict[str, Value] = {"path": self._redactor.word(str(self._folder))}
        for name, paths in (("added", capture.added), ("changed", capture.changed), ("removed", capture.removed)):
            if paths:
                told[name] = len(paths)
                told[f"{name} paths"] = [self._redactor.word(path) for path in paths[:_TOLD]]
        self._write(TREE_NAME, at, {FOLDER: told}, (Kept(role=TREE, hash=capture.root),))
        self._last = at
        self._trees += 1

    def _write(self, name: str, at: Nanoseconds, attributes: dict[str, Value], kept: tuple[Kept, ...]) -> None:
        contents, self._waiting, self._bytes = tuple(self._waiting), [], 0
        known = {one.hash for one in kept}
        held = (*kept, *(Kept(role=FILE, hash=one.hash) for one in contents if one.hash not in known))
        span = self._span(kind=WORKSPACE, name=name, start=at, end=at, status="ok", attributes=attributes, kept=held)
        self._append(Batch(spans=(span,), contents=contents))


def check_workspace(folder: Path) -> None:
    """Raise ValueInvalid when there is no such folder."""
    if not folder.is_dir():
        raise ValueInvalid(what=f"the workspace {str(folder)!r}", problem="there is no such folder")


def _both(first: Capture, second: Capture) -> Capture:
    return Capture(
        second.root,
        (*first.added, *second.added),
        (*first.changed, *second.changed),
        (*first.removed, *second.removed),
        max(first.latest, second.latest),
    )
