"""An open transaction on the states of a project: what it read must hold still, and what it wrote it sees at once."""

import time
from collections.abc import Callable, Mapping
from typing import Literal, Self

from agentreplay.errors import StoreBusy, TransactionEnded, TransactionExpired
from agentreplay.model.fact import (
    NOTHING,
    Author,
    Condition,
    Draft,
    Edit,
    Fact,
    FactPosition,
    StateKey,
    Transaction,
    TransactionId,
    check_key,
    check_value,
    state_key,
)
from agentreplay.model.ids import ProjectId, TenantId, new_session_id
from agentreplay.model.time import SECOND, Clock, Nanoseconds
from agentreplay.model.values import Value, decode, encode
from agentreplay.store.protocol import Facts

__all__ = ["TIMEOUT", "OpenTransaction", "new_transaction_id"]

TIMEOUT = Nanoseconds(30 * SECOND)
"""Of a transaction for which nobody says how long it may take."""

_UNWRITTEN = FactPosition(0)
_Key = tuple[str, str, str]
"""Namespace, agent and key."""


def new_transaction_id(now: Nanoseconds, randomness: bytes) -> TransactionId:
    """An id that sorts by time."""
    return TransactionId(new_session_id(now, randomness))


class OpenTransaction:
    """Gathers what is to be done, and does it at once when it is committed. Belongs to one thread at a time.

    All that is read is as it was at one moment, that of the first reading, with the transaction's own edits; and it
    must still be so when the transaction is committed, or FactConflict is raised and nothing is done. What is written
    without having been read is written whatever is there. As a context manager it commits, or aborts on an exception.
    """

    def __init__(  # noqa: PLR0913  # everything that is given to it
        self,
        facts: Facts,
        tenant: TenantId,
        project: ProjectId,
        *,
        transaction: TransactionId,
        timeout: Nanoseconds = TIMEOUT,
        author: Callable[[], Author | None] = lambda: None,
        clock: Clock = time.monotonic_ns,
    ) -> None:
        self.id = transaction
        self.status: Literal["open", "committed", "aborted", "expired"] = "open"
        self._facts = facts
        self._place = (tenant, project)
        self._author = author
        self._clock = clock
        self._timeout = timeout
        self._deadline = clock() + timeout
        self._edits: dict[_Key, Edit] = {}
        self._conditions: dict[_Key, Condition] = {}
        self._moment: FactPosition | None = None

    def write(self, namespace: str, agent: str, key: str, value: Value, *, expected: int | None = None) -> None:
        """Give a key a value; with `expected` only if it has that version when the transaction is committed."""
        # A copy, because what the caller changes until the commit was not written.
        self._edit(Edit(namespace=namespace, agent=agent, key=key, value=decode(encode(check_value(value)))), expected)

    def delete(self, namespace: str, agent: str, key: str, *, expected: int | None = None) -> None:
        """Delete a key; with `expected` likewise."""
        self._edit(Edit(namespace=namespace, agent=agent, key=key, is_deleted=True), expected)

    def get(self, namespace: str, agent: str, key: str) -> Fact | None:
        """What a key holds here. What the transaction wrote itself has version 0 until it is committed."""
        self._check_open()
        place = (namespace, agent, check_key(key))
        if (edit := self._edits.get(place)) is not None:
            return None if edit.is_deleted else _unwritten(edit)
        fact = self._facts.get(self._state(namespace, agent), key, self._at())
        self._expect(place, NOTHING if fact is None or fact.is_deleted else fact.version)
        return None if fact is None or fact.is_deleted else fact

    def scan(self, namespace: str, agent: str, prefix: str = "") -> Mapping[str, Fact]:
        """What the keys that begin so hold here, in their order.

        Each that is found must still be so at the commit; that no other has come is not watched.
        """
        self._check_open()
        stored = self._facts.whole(self._state(namespace, agent), self._at())
        found = {key: fact for key, fact in stored.items() if key.startswith(prefix)}
        for key, fact in found.items():
            if (namespace, agent, key) not in self._edits:
                self._expect((namespace, agent, key), fact.version)
        for (*place, key), edit in self._edits.items():
            if place == [namespace, agent] and key.startswith(prefix):
                found.pop(key, None)
                if not edit.is_deleted:
                    found[key] = _unwritten(edit)
        return {key: found[key] for key in sorted(found)}

    def commit(self, idempotency: str = "") -> Transaction:
        """Do it all. Raises FactConflict, TransactionExpired or IdempotencyReused, and then nothing was done."""
        self._check_open()
        left = Nanoseconds(self._deadline - self._clock())
        try:
            done = self._facts.commit(self.draft(idempotency), left)
        except StoreBusy as error:
            self.status = "expired"
            raise TransactionExpired(seconds=self._timeout / SECOND) from error
        except BaseException:
            self.status = "aborted"
            raise
        self.status = "committed"
        return done

    def draft(self, idempotency: str = "") -> Draft:
        """What would be committed now."""
        tenant, project = self._place
        return Draft(
            tenant=tenant,
            project=project,
            id=self.id,
            edits=tuple(self._edits.values()),
            conditions=tuple(self._conditions.values()),
            author=self._author(),
            idempotency=idempotency,
        )

    def abort(self) -> None:
        """Do nothing of it. Harmless when repeated; raises TransactionEnded when it was committed."""
        if self.status == "committed":
            raise TransactionEnded(how=self.status)
        self.status = "aborted"

    @property
    def is_expired(self) -> bool:
        """Whether its time is over."""
        return self.status == "expired" or (self.status == "open" and self._clock() >= self._deadline)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self.status != "open":
            return
        if kind is None:
            self.commit()
        else:
            self.abort()

    def _edit(self, edit: Edit, expected: int | None) -> None:
        self._check_open()
        place = (edit.namespace, edit.agent, edit.key)
        if expected is not None:
            # What was said by name counts, whatever was read before.
            self._conditions.pop(place, None)
            self._expect(place, expected)
        self._edits[place] = edit

    def _expect(self, place: _Key, version: int) -> None:
        if place not in self._conditions:
            namespace, agent, key = place
            self._conditions[place] = Condition(namespace=namespace, agent=agent, key=key, version=version)

    def _at(self) -> FactPosition:
        if self._moment is None:
            self._moment = self._facts.position()
        return self._moment

    def _state(self, namespace: str, agent: str) -> StateKey:
        return state_key(*self._place, namespace, agent)

    def _check_open(self) -> None:
        if self.is_expired:
            self.status = "expired"
            raise TransactionExpired(seconds=self._timeout / SECOND)
        if self.status != "open":
            raise TransactionEnded(how=self.status)


def _unwritten(edit: Edit) -> Fact:
    return Fact(edit.key, 0, decode(encode(edit.value)), _UNWRITTEN, Nanoseconds(0))
