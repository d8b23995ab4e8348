"""Whether the server lives, whether it is ready, what it counts, and which version it is."""

import sys
from importlib import metadata
from typing import Any

import apsw
import msgspec

from agentreplay.server.reply import JSON, Reply
from agentreplay.server.routing import Answers, answers
from agentreplay.server.service import Service

__all__ = [
    "HANDLERS",
    "healthz",
    "metrics",
    "readyz",
    "version",
]

_PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"
_UNREADY = {503: Answers("It is not ready, and the answer says why.", JSON, dict[str, Any])}


@answers("GET", "/healthz", tag="health", summary="Whether the server lives")
async def healthz() -> dict[str, str]:
    """Answers as long as the server does."""
    return {"status": "ok"}


@answers("GET", "/readyz", tag="health", summary="Whether the server takes in and indexes", answers=_UNREADY)
async def readyz(service: Service) -> Reply[dict[str, Any]]:
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
    return Reply(body=msgspec.json.encode(body), status=503 if problems else 200)


@answers("GET", "/metrics", tag="health", summary="What the server counts, for Prometheus", media=_PROMETHEUS)
async def metrics(service: Service) -> Reply[str]:
    """Prometheus text."""
    return Reply(body=service.figures.text().encode(), media=_PROMETHEUS)


@answers("GET", "/api/v1/version", tag="health", summary="Which version this is")
async def version() -> dict[str, str]:
    """The versions of the program and of what it stands on."""
    return {
        "version": metadata.version("agentreplay"),
        "api": "1",
        "python": ".".join(map(str, sys.version_info[:3])),
        "sqlite": apsw.sqlite_lib_version(),
    }


HANDLERS = (healthz, readyz, metrics, version)
