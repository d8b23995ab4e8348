"""What a launched process is told: where to record to, and which tape to serve. It travels in the environment."""

import os
from collections.abc import Mapping

import msgspec

from agentreplay.model.ids import ProjectId, SessionId, SpanId, TenantId, TraceId
from agentreplay.playback.player import OnDivergence, Tail
from agentreplay.settings import ORDERS_VARIABLE, ContentPolicy, Durability

__all__ = ["Orders", "hash_seed_of", "read_orders"]


class Orders(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The orders for all processes of one run."""

    db_path: str
    tenant: TenantId
    project: ProjectId
    session: SessionId
    trace_id: TraceId
    parent: SpanId
    reports: str
    """A folder in which each process says how it went."""
    salt: str = ""
    hash_seed: str = ""
    """The seed of Python's hashes, which decides the order of sets of strings."""
    durability: Durability = "process"
    content: ContentPolicy = "redacted"
    """What may be kept of contents, and what was kept where a tape is served."""
    records: bool = True
    tape: str | None = None
    """A tape file to serve."""
    at: int | None = None
    patches: str | None = None
    """A file of patches: they may be longer than the environment takes."""
    tail: Tail = "live"
    script: str | None = None
    on_divergence: OnDivergence = "stop"
    at_recorded_speed: bool = False
    counts_calls: bool = False
    """Whether each process says how many calls it has made so far, for somebody who watches."""
    notices: str = ""
    """A pipe by which each process says when a call has ended, where somebody keeps files meanwhile."""
    allow: tuple[str, ...] = ()
    """Hosts that may be connected to although a tape is served."""

    def encode(self) -> str:
        """The orders as text for the environment."""
        return msgspec.json.encode(self).decode()


def hash_seed_of(salt: str) -> str:
    """The seed that a run with this salt has, unless the user chose one."""
    return str(int(salt[:8] or "0", 16))


def read_orders(environment: Mapping[str, str] = os.environ) -> Orders | None:
    """The orders this process was launched with, if it was."""
    text = environment.get(ORDERS_VARIABLE)
    return msgspec.json.decode(text.encode(), type=Orders) if text else None
