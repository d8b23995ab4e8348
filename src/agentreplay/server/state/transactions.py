"""The transactions that are open over gRPC: so many at most, and each for its time only."""

import os
import threading
import time
from collections.abc import Callable

from agentreplay.core.state_transaction import TIMEOUT, OpenTransaction, new_transaction_id
from agentreplay.errors import TransactionsTooMany, TransactionUnknown
from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.model.time import Clock, Nanoseconds
from agentreplay.store.protocol import Facts

__all__ = ["OpenTransactions"]

_MOST = 1_000
_LONGEST = Nanoseconds(600_000_000_000)
_random: Callable[[int], bytes] = os.urandom


class OpenTransactions:
    """Keeps them by their ids. One that is over, or whose time is, is forgotten."""

    def __init__(self, facts: Facts, clock: Clock = time.monotonic_ns, now: Clock = time.time_ns) -> None:
        self._facts = facts
        self._clock = clock
        self._now = now
        self._lock = threading.Lock()
        self._open: dict[tuple[TenantId, ProjectId, str], OpenTransaction] = {}

    def begin(self, tenant: TenantId, project: ProjectId, timeout: Nanoseconds | None) -> str:
        """Open one; raises TransactionsTooMany."""
        opened = OpenTransaction(
            self._facts,
            tenant,
            project,
            transaction=new_transaction_id(Nanoseconds(self._now()), _random(10)),
            timeout=min(TIMEOUT if timeout is None else timeout, _LONGEST),
            clock=self._clock,
        )
        with self._lock:
            self._open = {key: one for key, one in self._open.items() if one.status == "open" and not one.is_expired}
            if len(self._open) >= _MOST:
                raise TransactionsTooMany(most=_MOST)
            self._open[tenant, project, opened.id] = opened
        return opened.id

    def get(self, tenant: TenantId, project: ProjectId, transaction: str) -> OpenTransaction:
        """One that is open; raises TransactionUnknown, also for those of others."""
        with self._lock:
            found = self._open.get((tenant, project, transaction))
        if found is None:
            raise TransactionUnknown(transaction=transaction[:80])
        return found
