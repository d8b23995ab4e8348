"""Replays what is stored against today's code, and says of each session how it came out."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

import msgspec
from blake3 import blake3

from agentreplay.core.launch import interruptible
from agentreplay.core.replay import Manner, replay
from agentreplay.core.sessions import each
from agentreplay.errors import AgentReplayError
from agentreplay.model.ids import ProjectId, SessionId, TenantId
from agentreplay.model.query import SessionFilter
from agentreplay.model.session import SessionRow
from agentreplay.model.time import Nanoseconds
from agentreplay.playback.verdict import Status, Verdict, explain
from agentreplay.store.protocol import Store

__all__ = ["STATUSES", "Checked", "Wanted", "check", "counts", "exit_code", "select"]

STATUSES: tuple[Status, ...] = ("identical", "drift", "diverged", "hung", "unreplayable")
_SOURCES = frozenset({"run", "fork"})
"""What records programs that can be started again."""

_FINISHED = frozenset({"completed", "failed"})
_clock = time.perf_counter_ns


@dataclass(frozen=True)
class Wanted:
    """Which sessions."""

    tenant: TenantId
    project: ProjectId
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    since: Nanoseconds | None = None
    until: Nanoseconds | None = None
    sample: int | None = None
    """So many at most: chosen by a hash of their ids, so that the same are chosen every time."""


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """How the replay of one session came out."""

    session: SessionId
    name: str
    source: str
    started: Nanoseconds
    status: Status
    diverged_at: int | None = None
    why: str = ""
    told: tuple[str, ...] = ()
    """The verdict for a person, line by line."""
    calls: int = 0
    served: int = 0
    took: Nanoseconds = Nanoseconds(0)


def select(store: Store, wanted: Wanted) -> list[SessionRow]:
    """The sessions of programs that are not running any more, newest first."""
    where = SessionFilter(tenant=wanted.tenant, project=wanted.project, since=wanted.since, until=wanted.until)
    found = [
        row
        for row in each(store.sessions, where)
        if row.session.source in _SOURCES
        and row.status != "running"
        and wanted.labels.items() <= row.session.labels.items()
    ]
    if wanted.sample is None or wanted.sample >= len(found):
        return found
    chosen = {row.session.id for row in sorted(found, key=_lot)[: wanted.sample]}
    return [row for row in found if row.session.id in chosen]


def check(
    store: Store,
    rows: Sequence[SessionRow],
    manner: Manner,
    *,
    jobs: int = 1,
    report: Callable[[int, int], None] = lambda _done, _total: None,
) -> list[Checked]:
    """Replay the sessions, so many at a time, and return how each came out, in the order given."""
    report(0, len(rows))
    # Programs are started from threads, also one after the other: an interrupt then ends all of it, not one of them.
    with interruptible(), ThreadPoolExecutor(max_workers=jobs, thread_name_prefix="agentreplay-check") as pool:
        futures = [pool.submit(_check, store, row, manner) for row in rows]
        try:
            for done, _ in enumerate(as_completed(futures), 1):
                report(done, len(rows))
        except BaseException:
            _give_up(futures)
            raise
    return [future.result() for future in futures]


def counts(checked: Sequence[Checked]) -> dict[Status, int]:
    """How many came out in each way."""
    return {status: sum(item.status == status for item in checked) for status in STATUSES}


def exit_code(checked: Sequence[Checked]) -> int:
    """What a process exits with: 3 when one diverged or hung, else 4 when one cannot be replayed, else 0."""
    found = counts(checked)
    return 3 if found["diverged"] or found["hung"] else 4 if found["unreplayable"] else 0


def _check(store: Store, row: SessionRow, manner: Manner) -> Checked:
    began = _clock()
    try:
        verdict = _meant(row, replay(store, row.session.key, manner))
    except AgentReplayError as error:
        verdict = _unreplayable(row, error.message)
    except (KeyError, OSError, ValueError) as error:
        # One broken recording must not keep the others from being checked.
        verdict = _unreplayable(row, f"{type(error).__name__}: {error}")
    return Checked(
        session=row.session.id,
        name=row.session.name,
        source=row.session.source,
        started=row.started,
        status=verdict.status,
        diverged_at=verdict.diverged_at,
        why=verdict.why,
        told=tuple(explain(verdict)),
        calls=verdict.calls,
        served=verdict.served,
        took=Nanoseconds(_clock() - began),
    )


def _meant(row: SessionRow, verdict: Verdict) -> Verdict:
    """A program that was interrupted goes on behind the end of its recording, which is no fault of its code."""
    if row.status in _FINISHED or verdict.status != "diverged" or verdict.divergences[0].kind not in {"new", "output"}:
        return verdict
    why = "the recording was interrupted, and the program goes on behind its end"
    return msgspec.structs.replace(verdict, status="unreplayable", why=why, diverged_at=None, divergences=())


def _unreplayable(row: SessionRow, why: str) -> Verdict:
    return Verdict(status="unreplayable", session=row.session.id, calls=0, served=0, why=why)


def _lot(row: SessionRow) -> bytes:
    return blake3(row.session.id.encode()).digest()


def _give_up(futures: Sequence[Future[Checked]]) -> None:
    for future in futures:
        future.cancel()
