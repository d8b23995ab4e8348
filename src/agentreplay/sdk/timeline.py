"""`agentreplay.timeline`: what was recorded, step by step, for programs and notebooks."""

import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Self

from agentreplay.core import checkout as files
from agentreplay.core.checkpoints import find_checkpoints, state_of
from agentreplay.core.edited_files import EditedFile, edited_files
from agentreplay.core.known_facts import facts_at, restore_state
from agentreplay.core.known_memory import memories_at
from agentreplay.core.sessions import resolve
from agentreplay.core.state_transaction import new_transaction_id
from agentreplay.core.timeline import Timeline
from agentreplay.errors import CheckpointUnknown, PlaceMissing
from agentreplay.model.checkpoint import Checkpoint
from agentreplay.model.fact import Transaction
from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.model.memory import RecordId, RecordVersion
from agentreplay.model.page import PageRequest
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import Value
from agentreplay.sdk.session import settings_in_force
from agentreplay.store.registry import open_store

__all__ = ["SessionTimeline", "timeline"]

_now = time.time_ns
_random = os.urandom
_AT_ONCE = 1_000


class SessionTimeline(Timeline):
    """The steps of a session in the data folder of this machine. As a context manager it lets go of the files."""

    def __init__(
        self,
        session: str,
        *,
        db_path: str | os.PathLike[str] | None = None,
        project: str | None = None,
        tenant: str | None = None,
    ) -> None:
        """The session whose id this is, or begins so. Raises SessionMissing."""
        settings = settings_in_force()
        folder = settings.db_path if db_path is None else Path(db_path).expanduser()
        self.store = open_store(folder, durability=settings.durability)
        try:
            self.store.drain()
            whose = TenantId(tenant or settings.tenant), ProjectId(project or settings.project)
            super().__init__(self.store, resolve(self.store.sessions, *whose, session).session.key)
        except BaseException:
            self.store.close()
            raise

    def checkpoints(self) -> Iterator[Checkpoint]:
        """Its checkpoints, the newest first."""
        request: PageRequest | None = PageRequest(limit=_AT_ONCE)
        while request is not None:
            page = find_checkpoints(self.store, self.key, request)
            yield from page.items
            request = PageRequest(limit=_AT_ONCE, after=page.next) if page.next is not None else None

    def kept(self, checkpoint: str) -> Value:
        """The state that the program gave at a checkpoint, verified. Raises PlaceMissing and CheckpointDamaged."""
        seq = self.find(checkpoint)
        found = next((one for one in self.checkpoints() if one.span.seq == seq), None)
        if found is None:
            raise CheckpointUnknown(step=seq, session=self.key.session)
        return state_of(self.store, self.key.tenant, found)

    def facts(self, at: int | str) -> dict[tuple[str, str], Mapping[str, Value]]:
        """What the states that the session wrote to held at a place, by namespace and agent."""
        whole = facts_at(self.store.facts, self.key, self.at(at).position)
        return {
            (state.namespace, state.agent): {key: fact.value for key, fact in held.items()}
            for state, held in whole.items()
        }

    def memory(self, at: int | str) -> dict[tuple[str, str], Mapping[RecordId, RecordVersion]]:
        """What the collections that the session used held at a place, by owner and collection."""
        known = memories_at(self.store.facts, self.collections, self.at(at).position)
        return {(key.owner, key.name): records for key, records in known.items()}

    def restore(self, at: int | str, *, namespace: str) -> Transaction:
        """Give the facts of that place to the same agents in another namespace, and what was known to the same owners.

        The collection `notes` comes back as `NAMESPACE.notes`; see `core.known_facts`.
        """
        span = self.at(at).span
        if span is None:
            raise PlaceMissing(place=at, session=self.key.session, last=len(self), names="any of them")
        transaction = new_transaction_id(Nanoseconds(_now()), _random(10))
        return restore_state(self.store.facts, span, namespace, transaction, self.collections)

    def checkout(self, at: int | str, folder: str | os.PathLike[str], *, over: bool = False) -> files.CheckedOut:
        """Put the files of the workspace, as they were at a place, into a folder that is empty or not there."""
        root = files.root_of(self.store, self.at(at))
        return files.checkout(self.store, self.key.tenant, root, Path(folder).expanduser(), over=over)

    def edits(self, at: int | str) -> list[EditedFile]:
        """The files that a coding agent edits in the session, each as it was at a place."""
        return edited_files(self.store, self.key, self.at(at).at)

    def close(self) -> None:
        """Let go of the files. Closing twice is harmless."""
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def timeline(
    session: str,
    *,
    db_path: str | os.PathLike[str] | None = None,
    project: str | None = None,
    tenant: str | None = None,
) -> SessionTimeline:
    """A session step by step: `timeline(session).at(37)`, or iterate over its `states()`."""
    return SessionTimeline(session, db_path=db_path, project=project, tenant=tenant)
