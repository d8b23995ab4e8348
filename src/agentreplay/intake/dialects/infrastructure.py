"""What surrounds agents: HTTP, databases and remote calls, in OpenTelemetry's general conventions."""

from agentreplay.intake.dialects.reading import Reading
from agentreplay.intake.dialects.source import Source

__all__ = ["PREFIXES", "read"]

PREFIXES = frozenset({"http", "db", "rpc"})


def read(source: Source) -> Reading:
    """What the span says in these words."""
    if source.has("db.system.name", "db.system"):
        return Reading(kind="database", request=source.value("db.query.text", "db.statement"))
    if source.has("http.request.method", "http.method"):
        return Reading(kind="http")
    return Reading()
