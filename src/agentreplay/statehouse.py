"""The names of the client for Statehouse: programs written for it change `statehouse` to `agentreplay.statehouse`."""

from agentreplay.sdk import statehouse as _client

__all__ = [
    "ConnectionError",
    "NotFoundError",
    "Operation",
    "ReplayEvent",
    "StateResult",
    "Statehouse",
    "StatehouseError",
    "Transaction",
    "TransactionError",
]

ConnectionError = _client.StatehouseConnectionError  # noqa: A001  # what it is called there
NotFoundError = _client.StatehouseNotFoundError
Operation = _client.Operation
ReplayEvent = _client.ReplayEvent
StateResult = _client.StateResult
Statehouse = _client.Statehouse
StatehouseError = _client.StatehouseError
Transaction = _client.StatehouseTransaction
TransactionError = _client.TransactionError
