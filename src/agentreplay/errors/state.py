"""What goes wrong with the state of agents."""

from agentreplay.errors.families import Conflict, Damaged, InputInvalid, NotFound, Unavailable

__all__ = [
    "FactConflict",
    "FactMissing",
    "GraphPartMissing",
    "IdempotencyReused",
    "StateForgotten",
    "TransactionEnded",
    "TransactionExpired",
    "TransactionUnknown",
    "TransactionsTooMany",
    "VersionMissing",
]


class FactConflict(Conflict):
    """The fact {key!r} of agent {agent!r} has version {found}, and not {expected} as the transaction expects."""

    hint = "nothing was written; read the fact again and repeat the transaction"


class IdempotencyReused(Conflict):
    """The idempotency key {key!r} belongs to another transaction, which wrote something else."""

    hint = "give each transaction a key of its own; repeat one with the very edits it had"


class FactMissing(NotFound):
    """Agent {agent!r} has no fact {key!r} in namespace {namespace!r}."""

    hint = "`agentreplay state keys {agent}` lists what is there; --namespace and --project look elsewhere"


class GraphPartMissing(Damaged):
    """Part {part} of the thread {thread!r} of a graph is gone, though a checkpoint names it."""

    hint = "start the graph with another checkpoint of the thread, which its saver lists, or with a new thread"


class VersionMissing(NotFound):
    """The fact {key!r} of agent {agent!r} has no version {version}."""

    hint = "its versions count from 1; deletion and compaction take old ones away"


class StateForgotten(NotFound):
    """The state of agent {agent!r} at position {position} was compacted away."""

    hint = "every state from position {horizon} on is kept, and before it those at: {kept}"


class TransactionUnknown(NotFound):
    """There is no open transaction {transaction!r}."""

    hint = "it was committed, aborted, or given up when its time was over; begin another"


class TransactionEnded(InputInvalid):
    """The transaction is {how} already."""

    hint = "begin another"


class TransactionExpired(Unavailable):
    """The transaction was not committed within {seconds} s."""

    hint = "nothing was written; begin another, with a longer time-out if it needs one"


class TransactionsTooMany(Unavailable):
    """{most} transactions are open already."""

    hint = "commit or abort one, or try again when the time of some is over"
