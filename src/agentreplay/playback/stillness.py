"""How long a program has done nothing, told by those that look now and then.

A clock alone does not know: a program that computes, or that a busy machine does not let run, still means to go on.
"""

import time
from collections.abc import Callable

__all__ = ["Stillness"]

_GLANCE = 0.1
"""Seconds that a look counts for at most. Who looks more often and sees a longer gap was not let run, like the rest."""
_AT_LEAST = 0.1
"""The part of the time that counts even while the program computes, since some wait by turning round."""


class Stillness:
    """Seconds of a program in which it neither moved nor worked."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, worked: Callable[[], float] = time.process_time
    ) -> None:
        self._clock, self._worked = clock, worked
        self.end()

    def end(self) -> None:
        """Something moved."""
        self._seconds = 0.0
        self._looked = self._clock(), self._worked()

    def look(self) -> float:
        """How long it has lasted."""
        (clock, worked), (now, work) = self._looked, (self._clock(), self._worked())
        passed = min(now - clock, _GLANCE)
        self._seconds += max(passed - (work - worked), passed * _AT_LEAST)
        self._looked = now, work
        return self._seconds
