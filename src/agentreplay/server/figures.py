"""What the server counts of itself, and how Prometheus reads it."""

from collections.abc import Iterator, Mapping
from threading import Lock

__all__ = [
    "METRICS",
    "Figures",
    "Labels",
]

METRICS = {
    "agentreplay_received_items_total": ("counter", "Spans, log records and data points that came in."),
    "agentreplay_acknowledged_items_total": ("counter", "Those that were kept and acknowledged."),
    "agentreplay_rejected_items_total": ("counter", "Those that could not be kept, of which the sender was told."),
    "agentreplay_refused_requests_total": ("counter", "OTLP requests that were not taken in, by why."),
    "agentreplay_received_bytes_total": ("counter", "Bytes of OTLP requests, as they came."),
    "agentreplay_requests_total": ("counter", "HTTP requests by method, route and status."),
    "agentreplay_request_seconds_total": ("counter", "How long these took together."),
    "agentreplay_gateway_calls_total": ("counter", "Calls the gateway passed on."),
    "agentreplay_gateway_served_total": ("counter", "Calls it answered from recordings."),
    "agentreplay_gateway_failed_total": ("counter", "Calls an upstream did not answer, or not to the end."),
    "agentreplay_gateway_aborted_total": ("counter", "Calls an agent did not wait for."),
    "agentreplay_gateway_unrecorded_total": ("counter", "Calls that were answered and could not be recorded."),
    "agentreplay_snapshot_operations_total": ("counter", "What was done with files of snapshots, by outcome."),
    "agentreplay_snapshot_bytes_total": ("counter", "Bytes of snapshots that were read and written."),
    "agentreplay_snapshot_seconds": ("histogram", "How long each of these took."),
    "agentreplay_lag_bytes": ("gauge", "What is acknowledged and not yet visible."),
    "agentreplay_lag_seconds": ("gauge", "How old the oldest of it is."),
    "agentreplay_journals_damaged": ("gauge", "Journals that could not be read to their end."),
    "agentreplay_indexer_starts_total": ("counter", "How often the indexer was started."),
    "agentreplay_watcher_starts_total": ("counter", "How often the follower of transcripts was started."),
    "agentreplay_start_seconds": ("gauge", "When the server started, in seconds since 1970."),
}
"""Each metric with its kind and what it counts."""

Labels = tuple[tuple[str, str], ...]

_BOUNDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
"""Seconds between the buckets of histograms."""


class Figures:
    """Counters and gauges; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._values: dict[str, dict[Labels, float]] = {part: {} for name in METRICS for part in _parts(name)}

    def add(self, name: str, amount: float = 1, /, **labels: str) -> None:
        """Count something."""
        values, place = self._values[name], tuple(labels.items())
        with self._lock:
            values[place] = values.get(place, 0) + amount

    def observe(self, name: str, value: float, /, **labels: str) -> None:
        """Count a value into the buckets of a histogram that are wide enough for it, its sum and how many there are."""
        wide = [f"{bound:g}" for bound in _BOUNDS if value <= bound]
        parts = [(f"{name}_bucket", 1.0, {**labels, "le": bound}) for bound in (*wide, "+Inf")]
        for part, amount, told in (*parts, (f"{name}_sum", value, labels), (f"{name}_count", 1.0, labels)):
            self.add(part, amount, **told)

    def put(self, name: str, value: float, **labels: str) -> None:
        """Say how much there is of something now."""
        with self._lock:
            self._values[name][tuple(labels.items())] = value

    def get(self, name: str, **labels: str) -> float:
        """A value; of a counter the sum over all that has these labels."""
        wanted = set(labels.items())
        with self._lock:
            return sum(value for place, value in self._values[name].items() if wanted <= set(place))

    def text(self) -> str:
        """All of it as Prometheus reads it."""
        with self._lock:
            values = {name: dict(found) for name, found in self._values.items()}
        return "".join(f"{line}\n" for line in _lines(values))


def _parts(name: str) -> tuple[str, ...]:
    """The series that a metric is told in."""
    return (f"{name}_bucket", f"{name}_sum", f"{name}_count") if METRICS[name][0] == "histogram" else (name,)


def _lines(values: Mapping[str, Mapping[Labels, float]]) -> Iterator[str]:
    for name, (kind, meaning) in METRICS.items():
        yield f"# HELP {name} {meaning}"
        yield f"# TYPE {name} {kind}"
        for part in _parts(name):
            nothing = [((), 0.0)] if kind != "histogram" else []
            for labels, value in values[part].items() or nothing:
                told = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels)
                yield f"{part}{{{told}}} {value:.10g}" if told else f"{part} {value:.10g}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
