"""Whether more is taken in now: not while the index is too far behind, and not more than the rate allows."""

from agentreplay.errors import Overloaded, RateExceeded
from agentreplay.server.lag import LagWatch
from agentreplay.server.limits import Bucket

__all__ = ["Admission"]


class Admission:
    """One for everything that comes in, whichever way."""

    def __init__(self, lag: LagWatch, max_lag: float, bucket: Bucket) -> None:
        self._lag = lag
        self._max_lag = max_lag
        self._bucket = bucket

    def check_lag(self) -> None:
        """Raise Overloaded while the index is too far behind."""
        if self._lag.seconds > self._max_lag:
            raise Overloaded(seconds=round(self._lag.seconds))

    def take(self, spans: int) -> None:
        """Count so many spans, or raise RateExceeded and count none."""
        if not self._bucket.take(spans):
            raise RateExceeded(rate=self._bucket.rate)
