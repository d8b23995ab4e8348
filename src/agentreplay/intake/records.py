"""Where spans that were log records or data points of metrics keep what no attribute of theirs told."""

__all__ = ["LOG", "METRIC"]

LOG = "otel.log"
"""The attribute that keeps what of a record is no attribute: its severity, its body, its name, its observed time."""
METRIC = "otel.metric"
"""The attribute that keeps all of a data point that is no attribute."""
