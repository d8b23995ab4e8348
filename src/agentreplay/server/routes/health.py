"""Whether the server lives, whether it is ready, what it counts, and which version it is."""

import sys
from importlib import metadata
from typing import Any

import apsw
from litestar import Response, get
from litestar.di import NamedDependency

from agentreplay.server.service import Service

__all__ = [
    "HANDLERS",
    "healthz",
    "metrics",
    "readyz",
    "version",
]

_PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


@get("/healthz", sync_to_thread=False, operation_id="healthz", tags=["health"], summary="Whether the server lives")
def healthz() -> dict[str, str]:
    """Answers as long as the server does."""
    return {"status": "ok"}


@get(
    "/readyz",
    sync_to_thread=False,
    operation_id="readyz",
    summary="Whether the server takes in and indexes",
    tags=["health"],
)
def readyz(service: NamedDependency[Service]) -> Response[dict[str, Any]]:
    """503 while the indexer is down, the store cannot be read, or the index is too far behind."""
    lag = service.lag
    problems: list[str] = []
    if not service.indexer.is_running:
        problems.append("the indexer is not running")
    if lag.problem:
        problems.append(lag.problem)
    if lag.seconds > service.options.max_lag:
        problems.append(f"the index is {lag.seconds:.0f} s behind")
    body = {
        "status": "unready" if problems else "ready",
        "problems": problems,
        "lag": {"bytes": lag.bytes, "seconds": round(lag.seconds, 3)},
    }
    return Response(body, status_code=503 if problems else 200)


@get(
    "/metrics",
    sync_to_thread=False,
    operation_id="metrics",
    summary="What the server counts, for Prometheus",
    tags=["health"],
)
def metrics(service: NamedDependency[Service]) -> Response[str]:
    """Prometheus text."""
    return Response(service.figures.text(), media_type=_PROMETHEUS)


@get("/api/v1/version", sync_to_thread=False, operation_id="version", summary="Which version this is", tags=["health"])
def version() -> dict[str, str]:
    """The versions of the program and of what it stands on."""
    return {
        "version": metadata.version("agentreplay"),
        "api": "1",
        "python": ".".join(map(str, sys.version_info[:3])),
        "sqlite": apsw.sqlite_lib_version(),
    }


HANDLERS = (healthz, readyz, metrics, version)
