"""Where in the program's own source something happens, found on the stack."""

import os
import sys
import sysconfig
from types import CodeType, FrameType

from agentreplay.model.call import NOWHERE, Site

__all__ = ["caller", "frame_at", "is_machinery", "is_own", "reading"]

frame_at = sys._getframe  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # no other way is cheap
"""The frame that many calls further out."""

_OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep  # noqa: PTH100, PTH120  # start-up
_LIBRARIES = tuple(
    {
        os.path.realpath(path) + os.sep
        for name in ("stdlib", "platstdlib", "purelib", "platlib")
        if (path := sysconfig.get_path(name))
    }
)
_MACHINERY = (
    "asyncio",
    "selectors",
    "threading",
    "queue",
    "concurrent",
    "socket",
    "ssl",
    "subprocess",
    "multiprocessing",
    "sched",
    "http",
    "urllib",
    "importlib",
    "tempfile",
    "gc",
    "weakref",
    "logging",
)
"""Parts of the standard library whose timers must go on running while a tape is served."""

_TIMERS = tuple(
    f"{root}{name}{end}" for root in _LIBRARIES for name in _MACHINERY if name != "logging" for end in (os.sep, ".py")
)
_TYPED = {"<string>", "<stdin>"}
"""Programs given with -c or typed in."""

_own: dict[str, bool] = {}
_machinery: dict[str, bool] = {}
_readings: dict[tuple[str, int], tuple[CodeType, str]] = {}
"""By the identity of the code, whose hash is computed anew every time; it is kept, so that its id stays its own."""
_shown: dict[str, str] = {}


def _real(file: str) -> str:
    try:
        return os.path.realpath(file)
    except OSError:  # the folder we stand in is gone
        return file


def is_own(file: str) -> bool:
    """Whether a file is the program's, neither a library's nor ours."""
    known = _own.get(file)
    if known is None:
        path = _real(file)
        known = _own[file] = not (
            (file.startswith("<") and file not in _TYPED)
            or path.startswith(_OURS)
            or path.startswith(_LIBRARIES)
            or "site-packages" in path
        )
    return known


def is_machinery(file: str) -> bool:
    """Whether a file runs timers and queues that must not be served from a tape; our own do not either."""
    known = _machinery.get(file)
    if known is None:
        path = _real(file)
        known = _machinery[file] = (
            path.startswith(_OURS) or path.startswith(_TIMERS) or f"{os.sep}anyio{os.sep}" in path
        )
    return known


def caller(depth: int = 1) -> Site:
    """The nearest frame of the program's own source."""
    frame: FrameType | None = frame_at(depth)
    while frame is not None:
        code = frame.f_code
        if is_own(code.co_filename):
            return Site(_relative(code.co_filename), frame.f_lineno, code.co_qualname)
        frame = frame.f_back
    return NOWHERE


def reading(what: str, code: CodeType) -> str:
    """A name for what this code reads, such as the time, that outlives edits elsewhere; none for machinery."""
    known = _readings.get((what, id(code)))
    if known is None:
        name = f"{what} {os.path.basename(code.co_filename)}:{code.co_qualname}"  # noqa: PTH119  # as above
        known = _readings[what, id(code)] = (code, "" if is_machinery(code.co_filename) else name)
    return known[1]


def _relative(file: str) -> str:
    shown = _shown.get(file)
    if shown is None:
        try:
            shown = os.path.relpath(file)
        except (ValueError, OSError):  # another drive; or the folder we stand in is gone
            shown = file
        shown = _shown[file] = file if shown.startswith("..") else shown
    return shown
