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
    "agentreplay_lag_bytes": ("gauge", "What is acknowledged and not yet visible."),
    "agentreplay_lag_seconds": ("gauge", "How old the oldest of it is."),
    "agentreplay_journals_damaged": ("gauge", "Journals that could not be read to their end."),
    "agentreplay_indexer_starts_total": ("counter", "How often the indexer was started."),
    "agentreplay_watcher_starts_total": ("counter", "How often the follower of transcripts was started."),
    "agentreplay_start_seconds": ("gauge", "When the server started, in seconds since 1970."),
}
"""Each metric with its kind and what it counts."""

Labels = tuple[tuple[str, str], ...]


class Figures:
    """Counters and gauges; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._values: dict[str, dict[Labels, float]] = {name: {} for name in METRICS}

    def add(self, name: str, amount: float = 1, /, **labels: str) -> None:
        """Count something."""
        values, place = self._values[name], tuple(labels.items())
        with self._lock:
            values[place] = values.get(place, 0) + amount

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


def _lines(values: Mapping[str, Mapping[Labels, float]]) -> Iterator[str]:
    for name, (kind, meaning) in METRICS.items():
        yield f"# HELP {name} {meaning}"
        yield f"# TYPE {name} {kind}"
        for labels, value in values[name].items() or [((), 0.0)]:
            told = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels)
            yield f"{name}{{{told}}} {value:.10g}" if told else f"{name} {value:.10g}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
