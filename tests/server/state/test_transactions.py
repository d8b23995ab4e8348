"""Transactions that are open over gRPC."""

import pytest

from agentreplay.errors import TransactionsTooMany, TransactionUnknown
from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.model.time import SECOND, Nanoseconds
from agentreplay.server.state import transactions
from agentreplay.server.state.transactions import OpenTransactions
from agentreplay.store.memory import MemoryStore

PLACE = (TenantId("acme"), ProjectId("demo"))


def test_those_whose_time_is_over_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transactions, "_MOST", 2)
    times = [0]
    opened = OpenTransactions(MemoryStore().facts, clock=lambda: times[0])
    first = opened.begin(*PLACE, Nanoseconds(SECOND))
    opened.begin(*PLACE, None)
    with pytest.raises(TransactionsTooMany):
        opened.begin(*PLACE, None)

    times[0] = 2 * SECOND

    opened.begin(*PLACE, None)
    with pytest.raises(TransactionUnknown):
        opened.get(*PLACE, first)


def test_nobody_gets_those_of_others() -> None:
    opened = OpenTransactions(MemoryStore().facts)
    id_ = opened.begin(*PLACE, None)

    assert opened.get(*PLACE, id_).id == id_
    with pytest.raises(TransactionUnknown):
        opened.get(TenantId("rival"), PLACE[1], id_)
