"""How long calls take, asked many times."""

import time
from collections.abc import Callable, Iterable, Sequence

import msgspec

__all__ = ["Latency", "measure_latency", "quantile"]

_ENOUGH_SECONDS = 20
_AT_LEAST = 20


class Latency(msgspec.Struct, frozen=True):
    """In milliseconds."""

    p50: float
    p99: float
    calls: int
    items: float
    """How much was found on average."""


def quantile(ascending: Sequence[int], share: float) -> int:
    """The nearest rank."""
    return ascending[min(len(ascending) - 1, int(share * len(ascending)))]


def measure_latency(calls: Iterable[Callable[[], object]]) -> Latency:
    """Make the calls one after the other; stops early when they take very long."""
    times: list[int] = []
    items = 0
    until = time.perf_counter() + _ENOUGH_SECONDS
    for call in calls:
        before = time.perf_counter_ns()
        found = call()
        times.append(time.perf_counter_ns() - before)
        items += _count(found)
        if len(times) >= _AT_LEAST and time.perf_counter() > until:
            break
    times.sort()
    return Latency(quantile(times, 0.5) / 1e6, quantile(times, 0.99) / 1e6, len(times), items / len(times))


def _count(found: object) -> int:
    found = getattr(found, "items", found)
    return len(found) if isinstance(found, Sequence) else int(found is not None)
