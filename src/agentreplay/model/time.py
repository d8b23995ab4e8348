"""Points in time and lengths of time, in whole nanoseconds."""

from typing import NewType, Protocol

__all__ = ["DAY", "HOUR", "MINUTE", "SECOND", "Clock", "Nanoseconds"]

Nanoseconds = NewType("Nanoseconds", int)
"""Nanoseconds since the epoch in UTC, or the length of a stretch of time; fits a signed 64-bit integer."""

SECOND = Nanoseconds(1_000_000_000)
MINUTE = Nanoseconds(60 * SECOND)
HOUR = Nanoseconds(60 * MINUTE)
DAY = Nanoseconds(24 * HOUR)


class Clock(Protocol):
    """Tells the time; `time.time_ns` is one, a test brings its own."""

    def __call__(self) -> int: ...
