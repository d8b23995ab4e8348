"""What the server is started with."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path

from agentreplay.errors import KeyNeeded

__all__ = ["GRPC_PORTS", "HTTP_PORTS", "Options", "is_loopback"]

HTTP_PORTS = (4318, 47118)
"""Where OTLP over HTTP is taken in beside the main port: the usual place, and one of our own."""
GRPC_PORTS = (4317, 47117)


@dataclass(frozen=True, kw_only=True)
class Options:
    """How the server is run. Raises KeyNeeded where it would be open to other machines without a key."""

    host: str = "127.0.0.1"
    port: int = 47100
    http_ports: tuple[int, ...] = HTTP_PORTS
    grpc_ports: tuple[int, ...] = GRPC_PORTS
    key: str = ""
    """What requests must carry; empty where everybody on this machine may ask."""
    allowed_hosts: tuple[str, ...] = ()
    """Names, beside those of this machine, that requests may call the server by."""
    max_body: int = 64 << 20
    """The most bytes a body may have, as it comes and when it is decompressed."""
    max_lag: float = 60.0
    """When the index is so many seconds behind, no more is taken in for a while."""
    rate: int | None = None
    """Spans a minute; None for 10,000 where a key is needed and no limit elsewhere, 0 for no limit."""
    burst: int = 50_000
    allow_jobs: bool = False
    """Whether programs may be run where other machines can reach the server."""
    job_seconds: float = 600.0
    """A job that takes longer is ended."""
    check_seconds: float = 3600.0
    """Likewise a check, which replays many sessions."""
    job_bytes: int = 64 << 20
    """A job that prints more is ended."""
    session_idle: float = 600.0
    """After so many seconds without a call, a session of the gateway is over."""
    certificate: Path | None = None
    private_key: Path | None = None

    def __post_init__(self) -> None:
        if not self.key and not is_loopback(self.host):
            raise KeyNeeded(host=self.host)

    @property
    def runs_jobs(self) -> bool:
        """Whether whoever may ask may have programs run: they would be run as the user of the server."""
        return self.allow_jobs or is_loopback(self.host)

    @property
    def spans_a_minute(self) -> int:
        """The limit in force; 0 for none."""
        if self.rate is not None:
            return self.rate
        return 0 if is_loopback(self.host) else 10_000


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the host."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
