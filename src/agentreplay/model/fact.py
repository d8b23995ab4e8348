"""What an agent holds to be so: versioned values under keys, and the transactions that wrote them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, NewType, cast

import msgspec
from blake3 import blake3

from agentreplay.errors import ValueInvalid
from agentreplay.model.ids import ProjectId, SessionId, SpanId, TenantId, TraceId, check_name
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import Value, encode

__all__ = [
    "DEEPEST",
    "LARGEST_VALUE",
    "NOTHING",
    "Author",
    "Compacted",
    "Condition",
    "Draft",
    "Edit",
    "Fact",
    "FactPosition",
    "Operation",
    "StateKey",
    "Transaction",
    "TransactionId",
    "after_prefix",
    "check_key",
    "check_value",
    "state_key",
]

FactPosition = NewType("FactPosition", int)
"""A place in the one order of all transactions of a store; grows with each and is never used twice. Before the first
it is 0."""

TransactionId = NewType("TransactionId", str)
"""Given to a transaction when it begins."""

NOTHING = 0
"""As the version of a condition: the key must hold nothing, because it never did or because it was deleted."""

DEEPEST = 200
"""So many levels a value may be nested."""

LARGEST_VALUE = 64 << 20
"""So many bytes a value may take when it is encoded."""

_LONGEST_KEY = 1024
_LAST_LETTER = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)


class StateKey(NamedTuple):
    """Names a state: all facts of one agent in one namespace."""

    tenant: TenantId
    project: ProjectId
    namespace: str
    agent: str


class Author(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The recording in which a transaction was made: the session, and the span that was open."""

    session: SessionId
    trace_id: TraceId | None = None
    span_id: SpanId | None = None


class Edit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a transaction is to do to one key: give it a value, or delete it."""

    namespace: str
    agent: str
    key: str
    value: Value = None
    is_deleted: bool = False

    def __post_init__(self) -> None:
        check_name(self.namespace, "the namespace")
        check_name(self.agent, "the agent")
        check_key(self.key)
        check_value(self.value)


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """The version that a key must have when the transaction is committed, or NOTHING."""

    namespace: str
    agent: str
    key: str
    version: int

    def __post_init__(self) -> None:
        check_key(self.key)


class Draft(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A transaction before it is committed. Of several edits of one key the last one counts."""

    tenant: TenantId
    project: ProjectId
    id: TransactionId
    edits: tuple[Edit, ...]
    conditions: tuple[Condition, ...] = ()
    author: Author | None = None
    idempotency: str = ""
    """Committed again with the same text and the same edits, it is the transaction that is stored already."""

    def by_state(self) -> dict[StateKey, list[Edit]]:
        """The edits that count, state by state, in the order in which each state and key came first."""
        last = {(edit.namespace, edit.agent, edit.key): edit for edit in self.edits}
        found: dict[StateKey, list[Edit]] = {}
        for edit in last.values():
            found.setdefault(StateKey(self.tenant, self.project, edit.namespace, edit.agent), []).append(edit)
        return found

    def digest(self) -> bytes:
        """Tells whether another draft would write the same."""
        return blake3(encode(list(self.by_state().values()))).digest(length=16)


class Operation(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a transaction did to one key."""

    key: str
    version: int
    value: Value = None
    is_deleted: bool = False


class Transaction(msgspec.Struct, frozen=True, gc=False):
    """What was committed at once. Read for one state, it has the operations on that state only."""

    id: TransactionId
    position: FactPosition
    committed: Nanoseconds
    operations: tuple[Operation, ...]
    author: Author | None = None


class Fact(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One version of what a key holds. A deleted one holds nothing, but has its version."""

    key: str
    version: int
    value: Value
    position: FactPosition
    committed: Nanoseconds
    is_deleted: bool = False


class Compacted(msgspec.Struct, frozen=True, kw_only=True):
    """What a compaction of a state left out."""

    operations: int
    horizon: FactPosition
    """From here on every state can still be asked for."""


def state_key(tenant: TenantId, project: ProjectId, namespace: str, agent: str) -> StateKey:
    """The name of a state; raises ValueInvalid for what cannot be one."""
    for value, what in ((tenant, "tenant"), (project, "project"), (namespace, "namespace"), (agent, "agent")):
        check_name(value, f"the {what}")
    return StateKey(tenant, project, namespace, agent)


def check_key(key: str) -> str:
    """The key, if it can be that of a fact; raises ValueInvalid."""
    try:
        key.encode()
    except UnicodeEncodeError:
        problem = f"{key[:60]!r} is not valid Unicode"
    else:
        if key and len(key) <= _LONGEST_KEY and "\0" not in key:
            return key
        problem = f"{key[:60]!r} is empty, longer than {_LONGEST_KEY} characters, or holds a NUL"
    raise ValueInvalid(what="the key of a fact", problem=problem)


def check_value(value: object) -> Value:
    """The value, unless it would not come back as it is: tuples come back as lists, and nothing else changes."""
    _check(value, "", 0)
    if len(encode(value)) > LARGEST_VALUE:
        raise ValueInvalid(what="the value of a fact", problem=f"it takes more than {LARGEST_VALUE} bytes")
    return value


def after_prefix(prefix: str) -> str | None:
    """The first text behind all that begin with the prefix, in the order of code points; None where there is none."""
    for place in reversed(range(len(prefix))):
        letter = ord(prefix[place])
        if letter < _LAST_LETTER:
            following = _SURROGATES.stop if letter + 1 in _SURROGATES else letter + 1
            return prefix[:place] + chr(following)
    return None


def _check(value: object, path: str, depth: int) -> None:
    if depth > DEEPEST:
        raise ValueInvalid(what="the value of a fact", problem=f"it is nested more than {DEEPEST} levels deep")
    if value is None or type(value) in (bool, int, float, str, bytes):
        return
    match value:
        case dict():
            for name, item in cast("Mapping[Any, object]", value).items():
                if type(name) is not str:
                    _refuse(name, f"{path}[{name!r}], as a key")
                _check(item, f"{path}[{name!r}]", depth + 1)
        case list() | tuple():
            for number, item in enumerate(cast("Sequence[object]", value)):
                _check(item, f"{path}[{number}]", depth + 1)
        case _:
            _refuse(value, path)


def _refuse(value: object, path: str) -> None:
    raise ValueInvalid(
        what="the value of a fact",
        problem=f"{type(value).__name__}{' at ' + path if path else ''} would not come back as it is; "
        "give None, bool, int, float, str, bytes, lists, or maps with texts as keys",
    )
