"""The clock: what the program reads from it, and how long it sleeps."""

import ctypes
import datetime as dt
import gc
import time
import warnings
from collections.abc import Callable
from types import CodeType
from typing import Any, cast

from agentreplay.sdk import places
from agentreplay.sdk.patching import Patches
from agentreplay.sdk.places import frame_at
from agentreplay.sdk.scope import boundary

__all__ = ["install", "unread"]

_COUNTERS = ("time", "monotonic", "perf_counter", "process_time")
_datetime, _date, _utc = dt.datetime, dt.date, dt.UTC
_parse = _datetime.fromisoformat
_live: dict[Callable[[], Any], Callable[[], Any]] = {}
"""The counters by what stands in their places."""
_NUMBERS = (int, float)
_FOLDED = "~"
"""Behind a local time of which there are two, when it is the second."""


def install(patches: Patches) -> None:
    """Read the clock through the boundary."""
    for name in _COUNTERS:
        _count(patches, name)
        _count(patches, f"{name}_ns")
    _tell_time(patches)
    _tell_dates(patches)
    _sleep(patches)


def unread(counter: Callable[[], Any]) -> Callable[[], Any]:
    """What tells the same as a counter of `time`, and reads it of the system itself."""
    return _live.get(counter, counter)


def _count(patches: Patches, name: str) -> None:
    live, place = getattr(time, name), f"time.{name}"

    def read() -> Any:
        found = boundary()
        return live() if found is None else found.read(place, frame_at(1).f_code, live)

    patches.replace(time, name, read)
    _live[read] = live

    def forget() -> None:
        _live.pop(read, None)

    patches.later(forget)


def _tell_time(patches: Patches) -> None:
    """The functions that take the time of now when they are given none."""
    asctime, strftime = time.asctime, time.strftime
    local = _broken_down(time.localtime, "time.localtime")
    universal = _broken_down(time.gmtime, "time.gmtime")

    def localtime(seconds: float | None = None, /) -> time.struct_time:
        return local(seconds, frame_at(1).f_code)

    def gmtime(seconds: float | None = None, /) -> time.struct_time:
        return universal(seconds, frame_at(1).f_code)

    def told(*given: Any) -> str:
        return asctime(*given) if given else asctime(local(None, frame_at(1).f_code))

    def ctime(seconds: float | None = None, /) -> str:
        return asctime(local(seconds, frame_at(1).f_code))

    def formatted(form: str, /, *given: Any) -> str:
        return strftime(form, *given) if given else strftime(form, local(None, frame_at(1).f_code))

    for name, value in (("localtime", localtime), ("gmtime", gmtime), ("ctime", ctime)):
        patches.replace(time, name, value)
    patches.replace(time, "asctime", told)
    patches.replace(time, "strftime", formatted)


def _broken_down(
    live: Callable[..., time.struct_time], place: str
) -> Callable[[float | None, CodeType], time.struct_time]:
    def fields() -> list[Any]:
        now = live()
        return [*now, now.tm_zone, now.tm_gmtoff]

    def read(seconds: float | None, code: CodeType) -> time.struct_time:
        found = boundary() if seconds is None else None
        return live(seconds) if found is None else time.struct_time(found.read(place, code, fields))

    return read


def _tell_dates(patches: Patches) -> None:
    """The constructors of dates, for subclasses too: those get instances of their own class, as ever."""
    now = _datetime.__dict__["now"].__get__(None, _datetime)
    outdated = _warnings_of(_datetime.utcnow)  # pyright: ignore[reportDeprecated]  # its warning is wanted

    def universal() -> str:
        return cast("str", now(_utc).isoformat())

    def local() -> str:
        found = now()
        return cast("str", found.isoformat() + _FOLDED if found.fold else found.isoformat())

    original = {name: holder.__dict__[name] for holder, name in ((_datetime, "now"), (_datetime, "utcnow"))}
    original["today"] = _date.__dict__["today"]

    def read_now(cls: Any, tz: Any = None) -> Any:
        found = boundary()
        if found is None or not (tz is None or isinstance(tz, dt.tzinfo)):
            return now(tz) if cls is _datetime else original["now"].__get__(None, cls)(tz)
        if tz is None:
            return _made(cls, found.read("datetime.now", frame_at(1).f_code, local))
        told = _parse(found.read("datetime.now", frame_at(1).f_code, universal))
        return told.astimezone(tz) if cls is _datetime else tz.fromutc(_as(cls, told.replace(tzinfo=tz)))

    def read_utcnow(cls: Any) -> Any:
        for warning in outdated:
            warnings.warn(warning, DeprecationWarning, stacklevel=2)
        found = boundary()
        told = universal() if found is None else found.read("datetime.utcnow", frame_at(1).f_code, universal)
        return _as(cls, _parse(told).replace(tzinfo=None))

    def read_today(cls: Any) -> Any:
        found = boundary()
        if found is None:
            return original["today"].__get__(None, cls)()
        return _made(cls, found.read("date.today", frame_at(1).f_code, local))

    _replace_in_type(patches, _datetime, "now", read_now)
    _replace_in_type(patches, _datetime, "utcnow", read_utcnow)
    _replace_in_type(patches, _date, "today", read_today)


def _warnings_of(function: Callable[[], object]) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        function()
    return [str(warning.message) for warning in caught]


def _made(cls: Any, told: str) -> Any:
    if told[-1] == _FOLDED:
        return _as(cls, _parse(told[:-1]).replace(fold=1))
    return _parse(told) if cls is _datetime else _as(cls, _parse(told))


def _as(cls: Any, found: dt.datetime) -> Any:
    """The same moment, or its day, in another class."""
    if cls is _datetime:
        return found
    if cls is _date:
        return found.date()
    if not issubclass(cls, _datetime):
        return cls(found.year, found.month, found.day)
    return cls(*found.timetuple()[:6], found.microsecond, found.tzinfo).replace(fold=found.fold)


def _replace_in_type(patches: Patches, holder: type, name: str, function: Callable[..., Any]) -> None:
    """Put a class method into a type of C, which does not let itself be written to; where that fails, leave it."""
    original = holder.__dict__[name]
    function.__name__, function.__doc__ = name, original.__doc__
    function.__qualname__ = f"{holder.__name__}.{name}"
    ours = classmethod(function)
    try:
        known: Any = next(found for found in gc.get_referents(holder.__dict__) if hasattr(found, "__setitem__"))
        modified = ctypes.pythonapi.PyType_Modified
    except (StopIteration, AttributeError):
        return
    modified.argtypes = [ctypes.py_object]

    def put(value: Any) -> None:
        known[name] = value
        modified(holder)

    put(ours)
    if getattr(getattr(holder, name), "__func__", None) is function:
        patches.later(lambda: put(original))
    else:
        put(original)


def _sleep(patches: Patches) -> None:
    live = time.sleep

    def sleep(seconds: float, /) -> None:
        found = boundary()
        if found is None or not _is_wait(seconds) or places.is_machinery(frame_at(1).f_code.co_filename):
            live(seconds)
        else:
            found.sleep(seconds, live)

    patches.replace(time, "sleep", sleep)


def _is_wait(seconds: object) -> bool:
    return isinstance(seconds, _NUMBERS) and seconds > 0
