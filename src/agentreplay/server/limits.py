"""How much may come: a bucket that fills at a steady rate and holds a burst."""

from collections.abc import Callable

__all__ = ["Bucket"]


class Bucket:
    """So many a minute in the long run, and a burst at once. A rate of 0 is no limit."""

    def __init__(self, rate: int, burst: int, clock: Callable[[], float]) -> None:
        self.rate = rate
        self._burst = max(burst, rate)
        self._clock = clock
        self._level = float(self._burst)
        self._filled = clock()

    def take(self, count: int) -> bool:
        """Take so many, or none and False. What is more than a burst passes when the bucket is full."""
        if not self.rate:
            return True
        now = self._clock()
        self._level = min(self._burst, self._level + (now - self._filled) * self.rate / 60)
        self._filled = now
        if min(count, self._burst) > self._level:
            return False
        self._level -= count
        return True
