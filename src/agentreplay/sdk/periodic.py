"""Snapshots of an agent again and again, while it works."""

import threading
from collections.abc import Callable, Iterable, Mapping
from inspect import isfunction, ismethod
from types import TracebackType
from typing import Any, Self

from agentreplay.contents.shelf import Located, open_shelf
from agentreplay.core import snapshots as core
from agentreplay.core.snapshot_seal import Key
from agentreplay.errors import ValueInvalid
from agentreplay.model.snapshot import Keep, SnapshotMetadata, suggested_name
from agentreplay.sdk.snapshots import Address, new_id, now, take

__all__ = ["Periodic", "snapshot_every"]


class Periodic:
    """Snapshots being taken in a thread of their own, until `stop`, or the end of a `with`.

    Never raises into the program: what went wrong is counted in `failures`, and the last of it is `error`. An agent
    that changes while it is looked at may fail to be taken; it is tried again the next time.
    """

    def __init__(self, once: Callable[[int], SnapshotMetadata], every: float) -> None:
        self._once, self._every = once, every
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self.taken: list[SnapshotMetadata] = []
        self.failures = 0
        self.error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="agentreplay-snapshots", daemon=True)
        self._thread.start()

    def take(self) -> SnapshotMetadata | None:
        """Take one now, whatever the time; None when it failed."""
        with self._lock:
            try:
                made = self._once(len(self.taken))
            except Exception as error:  # noqa: BLE001  # the program it works in goes on
                self.failures += 1
                self.error = error
                return None
            self.taken.append(made)
            return made

    def stop(self) -> None:
        """Take none any more, after a last one."""
        if not self._stop.is_set():
            self._stop.set()
            self._thread.join()
            self.take()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            self.take()


def snapshot_every(  # noqa: PLR0913  # what is taken, how, and what of it stays
    agent: object | Callable[[], object],
    folder: Address,
    *,
    every: float,
    agent_id: str = "default_agent",
    session_id: str = "default_session",
    description: str | None = None,
    labels: Mapping[str, str] | None = None,
    last: int = 0,
    daily: int = 0,
    weekly: int = 0,
    key: Key | None = None,
    allow: Iterable[type[Any]] = (),
) -> Periodic:
    """Take a snapshot of an agent `every` so many seconds, each in a file of its own in a folder or a bucket.

    Given `last`, `daily` or `weekly`, those of this agent that are not to be kept are deleted behind each. A function
    in place of an agent is called for the state.
    """
    if every <= 0:
        raise ValueInvalid(what="the time between snapshots", problem=f"{every} seconds")
    shelf = open_shelf(folder)
    keep = Keep(last=last, daily=daily, weekly=weekly) if last or daily or weekly else None
    classes = tuple(allow)

    def once(index: int) -> SnapshotMetadata:
        metadata = SnapshotMetadata(
            agent_id=agent_id,
            session_id=session_id,
            snapshot_id=new_id(),
            timestamp=now(),
            snapshot_index=index,
            description=description,
            labels=dict(labels or {}),
        )
        # The id keeps two processes that snapshot one agent from taking one name.
        name = suggested_name(metadata, f"_{metadata.snapshot_id[:8]}.snapshot")
        state = agent() if isfunction(agent) or ismethod(agent) else agent
        made = take(state, Located(shelf, name), metadata, key=key, allow=classes, replace=False)
        if keep is not None:
            core.retain(shelf, keep, agent=agent_id)
        return made

    return Periodic(once, every)
